"""Proxies: which one leads where, what it is told, and what people are told of it; by both senders alike."""

from __future__ import annotations

import base64
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from clearway.errors import IndexFailure, InputError
from clearway.index.routing import make_index
from clearway.model.inputs import Given
from clearway.ports import Request
from clearway.transport import stdlib_sender
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.proxies import Proxies, read_proxy
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.sender import UntrustedServer
from clearway.transport.stdlib_sender import StdlibSender
from clearway.transport.trust import TrustedHosts
from support.certificates import AVAILABLE, make_authority
from support.forward_proxy import ForwardProxy
from support.simulator import Answer, IndexSimulator

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

HOST = "pkgs.example.com"
SECRET = "pa:ss@word/%"
INFO = "bob:pa%3Ass%40word%2F%25"
PATH = "/simple/demo/"


@pytest.fixture(params=[PyreqwestSender, StdlibSender])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., HttpFetcher]]:
    """Make fetchers that know the proxy of an option or of variables."""
    made: list[HttpFetcher] = []

    def build(
        stated: str = "",
        environ: Mapping[str, str] | None = None,
        authorities: tuple[bytes, ...] = (),
        trusted: str = "",
    ) -> HttpFetcher:
        proxies = Proxies(Given(stated, "--proxy") if stated else None, environ or {}, "linux")
        hosts = TrustedHosts([Given(trusted, "--trusted-host")] if trusted else [])
        terms = {
            "user_agent": "clearway-tests",
            "timeout": 5.0,
            "authorities": authorities,
            "proxies": proxies,
            "trusted": hosts,
        }
        asker = partial(StdlibSender, **terms)
        made.append(HttpFetcher(request.param(**terms), asker, retries=1, pause=0.001, proxies=proxies))
        return made[-1]

    yield build
    for fetcher in made:
        fetcher.close()


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    if not AVAILABLE:
        pytest.skip("the openssl program makes the certificates")
    return make_authority(tmp_path_factory.mktemp("authority"))


def get(fetcher: HttpFetcher, url: str, user_info: str = "") -> tuple[int, bytes]:
    index = make_index(url.replace("://", f"://{user_info}@", 1)) if user_info else None
    with fetcher.open(Request(url=url, index=index)) as response:
        return response.status, response.read(1 << 20)


def failure(fetcher: HttpFetcher, url: str, user_info: str = "") -> IndexFailure:
    with pytest.raises(IndexFailure) as caught:
        get(fetcher, url, user_info)
    return caught.value


def told(failed: IndexFailure) -> str:
    return "\n".join((failed.message, *failed.context, failed.hint))


# -- which proxy leads where -------------------------------------------------------------------------------------------

ONE, TWO, ALL = "http://one.example:3128", "http://two.example:3128", "http://all.example:3128"


@pytest.mark.parametrize(
    ("environ", "url", "expected"),
    [
        ({}, "https://a.example/", None),
        ({"http_proxy": ONE}, "http://a.example/", ONE),
        ({"http_proxy": ONE}, "https://a.example/", None),
        ({"https_proxy": TWO}, "https://a.example/", TWO),
        ({"HTTPS_PROXY": TWO}, "https://a.example/", TWO),
        ({"https_proxy": ONE, "HTTPS_PROXY": TWO}, "https://a.example/", ONE),
        ({"https_proxy": "", "HTTPS_PROXY": TWO}, "https://a.example/", None),
        ({"https_proxy": "", "all_proxy": ALL}, "https://a.example/", ALL),
        ({"all_proxy": ALL}, "http://a.example/", ALL),
        ({"ALL_PROXY": ALL, "http_proxy": ONE}, "http://a.example/", ONE),
        ({"HTTP_PROXY": ONE}, "http://a.example/", ONE),
        ({"HTTP_PROXY": ONE, "REQUEST_METHOD": "GET"}, "http://a.example/", None),
        ({"http_proxy": ONE, "REQUEST_METHOD": "GET"}, "http://a.example/", ONE),
        ({"http_proxy": "one.example:3128"}, "http://a.example/", ONE),
        ({"http_proxy": "bob:x@one.example:3128"}, "http://a.example/", ONE),
        ({"http_proxy": "http://one.example"}, "http://a.example/", "http://one.example:80"),
        ({"http_proxy": "HTTP://One.Example:3128/"}, "http://a.example/", ONE),
        ({"http_proxy": "http://[::1]:3128"}, "http://a.example/", "http://[::1]:3128"),
        ({"http_proxy": "socks5h://one.example"}, "http://a.example/", "socks5h://one.example:1080"),
    ],
)
def test_the_variables(environ: dict[str, str], url: str, expected: str | None) -> None:
    proxy = Proxies(None, environ, "linux").for_url(url)
    assert (proxy.url if proxy is not None else None) == expected


