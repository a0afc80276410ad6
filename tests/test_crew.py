"""The crew: results come back on the main thread, errors too, and lanes do not starve each other."""

from __future__ import annotations

import threading

import pytest

from clearway.crew import Crew, Slot


def test_a_result_comes_back_on_the_main_thread() -> None:
    crew = Crew()
    heard: list[tuple[int, bool]] = []
    slot = crew.start("page", lambda: 6 * 7)
    slot.then(lambda arrived: heard.append((arrived.result(), threading.current_thread() is threading.main_thread())))
    assert crew.wait(slot) == 42
    assert heard == [(42, True)]


def test_an_error_is_raised_where_it_is_waited_for() -> None:
    crew = Crew()

    def fail() -> int:
        message = "from the worker"
        raise ValueError(message)

    slot = crew.start("disk", fail)
    with pytest.raises(ValueError, match="from the worker"):
        crew.wait(slot)
    assert slot.failed


def test_a_listener_that_comes_late_is_told_at_once() -> None:
    slot = Slot.of("there")
    heard: list[str] = []
    slot.then(lambda arrived: heard.append(arrived.result()))
    assert heard == ["there"]


def test_waiting_for_one_delivers_the_others() -> None:
    crew = Crew()
    release = threading.Event()
    first, second = crew.start("page", lambda: release.wait(10)), crew.start("page", lambda: 2)
    assert crew.wait(second) == 2
    assert not first.arrived
    release.set()
    assert crew.wait(first)


def test_a_lane_that_is_held_up_starves_nobody() -> None:
    crew = Crew({"page": 2, "archive": 1, "disk": 1})
    release = threading.Event()
    held = [crew.start("archive", lambda: release.wait(10)) for _ in range(5)]
    assert [crew.wait(crew.start("page", lambda number=number: number)) for number in range(5)] == [0, 1, 2, 3, 4]
    assert not any(slot.arrived for slot in held)
    release.set()
    assert all(crew.wait(slot) for slot in held)


def test_a_lane_is_never_wider_than_it_may_be() -> None:
    crew = Crew({"page": 1, "archive": 1, "disk": 2})
    gate, lock = threading.Barrier(2), threading.Lock()
    running, most = 0, 0

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(10)  # only ever passed by two at a time
        with lock:
            running -= 1

    for slot in [crew.start("disk", work) for _ in range(6)]:
        crew.wait(slot)
    assert most == 2


def test_a_message_of_a_worker_is_delivered_on_the_main_thread() -> None:
    crew = Crew()
    heard: list[bool] = []

    def work() -> int:
        crew.post(lambda: heard.append(threading.current_thread() is threading.main_thread()))
        return 1

    assert crew.wait(crew.start("page", work)) == 1
    assert heard == [True]


def test_a_slot_follows_another() -> None:
    source: Slot[int] = Slot()
    target: Slot[str] = Slot()
    source.then(lambda arrived: target.follow(arrived, str))
    source.deliver(5)
    assert target.result() == "5"


def test_a_crew_that_stops_begins_nothing_and_finishes_what_it_writes() -> None:
    crew = Crew({"page": 1, "archive": 1, "disk": 1})
    begun, release, done = threading.Event(), threading.Event(), []

    def write() -> None:
        begun.set()
        release.wait(10)
        done.append("first")

    crew.start("disk", write)
    crew.start("disk", lambda: done.append("second"))
    begun.wait(10)
    threading.Timer(0.05, release.set).start()
    crew.stop()
    assert done == ["first"]


def test_a_crew_does_not_wait_for_ever() -> None:
    crew = Crew({"page": 1, "archive": 1, "disk": 1})
    release = threading.Event()
    crew.start("disk", lambda: release.wait(10))
    crew.stop(patience=0.01)
    release.set()


def test_threads_end_with_the_run() -> None:
    before = set(threading.enumerate())
    crew = Crew()
    for lane in ("page", "archive", "disk"):
        crew.wait(crew.start(lane, lambda: None))
    own = set(threading.enumerate()) - before
    assert len(own) == 3
    crew.stop()
    crew.dismiss()
    for thread in own:
        thread.join(10)
        assert not thread.is_alive()
