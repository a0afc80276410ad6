"""The fast sender: pyreqwest's synchronous client, called from worker threads.

A call into it releases the interpreter lock and cannot be interrupted: the main thread never makes one (DESIGN 4.10).
Its asynchronous client is not used: it aborts now and then at interpreter exit. Its ``Referer`` on redirects and its
own following of them are off: redirects are the fetcher's, because a credential must be looked at again on each hop.

Its time limit for a read belongs to a client (a request's own limit ends the body too), so a request that may be held
for longer needs another client. One client serves everything, so that listings and archives share connections; the
others are made when an origin was seen to hold an answer, or for less than the usual patience.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from math import inf
from threading import Lock
from typing import TYPE_CHECKING

from clearway.model.urls import origin
from clearway.transport.sender import BrokenConnection, UntrustedServer, UnusableSender

# The library's allocator (mimalloc) reads its options once, when it is loaded. Left alone it commits an arena for each
# worker thread, which doubles the memory of a run.
_OPTION = "MIMALLOC_ARENA_EAGER_COMMIT"
_known = os.environ.get(_OPTION)
os.environ.setdefault(_OPTION, "0")
from pyreqwest.client import SyncClientBuilder  # noqa: E402
from pyreqwest.exceptions import BuilderError, PyreqwestError, RequestError, RequestTimeoutError  # noqa: E402

if _known is None:
    del os.environ[_OPTION]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyreqwest.client import SyncClient
    from pyreqwest.response import SyncResponse

    from clearway.transport.sender import Identity

_CONNECTING = 0.9
"""The part of a time limit that connecting may take. The library's limit for a read runs from the start, connecting
included: were both equal, a server that cannot be reached would look like one that holds its answer."""


class PyreqwestSender:
    """Sends through one pooled client. Making it takes 25 ms, since the system's certificates are read; another, 5.

    :param timeout: seconds without a byte, connecting included, after which a connection counts as broken.
    :param authorities: PEM certificates to trust besides the system's.
    :param identity: what servers are shown that ask who we are.
    :raises InputError: the identity cannot be used.
    :raises UnusableSender: there are no certificates, or one cannot be read.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        timeout: float,
        authorities: tuple[bytes, ...] = (),
        identity: Identity | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._timeout = timeout
        self._authorities = authorities
        self._identity = identity
        try:
            self._client = self._build(timeout, identity)
        except BuilderError as error:
            raise UnusableSender(str(error)) from None
        self._others: dict[tuple[float, Identity | None], SyncClient] = {}
        self._building = Lock()
        self._holding: set[tuple[str, str, int]] = set()

    @contextmanager
    def send(
        self, url: str, headers: dict[str, str], patience: float = 0.0, identity: Identity | None = None
    ) -> Iterator[_Answer]:
        """Send one GET (see :class:`clearway.transport.sender.Sender`).

        With patience for longer than usual it may be sent twice: the first answer may be given up as silent.
        """
        with ExitStack() as stack:
            longer = patience > self._timeout
            usual = not patience or patience == self._timeout or (longer and origin(url) not in self._holding)
            try:
                response = _begin(stack, self._client_for(0.0 if usual else patience, identity), url, headers)
            except BrokenConnection as broken:
                if not (broken.held and usual and longer):
                    raise
                self._holding.add(origin(url))
                response = _begin(stack, self._client_for(patience, identity), url, headers)
            yield _Answer(response)

    def close(self) -> None:
        """Close the pools."""
        for client in (self._client, *self._others.values()):
            client.close()

    def _client_for(self, patience: float, identity: Identity | None) -> SyncClient:
        """Return the client with a time limit, 0 for the usual one, that shows an identity, None for the usual one."""
        if not patience and identity is None:
            return self._client
        key = patience or self._timeout, identity or self._identity
        with self._building:
            if key not in self._others:
                try:
                    self._others[key] = self._build(*key)
                except BuilderError as error:
                    if identity is None:
                        raise
                    raise identity.unusable(str(error)) from None
            return self._others[key]

    def _build(self, limit: float, identity: Identity | None) -> SyncClient:
        """Return a new client with a time limit for each read; infinity for none."""
        from datetime import timedelta  # late: only a run that uses the network pays for it

        builder = (
            SyncClientBuilder()
            .user_agent(self._user_agent)
            .follow_redirects(False)
            .referer(False)
            .connect_timeout(timedelta(seconds=_CONNECTING * min(limit, self._timeout)))
        )
        if limit != inf:
            builder = builder.read_timeout(timedelta(seconds=limit))
        for certificate in self._authorities:
            builder = builder.add_root_certificate_pem(certificate)
        if identity is not None:
            content = identity.read()
            try:
                builder = builder.identity_pem(content)
            except ValueError:  # that is all it says
                raise identity.unusable("there is no certificate with a private key in it") from None
        return builder.build()


def _begin(stack: ExitStack, client: SyncClient, url: str, headers: dict[str, str]) -> SyncResponse:
    """Send a request and return its answer, which ends with the stack."""
    try:
        return stack.enter_context(client.get(url).headers(headers).streamed_read_buffer_limit(0).build_streamed())
    except RequestError as error:
        broken = _translated(error)
        if isinstance(broken, BrokenConnection) and broken.connected and isinstance(error, RequestTimeoutError):
            broken.held = True
        raise broken from None


class _Answer:
    """A streamed response behind the sender's protocol."""

    __slots__ = ("_reader", "_response", "status")

    phrase = ""  # the library drops it

    def __init__(self, response: SyncResponse) -> None:
        self.status = response.status
        self._response = response
        self._reader = response.body_reader

    def header(self, name: str) -> str:
        try:
            return self._response.get_header(name) or ""
        except ValueError:  # bytes beyond ASCII, which the library does not hand out
            return ""

    def read(self, amount: int) -> bytes:
        try:
            # an error's body as it comes: some servers let it trickle, and `read` waits for all of an amount
            chunk = self._reader.read_chunk() if self.status >= 400 else self._reader.read(amount)
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
    return BrokenConnection(reason, connected="(connect)" not in text)  # so hyper names the phase, in a cause
