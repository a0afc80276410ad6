"""The fast sender: pyreqwest's synchronous client, called from worker threads.

A call into it releases the interpreter lock and cannot be interrupted: the main thread never makes one (DESIGN 4.10).
Its asynchronous client is not used: it aborts now and then at interpreter exit. Its ``Referer`` on redirects and its
own following of them are off: redirects are the fetcher's, because a credential must be looked at again on each hop.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clearway.transport.sender import BrokenConnection, UntrustedServer

# The library's allocator (mimalloc) reads its options once, when it is loaded. Left alone it commits an arena for each
# worker thread, which doubles the memory of a run.
_OPTION = "MIMALLOC_ARENA_EAGER_COMMIT"
_known = os.environ.get(_OPTION)
os.environ.setdefault(_OPTION, "0")
from pyreqwest.client import SyncClientBuilder  # noqa: E402
from pyreqwest.exceptions import PyreqwestError, RequestError  # noqa: E402

if _known is None:
    del os.environ[_OPTION]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyreqwest.response import SyncResponse


class PyreqwestSender:
    """Sends through one pooled client. Making it takes 30 ms: the system's certificates are read.

    :param timeout: seconds without a byte, and to connect, after which a connection counts as broken.
    :param authorities: PEM certificates to trust besides the system's.
    """

    def __init__(self, *, user_agent: str, timeout: float, authorities: tuple[bytes, ...] = ()) -> None:
        from datetime import timedelta  # late: only a run that uses the network pays for it

        builder = (
            SyncClientBuilder()
            .user_agent(user_agent)
            .follow_redirects(False)
            .referer(False)
            .connect_timeout(timedelta(seconds=timeout))
            .read_timeout(timedelta(seconds=timeout))
        )
        for certificate in authorities:
            builder = builder.add_root_certificate_pem(certificate)
        self._client = builder.build()

    @contextmanager
    def send(self, url: str, headers: dict[str, str]) -> Iterator[_Answer]:
        """Send one GET (see :class:`clearway.transport.sender.Sender`)."""
        try:
            request = self._client.get(url).headers(headers)
            with request.build_streamed() as response:
                yield _Answer(response)
        except RequestError as error:
            raise _translated(error) from None

    def close(self) -> None:
        """Close the pool."""
        self._client.close()


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
