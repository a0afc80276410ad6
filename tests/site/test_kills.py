"""A change that is killed, interrupted or refused at any point leaves the old environment or the new one.

The child is killed with SIGKILL right before its n-th call that changes a disk, for every n until it gets through.
"""

from __future__ import annotations

import csv
import errno
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import pytest

from clearway.errors import TargetError
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.site.conftest import Bench, Snapshot

    from clearway.ports import Change

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills of POSIX")

CALLS = ("mkdir", "open", "write", "link", "rename", "unlink", "rmdir")
OLD = [
    make_wheel(
        "demo",
        "1.0",
        files={"demo/__init__.py": "old", "demo/gone.py": "", "space/demo.py": "old", "single.py": "old"},
        data={"data/share/demo/x": "old"},
        entry_points={"console_scripts": {"demo": "demo:main"}},
    ),
    make_wheel("leaving", "1.0", files={"leaving/__init__.py": "", "space/leaving.py": ""}),
    make_wheel("staying", "1.0", files={"space/staying.py": ""}),
]
NEW = [
    make_wheel(
        "demo",
        "2.0",
        files={"demo/__init__.py": "new", "demo/added.py": "", "space/demo.py": "new", "single/__init__.py": ""},
        data={"data/share/demo/x": "new"},
        entry_points={"console_scripts": {"demo": "demo:other"}},
    ),
    make_wheel("fresh", "1.0", files={"fresh/__init__.py": "", "space/fresh.py": "", "unowned.py": "wheel"}),
]


@pytest.fixture
def change(bench: Bench) -> Change:
    """An upgrade, a removal, an installation and a replaced file, about to be made."""
    bench.apply(*OLD)
    (bench.site / "demo" / "mine.txt").write_text("mine")
    (bench.site / "unowned.py").write_text("mine")
    return bench.change(*NEW, remove=("demo-1.0.dist-info", "leaving-1.0.dist-info"))


def counting(point: int, action: Callable[[], None]) -> Callable[[], None]:
    """Let ``action`` be done before the call number ``point`` that changes a disk; return what undoes the patch."""
    left = point
    real = {name: getattr(os, name) for name in CALLS}

    def patched(call: Callable[..., Any]) -> Callable[..., Any]:
        def replacement(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1:
                action()
            return call(*arguments, **options)

        return replacement

    for name, call in real.items():
        setattr(os, name, patched(call))

    def undo() -> None:
        for name, call in real.items():
            setattr(os, name, call)

    return undo


def killed(point: int, task: Callable[[], object]) -> bool:
    """Do a task in a child that is killed at a point; return whether it came to that."""
    child = os.fork()
    if not child:
        counting(point, lambda: os.kill(os.getpid(), signal.SIGKILL))
        status = 1
        try:
            task()
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0


def assert_complete(bench: Bench) -> None:
    """Check that each distribution that can be seen has all its files."""
    for info in bench.site.glob("*.dist-info"):
        with open(info / "RECORD", newline="", encoding="utf-8") as file:
            for path, _, _ in csv.reader(file):
                assert os.path.lexists(bench.site / path), f"{info.name} lacks {path}"


class Rewind:
    """Puts an environment back to where a test begins."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._before = bench.snapshot()

    def __call__(self) -> Snapshot:
        if self._bench.snapshot() == self._before:
            return self._before
        rmtree(self._bench.prefix)
        self._bench.prefix.mkdir()
        for path, (mode, content) in sorted(self._before.items()):
            place = self._bench.prefix / path
            if isinstance(content, str):
                place.symlink_to(content)
            elif mode & 0o040000:
                place.mkdir()
                place.chmod(mode & 0o7777)
            else:
                place.write_bytes(content)
                place.chmod(mode & 0o7777)
        assert self._bench.snapshot() == self._before
        return self._before


def outcomes(bench: Bench, change: Change) -> tuple[Snapshot, Snapshot, Rewind]:
    """Return the environment before and after a change, and what puts it back."""
    rewind = Rewind(bench)
    bench.opened().apply(change)
    after = bench.snapshot()
    return rewind(), after, rewind


def states(bench: Bench, change: Change, rewind: Rewind) -> Iterator[int]:
    """Yield after each kill of a change, until one gets through."""
    for point in range(1000):
        if not killed(point, lambda: bench.opened().apply(change)):
            return
        yield point
        rewind()


def test_after_a_kill_at_any_point_it_is_old_or_new(bench: Bench, change: Change) -> None:
    before, after, rewind = outcomes(bench, change)
    said: set[str] = set()
    seen: set[bool] = set()
    for point in states(bench, change, rewind):
        assert_complete(bench)
        if point % 7 == 3:
            bench.apply()  # the next change recovers by itself
        said.add(bench.opened().recover())
        assert bench.snapshot() in (before, after)
        seen.add(bench.snapshot() == after)
        assert bench.opened().recover() == ""
    assert seen == {False, True}
    assert {sentence.rpartition(" ")[2] for sentence in said} == {"", "back", "completed"}
    assert bench.snapshot() == after


def test_a_recovery_may_be_killed_too(bench: Bench, change: Change) -> None:
    before, after, rewind = outcomes(bench, change)
    kills = 0
    for point in states(bench, change, rewind):
        if point % 9 != 4:
            continue
        for again in range(1000):
            if not killed(again, lambda: bench.opened().recover()):
                break
            kills += 1
            assert_complete(bench)
        assert bench.snapshot() in (before, after)
    assert kills > 20


FULL, CTRL_C = OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()


@pytest.mark.parametrize(("error", "code"), [(FULL, "disk-full"), (CTRL_C, "")])
def test_what_fails_at_any_point_is_undone(bench: Bench, change: Change, error: BaseException, code: str) -> None:
    before, after, rewind = outcomes(bench, change)
    failures = 0
    for point in range(1000):
        reached: list[int] = []
        undo = counting(point, partial(raise_, error, reached))
        with suppress(TargetError, KeyboardInterrupt):
            try:
                bench.opened().apply(change)
            except TargetError as raised:
                failures += raised.code == code
                raise
            finally:
                undo()
        if bench.snapshot() not in (before, after):  # undoing was cut off in its turn: the next run does it
            bench.opened().recover()
        assert bench.snapshot() in (before, after)
        if not reached:
            break
        rewind()
    assert bench.snapshot() == after
    assert failures > 40 or not code


def raise_(error: BaseException, reached: list[int]) -> None:
    reached.append(1)
    raise error


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO])
@pytest.mark.parametrize("call", ["mkdir", "open", "rename"])
def test_an_environment_that_cannot_be_changed_is_told(
    bench: Bench, change: Change, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    before = bench.snapshot()

    def refuse(path: str, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), path)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(TargetError) as caught:
            bench.opened().apply(change)
    assert caught.value.code == "environment-unwritable"
    assert str(bench.prefix) in caught.value.message
    assert caught.value.hint
    assert bench.opened().recover() == ""
    assert bench.snapshot() == before