@pytest.mark.parametrize(
    ("no_proxy", "url", "exempt"),
    [
        ("", "http://a.example/", False),
        ("*", "http://a.example/", True),
        ("a.example", "http://a.example/", True),
        ("A.Example", "http://a.EXAMPLE/", True),
        ("a.example", "http://b.a.example/", True),
        (".a.example", "http://b.a.example/", True),
        (".a.example", "http://a.example/", True),
        ("*.a.example", "http://b.a.example/", True),
        ("a.example", "http://ba.example/", False),
        ("a.example.", "http://a.example/", True),
        ("a.example:80", "http://a.example/", True),
        ("a.example:80", "https://a.example/", False),
        ("a.example:8080", "http://a.example:8080/", True),
        ("x.example, a.example ,y.example", "http://a.example/", True),
        ("127.0.0.1", "http://127.0.0.1:5000/", True),
        ("0.0.1", "http://127.0.0.1/", False),
        ("10.0.0.0/8", "http://10.1.2.3/", True),
        ("10.0.0.0/8", "http://11.1.2.3/", False),
        ("10.0.0.0/8", "http://a.example/", False),
        ("10.0.0.0/x", "http://10.0.0.1/", False),
        ("::1", "http://[::1]:80/", True),
        ("[::1]:81", "http://[::1]:80/", False),
        ("fe80::/10", "http://[fe80::1]/", True),
        (",,", "http://a.example/", False),
        (".", "http://a.example/", False),
    ],
)
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_hosts_that_are_asked_without_one(no_proxy: str, url: str, exempt: bool, name: str) -> None:
    assert (Proxies(None, {"all_proxy": ALL, name: no_proxy}, "linux").for_url(url) is None) == exempt


def test_the_option_holds_for_everything() -> None:
    proxies = Proxies(Given("two.example:3128", "PIP_PROXY"), {"http_proxy": ONE, "no_proxy": "*"}, "linux")
    for url in ("http://a.example/", "https://127.0.0.1/"):
        proxy = proxies.for_url(url)
        assert proxy is not None
        assert (proxy.url, proxy.source) == (TWO, "PIP_PROXY")


@pytest.mark.parametrize(
    ("environ", "stated", "platform", "left"),
    [
        ({"PATH": "x"}, None, "darwin", True),
        ({"PATH": "x"}, None, "win32", True),
        ({"PATH": "x"}, None, "linux", False),
        ({}, None, "darwin", False),
        ({"http_proxy": ONE}, None, "darwin", False),
        ({"PATH": "x"}, Given(ONE, "--proxy"), "darwin", False),
    ],
)
def test_systems_that_keep_a_proxy_are_left_to_the_senders(
    environ: dict[str, str], stated: Given | None, platform: str, left: bool
) -> None:
    assert Proxies(stated, environ, platform).leaves_it_to_system is left


def test_the_proxy_of_the_system_is_used_by_the_standard_library(
    monkeypatch: pytest.MonkeyPatch, simulator: IndexSimulator
) -> None:
    with ForwardProxy({HOST: simulator.port}) as proxy:
        simulator.serve(PATH, b"page")
        monkeypatch.setattr("urllib.request.getproxies", lambda: {"http": proxy.url()})
        monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "127.0.0.1")
        sender = StdlibSender(user_agent="tests", timeout=5.0, proxies=Proxies(None, {"PATH": "x"}, "darwin"))
        for host in (f"http://{HOST}", simulator.host):
            with sender.send(host + PATH, {}) as answer:
                assert answer.status == 200
        assert [one.target for one in proxy.asked] == [f"http://{HOST}{PATH}"]
        sender.close()


