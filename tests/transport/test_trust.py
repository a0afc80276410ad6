"""Which servers a sender believes: those that the system's authorities vouch for, and those of ``--cert``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clearway.errors import InputError
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.sender import UntrustedServer, UnusableSender
from clearway.transport.stdlib_sender import StdlibSender
from support.certificates import AVAILABLE, make_authority
from support.simulator import IndexSimulator

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
