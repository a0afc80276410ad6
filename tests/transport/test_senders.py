"""One contract for every sender: the fast one and the one of the standard library."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.sender import BrokenConnection
from clearway.transport.stdlib_sender import StdlibSender
from support.simulator import Answer, IndexSimulator, redirect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.transport.sender import Sender

AGENT = "clearway-tests"


@pytest.fixture(params=[PyreqwestSender, StdlibSender])
def sender(request: pytest.FixtureRequest) -> Iterator[Sender]:
    made: Sender = request.param(user_agent=AGENT, timeout=5.0)
    yield made
    made.close()


def read_all(sender: Sender, url: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    with sender.send(url, headers or {}) as answer:
        parts = []
        while chunk := answer.read(1000):
            parts.append(chunk)
        return answer.status, b"".join(parts)


def test_reads_a_body_and_its_headers(sender: Sender, simulator: IndexSimulator) -> None:
    url = simulator.serve("/page", b"x" * 5000, "text/plain")
    with sender.send(url, {"X-Asked": "yes"}) as answer:
        assert answer.status == 200
        assert answer.header("content-type") == "text/plain"
        assert answer.header("X-Not-There") == ""
        assert len(answer.read(10)) <= 10
    seen = simulator.seen(path="/page")[0]
    assert seen.headers["user-agent"] == AGENT
    assert seen.headers["x-asked"] == "yes"


def test_one_connection_serves_many_requests(sender: Sender, simulator: IndexSimulator) -> None:
    url = simulator.serve("/page", b"content")
    assert [read_all(sender, url) for _ in range(5)] == [(200, b"content")] * 5
    assert len({seen.connection for seen in simulator.seen(path="/page")}) == 1


def test_an_unread_body_spoils_nothing(sender: Sender, simulator: IndexSimulator) -> None:
    url = simulator.serve("/large", b"y" * 3_000_000)
    with sender.send(url, {}) as answer:
        assert answer.read(10)
    assert read_all(sender, simulator.serve("/small", b"next")) == (200, b"next")


@pytest.mark.parametrize("status", [302, 403, 404, 500, 503])
def test_every_status_is_an_answer(sender: Sender, simulator: IndexSimulator, status: int) -> None:
    url = simulator.serve("/page", b"content")
    simulator.on(Answer(status, "Because"), path="/page")
    assert read_all(sender, url)[0] == status


def test_follows_no_redirect(sender: Sender, simulator: IndexSimulator) -> None:
    url = simulator.serve("/page", b"content")
    simulator.on(redirect(f"{simulator.host}/other"), path="/page")
    with sender.send(url, {}) as answer:
        assert (answer.status, answer.header("Location")) == (302, f"{simulator.host}/other")
    assert not simulator.seen(path="/other")


def test_decodes_gzip(sender: Sender, simulator: IndexSimulator) -> None:
    url = simulator.serve("/page", b"z" * 100_000)
    simulator.on(Answer(gzip=True), path="/page")
    assert read_all(sender, url) == (200, b"z" * 100_000)
    assert "gzip" in simulator.seen(path="/page")[0].headers["accept-encoding"]


def test_asks_for_plain_bytes_when_told(sender: Sender, simulator: IndexSimulator) -> None:
    url = simulator.serve("/page", b"plain")
    assert read_all(sender, url, {"Accept-Encoding": "identity"}) == (200, b"plain")
    assert simulator.seen(path="/page")[0].headers["accept-encoding"] == "identity"


def test_reads_chunked_bodies(sender: Sender, simulator: IndexSimulator) -> None:
    url = simulator.serve("/page", b"w" * 100_000)
    simulator.on(Answer(chunked=True), path="/page")
    assert read_all(sender, url) == (200, b"w" * 100_000)


@pytest.mark.parametrize(
    "answer", [Answer(drop_after=1000), Answer(drop_after=-1), Answer(chunked=True, drop_after=1000)]
)
def test_a_body_that_breaks_off_is_never_taken_for_whole(
    sender: Sender, simulator: IndexSimulator, answer: Answer
) -> None:
    url = simulator.serve("/page", b"v" * 50_000)
    simulator.on(answer, path="/page")
    with pytest.raises(BrokenConnection) as caught:
        read_all(sender, url)
    assert caught.value.reason
    assert (caught.value.connected, caught.value.held) == (True, False)


def test_the_phrase_is_known_to_the_standard_library_alone(sender: Sender, simulator: IndexSimulator) -> None:
    url = simulator.serve("/page", b"content")
    simulator.on(Answer(403, "Held Back"), path="/page")
    with sender.send(url, {}) as answer:
        assert answer.phrase == ("Held Back" if isinstance(sender, StdlibSender) else "")


def test_nobody_there(sender: Sender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(BrokenConnection) as caught:
        read_all(sender, f"http://127.0.0.1:{port}/")
    assert not caught.value.connected


def test_silence_ends(simulator: IndexSimulator) -> None:
    never = threading.Event()
    url = simulator.serve("/page", b"content")
    simulator.on(Answer(hold=never), path="/page")
    for sender in (PyreqwestSender(user_agent=AGENT, timeout=0.2), StdlibSender(user_agent=AGENT, timeout=0.2)):
        with pytest.raises(BrokenConnection):
            read_all(sender, url)
        sender.close()
    never.set()