@pytest.mark.parametrize(
    "text",
    [
        "ftp://one.example",
        "http://",
        "http://one.example:0",
        "http://one.example:99999",
        "http://one.example:x",
        "http://[::1",
        "http://o ne.example",
        "http://bob:s3cr3t-word@",
        "bob:s3cr3t-word@one.example:x",
        "http://bob:s3cr3t-word@one.example:x",
        "http://one.example\n:80",
        "s3cr3t-word://x@y",
    ],
)
def test_what_is_no_proxy(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_proxy(text, "https_proxy")
    assert caught.value.code == "bad-proxy"
    assert "https_proxy" in caught.value.message
    assert "s3cr3t-word@" not in caught.value.message
    assert caught.value.message.isprintable()


def test_a_proxy_shows_no_secret() -> None:
    proxy = read_proxy(f"http://{INFO}@one.example:3128", "--proxy")
    assert SECRET not in repr(proxy)
    assert proxy.authorization == "Basic " + base64.b64encode(f"bob:{SECRET}".encode()).decode()
    assert proxy.url == ONE


# -- over real sockets -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["option", "variable"])
def test_plain_requests_go_through(make: Callable[..., HttpFetcher], simulator: IndexSimulator, named: str) -> None:
    simulator.serve(PATH, b"page")
    with ForwardProxy({HOST: simulator.port}, f"bob:{SECRET}") as proxy:
        url = proxy.url(INFO)
        fetcher = make(url) if named == "option" else make(environ={"http_proxy": url, "no_proxy": "127.0.0.1"})
        assert get(fetcher, f"http://{HOST}{PATH}", "ann:index-token") == (200, b"page")
        assert [(one.method, one.target) for one in proxy.asked] == [("GET", f"http://{HOST}{PATH}")]
    (seen,) = simulator.seen()
    assert seen.headers["authorization"] == "Basic " + base64.b64encode(b"ann:index-token").decode()


def test_tunnels_go_through(make: Callable[..., HttpFetcher], certified: tuple[Path, ssl.SSLContext]) -> None:
    """The proxy sees its own credential and no other; the index does not see the proxy's."""
    authority, context = certified
    with (
        IndexSimulator(context) as index,
        ForwardProxy({"localhost": index.port}, f"bob:{SECRET}") as proxy,
    ):
        index.serve(PATH, b"page")
        fetcher = make(proxy.url(INFO), authorities=(authority.read_bytes(),))
        url = f"https://localhost:{index.port}{PATH}"
        assert [get(fetcher, url, "ann:index-token") for _ in range(3)] == [(200, b"page")] * 3
        assert [one.method for one in proxy.asked] == ["CONNECT"]
        assert "authorization" not in proxy.asked[0].headers
        assert all("proxy-authorization" not in seen.headers for seen in index.seen())


def test_a_trusted_host_behind_a_proxy(
    make: Callable[..., HttpFetcher], certified: tuple[Path, ssl.SSLContext]
) -> None:
    with IndexSimulator(certified[1]) as index, ForwardProxy({HOST: index.port}) as proxy:
        index.serve(PATH, b"page")
        assert get(make(proxy.url(), trusted=HOST), f"https://{HOST}{PATH}") == (200, b"page")
        assert failure(make(proxy.url()), f"https://{HOST}{PATH}").code == "bad-certificate"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("info", ["", INFO.replace("bob", "eve")])
def test_a_proxy_wants_a_credential(make: Callable[..., HttpFetcher], scheme: str, info: str) -> None:
    with ForwardProxy({HOST: 1}, f"bob:{SECRET}") as proxy:
        failed = failure(make(environ={f"{scheme}_proxy": proxy.url(info)}), f"{scheme}://{HOST}{PATH}", "ann:token-x")
        assert failed.code == "credential"
        assert failed.message == (
            f"The proxy http://127.0.0.1:{proxy.port}, named by {scheme}_proxy, wants a valid credential: "
            "it answered 407"
        )
        assert ("was not accepted" if info else "was not given") in failed.context[0]
        assert f"{scheme}_proxy" in failed.hint
        assert SECRET not in told(failed)
        assert "pa%3Ass" not in told(failed)
        assert len(proxy.asked) == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "502 Bad Gateway"])
def test_a_proxy_that_opens_no_tunnel(make: Callable[..., HttpFetcher], status: str) -> None:
    with ForwardProxy({}, denial=status) as proxy:
        failed = failure(make(proxy.url(INFO)), f"https://{HOST}{PATH}")
        assert failed.code == "unreachable"
        assert "the proxy opens no tunnel to it (2 tries)" in failed.message
        assert f"through the proxy http://127.0.0.1:{proxy.port}, named by --proxy" in failed.context
        assert "pa%3Ass" not in told(failed)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there(make: Callable[..., HttpFetcher], scheme: str) -> None:
    failed = failure(make("http://bob:s3cr3t-word@127.0.0.1:1"), f"{scheme}://{HOST}{PATH}")
    assert failed.code == "unreachable"
    assert "through the proxy http://127.0.0.1:1, named by --proxy" in failed.context
    assert "s3cr3t-word" not in told(failed)


