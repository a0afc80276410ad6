"""Answers that are held back, over real sockets: who waits how long, what is pending and what is merely broken."""

from __future__ import annotations

import socket
import threading
from functools import partial
from math import inf
from typing import TYPE_CHECKING

import pytest

from clearway.errors import IndexFailure
from clearway.index.routing import make_index
from clearway.ports import Request
from clearway.transport import fetcher as fetcher_module
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.sender import BrokenConnection
from clearway.transport.stdlib_sender import StdlibSender
from support.simulator import Answer, IndexSimulator, redirect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clearway.transport.sender import Sender

PATH = "/simple/demo/demo-1.0-py3-none-any.whl"
SENDERS: list[type[PyreqwestSender | StdlibSender]] = [PyreqwestSender, StdlibSender]


@pytest.fixture(params=SENDERS)
def make_sender(request: pytest.FixtureRequest) -> Iterator[Callable[[float], Sender]]:
    made: list[Sender] = []

    def make(timeout: float) -> Sender:
        made.append(request.param(user_agent="clearway-tests", timeout=timeout))
        return made[-1]

    yield make
    for sender in made:
        sender.close()


def over(sender: Sender) -> HttpFetcher:
    return HttpFetcher(sender, partial(StdlibSender, user_agent="clearway-tests", timeout=0.2), retries=2, pause=0.001)


def get(fetcher: HttpFetcher, request: Request) -> tuple[int, bytes]:
    with fetcher.open(request) as response:
        return response.status, response.read(1 << 20)


def failure(fetcher: HttpFetcher, request: Request) -> IndexFailure:
    with pytest.raises(IndexFailure) as caught:
        get(fetcher, request)
    return caught.value


def test_a_held_answer_is_waited_for(make_sender: Callable[[float], Sender], simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"archive")
    simulator.on(Answer(delay=0.5), path=PATH)
    fetcher = over(make_sender(0.2))
    assert get(fetcher, Request(url=url, patience=20)) == (200, b"archive")
    assert get(fetcher, Request(url=url, patience=inf)) == (200, b"archive")


def test_an_origin_that_held_once_is_asked_with_patience_at_once(simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"archive")
    simulator.on(Answer(delay=0.5), path=PATH)
    sender = PyreqwestSender(user_agent="clearway-tests", timeout=0.2)
    for _ in range(3):
        assert get(over(sender), Request(url=url, patience=20)) == (200, b"archive")
    assert len(simulator.seen()) == 4
    sender.close()


def test_what_is_not_held_shares_the_connection_of_the_rest(simulator: IndexSimulator) -> None:
    url, page = simulator.serve(PATH, b"archive"), simulator.serve("/simple/demo/", b"page")
    sender = PyreqwestSender(user_agent="clearway-tests", timeout=5.0)
    for request in (Request(url=page), Request(url=url, patience=60), Request(url=page), Request(url=url, patience=5)):
        assert get(over(sender), request)[0] == 200
    assert len({seen.connection for seen in simulator.seen()}) == 1
    sender.close()


@pytest.mark.parametrize(("timeout", "patience", "asked"), [(5.0, 0.2, 1), (0.2, 0.2, 1), (0.1, 0.3, 2)])
def test_patience_runs_out(
    make_sender: Callable[[float], Sender], simulator: IndexSimulator, timeout: float, patience: float, asked: int
) -> None:
    url = simulator.serve(PATH, b"archive")
    simulator.on(Answer(hold=threading.Event()), path=PATH)
    index = make_index(f"http://ann:s3cr3t@127.0.0.1:{simulator.port}/simple/")
    sender = make_sender(timeout)
    held = failure(over(sender), Request(url=url, index=index, patience=patience))
    assert held.code == "held"
    assert index.name in held.message
    assert "demo-1.0-py3-none-any.whl" in held.message
    assert held.context[0] == f"no byte of an answer in {patience} seconds"
    assert "--on-pending" in held.hint
    assert "--first-byte-timeout" in held.hint
    assert "s3cr3t" not in str((held.message, held.context))
    assert len(simulator.seen()) == (asked if isinstance(sender, PyreqwestSender) else 1)


