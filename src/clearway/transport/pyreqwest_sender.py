"""The fast sender: pyreqwest's synchronous client, called from worker threads.

A call into it releases the interpreter lock and cannot be interrupted: the main thread never makes one (DESIGN 4.10).
Its asynchronous client is not used: it aborts now and then at interpreter exit. Its ``Referer`` on redirects and its
own following of them are off: redirects are the fetcher's, because a credential must be looked at again on each hop.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from pyreqwest.client import SyncClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestError

from clearway.transport.sender import BrokenConnection, UntrustedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyreqwest.client import SyncClient
    from pyreqwest.response import SyncResponse


class PyreqwestSender:
    """Sends through one pooled client, built when the first request needs it.

    :param timeout: seconds without a byte, and to connect, after which a connection counts as broken.
    :param authorities: PEM certificates to trust besides the system's.
    """

    def __init__(self, *, user_agent: str, timeout: float, authorities: tuple[bytes, ...] = ()) -> None:
        self._user_agent = user_agent
        self._timeout = timeout
        self._authorities = authorities
        self._building = Lock()
        self._client: SyncClient | None = None

    @contextmanager
    def send(self, url: str, headers: dict[str, str]) -> Iterator[_Answer]:
        """Send one GET (see :class:`clearway.transport.sender.Sender`)."""
        try:
            request = self._connected().get(url).headers(headers)
            with request.build_streamed() as response:
                yield _Answer(response)
        except RequestError as error:
            raise _translated(error) from None

    def close(self) -> None:
        """Close the pool."""
        if self._client is not None:
            self._client.close()

    def _connected(self) -> SyncClient:
        with self._building:
            if self._client is None:
                self._client = self._build()
            return self._client

    def _build(self) -> SyncClient:
        from datetime import timedelta  # late: only a run that uses the network pays for it

        builder = (
            SyncClientBuilder()
            .user_agent(self._user_agent)
            .follow_redirects(False)
            .referer(False)
            .connect_timeout(timedelta(seconds=self._timeout))
            .read_timeout(timedelta(seconds=self._timeout))
        )
        for certificate in self._authorities:
            builder = builder.add_root_certificate_pem(certificate)
        return builder.build()


class _Answer:
    """A streamed response behind the sender's protocol."""

    __slots__ = ("_reader", "_response", "status")

    def __init__(self, response: SyncResponse) -> None:
        self.status = response.status
        self._response = response
        self._reader = response.body_reader

    def header(self, name: str) -> str:
        return self._response.get_header(name) or ""

    def read(self, amount: int) -> bytes:
        try:
            chunk = self._reader.read(amount)
        except PyreqwestError as error:
            raise _translated(error) from None
        return b"" if chunk is None else bytes(chunk)


def _translated(error: PyreqwestError) -> BrokenConnection | UntrustedServer:
    """Put the library's chain of causes into one sentence, and tell TLS from the rest."""
    details = getattr(error, "details", None) or {}
    causes = [str(cause.get("message", "")) for cause in details.get("causes") or ()]
    text = " / ".join(causes).lower()
    reason = (causes[-1] if causes else str(error)).partition(" (os error ")[0]
    if "certificate" in text or "invalid peer" in text:
        return UntrustedServer(reason)
    connected = "connect" not in type(error).__name__.lower() and "(connect)" not in text
    return BrokenConnection(reason, connected=connected)
