"""The fast sender: pyreqwest's synchronous client, called from worker threads.

A call into it releases the interpreter lock and cannot be interrupted: the main thread never makes one (DESIGN 4.10).
Its asynchronous client is not used: it aborts now and then at interpreter exit. Its ``Referer`` on redirects and its
own following of them are off: redirects are the fetcher's, because a credential must be looked at again on each hop.

Its time limit for a read belongs to a client (a request's own limit ends the body too), so a request that may be held
for longer needs another client. One client serves everything, so that listings and archives share connections; the
others are made when an origin was seen to hold an answer, or for less than the usual patience. What else belongs to a
client is kept apart in the same way: the certificate that is shown, the proxy, and whether certificates are checked.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from clearway.errors import InputError
from clearway.model.urls import origin
from clearway.transport.proxies import Proxies
from clearway.transport.sender import BrokenConnection, ProxyDenied, UntrustedServer, UnusableSender
from clearway.transport.trust import TrustedHosts

# The library's allocator (mimalloc) reads its options once, when it is loaded. Left alone it commits an arena for each
# worker thread, which doubles the memory of a run.
_OPTION = "MIMALLOC_ARENA_EAGER_COMMIT"
_known = os.environ.get(_OPTION)
os.environ.setdefault(_OPTION, "0")
from pyreqwest.client import SyncClientBuilder  # noqa: E402
from pyreqwest.exceptions import BuilderError, PyreqwestError, RequestError, RequestTimeoutError  # noqa: E402
from pyreqwest.proxy import ProxyBuilder  # noqa: E402

if _known is None:
    del os.environ[_OPTION]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyreqwest.client import SyncClient
    from pyreqwest.response import SyncResponse

    from clearway.transport.proxies import Proxy
    from clearway.transport.sender import Identity

_CONNECTING = 0.9
"""The part of a time limit that connecting may take. The library's limit for a read runs from the start, connecting
included: were both equal, a server that cannot be reached would look like one that holds its answer."""


class _Terms(NamedTuple):
    """What a client is good for.

    :ivar limit: its time limit for a read, infinity for none.
    :ivar identity: what it shows to servers that ask who we are.
    :ivar proxy: what it sends through.
    :ivar checks: whether it wants servers to have a valid certificate.
    """

    limit: float
    identity: Identity | None = None
    proxy: Proxy | None = None
    checks: bool = True


class PyreqwestSender:
    """Sends through pooled clients. Making one takes 25 ms, since the system's certificates are read; another, 5.

    :param timeout: seconds without a byte, connecting included, after which a connection counts as broken.
    :param authorities: PEM certificates to trust besides the system's.
    :param identity: what servers are shown that ask who we are.
    :param proxies: which proxy leads where.
    :param trusted: the hosts whose certificates are not checked.
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
        proxies: Proxies | None = None,
        trusted: TrustedHosts | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._timeout = timeout
        self._authorities = authorities
        self._identity = identity
        self._proxies = proxies or Proxies(None, {})
        self._trusted = trusted or TrustedHosts()
        self._building = Lock()
        self._holding: set[tuple[str, str, int]] = set()
        first = _Terms(timeout, identity)
        try:
            self._clients = {first: self._build(first)}
        except BuilderError as error:
            raise UnusableSender(str(error)) from None

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
                response = _begin(stack, self._client_for(url, 0.0 if usual else patience, identity), url, headers)
            except BrokenConnection as broken:
                if not (broken.held and usual and longer):
                    raise
                self._holding.add(origin(url))
                response = _begin(stack, self._client_for(url, patience, identity), url, headers)
            yield _Answer(response)

    def close(self) -> None:
        """Close the pools."""
        for client in self._clients.values():
            client.close()

    def _client_for(self, url: str, patience: float, identity: Identity | None) -> SyncClient:
        """Return the client for a URL: with a time limit, 0 for the usual one; with an identity, None for the usual.

        :raises InputError: ``bad-proxy``; the identity cannot be used.
        """
        checks = not (self._trusted.covers(url) and url.startswith("https:"))
        terms = _Terms(patience or self._timeout, identity or self._identity, self._proxies.for_url(url), checks)
        with self._building:
            if terms not in self._clients:
                try:
                    self._clients[terms] = self._build(terms)
                except BuilderError as error:
                    if identity is None:
                        raise
                    raise identity.unusable(str(error)) from None
            return self._clients[terms]

    def _build(self, terms: _Terms) -> SyncClient:
        """Return a new client."""
        from datetime import timedelta  # late: only a run that uses the network pays for it

        builder = (
            SyncClientBuilder()
            .user_agent(self._user_agent)
            .follow_redirects(False)
            .referer(False)
            .connect_timeout(timedelta(seconds=_CONNECTING * min(terms.limit, self._timeout)))
            .danger_accept_invalid_certs(not terms.checks)
        )
        if terms.limit != inf:
            builder = builder.read_timeout(timedelta(seconds=terms.limit))
        for certificate in self._authorities:
            builder = builder.add_root_certificate_pem(certificate)
        if not self._proxies.leaves_it_to_system:
            builder = builder.no_proxy()
        if terms.proxy is not None:
            builder = builder.proxy(_through(terms.proxy, checks=terms.checks))
        if terms.identity is not None:
            content = terms.identity.read()
            try:
                builder = builder.identity_pem(content)
            except ValueError:  # that is all it says
                raise terms.identity.unusable("there is no certificate with a private key in it") from None
        return builder.build()


