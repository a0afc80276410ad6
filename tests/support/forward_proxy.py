"""A forward proxy on a real socket: requests for whole URLs, and tunnels (RFC 9110, sections 7.6 and 9.3.6).

::

    with ForwardProxy({"pkgs.example.com": index.port}, credential="bob:secret") as proxy:
        ...
        assert [ask.method for ask in proxy.asked] == ["CONNECT"]

It knows the servers behind it by the names that the test gives them, and nobody else.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType


@dataclass
class Asked:
    """One request as the proxy saw it; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]


class ForwardProxy:
    """Passes requests on inside its ``with`` block.

    :param servers: by host name the port on loopback to which its requests go.
    :param credential: ``user:password`` that it wants by Basic, empty for none.
    :param denial: the status line with which it answers in place of passing anything on.
    :param tls: a server-side context, for a proxy that is talked to by TLS.
    """

    def __init__(
        self,
        servers: Mapping[str, int],
        credential: str = "",
        denial: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._servers = servers
        self._wanted = f"Basic {base64.b64encode(credential.encode()).decode()}" if credential else ""
        self._denial = denial
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[Asked] = []
        self._open: list[socket.socket] = []

    def url(self, user_info: str = "") -> str:
        """Where it is."""
        return f"{'https' if self._tls else 'http'}://{user_info}{'@' if user_info else ''}127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._tls:
                client = self._tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
            self._open.append(client)
            threading.Thread(target=self._converse, args=(client,), daemon=True).start()

    def _converse(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), client, client.makefile("rb") as requests:
            while (asked := _read(requests.readline)) is not None:
                self.asked.append(asked)
                if not self._answer(client, asked):
                    return

    def _answer(self, client: socket.socket, asked: Asked) -> bool:
        """Answer one request; tell whether the connection can be used again."""
        if self._wanted and asked.headers.get("proxy-authorization") != self._wanted:
            client.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=proxy\r\n"
                b"Content-Length: 8\r\n\r\nwho asks"
            )
            return True
        tunnel = asked.method == "CONNECT"
        host, _, rest = asked.target.removeprefix("http://").partition("/")
        port = self._servers.get(host.partition(":")[0])
        if self._denial or port is None:
            client.sendall(f"HTTP/1.1 {self._denial or '502 Unknown host'}\r\nContent-Length: 2\r\n\r\nno".encode())
            return True
        with socket.create_connection(("127.0.0.1", port)) as server:
            self._open.append(server)
            if tunnel:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                threading.Thread(target=_copy, args=(server, client), daemon=True).start()
                _copy(client, server)
            else:
                kept = {name: value for name, value in asked.headers.items() if not name.startswith("proxy-")}
                lines = [f"{asked.method} /{rest} HTTP/1.1", *(f"{name}: {value}" for name, value in kept.items())]
                server.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
                _copy(server, client)
        return False


def _read(readline: object) -> Asked | None:
    line = readline(65_536).decode("latin-1").split()  # type: ignore[operator]
    if len(line) != 3:
        return None
    headers = {}
    while (header := readline(65_536).decode("latin-1")).strip():  # type: ignore[operator]
        name, _, value = header.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Asked(line[0], line[1], headers)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
