"""The journal, where a rename is not to be had, where it is damaged, and where the environment has moved."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from clearway.errors import TargetError
from clearway.site.files import move, remove_tree
from clearway.site.journal import Journal, Moves
from support.processes import UNPRIVILEGED
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.site.conftest import Bench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environment of these tests is one of POSIX")

OLD = make_wheel(
    "demo", "1.0", files={"demo/__init__.py": "old", "demo/sub/x.py": "old"}, scripts={"tool": "#!python\n"}
)
NEW = make_wheel("demo", "2.0", files={"demo/__init__.py": "new", "demo/y.py": "new"}, scripts={"tool": "#!python\n#2"})


OTHER = make_wheel("demo", "3.0", files={"demo/__init__.py": "other"})
REMOVE = "import sys; from clearway.site.files import remove_tree; remove_tree(sys.argv[1])"


class Stop(Exception):
    """Stands for a kill that a test survives."""


@pytest.fixture
def cut_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A change that was cut off right before its end; returns its work folder."""
    bench.apply(OLD)
    change = bench.change(NEW, remove=("demo-1.0.dist-info",))
    step = Journal._step

    def stopping(journal: Journal, before: Any, after: Any) -> None:
        if after == "done":
            raise Stop
        step(journal, before, after)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_step", stopping)
        patch.setattr(Journal, "settle", lambda _: None)
        with pytest.raises(Stop):
            bench.opened().apply(change)
    return bench.site / ".clearway"


def test_a_copy_of_an_environment_undoes_its_own_change(bench: Bench, cut_off: Path) -> None:
    copy = bench.root / "copy"
    shutil.copytree(bench.prefix, copy, symlinks=True)
    shutil.rmtree(cut_off)
    (bench.prefix / "bin" / "tool").write_text("untouched")
    bench.prefix, original = copy, bench.prefix
    bench.site, bench.bin = copy / bench.site.relative_to(original), copy / "bin"
    assert "rolled back" in bench.opened().recover()
    assert (bench.site / "demo" / "__init__.py").read_text() == "old"
    assert (bench.site / "demo-1.0.dist-info" / "RECORD").exists()
    assert not (bench.site / "demo" / "y.py").exists()
    assert (original / "bin" / "tool").read_text() == "untouched"


def test_a_damaged_journal_is_told_and_nothing_is_lost(bench: Bench, cut_off: Path) -> None:
    (cut_off / "journal-installing").write_text("{")
    for _ in range(2):
        with pytest.raises(TargetError) as caught:
            bench.opened().recover()
        assert caught.value.code == "damaged-journal"
        assert (cut_off / "old").exists()


def test_what_cannot_be_deleted_is_deleted_by_the_next_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.apply(OLD)
    unlink = os.unlink

    def in_use(path: str) -> None:
        if path.endswith("x.py"):
            raise PermissionError(errno.EACCES, "in use", path)
        unlink(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", in_use)
        bench.apply(NEW, remove=("demo-1.0.dist-info",))
        assert (bench.site / "demo" / "__init__.py").read_text() == "new"
        assert bench.opened().recover() == ""
        bench.apply(OTHER, remove=("demo-2.0.dist-info",))  # nobody is kept from the next change
    assert (bench.site / "demo" / "__init__.py").read_text() == "other"
    assert len(list((bench.site / ".clearway").rglob("x.py"))) == 1
    assert bench.opened().recover() == ""
    assert not (bench.site / ".clearway").exists()
    assert (bench.site / "demo" / "__init__.py").read_text() == "other"


def test_a_folder_that_may_not_be_written_is_deleted_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "tree" / "inner").mkdir(parents=True)
    (tmp_path / "tree" / "inner" / "file").touch()
    (tmp_path / "tree" / "inner").chmod(0o500)
    command = [*UNPRIVILEGED, sys.executable, "-c", REMOVE, tmp_path / "tree"]
    subprocess.run(command, check=True)
    assert not (tmp_path / "tree").exists()


def overlay(monkeypatch: pytest.MonkeyPatch, *, files_too: bool = False) -> list[str]:
    """Let renames fail as on an overlay, for folders, or as between devices, for everything but within one folder."""
    rename = os.rename
    refused: list[str] = []

    def refusing(source: str, destination: str) -> None:
        within = os.path.dirname(source) == os.path.dirname(destination)
        if not within and (files_too or (os.path.isdir(source) and not os.path.islink(source))):
            refused.append(source)
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        rename(source, destination)

    monkeypatch.setattr(os, "rename", refusing)
    return refused


@pytest.mark.parametrize("files_too", [False, True])
def test_where_folders_cannot_be_renamed_their_files_are_moved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, files_too: bool
) -> None:
    bench.apply(OLD)
    (bench.site / "demo" / "link").symlink_to("__init__.py")
    change = bench.change(NEW, remove=("demo-1.0.dist-info",))
    refused = overlay(monkeypatch, files_too=files_too)
    bench.opened().apply(change)
    assert refused
    assert sorted(os.listdir(bench.site / "demo")) == ["__init__.py", "link", "y.py"]
    assert not (bench.site / "demo-1.0.dist-info").exists()
    assert os.access(bench.bin / "tool", os.X_OK)
    assert not (bench.site / ".clearway").exists()


@pytest.mark.parametrize("files_too", [False, True])
def test_there_too_a_failure_is_undone(bench: Bench, monkeypatch: pytest.MonkeyPatch, files_too: bool) -> None:
    bench.apply(OLD)
    before = bench.snapshot()
    change = bench.change(NEW, remove=("demo-1.0.dist-info",))
    overlay(monkeypatch, files_too=files_too)
    failures = 0
    for name in ("unlink", "rmdir"):
        for point in range(60):
            with monkeypatch.context() as patch:
                patch.setattr(os, name, failing_at(point, getattr(os, name)))
                try:
                    bench.opened().apply(change)
                except TargetError:
                    failures += 1
            bench.opened().recover()
            if bench.snapshot() != before:
                break
    assert failures
    assert (bench.site / "demo-2.0.dist-info").exists()
    assert not (bench.site / "demo-1.0.dist-info").exists()


def failing_at(point: int, call: Callable[[str], None]) -> Callable[[str], None]:
    left = point

    def failing(path: str) -> None:
        nonlocal left
        left -= 1
        if left == -1:
            raise OSError(errno.EIO, "error", path)
        call(path)

    return failing


def test_moving_on_keeps_what_is_there_already(tmp_path: Path) -> None:
    for path, text in {"from/a": "from", "from/b": "from", "to/a": "to"}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    move(str(tmp_path / "from"), str(tmp_path / "to"))
    assert {path.name: path.read_text() for path in (tmp_path / "to").iterdir()} == {"a": "to", "b": "from"}
    move(str(tmp_path / "missing"), str(tmp_path / "other"))
    assert not (tmp_path / "other").exists()


def test_deleting_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").touch()
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "deep" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "tree" / "file").touch()
    for _ in range(2):
        remove_tree(str(tmp_path / "tree"))
        assert os.listdir(tmp_path) == ["real"]
    assert (tmp_path / "real" / "file").exists()


def test_paths_of_a_journal_come_back_absolute(tmp_path: Path) -> None:
    work = tmp_path / "lib" / "site" / ".clearway"
    work.mkdir(parents=True)
    moves = Moves([(str(tmp_path / "bin" / "x"), str(work / "old" / "0"))], [(str(work / "new" / "y"), "/elsewhere/y")])
    journal = Journal(str(work))
    journal._write(moves)
    assert b"../../bin/x" in (work / "journal-removing").read_bytes()
    assert journal._read("removing") == moves