def test_the_phrase_comes_through_it_too(make: Callable[..., HttpFetcher], simulator: IndexSimulator) -> None:
    simulator.serve(PATH, b"")
    simulator.on(Answer(403, "Held Back"), path=PATH)
    with ForwardProxy({HOST: simulator.port}, f"bob:{SECRET}") as proxy:
        assert make(proxy.url(INFO)).phrase(Request(url=f"http://{HOST}{PATH}")) == "Held Back"


def test_no_failure_of_a_proxy_breaks_the_question_for_a_phrase(make: Callable[..., HttpFetcher]) -> None:
    with ForwardProxy({}, f"bob:{SECRET}") as proxy:
        assert make(proxy.url()).phrase(Request(url=f"https://{HOST}{PATH}")) == ""


def test_what_was_sent_to_proxies_is_known(simulator: IndexSimulator) -> None:
    proxies = Proxies(Given(f"http://{INFO}@one.example:3128", "--proxy"), {}, "linux")
    assert proxies.credentials() == ()
    proxies.for_url("http://a.example/")
    proxies.for_url("https://b.example/")
    (credential,) = proxies.credentials()
    assert (credential.username, credential.password.reveal()) == ("bob", SECRET)


# -- what one sender alone knows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["https", "socks5", "socks5h"])
def test_the_standard_library_says_what_it_does_not_know(scheme: str) -> None:
    proxies = Proxies(Given(f"{scheme}://bob:s3cr3t-word@127.0.0.1:1", "--proxy"), {}, "linux")
    sender = stdlib_sender.StdlibSender(user_agent="tests", timeout=1.0, proxies=proxies)
    with pytest.raises(InputError) as caught, sender.send("http://a.example/", {}):
        pass
    assert caught.value.code == "bad-proxy"
    assert "s3cr3t-word" not in caught.value.message


def test_no_tls_proxy_goes_unchecked_with_a_trusted_host() -> None:
    proxies = Proxies(Given("https://bob:s3cr3t-word@127.0.0.1:1", "--proxy"), {}, "linux")
    trusted = TrustedHosts([Given(HOST, "--trusted-host")])
    sender = PyreqwestSender(user_agent="tests", timeout=1.0, proxies=proxies, trusted=trusted)
    with pytest.raises(InputError) as caught, sender.send(f"https://{HOST}/", {}):
        pass
    assert caught.value.code == "bad-proxy"
    sender.close()


def fast(stated: str, *authorities: bytes) -> PyreqwestSender:
    proxies = Proxies(Given(stated, "--proxy"), {}, "linux")
    return PyreqwestSender(user_agent="tests", timeout=5.0, authorities=authorities, proxies=proxies)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_talked_to_by_tls(certified: tuple[Path, ssl.SSLContext], scheme: str) -> None:
    authority, context = certified
    with (
        IndexSimulator(context if scheme == "https" else None) as index,
        ForwardProxy({"localhost": index.port}, f"bob:{SECRET}", tls=context) as proxy,
    ):
        index.serve(PATH, b"page")
        for authorities, trusted in (((authority.read_bytes(),), True), ((), False)):
            sender = fast(proxy.url(INFO), *authorities)
            try:
                with sender.send(f"{scheme}://localhost:{index.port}{PATH}", {}) as answer:
                    assert (answer.status, trusted) == (200, True)
            except UntrustedServer:
                assert not trusted
            sender.close()
        assert [one.method for one in proxy.asked] == ["GET" if scheme == "http" else "CONNECT"]


def test_socks(simulator: IndexSimulator) -> None:
    """RFC 1928, and RFC 1929 for the credential."""
    simulator.serve(PATH, b"page")
    seen: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            seen.append(client.recv(100))
            client.sendall(b"\x05\x02")
            seen.append(client.recv(100))
            client.sendall(b"\x01\x00")
            seen.append(client.recv(300))
            client.sendall(b"\x05\x00\x00\x01" + bytes(6))
            with socket.create_connection(("127.0.0.1", simulator.port)) as server:
                server.sendall(client.recv(65_536).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                while piece := server.recv(65_536):
                    client.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        sender = fast(f"socks5h://{INFO}@127.0.0.1:{listener.getsockname()[1]}")
        with sender.send(f"http://{HOST}{PATH}", {}) as answer:
            assert answer.read(10) == b"page"
        thread.join(5)
        sender.close()
    password = SECRET.encode()
    assert seen[1] == b"\x01\x03bob" + bytes([len(password)]) + password
    assert HOST.encode() in seen[2]
