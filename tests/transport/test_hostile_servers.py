"""Servers that do not keep to HTTP, over real sockets: whatever they send, a run ends, with an answer or in our words.

What cannot be told apart from an answer is one; what is malformed is never one; the status of an error stands, however
broken its body; nothing is taken for whole that is not. Both senders are held to the same table; where they may
differ, it says so.
"""

from __future__ import annotations

import gzip
import socket
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest

from clearway.errors import IndexFailure
from clearway.index.routing import make_index
from clearway.ports import Request
from clearway.transport import fetcher as fetcher_module
from clearway.transport import responses
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.stdlib_sender import StdlibSender
from support.simulator import Answer, IndexSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "s3cr3t-token-of-the-index"
LIMIT = 1 << 20


class RawServer:
    """Sends the same bytes to everybody who asks, and closes; a number among them is a pause in seconds."""

    def __init__(self, *parts: bytes | float) -> None:
        self._parts = parts
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._leaving = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[bytes] = []

    def __enter__(self) -> RawServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            asked = b""
            while b"\r\n\r\n" not in asked:
                piece = client.recv(65_536)
                if not piece:
                    return
                asked += piece
            self.asked.append(asked)
            for part in self._parts:
                if isinstance(part, float):
                    self._leaving.wait(part)
                else:
                    client.sendall(part)
            client.shutdown(socket.SHUT_WR)
            client.recv(1)  # what is sent before a close must not be lost to a reset


@pytest.fixture(params=[PyreqwestSender, StdlibSender])
def kind(request: pytest.FixtureRequest) -> type[PyreqwestSender | StdlibSender]:
    chosen: type[PyreqwestSender | StdlibSender] = request.param
    return chosen


@pytest.fixture
def fetcher(kind: type[PyreqwestSender | StdlibSender]) -> Iterator[HttpFetcher]:
    made = make_fetcher(kind)
    yield made
    made.close()


@pytest.fixture
def hasty(kind: type[PyreqwestSender | StdlibSender]) -> Iterator[HttpFetcher]:
    """A fetcher that waits for little and asks once."""
    made = make_fetcher(kind, timeout=0.4, retries=0)
    yield made
    made.close()


def make_fetcher(kind: type[PyreqwestSender | StdlibSender], *, timeout: float = 5.0, retries: int = 1) -> HttpFetcher:
    sender = kind(user_agent="tests", timeout=timeout)
    return HttpFetcher(sender, partial(StdlibSender, user_agent="tests", timeout=timeout), retries=retries, pause=0.001)


def ask(fetcher: HttpFetcher, port: int) -> str:
    """Return what became of a request in one word or two, and see that nothing else came of it."""
    url = f"http://127.0.0.1:{port}/simple/demo/"
    index = make_index(f"http://ann:{TOKEN}@127.0.0.1:{port}/simple/")
    try:
        with fetcher.open(Request(url=url, index=index)) as response:
            body = response.read(LIMIT)
            return f"{response.status} {body.decode('latin-1')[:20]}".strip()
    except IndexFailure as caught:
        failure = caught
    told = (failure.message, *failure.context, failure.hint)
    assert TOKEN not in "".join(told)
    assert all(line.isprintable() and len(line) < 1000 for line in told)
    return failure.code


OK = b"HTTP/1.1 200 OK\r\n"
ONE = b"Content-Length: 1\r\n\r\nz"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
REASON = b"held: not yet scanned"
PACKED = gzip.compress(REASON * 50)
BOMB = gzip.compress(bytes(64 << 20), 9)


def refused(*headers: bytes, body: bytes = REASON, length: int | None = None) -> bytes:
    size = b"Content-Length: %d" % (len(body) if length is None else length)
    return b"\r\n".join([b"HTTP/1.1 403 Held", size, *headers, b"", body])


