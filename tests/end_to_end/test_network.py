"""Between us and the index: proxies, certificates, time."""

from __future__ import annotations

import base64
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import check_failure
from support.certificates import AVAILABLE, make_authority
from support.forward_proxy import ForwardProxy
from support.simulator import Answer, IndexSimulator
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
    check_failure(ended, 3, ["through the proxy http://127.0.0.1:9, named by http_proxy"])


@pytest.mark.parametrize("place", ["flag", "CLEARWAY_PROXY", "PIP_PROXY", "pip.conf", "clearway.toml"])
def test_a_proxy_by_option(world: World, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """It holds whatever the variables say, and in every place that an option can be given in."""
    secret = world.secret()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "*")
    world.index.add(make_wheel("demo", "1.0"))
    with ForwardProxy({"index.invalid": world.index.port}, f"bob:{secret}") as proxy:
        url = world.with_user(proxy.url(), "bob", secret).removeprefix("http://")
        flags: list[object] = ["--proxy", url] if place == "flag" else []
        if place == "pip.conf":
            (world.root / "given.conf").write_text(f"[global]\nproxy = {url}\n")
            monkeypatch.setenv("PIP_CONFIG_FILE", str(world.root / "given.conf"))
        elif place == "clearway.toml":
            (world.root / "given.toml").write_text(f"proxy = '{url}'\n")
            monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(world.root / "given.toml"))
        elif place != "flag":
            monkeypatch.setenv(place, url)
        world.installed("demo", "-v", *flags, index="http://index.invalid/simple/")
        assert len(proxy.asked) == len(world.index.seen()) == 3


def test_a_proxy_that_wants_another_credential(world: World) -> None:
    secret = world.secret()
    with ForwardProxy({"index.invalid": 1}, "bob:other") as proxy:
        url = world.with_user(proxy.url(), "bob", secret)
        result = world.fails(3, "demo", "--proxy", url, "-vv", index="http://index.invalid/simple/")
    assert f"The proxy http://127.0.0.1:{proxy.port}, named by --proxy, wants a valid credential" in result.error


def test_variables_that_name_proxies_can_be_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo", "--no-proxy-env")


@pytest.mark.parametrize("proxy", ["ftp://bob:s3cr3t-word@proxy.example.com", "proxy.example.com:none", "http://"])
def test_what_is_no_proxy(world: World, proxy: str) -> None:
    result = world.fails(2, "demo", "--proxy", proxy, says=["--proxy", "is not the URL of a proxy"])
    assert "s3cr3t-word" not in result.text


@pytest.mark.parametrize("line", ["proxy = 'http://proxy.example.com'", "trusted-host = ['a.example.com']"])
def test_a_project_leads_nobody_through_a_proxy_and_trusts_nobody(world: World, line: str) -> None:
    (world.root / "clearway.toml").write_text(f"{line}\n")
    check_failure(world.install("demo"), 2, ["is not for a project's file"])


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


@pytest.mark.parametrize("place", ["flag", "PIP_TRUSTED_HOST", "pip.conf"])
@pytest.mark.parametrize("port", [False, True])
def test_a_trusted_host(
    world: World, private: IndexSimulator, monkeypatch: pytest.MonkeyPatch, place: str, port: bool
) -> None:
    """Told with ``-v``, once."""
    host = f"127.0.0.1:{private.port}" if port else "127.0.0.1"
    flags: list[object] = ["--trusted-host", host] if place == "flag" else []
    if place == "pip.conf":
        (world.root / "given.conf").write_text(f"[global]\ntrusted-host =\n    elsewhere.example.com\n    {host}\n")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(world.root / "given.conf"))
    elif place != "flag":
        monkeypatch.setenv(place, f"elsewhere.example.com {host}")
    assert world.installed("demo", *flags, index=private.url).warnings == []
    (told,) = world.installed("demo", "-v", "--force-reinstall", *flags, index=private.url).warnings
    assert told.startswith("Certificates are not checked of ")
    assert host in told


def test_a_host_is_trusted_for_itself_alone(world: World, private: IndexSimulator) -> None:
    result = world.fails(3, "demo", "--trusted-host", "localhost", "--retries", "0", index=private.url)
    assert "certificate" in result.error


def test_what_is_no_host(world: World) -> None:
    world.fails(2, "demo", "--trusted-host", "https://a.example.com/", says=["--trusted-host takes a host"])


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


# -- answers that are broken -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"held: not yet scanned", b""])
def test_a_refusal_stays_one_however_broken_its_body(world: World, body: bytes) -> None:
    for version in ("1.0", "1.1"):
        world.index.add(make_wheel("demo", version))
    broken = Answer(403, body=body, headers={"Content-Encoding": "gzip"})
    world.index.on(broken, stage="file", filename="demo-1.1-py3-none-any.whl")
    world.installed("demo")
    assert world.versions() == {"demo": "1.0"}


def test_a_long_pause_is_told_with_its_reason(world: World) -> None:
    for version in ("1.0", "1.1"):
        world.index.add(make_wheel("demo", version))
    busy = Answer(503, body=b"the scanner is being updated", headers={"Retry-After": "3600"})
    world.index.on(busy, stage="file", filename="demo-1.1-py3-none-any.whl")
    assert "the scanner is being updated" in world.installed("demo").text
    assert world.versions() == {"demo": "1.0"}
