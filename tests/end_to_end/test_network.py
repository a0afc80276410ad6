"""Between us and the index: proxies, certificates, time."""

from __future__ import annotations

import base64
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import check_failure
from support.certificates import AVAILABLE, make_authority
from support.simulator import IndexSimulator
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.world import World


class Proxy:
    """A proxy that passes every connection on to one server, whatever is asked for; it remembers the first lines.

    The simulator answers requests for whole URLs too: it sees their paths only.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.heads: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        """Read one request after the other, and have each answered by a connection of its own."""
        with client, client.makefile("rb") as requests:
            while head := self._read_head(requests):
                self.heads.append(head)
                method, url, _ = head.split(b"\r\n")[0].split()
                with socket.create_connection(("127.0.0.1", self._port)) as server:
                    if method == b"CONNECT":
                        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                        back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
                        back.start()
                        self._copy(client, server)
                        return
                    path = b"/" + url.split(b"/", 3)[3]
                    server.sendall(head.replace(url, path, 1).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                    self._copy(server, client)
                    return

    @staticmethod
    def _read_head(requests: object) -> bytes:
        lines = []
        while (line := requests.readline()).strip():  # type: ignore[attr-defined]
            lines.append(line)
        return b"".join([*lines, b"\r\n"]) if lines else b""

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while piece := source.recv(1 << 16):
                target.sendall(piece)
        except OSError:
            return


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    running = Proxy(world.index.port)
    yield running
    running.close()


# -- proxies -----------------------------------------------------------------------------------------------------------


def test_a_proxy_is_used(world: World, proxy: Proxy) -> None:
    """The index has a name that only the proxy knows."""
    world.index.add(make_wheel("demo", "1.0"))
    line = ("demo", "--index-url", "http://index.invalid/simple/")
    ended = world.finish(world.start_install(*line, http_proxy=proxy.url))
    assert ended.status == 0, ended.text
    assert all(head.startswith(b"GET http://index.invalid/") for head in proxy.heads)
    assert len(world.index.seen()) == len(proxy.heads) == 3


def test_a_proxy_with_a_credential(world: World, proxy: Proxy) -> None:
    """It goes to the proxy, and the index's own to the index."""
    secret, token = world.secret(), world.secret()
    world.index.default.users = {"ann": token}
    world.index.add(make_wheel("demo", "1.0"))
    index = world.with_user("http://index.invalid/simple/", "ann", token)
    ended = world.finish(
        world.start_install("demo", "--index-url", index, "-v", http_proxy=world.with_user(proxy.url, "bob", secret))
    )
    assert ended.status == 0, ended.text
    pair = base64.b64encode(f"bob:{secret}".encode())
    assert all(b"Proxy-Authorization: Basic " + pair in head for head in proxy.heads)
    assert world.versions() == {"demo": "1.0"}


def test_a_proxy_is_passed_by_where_no_proxy_says_so(world: World, proxy: Proxy) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    ended = world.finish(world.start_install("demo", http_proxy=proxy.url, no_proxy="127.0.0.1"))
    assert ended.status == 0, ended.text
    assert proxy.heads == []


def test_a_proxy_that_is_not_there(world: World) -> None:
    secret = world.secret()
    proxy = world.with_user("http://127.0.0.1:9", "bob", secret)
    ended = world.finish(world.start_install("demo", "--retries", "0", http_proxy=proxy))
    check_failure(ended, 3, ["proxy variables"])


# -- certificates ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    if not AVAILABLE:
        pytest.skip("there is no openssl to make certificates with")
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def private(authority: tuple[Path, object]) -> Iterator[IndexSimulator]:
    """An index whose certificate only a private authority vouches for."""
    with IndexSimulator(authority[1]) as index:  # type: ignore[arg-type]
        index.add(make_wheel("demo", "1.0"))
        yield index


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CLEARWAY_CERT"])
def test_a_private_authority_by_variable(
    world: World,
    private: IndexSimulator,
    authority: tuple[Path, object],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, str(authority[0]))
    world.installed("demo", index=private.url)
    assert world.versions() == {"demo": "1.0"}


def test_a_private_authority_by_option(
    world: World, private: IndexSimulator, authority: tuple[Path, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CERT", "/absent.pem")
    world.installed("demo", "--cert", authority[0], index=private.url)
    assert all(seen.connection for seen in private.seen())


@pytest.mark.parametrize("kind", ["CERTIFICATE", "TRUSTED CERTIFICATE"])
def test_a_certificate_that_is_none(world: World, private: IndexSimulator, kind: str) -> None:
    given = world.root / "given.pem"
    given.write_text(f"-----BEGIN {kind}-----\nAAAA\n-----END CERTIFICATE-----\n")
    failure = world.install("demo", "--cert", given, index=private.url)
    check_failure(failure, 2, ["certificate"])


def test_a_machine_without_certificates_still_installs_without_tls(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", "/absent")
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")


def test_a_certificate_for_another_host(world: World, authority: tuple[Path, object]) -> None:
    with IndexSimulator(authority[1]) as index:  # type: ignore[arg-type]
        other = index.url.replace("127.0.0.1", "127.0.0.2")
        world.fails(3, "demo", "--cert", authority[0], "--retries", "0", index=other, says=["127.0.0.2"])


def test_tls_through_a_proxy(world: World, private: IndexSimulator, authority: tuple[Path, object]) -> None:
    tunnel = Proxy(private.port)
    line = ("demo", "--cert", authority[0], "--index-url", private.url)
    ended = world.finish(world.start_install(*line, https_proxy=tunnel.url))
    tunnel.close()
    assert ended.status == 0, ended.text
    assert all(head.startswith(b"CONNECT 127.0.0.1:") for head in tunnel.heads)
    assert tunnel.heads != []