def packed(body: bytes, encoding: bytes = b"gzip", status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (status, encoding, len(body))
    return head + body


CASES: dict[str, tuple[bytes, set[str]]] = {
    # no answer at all
    "nothing": (b"", {"unreachable"}),
    "HTTP/0.9": (b"hello", {"unreachable"}),
    "another protocol": (b"SSH-2.0-OpenSSH_9.6\r\n", {"unreachable"}),
    "HTTP/2 without being asked": (b"HTTP/2.0 200 OK\r\n" + ONE, {"unreachable"}),
    "a status of two digits": (b"HTTP/1.1 99 X\r\n" + ONE, {"unreachable"}),
    "a status of four digits": (b"HTTP/1.1 1000 X\r\n" + ONE, {"unreachable"}),
    "a status in words": (b"HTTP/1.1 OK\r\n" + ONE, {"unreachable"}),
    "a negative status": (b"HTTP/1.1 -200 OK\r\n" + ONE, {"unreachable"}),
    "the head breaks off": (OK + b"Content-Le", {"unreachable", "connection-lost", "200"}),
    # heads
    "no phrase": (b"HTTP/1.1 200\r\n" + ONE, {"200 z"}),
    "a phrase in Latin-1": (b"HTTP/1.1 200 gr\xfcn\r\n" + ONE, {"200 z"}),
    "an unknown status": (b"HTTP/1.1 299 Odd\r\n" + ONE, {"299 z"}),
    "a status beyond all classes": (b"HTTP/1.1 999 Odd\r\n" + ONE, {"unreachable", "999 z"}),
    "line feeds alone": (b"HTTP/1.1 200 OK\nContent-Length: 1\n\nz", {"200 z"}),
    "interim answers": (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK + ONE, {"200 z", "103", "unreachable"}),
    "a protocol is switched": (
        b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nzz",
        {"101", "unreachable"},
    ),
    "a hundred headers": (OK + b"".join(b"X-%d: y\r\n" % n for n in range(90)) + ONE, {"200 z"}),
    "a flood of headers": (OK + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + ONE, {"unreachable"}),
    "an endless header": (OK + b"X: " + b"y" * 2_000_000 + b"\r\n" + ONE, {"unreachable"}),
    "an endless status line": (b"HTTP/1.1 200 " + b"y" * 2_000_000, {"unreachable"}),
    "a folded header": (OK + b"X: a\r\n b\r\n" + ONE, {"unreachable", "200 z"}),
    "a header without a colon": (OK + b"nonsense\r\n" + ONE, {"unreachable", "200 z", "200 \r\nContent-Length: 1"}),
    "a NUL in a header": (OK + b"X: a\0b\r\n" + ONE, {"unreachable", "200 z"}),
    "a header in UTF-8": (OK + "X: grün\r\n".encode() + ONE, {"200 z"}),
    # lengths
    "until the end": (b"HTTP/1.0 200 OK\r\n\r\nabc", {"200 abc"}),
    "more than announced": (OK + ONE + b"HTTP/1.1 500 smuggled\r\n\r\n", {"200 z"}),
    "less than announced": (OK + b"Content-Length: 9\r\n\r\nabc", {"connection-lost"}),
    "two lengths that differ": (OK + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde", {"unreachable"}),
    "two lengths that agree": (OK + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", {"200 abc"}),
    "a negative length": (OK + b"Content-Length: -3\r\n\r\nabc", {"unreachable"}),
    "a length in words": (OK + b"Content-Length: many\r\n\r\nabc", {"unreachable"}),
    "a length beyond all bounds": (
        OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\nabc",
        {"unreachable", "connection-lost"},
    ),
    "a length and chunks": (
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        {"200 abc"},
    ),
    "a length too long, and chunks": (
        OK + b"Content-Length: 9999\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        {"200 abc"},
    ),
    "a body without end": (OK + b"\r\n" + b"x" * (LIMIT + 1), {"endless-answer"}),
    # chunks
    "chunks break off": (CHUNKED + b"3\r\nabc\r\n", {"connection-lost"}),
    "a chunk breaks off": (CHUNKED + b"9\r\nabc", {"connection-lost"}),
    "a chunk's size is no number": (CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n", {"connection-lost"}),
    "a chunk's size is negative": (CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n", {"connection-lost"}),
    "a chunk's size is beyond all bounds": (CHUNKED + b"f" * 30 + b"\r\nabc\r\n0\r\n\r\n", {"connection-lost"}),
    "a chunk's extension has no end": (CHUNKED + b"3;" + b"x" * 200_000 + b"\r\nabc\r\n0\r\n\r\n", {"connection-lost"}),
    "trailers without end": (CHUNKED + b"3\r\nabc\r\n0\r\n" + b"X: y\r\n" * 50_000, {"connection-lost", "200 abc"}),
    # encodings
    "gzip that is none": (packed(b"not gzip at all"), {"connection-lost"}),
    "gzip that breaks off": (packed(PACKED[:-9]), {"connection-lost"}),
    "gzip with a wrong checksum": (packed(PACKED[:-8] + bytes(8)), {"connection-lost"}),
    "gzip of gzip": (packed(b"abc", b"gzip, gzip"), {"200 abc", "connection-lost"}),
    "an encoding that nobody knows": (packed(b"abc", b"zork"), {"200 abc"}),
    "a bomb": (packed(BOMB), {"endless-answer"}),
    # refusals: the status stands
    "a refusal": (refused(), {"403 held: not yet scanned"[:24]}),
    "a refusal in broken gzip": (refused(b"Content-Encoding: gzip"), {"403"}),
    "a refusal in gzip that breaks off": (
        refused(b"Content-Encoding: gzip", body=PACKED[:-9]),
        {"403 " + "held: not yet scanned"[:20], "403"},
    ),
    "a refusal that breaks off": (refused(length=999), {"403 held: not yet scanne"}),
    "a refusal in broken chunks": (
        b"HTTP/1.1 403 Held\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nheld:\r\nzz\r\n",
        {"403 held:"},
    ),
    "a refusal without a body": (b"HTTP/1.1 403 Held\r\nContent-Length: 9999\r\n\r\n", {"403"}),
    "a bomb of a refusal": (packed(BOMB, status=b"403 Held"), {"endless-answer"}),
    # redirects
    "to nowhere": (b"HTTP/1.1 302 F\r\nLocation: \r\nContent-Length: 0\r\n\r\n", {"302"}),
    "to a file": (b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", {"bad-redirect"}),
    "to no URL": (b"HTTP/1.1 302 F\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n", {"bad-redirect"}),
    "to no port": (b"HTTP/1.1 302 F\r\nLocation: http://a:99999/\r\nContent-Length: 0\r\n\r\n", {"bad-redirect"}),
    "to itself": (b"HTTP/1.1 302 F\r\nLocation: /simple/demo/\r\nContent-Length: 0\r\n\r\n", {"redirect-loop"}),
    "to itself, with user info": (
        b"HTTP/1.1 302 F\r\nLocation: //eve:evil@127.0.0.1:PORT/simple/demo/\r\nContent-Length: 0\r\n\r\n",
        {"redirect-loop", "unreachable", "bad-redirect"},
    ),
    "with control characters": (
        b"HTTP/1.1 302 F\r\nLocation: /\x1b[31m\x07\r\nContent-Length: 0\r\n\r\n",
        {"302", "unreachable", "redirect-loop", "bad-redirect"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_whatever_a_server_sends(fetcher: HttpFetcher, name: str) -> None:
    sent, expected = CASES[name]
    with RawServer(sent) as server:
        assert ask(fetcher, server.port) in expected
        assert len(server.asked) <= 12
    with IndexSimulator() as index:  # it has spoilt nothing
        index.serve("/simple/demo/", b"page")
        assert ask(fetcher, index.port) == "200 page"


# -- time --------------------------------------------------------------------------------------------------------------

DRIPS: dict[str, tuple[tuple[bytes | float, ...], set[str]]] = {
    "a status line": ((*((b"H", 0.3) * 30),), {"unreachable"}),
    "headers": ((OK, *((b"X: y\r\n", 0.3) * 30)), {"unreachable"}),
    "interim answers": ((*((b"HTTP/1.1 100 Continue\r\n\r\n", 0.3) * 30),), {"unreachable"}),
    "a chunk's size": ((CHUNKED, *((b"0", 0.1) * 100)), {"connection-lost"}),
    "trailers": ((CHUNKED + b"1\r\nx\r\n0\r\n", *((b"X: y\r\n", 0.1) * 100)), {"connection-lost"}),
    "a body": ((OK + b"Content-Length: 999\r\n\r\n", *((b"x", 0.1) * 100)), {"connection-lost"}),
    "chunks": ((CHUNKED, *((b"1\r\nx\r\n", 0.1) * 100)), {"connection-lost"}),
    "a refusal": ((b"HTTP/1.1 403 Held\r\nContent-Length: 999\r\n\r\nheld: ", *((b"x", 0.1) * 100)), {"403 held: x"}),
    "silence": ((OK + b"Content-Length: 9\r\n\r\nabc", 30.0), {"connection-lost"}),
}


@pytest.mark.parametrize("name", DRIPS)
def test_what_comes_too_slowly_has_not_come(hasty: HttpFetcher, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "WINDOW", 0.3)
    parts, expected = DRIPS[name]
    with RawServer(*parts) as server:
        outcome = ask(hasty, server.port)
        assert outcome.rstrip("x") in {one.rstrip("x") for one in expected}


def test_what_is_slow_but_comes_is_whole(fetcher: HttpFetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "WINDOW", 0.1)
    parts = [part for _ in range(6) for part in (b"x" * 200, 0.05)]
    with RawServer(OK + b"Content-Length: 1200\r\n\r\n", *parts) as server:
        assert ask(fetcher, server.port) == "200 " + "x" * 20


# -- what servers say when they cannot ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        ({"Retry-After": "2"}, 2.0),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "soon"}, 0.0),
        ({"Retry-After": "1e9"}, 0.0),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(
    fetcher: HttpFetcher,
    simulator: IndexSimulator,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
    slept: float,
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(fetcher_module.time, "sleep", waited.append)
    simulator.serve("/simple/demo/", b"page")
    simulator.on(Answer(503, headers=headers), times=1)
    assert ask(fetcher, simulator.port) == "200 page"
    assert len(waited) == 1
    assert slept <= waited[0] <= slept + 0.01


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
def test_until_when_a_server_wants_to_be_left_alone(
    fetcher: HttpFetcher, simulator: IndexSimulator, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """A date is that of the server's clock, whatever zone this machine is in."""
    waited: list[float] = []
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    fetcher_module.time.tzset()
    try:
        monkeypatch.setattr(fetcher_module.time, "sleep", waited.append)
        monkeypatch.setattr(fetcher_module.time, "time", lambda: 1_792_000_000.0)
        simulator.serve("/simple/demo/", b"page")
        simulator.on(Answer(429, headers={"Retry-After": f"Wed, 14 Oct 2026 17:46:50 {zone}"}), times=1)
        assert ask(fetcher, simulator.port) == "200 page"
    finally:
        monkeypatch.undo()
        fetcher_module.time.tzset()
    assert waited == [10.0]


@pytest.mark.parametrize("headers", [{"Retry-After": "3600"}, {}])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_reason_is_told(
    fetcher: HttpFetcher, simulator: IndexSimulator, headers: dict[str, str], status: int
) -> None:
    simulator.serve("/simple/demo/", b"page")
    problem = b'{"title": "Busy", "detail": "the scanner is being updated"}'
    simulator.on(Answer(status, body=problem, headers={"Content-Type": "application/problem+json", **headers}))
    with pytest.raises(IndexFailure) as caught, fetcher.open(Request(url=f"{simulator.host}/simple/demo/")):
        pass
    assert caught.value.code == "unreachable"
    assert "it says: the scanner is being updated" in caught.value.context


def test_the_reason_of_what_is_held_is_told(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    simulator.serve("/simple/demo/", b"page")
    simulator.on(Answer(503, body=b"the scanner is being updated", headers={"Retry-After": "3600"}))
    request = Request(url=f"{simulator.host}/simple/demo/", patience=5)
    with pytest.raises(IndexFailure) as caught, fetcher.open(request):
        pass
    assert caught.value.code == "held"
    assert caught.value.context[0] == (
        "it answered 503 and asks to be left alone for 3,600 seconds: the scanner is being updated"
    )


def test_no_retries_is_one_request(hasty: HttpFetcher, simulator: IndexSimulator) -> None:
    simulator.on(Answer(503))
    assert ask(hasty, simulator.port) == "unreachable"
    assert len(simulator.seen()) == 1
