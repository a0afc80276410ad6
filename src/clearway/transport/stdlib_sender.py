"""The sender of last resort: ``http.client`` and ``ssl``, for platforms that have no wheel of the fast one.

It keeps one connection per worker thread and origin, understands the proxy variables (``http_proxy``,
``https_proxy``, ``no_proxy``), and asks for no content encoding but gzip.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.request
import zlib
from base64 import b64encode
from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from clearway.model.urls import origin
from clearway.transport.sender import BrokenConnection, UntrustedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAILURES = (OSError, http.client.HTTPException, zlib.error)


class StdlibSender:
    """Sends through ``http.client``.

    :param timeout: seconds without a byte, and to connect, after which a connection counts as broken.
    :param authorities: PEM certificates to trust besides the system's.
    """

    def __init__(self, *, user_agent: str, timeout: float, authorities: tuple[bytes, ...] = ()) -> None:
        self._user_agent = user_agent
        self._timeout = timeout
        self._tls = ssl.create_default_context()
        for certificate in authorities:
            self._tls.load_verify_locations(cadata=certificate.decode("ascii", "replace"))
        self._kept = local()
        self._opened: list[http.client.HTTPConnection] = []

    @contextmanager
    def send(self, url: str, headers: dict[str, str]) -> Iterator[_Answer]:
        """Send one GET (see :class:`clearway.transport.sender.Sender`)."""
        key = origin(url)
        proxy = _proxy_for(url)
        all_headers = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip", **headers}
        connection, response = self._exchange(key, url, all_headers, proxy)
        whole = False
        try:
            answer = _Answer(response)
            yield answer
            whole = response.isclosed()
        finally:
            if not whole:  # an unread body stays in the pipe: this connection can carry nothing else
                connection.close()
                self._connections().pop(key, None)

    def close(self) -> None:
        """Close every connection that was opened."""
        for connection in self._opened:
            connection.close()

    def _exchange(
        self, key: tuple[str, str, int], url: str, headers: dict[str, str], proxy: str
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        kept = self._connections().get(key)
        if kept is not None:
            try:
                return kept, _ask(kept, url, headers, absolute=bool(proxy) and key[0] == "http")
            except _FAILURES:  # a kept connection that the server closed meanwhile says nothing: ask on a new one
                kept.close()
        try:
            fresh = self._connect(key, proxy)
            self._connections()[key] = fresh
            self._opened.append(fresh)
            if proxy and key[0] == "http":
                headers = {**headers, **_proxy_authorization(proxy)}
            return fresh, _ask(fresh, url, headers, absolute=bool(proxy) and key[0] == "http")
        except ssl.SSLCertVerificationError as error:
            raise UntrustedServer(error.verify_message or str(error)) from None
        except (ConnectionRefusedError, socket.gaierror, TimeoutError) as error:
            raise BrokenConnection(str(error), connected=False) from None
        except _FAILURES as error:
            raise BrokenConnection(str(error) or type(error).__name__, connected=True) from None

    def _connect(self, key: tuple[str, str, int], proxy: str) -> http.client.HTTPConnection:
        scheme, host, port = key
        if not proxy:
            if scheme == "https":
                return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._tls)
            return http.client.HTTPConnection(host, port, timeout=self._timeout)
        _, proxy_host, proxy_port = origin(proxy)
        if scheme == "http":
            return http.client.HTTPConnection(proxy_host, proxy_port, timeout=self._timeout)
        tunnel = http.client.HTTPSConnection(proxy_host, proxy_port, timeout=self._timeout, context=self._tls)
        tunnel.set_tunnel(host, port, headers=_proxy_authorization(proxy))
        return tunnel

    def _connections(self) -> dict[tuple[str, str, int], http.client.HTTPConnection]:
        if not hasattr(self._kept, "connections"):
            self._kept.connections = {}
        kept: dict[tuple[str, str, int], http.client.HTTPConnection] = self._kept.connections
        return kept


def _ask(
    connection: http.client.HTTPConnection, url: str, headers: dict[str, str], *, absolute: bool
) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    path = url if absolute else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


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

    __slots__ = ("_inflate", "_response", "status")

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
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