def test_a_status_line_that_never_ends_is_held(make_sender: Callable[[float], Sender]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        done = threading.Event()

        def stutter() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 20")
                done.wait(10)

        thread = threading.Thread(target=stutter)
        thread.start()
        assert failure(over(make_sender(5.0)), Request(url=url, patience=0.2)).code == "held"
        done.set()
        thread.join(10)


def test_without_patience_a_held_answer_is_passing(
    make_sender: Callable[[float], Sender], simulator: IndexSimulator
) -> None:
    url = simulator.serve(PATH, b"archive")
    hold = threading.Event()
    simulator.on(Answer(hold=hold), path=PATH, times=2)
    assert get(over(make_sender(0.2)), Request(url=url)) == (200, b"archive")
    assert len(simulator.seen()) == 3
    hold.set()


@pytest.mark.parametrize("patience", [0.1, 60, inf])
def test_nobody_there_is_not_pending(make_sender: Callable[[float], Sender], patience: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    unreachable = failure(over(make_sender(5.0)), Request(url=f"http://127.0.0.1:{port}/x", patience=patience))
    assert unreachable.code == "unreachable"
    assert "3 tries" in unreachable.message


@pytest.mark.parametrize("patience", [0.2, 60, inf])
def test_a_server_that_takes_no_connection_is_not_pending(
    make_sender: Callable[[float], Sender], patience: float
) -> None:
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for one in (first, second):  # the queue of connections is full after these, and further ones are ignored
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        with (
            pytest.raises(BrokenConnection) as caught,
            make_sender(0.2).send(f"http://127.0.0.1:{listener.getsockname()[1]}/x", {}, patience),
        ):
            pass
        assert (caught.value.connected, caught.value.held) == (False, False)


def test_what_breaks_is_tried_again(make_sender: Callable[[float], Sender], simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"archive")
    simulator.on(Answer(drop_after=-1), path=PATH, times=1)
    simulator.on(Answer(503), path=PATH, times=1)
    assert get(over(make_sender(5.0)), Request(url=url, patience=60)) == (200, b"archive")
    assert len(simulator.seen()) == 3


def test_what_breaks_in_the_middle_is_lost(make_sender: Callable[[float], Sender], simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"archive" * 20_000)
    hold = threading.Event()
    simulator.on(Answer(hold=hold, hold_after=70_000), path=PATH)
    assert failure(over(make_sender(0.3)), Request(url=url, patience=60)).code == "connection-lost"
    hold.set()


def test_each_hop_may_be_held(make_sender: Callable[[float], Sender], simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"")
    simulator.serve("/store/demo.whl", b"archive")
    simulator.on(redirect("/store/demo.whl"), path=PATH)
    simulator.on(Answer(hold=threading.Event()), path="/store/demo.whl")
    held = failure(over(make_sender(5.0)), Request(url=url, patience=0.2))
    assert held.code == "held"
    assert "demo-1.0-py3-none-any.whl" in held.message


@pytest.mark.parametrize(
    ("status", "wanted", "said"), [(503, "3600", "3,600"), (429, "31", "31"), (500, "9" * 40, "1,000,000,000")]
)
def test_a_long_pause_is_pending(simulator: IndexSimulator, status: int, wanted: str, said: str) -> None:
    url = simulator.serve(PATH, b"archive")
    simulator.on(Answer(status, headers={"Retry-After": wanted}), path=PATH)
    sender = PyreqwestSender(user_agent="clearway-tests", timeout=5.0)
    held = failure(over(sender), Request(url=url, patience=60))
    assert held.code == "held"
    assert held.context[0] == f"it answered {status} and asks to be left alone for {said} seconds"
    assert failure(over(sender), Request(url=url)).code == "unreachable"
    assert len(simulator.seen()) == 2
    sender.close()


@pytest.mark.parametrize("wanted", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"])
def test_a_pause_until_the_end_of_time(simulator: IndexSimulator, wanted: str) -> None:
    url = simulator.serve(PATH, b"archive")
    simulator.on(Answer(503, headers={"Retry-After": wanted}), path=PATH, times=3)
    sender = PyreqwestSender(user_agent="clearway-tests", timeout=5.0)
    assert failure(over(sender), Request(url=url, patience=60)).code in {"held", "unreachable"}
    sender.close()


def test_endless_patience_waits_as_long_as_asked(simulator: IndexSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    url = simulator.serve(PATH, b"archive")
    simulator.on(Answer(503, headers={"Retry-After": "3600"}), path=PATH, times=5)
    sender = PyreqwestSender(user_agent="clearway-tests", timeout=5.0)
    monkeypatch.setattr(fetcher_module.time, "sleep", slept.append)
    assert get(over(sender), Request(url=url, patience=inf)) == (200, b"archive")
    assert slept == [3600.0] * 5
    sender.close()
