"""Client certificates: shown to the server of their own index, by both senders, and to nobody else."""

from __future__ import annotations

import ssl
import subprocess
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest

from clearway.errors import InputError
from clearway.index.routing import make_index
from clearway.ports import Request
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.sender import BrokenConnection, Identity, UntrustedServer
from clearway.transport.stdlib_sender import StdlibSender
from support import certificates
from support.simulator import IndexSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clearway.transport.sender import Sender

pytestmark = pytest.mark.skipif(not certificates.AVAILABLE, reason="there is no openssl to make certificates with")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's and a client's certificates of one authority."""
    folder = tmp_path_factory.mktemp("certificates")
    certificates.make_authority(folder)
    certificates.make_client(folder, "client")
    subprocess.run(
        ["openssl", "ec", "-in", "client.key", "-out", "locked.key", "-aes256", "-passout", "pass:x"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    (folder / "both.pem").write_bytes((folder / "client.pem").read_bytes() + (folder / "client.key").read_bytes())
    (folder / "nonsense.pem").write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    return folder


@pytest.fixture
def guarded(folder: Path) -> Iterator[IndexSimulator]:
    """A server that wants to see a client certificate of the authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    with IndexSimulator(context) as index:
        yield index


@pytest.fixture(params=[PyreqwestSender, StdlibSender])
def kind(request: pytest.FixtureRequest) -> type[PyreqwestSender] | type[StdlibSender]:
    chosen: type[PyreqwestSender] | type[StdlibSender] = request.param
    return chosen


def _make(kind: type[PyreqwestSender] | type[StdlibSender], folder: Path, identity: Identity | None = None) -> Sender:
    authorities = ((folder / "ca.pem").read_bytes(),)
    return kind(user_agent="tests", timeout=5.0, authorities=authorities, identity=identity)


def _status(sender: Sender, url: str, identity: Identity | None = None) -> int:
    with sender.send(url, {}, 0.0, identity) as answer:
        while answer.read(1000):
            pass
        return answer.status


@pytest.mark.parametrize("names", [("client.pem", "client.key"), ("both.pem", "")])
def test_an_identity_is_shown(
    kind: type[PyreqwestSender] | type[StdlibSender], folder: Path, guarded: IndexSimulator, names: tuple[str, str]
) -> None:
    url = guarded.serve("/page", b"x")
    identity = Identity(*(str(folder / name) if name else "" for name in names))
    usual, without = _make(kind, folder, identity), _make(kind, folder)
    try:
        assert _status(usual, url) == 200
        assert [_status(without, url, identity) for _ in range(3)] == [200] * 3
        with pytest.raises((BrokenConnection, UntrustedServer)):
            _status(without, url)
        assert len({seen.connection for seen in guarded.seen(path="/page")}) == 2
    finally:
        usual.close()
        without.close()


def test_a_patient_request_shows_it_too(
    kind: type[PyreqwestSender] | type[StdlibSender], folder: Path, guarded: IndexSimulator
) -> None:
    url = guarded.serve("/page", b"x")
    sender = _make(kind, folder, Identity(str(folder / "both.pem")))
    try:
        with sender.send(url, {}, 3.0) as answer:
            assert answer.status == 200
    finally:
        sender.close()


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("nothing.pem", ""), "no-such-file"),
        (("client.pem", "nothing.key"), "no-such-file"),
        (("client.pem", ""), "not-a-certificate"),
        (("nonsense.pem", "client.key"), "not-a-certificate"),
        (("client.pem", "locked.key"), "not-a-certificate"),
    ],
)
def test_an_identity_that_cannot_be_used(
    kind: type[PyreqwestSender] | type[StdlibSender],
    folder: Path,
    guarded: IndexSimulator,
    names: tuple[str, str],
    code: str,
) -> None:
    sender = _make(kind, folder)
    identity = Identity(*(str(folder / name) if name else "" for name in names))
    try:
        with pytest.raises(InputError) as failure:
            _status(sender, guarded.serve("/page", b"x"), identity)
        assert failure.value.code == code
        assert str(folder) in failure.value.message
    finally:
        sender.close()


class Recorder:
    """A sender that redirects once, and remembers what it was to show to whom."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.shown: list[Identity | None] = []

    @contextmanager
    def send(
        self, url: str, headers: dict[str, str], patience: float = 0.0, identity: Identity | None = None
    ) -> Iterator[Recorded]:
        self.shown.append(identity)
        yield Recorded(302 if len(self.shown) == 1 else 200, self.location)

    def close(self) -> None: ...


class Recorded:
    """One answer of it, without a body."""

    phrase = ""

    def __init__(self, status: int, location: str) -> None:
        self.status = status
        self._location = location

    def header(self, name: str) -> str:
        return self._location if name == "Location" else ""

    def read(self, amount: int) -> bytes:
        return b""


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/elsewhere/", True),
        ("https://CORP.example:443/", True),
        ("https://evil.example/", False),
        ("http://corp.example/", False),
        ("https://corp.example:8443/", False),
    ],
)
def test_a_redirect_to_another_origin_is_not_shown_it(location: str, shown: bool) -> None:
    recorder = Recorder(location)
    identity = Identity("/me.pem", "/me.key")
    index = msgspec.structs.replace(
        make_index("https://corp.example/simple/"), client_cert=identity.certificate, client_key=identity.key
    )
    fetcher = HttpFetcher(recorder, partial(pytest.fail, "no phrase is asked for"))
    with fetcher.open(Request(index.url, index)) as response:
        assert response.status == 200
    assert recorder.shown == [identity, identity if shown else None]
    with fetcher.open(Request("https://corp.example/simple/", make_index("https://corp.example/simple/"))):
        assert recorder.shown[2:] == [None]
