"""The sender of last resort: ``http.client`` and ``ssl``, for platforms that have no wheel of the fast one.

It keeps one connection per worker thread and origin, understands the proxy variables (``http_proxy``,
``https_proxy``, ``no_proxy``), and asks for no content encoding but gzip. It also serves the fast sender's users where
they need what that one does not know: the reason phrase.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.request
import zlib
from base64 import b64encode
from contextlib import contextmanager
from math import inf
from threading import local
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from clearway.errors import InputError
from clearway.model.urls import origin
from clearway.transport.sender import BrokenConnection, UntrustedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.transport.sender import Identity

_FAILURES = (OSError, http.client.HTTPException, zlib.error)
_IN_URLS = "%/?:@!$&'()*+,;=~[]"
"""What a request target keeps as it is, besides letters and digits (RFC 3986, section 2.2)."""


class StdlibSender:
    """Sends through ``http.client``.

    :param timeout: seconds without a byte, and to connect, after which a connection counts as broken.
    :param authorities: PEM certificates to trust besides the system's.
    :param identity: what servers are shown that ask who we are.
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
        self._contexts: dict[Identity | None, ssl.SSLContext] = {}
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
        key = _Way(*origin(url), identity or self._identity)
        headers = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip", **headers}
        connection, response = self._exchange(key, _Ask(method, url, headers, patience or self._timeout))
        whole = False
        try:
            if method == "HEAD":
                response.read()  # nothing comes, but only this leaves the connection free for the next request
            answer = _Answer(response)
            yield answer
            whole = response.isclosed()
        finally:
            if not whole:  # an unread body stays in the pipe: this connection can carry nothing else
                connection.close()
                self._connections().pop(key, None)

    def _tls(self, identity: Identity | None) -> ssl.SSLContext:
        """Return what servers are trusted by, and shown; reading the system's certificates takes tens of milliseconds.

        :raises InputError: ``not-a-certificate``, ``no-such-file``.
        """
        if identity in self._contexts:
            return self._contexts[identity]
        context = ssl.create_default_context()
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
        self._contexts[identity] = context
        return context

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
        pipe = connection.sock  # the connection lets go of it when this answer is its last
        pipe.settimeout(None if ask.patience == inf else ask.patience)
        response = connection.getresponse()
        pipe.settimeout(self._timeout)
        return response

    def _connect(self, key: _Way, proxy: str) -> http.client.HTTPConnection:
        """Return an open connection to an origin, or to the proxy that leads there."""
        connection = self._connection(key, proxy)
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            connection.close()
            raise UntrustedServer(error.verify_message or str(error)) from None
        except _FAILURES as error:
            connection.close()
            raise BrokenConnection(str(error) or type(error).__name__, connected=False) from None
        self._opened.append(connection)
        return connection

    def _connection(self, key: _Way, proxy: str) -> http.client.HTTPConnection:
        scheme, host, port, _ = key
        if not proxy:
            if scheme == "https":
                return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._tls(key.identity))
            return http.client.HTTPConnection(host, port, timeout=self._timeout)
        _, proxy_host, proxy_port = origin(proxy)
        if scheme == "http":
            return http.client.HTTPConnection(proxy_host, proxy_port, timeout=self._timeout)
        tunnel = http.client.HTTPSConnection(
            proxy_host, proxy_port, timeout=self._timeout, context=self._tls(key.identity)
        )
        tunnel.set_tunnel(host, port, headers=_proxy_authorization(proxy))
        return tunnel

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


class _Ask:
    """One request in the words of ``http.client``: through a proxy without a tunnel the target is the whole URL."""

    __slots__ = ("headers", "method", "patience", "proxy", "target")

    def __init__(self, method: str, url: str, headers: dict[str, str], patience: float) -> None:
        parts = urlsplit(url)
        self.method = method
        self.patience = patience
        self.proxy = _proxy_for(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if self.proxy and parts.scheme == "http":
            target = f"http://{parts.netloc}{target}"
            headers = {**headers, **_proxy_authorization(self.proxy)}
        self.target = quote(target, safe=_IN_URLS)
        self.headers = headers


def _proxy_for(url: str) -> str:
    """Return the proxy that the environment names for a URL, or an empty text."""
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme, "")
    if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _proxy_authorization(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


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