def _through(proxy: Proxy, *, checks: bool) -> ProxyBuilder:
    """Return the library's word for a proxy; what user info it has never stands in a URL that might be shown.

    :param checks: whether servers, and a proxy that is talked to by TLS, are to have a valid certificate.
    :raises InputError: ``bad-proxy``: the proxy's certificate would go unchecked with that of a trusted host.
    """
    if proxy.scheme == "https" and not checks:
        raise InputError(
            "bad-proxy",
            f"A host from --trusted-host cannot be reached through {proxy.url}: its certificate would go unchecked too",
            hint="Name the proxy by http://, or the authority of the host with --cert in place of --trusted-host.",
        )
    if proxy.scheme.startswith("socks") and proxy.authorization:  # it has no headers
        info = f"{quote(proxy.username, '')}:{quote(proxy.password.reveal(), '')}"
        return ProxyBuilder.all(proxy.url.replace("://", f"://{info}@", 1))
    builder = ProxyBuilder.all(proxy.url)
    return builder.custom_http_auth(proxy.authorization) if proxy.authorization else builder


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

    __slots__ = ("_reader", "_response", "_rest", "status")

    phrase = ""  # the library drops it

    def __init__(self, response: SyncResponse) -> None:
        self.status = response.status
        self._rest = b""
        self._response = response
        self._reader = response.body_reader

    def header(self, name: str) -> str:
        try:
            return self._response.get_header(name) or ""
        except ValueError:  # bytes beyond ASCII, which the library does not hand out
            return ""

    def read(self, amount: int) -> bytes:
        # a body as it comes: some servers let it trickle, and the library's `read` waits for all of an amount
        chunk = self._rest or self._next()
        self._rest = chunk[amount:]
        return chunk[:amount] if self._rest else chunk

    def _next(self) -> bytes:
        try:
            while (chunk := self._reader.read_chunk()) is not None:
                if chunk:
                    return bytes(chunk)
        except PyreqwestError as error:
            raise _broken(error) from None
        return b""


def _translated(error: PyreqwestError) -> BrokenConnection | ProxyDenied | UntrustedServer:
    """Put the library's chain of causes into one sentence, and tell TLS and proxies from the rest."""
    text = " / ".join(_causes(error)).lower()
    broken = _broken(error)
    if "certificate" in text or "invalid peer" in text:
        return UntrustedServer(broken.reason)
    if "tunnel error: proxy authorization required" in text:
        return ProxyDenied(broken.reason)
    return broken


def _broken(error: PyreqwestError) -> BrokenConnection:
    causes = _causes(error)
    reason = (causes[-1] if causes else str(error)).partition(" (os error ")[0]
    if reason == "tunnel error: unsuccessful":
        reason = "the proxy opens no tunnel to it"
    return BrokenConnection(reason, connected="(connect)" not in " ".join(causes).lower())  # so hyper names the phase


def _causes(error: PyreqwestError) -> list[str]:
    details = getattr(error, "details", None) or {}
    return [str(cause.get("message", "")) for cause in details.get("causes") or ()]
