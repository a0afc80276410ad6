"""Which servers a sender believes: those that the system's authorities vouch for, those of ``--cert``, and without any
question those of ``--trusted-host``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clearway.errors import IndexFailure, InputError
from clearway.model.inputs import Given
from clearway.ports import Request
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.sender import UntrustedServer, UnusableSender
from clearway.transport.stdlib_sender import StdlibSender
from clearway.transport.trust import TrustedHosts
from support.certificates import AVAILABLE, make_authority
from support.simulator import IndexSimulator, redirect

if TYPE_CHECKING:
    import ssl

    from clearway.transport.sender import Sender

Authority = tuple[Path, "ssl.SSLContext"]

SENDERS = [PyreqwestSender, StdlibSender]
GARBAGE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="there is no openssl to make certificates with")


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> list[Authority]:
    return [make_authority(tmp_path_factory.mktemp("authority")) for _ in range(2)]


def trusts(sender: Sender, authority: Authority) -> bool:
    with IndexSimulator(authority[1]) as index:
        url = index.serve("/page", b"content")
        try:
            with sender.send(url, {}) as answer:
                return answer.status == 200
        except UntrustedServer:
            return False


@pytest.mark.parametrize("made", SENDERS)
def test_what_is_named_is_trusted_beside_the_system(
    authorities: list[Authority], monkeypatch: pytest.MonkeyPatch, made: type[PyreqwestSender | StdlibSender]
) -> None:
    """As pip has it since it uses the system's authorities (24.2)."""
    system, named = authorities
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(system[0]))
    for pem, expected in (((), [True, False]), ((named[0].read_bytes(),), [True, True])):
        sender = made(user_agent="tests", timeout=5.0, authorities=pem)
        assert [trusts(sender, authority) for authority in authorities] == expected
        sender.close()


def test_a_machine_without_certificates_has_a_sender_left(
    authorities: list[Authority], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", "/absent")
    with pytest.raises(UnusableSender):
        PyreqwestSender(user_agent="tests", timeout=5.0)
    sender = StdlibSender(user_agent="tests", timeout=5.0)
    assert not trusts(sender, authorities[0])
    with IndexSimulator() as index, sender.send(index.serve("/page", b"content"), {}) as answer:
        assert answer.status == 200
    sender.close()


def test_a_certificate_that_cannot_be_read(authorities: list[Authority]) -> None:
    with pytest.raises(UnusableSender):
        PyreqwestSender(user_agent="tests", timeout=5.0, authorities=(GARBAGE,))
    sender = StdlibSender(user_agent="tests", timeout=5.0, authorities=(GARBAGE,))
    with pytest.raises(InputError) as caught:
        trusts(sender, authorities[0])
    assert caught.value.code == "not-a-certificate"
    sender.close()


def trusting(*hosts: str) -> TrustedHosts:
    return TrustedHosts([Given(host, "--trusted-host") for host in hosts])


@pytest.mark.parametrize("made", SENDERS)
def test_a_trusted_host_is_believed_and_no_other(
    authorities: list[Authority], made: type[PyreqwestSender | StdlibSender]
) -> None:
    """By no redirect either: what is trusted is where a request goes, not where it began."""
    with IndexSimulator(authorities[0][1]) as index, IndexSimulator(authorities[1][1]) as other:
        for trusted, lets in (("127.0.0.1", (True, True, False)), (f"127.0.0.1:{index.port}", (True, False, False))):
            sender = made(user_agent="tests", timeout=5.0, trusted=trusting(trusted))
            fetcher = HttpFetcher(sender, lambda: pytest.fail("no phrase is asked for"))
            urls = (index.serve("/page", b"x"), other.serve("/page", b"x"), f"{index.other_host}/page")
            for number, (target, expected) in enumerate(zip(urls, lets, strict=True)):
                index.on(redirect(target), path=index.serve(f"/{number}", b"").removeprefix(index.host))
                for url in (target, f"{index.host}/{number}"):
                    assert is_believed(fetcher, url) is expected, (trusted, url)
            index.clear()
            fetcher.close()


@pytest.mark.parametrize("made", SENDERS)
def test_a_trusted_host_keeps_its_connection(
    authorities: list[Authority], made: type[PyreqwestSender | StdlibSender]
) -> None:
    with IndexSimulator(authorities[0][1]) as index:
        sender = made(user_agent="tests", timeout=5.0, trusted=trusting("127.0.0.1"))
        for _ in range(3):
            with sender.send(index.serve("/page", b"x"), {}) as answer:
                assert answer.read(10) == b"x"
                assert answer.read(10) == b""
        assert len({seen.connection for seen in index.seen()}) == 1
        sender.close()


def is_believed(fetcher: HttpFetcher, url: str) -> bool:
    try:
        with fetcher.open(Request(url=url)) as response:
            return response.status == 200
    except IndexFailure as failure:
        if failure.code != "bad-certificate":
            raise
        return False


@pytest.mark.parametrize(
    ("host", "url", "covered"),
    [
        ("Pkgs.Example.com", "https://pkgs.example.COM/x", True),
        ("pkgs.example.com", "https://pkgs.example.com:8443/x", True),
        ("pkgs.example.com:8443", "https://pkgs.example.com:8443/x", True),
        ("pkgs.example.com:443", "https://pkgs.example.com/x", True),
        ("pkgs.example.com:8443", "https://pkgs.example.com/x", False),
        ("example.com", "https://pkgs.example.com/x", False),
        ("pkgs.example.com", "https://pkgs.example.com.evil.example/x", False),
        ("pkgs.example.com", "https://pkgs.example.com@evil.example/x", False),
        ("::1", "https://[::1]:8443/x", True),
        ("[::1]:8443", "https://[::1]:8443/x", True),
        ("[::1]:8443", "https://[::1]/x", False),
    ],
)
def test_what_a_trusted_host_covers(host: str, url: str, covered: bool) -> None:
    assert trusting(host).covers(url) is covered


@pytest.mark.parametrize(
    "host",
    ["", "https://pkgs.example.com/", "pkgs.example.com/simple", "a b", "*", "h:0", "h:99999", "ann:s3cr3t@h"],
)
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(InputError) as caught:
        trusting(host)
    assert caught.value.code == "malformed-option"
    assert "--trusted-host" in caught.value.message
    assert "s3cr3t" not in caught.value.message
