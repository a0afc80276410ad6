"""Two processes, one environment: one waits, says so, and then finds it as the other left it."""

from __future__ import annotations

import os
import sys
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from clearway.site.lock import locked
from support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.conftest import Bench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environment of these tests is one of POSIX")


def test_the_folder_is_there_while_the_lock_is_held(tmp_path: Path) -> None:
    with locked(str(tmp_path), pytest.fail) as work:
        assert os.listdir(work) == ["lock"]
        assert os.stat(work).st_mode & 0o777 == 0o700
    assert not list(tmp_path.iterdir())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Whatever it leads to would be emptied."""
    (tmp_path / "precious").mkdir()
    (tmp_path / ".clearway").symlink_to(tmp_path / "precious")
    with pytest.raises(NotADirectoryError), locked(str(tmp_path), pytest.fail):
        pytest.fail("the lock was given")
    assert not list((tmp_path / "precious").iterdir())


def test_a_folder_with_a_journal_stays(tmp_path: Path) -> None:
    with locked(str(tmp_path), pytest.fail) as work:
        open(os.path.join(work, "journal-done"), "x").close()
    assert os.listdir(tmp_path / ".clearway") == ["journal-done"]


def test_who_comes_second_waits_and_says_so(tmp_path: Path) -> None:
    said, entered = Event(), Event()
    order: list[str] = []

    def second() -> None:
        with locked(str(tmp_path), lambda message: (order.append(message), said.set())):  # type: ignore[func-returns-value]
            order.append("second")
            entered.set()

    thread = Thread(target=second)
    with locked(str(tmp_path), pytest.fail):
        thread.start()
        assert said.wait(10)
        order.append("first")
        assert not entered.is_set()
    thread.join(10)
    assert order == [f"Another clearway is changing {tmp_path}: waiting for it to end", "first", "second"]
    assert not list(tmp_path.iterdir())


def test_many_take_turns(bench: Bench) -> None:
    wheels = [make_wheel(f"p{n}", "1.0") for n in range(6)]
    changes = [bench.change(wheel) for wheel in wheels]
    children = []
    for change in changes:
        child = os.fork()
        if not child:
            status = 1
            try:
                bench.opened().apply(change)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 6
    assert len(list(bench.site.glob("*.dist-info"))) == 6
    assert not (bench.site / ".clearway").exists()
