"""The sender of last resort: ``http.client`` and ``ssl``, for platforms that have no wheel of the fast one.

It keeps one connection per worker thread and origin, knows proxies that are talked to by plain HTTP, and asks for no
content encoding but gzip. It also serves the fast sender's users where they need what that one does not know: the
reason phrase.
"""

from __future__ import annotations

import http.client
import re
import ssl
import zlib
from contextlib import contextmanager
from functools import partial
from threading import local
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import quote, urlsplit

from clearway.errors import InputError
from clearway.model.urls import origin
from clearway.transport.proxies import Proxies, read_proxy
from clearway.transport.sender import BrokenConnection, ProxyDenied, UntrustedServer
from clearway.transport.timed import TimedResponse
from clearway.transport.trust import TrustedHosts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.transport.proxies import Proxy
    from clearway.transport.sender import Identity

_FAILURES = (OSError, http.client.HTTPException, zlib.error)
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_IN_URLS = "%/?:@!$&'()*+,;=~[]"
"""What a request target keeps as it is, besides letters and digits (RFC 3986, section 2.2)."""


class StdlibSender:
    """Sends through ``http.client``.

    :param timeout: seconds without a byte, and to connect, after which a connection counts as broken.
    :param authorities: PEM certificates to trust besides the system's.
    :param identity: what servers are shown that ask who we are.
    :param proxies: which proxy leads where.
    :param trusted: the hosts whose certificates are not checked.
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
        self._contexts: dict[tuple[Identity | None, bool], ssl.SSLContext] = {}
        self._kept = local()
        self._opened: list[http.client.HTTPConnection] = []

    @contextmanager
    def send(
        self,
        url: str,
        headers: dict[str, str],
        patience: float = 0.0,
        identity: Identity | None = None,
        *,
        method: str = "GET",
    ) -> Iterator[_Answer]:
        """Send one GET, or HEAD (see :class:`clearway.transport.sender.Sender`)."""
        proxy = self._proxy_for(url)
        key = _Way(*origin(url), identity or self._identity, checks=not self._trusted.covers(url))
        headers = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip", **headers}
        connection, response = self._exchange(key, _Ask(method, url, headers, patience or self._timeout, proxy))
        whole = False
        try:
            if method == "HEAD":
                response.read()  # nothing comes, but only this leaves the connection free for the next request
            answer = _Answer(response)
            yield answer
            whole = response.isclosed()
        finally:
            if not whole:  # an unread body stays in the pipe: this connection can carry nothing else
                response.close()  # the connection no longer knows it where the server ends it after this answer
                connection.close()
                self._connections().pop(key, None)

    def _tls(self, identity: Identity | None, *, checks: bool) -> ssl.SSLContext:
        """Return what servers are trusted by, and shown; reading the system's certificates takes tens of milliseconds.

        :raises InputError: ``not-a-certificate``, ``no-such-file``.
        """
        if (identity, checks) in self._contexts:
            return self._contexts[identity, checks]
        context = ssl.create_default_context()
        if not checks:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        try:
            for certificate in self._authorities:
                context.load_verify_locations(cadata=certificate.decode("ascii", "replace"))
        except ssl.SSLError as error:
            raise InputError(
                "not-a-certificate",
                f"A certificate that is to be trusted cannot be read: {error.reason or error}",
                hint="Correct --cert, PIP_CERT, REQUESTS_CA_BUNDLE or SSL_CERT_FILE, whichever names it.",
            ) from None
        if identity is not None:
            identity.read()  # tells which of the files is not there; the library does not
            try:
                context.load_cert_chain(identity.certificate, identity.key or None, password="")
            except ssl.SSLError as error:
                raise identity.unusable(error.reason or str(error)) from None
        self._contexts[identity, checks] = context
        return context

    def _proxy_for(self, url: str) -> Proxy | None:
        """Return the proxy that leads to a URL; where nobody named one, the one that the system keeps.

        :raises InputError: ``bad-proxy``.
        """
        if not self._proxies.leaves_it_to_system:
            proxy = self._proxies.for_url(url)
        else:
            from urllib.request import getproxies, proxy_bypass  # late: 30 ms, and other systems keep none

            scheme, host, _ = origin(url)
            text = "" if proxy_bypass(host) else getproxies().get(scheme, "")
            proxy = read_proxy(text, "the system's settings") if text else None
        if proxy is not None and proxy.scheme != "http":
            raise InputError(
                "bad-proxy",
                f"The proxy {proxy.url} from {proxy.source} needs the library pyreqwest, which cannot be used here",
                hint="Name a proxy by http://, or a Python and platform for which there is a wheel of pyreqwest.",
            )
        return proxy

    def close(self) -> None:
        """Close every connection that was opened."""
        for connection in self._opened:
            connection.close()

    def _exchange(self, key: _Way, ask: _Ask) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        kept = self._connections().get(key)
        try:
            if kept is not None and kept.sock is not None:
                try:
                    return kept, self._ask(kept, ask)
                except TimeoutError:
                    raise
                except _FAILURES:  # a kept connection that the server closed meanwhile says nothing: ask on a new one
                    kept.close()
            fresh = self._connections()[key] = self._connect(key, ask.proxy)
            return fresh, self._ask(fresh, ask)
        except _FAILURES as error:
            self._connections().pop(key).close()
            held = isinstance(error, TimeoutError)
            raise BrokenConnection(str(error) or type(error).__name__, connected=True, held=held) from None

    def _ask(self, connection: http.client.HTTPConnection, ask: _Ask) -> http.client.HTTPResponse:
        """Send a request on a connection and wait for its answer as long as it may take."""
        connection.request(ask.method, ask.target, headers=ask.headers)
        connection.response_class = self._timed(ask.patience)
        return connection.getresponse()

    def _timed(self, patience: float) -> type[http.client.HTTPResponse]:
        made = partial(TimedResponse, patience=patience, timeout=self._timeout)
        return cast("type[http.client.HTTPResponse]", made)  # all that is done with a response's class is to call it

    def _connect(self, key: _Way, proxy: Proxy | None) -> http.client.HTTPConnection:
        """Return an open connection to an origin, or to the proxy that leads there."""
        connection = self._connection(key, proxy)
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            connection.close()
            raise UntrustedServer(error.verify_message or str(error)) from None
        except _FAILURES as error:
            connection.close()
            refused = _TUNNEL.match(str(error))
            if refused is None:
                raise BrokenConnection(str(error) or type(error).__name__, connected=False) from None
            if refused[1] == "407":
                raise ProxyDenied(str(error)) from None
            raise BrokenConnection("the proxy opens no tunnel to it", connected=False) from None
        self._opened.append(connection)
        return connection

    def _connection(self, key: _Way, proxy: Proxy | None) -> http.client.HTTPConnection:
        host, port = (key.host, key.port) if proxy is None else (proxy.host, proxy.port)
        made: http.client.HTTPConnection
        if key.scheme == "https":
            context = self._tls(key.identity, checks=key.checks)
            made = http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
            if proxy is not None:
                made.set_tunnel(key.host, key.port, headers=_authorization(proxy))
        else:
            made = http.client.HTTPConnection(host, port, timeout=self._timeout)
        made.response_class = self._timed(self._timeout)  # a proxy's answer about its tunnel
        return made

    def _connections(self) -> dict[_Way, http.client.HTTPConnection]:
        if not hasattr(self._kept, "connections"):
            self._kept.connections = {}
        kept: dict[_Way, http.client.HTTPConnection] = self._kept.connections
        return kept


class _Way(NamedTuple):
    """What a kept connection is good for: an origin, and what was shown to it."""

    scheme: str
    host: str
    port: int
    identity: Identity | None
    checks: bool


class _Ask:
    """One request in the words of ``http.client``: through a proxy without a tunnel the target is the whole URL."""

    __slots__ = ("headers", "method", "patience", "proxy", "target")

    def __init__(self, method: str, url: str, headers: dict[str, str], patience: float, proxy: Proxy | None) -> None:
        parts = urlsplit(url)
        self.method = method
        self.patience = patience
        self.proxy = proxy
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if proxy is not None and parts.scheme == "http":
            target = f"http://{parts.netloc}{target}"
            headers = {**headers, **_authorization(proxy)}
        self.target = quote(target, safe=_IN_URLS)
        self.headers = headers


def _authorization(proxy: Proxy) -> dict[str, str]:
    return {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}


class _Answer:
    """An ``http.client`` response behind the sender's protocol."""

    __slots__ = ("_inflate", "_response", "phrase", "status")

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.phrase = response.reason
        self._response = response
        encoded = response.getheader("Content-Encoding", "").strip().lower() in {"gzip", "x-gzip"}
        self._inflate = zlib.decompressobj(31) if encoded else None

    def header(self, name: str) -> str:
        return self._response.getheader(name) or ""

    def read(self, amount: int) -> bytes:
        try:
            if self._inflate is None:
                return self._read_plain(amount)
            return self._read_gzip(amount)
        except _FAILURES as error:
            raise BrokenConnection(str(error) or type(error).__name__, connected=True) from None

    def _read_plain(self, amount: int) -> bytes:
        chunk = self._response.read1(amount)
        if not chunk and self._response.length:  # http.client ends a short body silently when read piecemeal
            message = f"{self._response.length} bytes short"
            raise http.client.HTTPException(message)
        if self._response.length == 0:
            self._response.close()  # before 3.12 read1 leaves that open, and the connection with it
        return chunk

    def _read_gzip(self, amount: int) -> bytes:
        inflate = self._inflate
        assert inflate is not None
        while True:
            if inflate.unconsumed_tail:
                return inflate.decompress(inflate.unconsumed_tail, amount)
            chunk = self._read_plain(amount)
            if not chunk:
                if not inflate.eof:
                    message = "the compressed body is cut off"
                    raise http.client.HTTPException(message)
                return b""
            if out := inflate.decompress(chunk, amount):
                return out
