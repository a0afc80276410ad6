"""Helper processes: what they unpack is what would have been unpacked without them, and nothing depends on them."""

from __future__ import annotations

import os
import select
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from clearway.cache.folder import CacheFolder, open_folder
from clearway.cache.helpers import Helpers
from clearway.cache.trees import Trees
from clearway.cache.unpacking import unpack_archive
from clearway.errors import IntegrityError
from support.wheels import Wheel, make_wheel, record_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clearway.ports import Tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="helpers are not started on Windows")

WHEEL = make_wheel("demo", "1.0", files={"demo/__init__.py": "x = 1\n", "demo/data": bytes(300_000)})
KEY = f"sha256:{WHEEL.sha256}"


@pytest.fixture
def folder(tmp_path: Path) -> CacheFolder:
    return open_folder(str(tmp_path / "cache"))


@pytest.fixture
def helpers() -> Iterator[Helpers]:
    """Two helpers that are ready."""
    pool = Helpers(2)
    pool.start()
    wait_for(pool)
    yield pool
    pool.close()


def wait_for(pool: Helpers) -> None:
    for helper in pool._idle:
        assert select.select([helper._answers], [], [], 60)[0]


def unpack(trees: Trees, wheel: Wheel) -> Tree:
    spool = trees.spool(len(wheel.content))
    spool.write(wheel.content)
    try:
        return trees.unpack(spool, wheel.filename)
    finally:
        spool.close()


def contents(path: Path) -> dict[str, bytes]:
    return {name.relative_to(path).as_posix(): name.read_bytes() for name in path.rglob("*") if name.is_file()}


@pytest.mark.parametrize("times", [1, 3])
def test_a_helper_unpacks_what_this_process_would(helpers: Helpers, tmp_path: Path, times: int) -> None:
    archive = memoryview(WHEEL.content)
    for name in ("ours", *map(str, range(times))):
        (tmp_path / name).mkdir()
    expected = unpack_archive(archive, WHEEL.filename, KEY, str(tmp_path / "ours"))
    for name in map(str, range(times)):
        assert helpers.unpack(archive, WHEEL.filename, KEY, str(tmp_path / name)) == expected
        assert contents(tmp_path / name / "files") == contents(tmp_path / "ours" / "files")
        assert (tmp_path / name / "manifest").is_file()


def test_what_a_helper_finds_wrong_is_told(helpers: Helpers, tmp_path: Path) -> None:
    lying = make_wheel("demo", "1.0", record={"demo/__init__.py": record_row(b"other")})
    with pytest.raises(IntegrityError) as caught:
        helpers.unpack(memoryview(lying.content), lying.filename, KEY, str(tmp_path))
    (tmp_path / "here").mkdir()
    with pytest.raises(IntegrityError) as expected:
        unpack_archive(memoryview(lying.content), lying.filename, KEY, str(tmp_path / "here"))
    assert (caught.value.code, caught.value.message) == (expected.value.code, expected.value.message)
    assert (caught.value.context, caught.value.hint) == (expected.value.context, expected.value.hint)


def test_what_the_file_system_refuses_to_a_helper_is_told(helpers: Helpers, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        helpers.unpack(memoryview(WHEEL.content), WHEEL.filename, KEY, str(tmp_path / "missing"))
    assert str(tmp_path / "missing") in str(caught.value.filename)


def test_helpers_are_used_when_there_is_much_to_unpack(folder: CacheFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    trees = Trees(folder, helpers=1)
    assert unpack(trees, make_wheel("small", "1.0")).metadata.name == "small"
    assert not trees._helpers._idle
    trees.spool(50 << 20).close()
    wait_for(trees._helpers)
    monkeypatch.setattr("clearway.cache.trees.unpack_archive", None)
    tree = unpack(trees, WHEEL)
    assert Trees(folder).find(KEY) == tree
    trees.close()


def test_a_helper_that_dies_is_done_without(folder: CacheFolder) -> None:
    trees = Trees(folder, helpers=1)
    trees.spool(50 << 20).close()
    wait_for(trees._helpers)
    os.kill(trees._helpers._idle[0]._process, signal.SIGKILL)
    assert unpack(trees, WHEEL).key == KEY
    assert not trees._helpers._idle
    trees.close()


def test_what_a_dead_helper_left_is_cleared(folder: CacheFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    trees = Trees(folder)

    def dies(_view: memoryview, _filename: str, _key: str, work: str) -> None:
        os.makedirs(f"{work}/files/demo")

    monkeypatch.setattr(trees._helpers, "unpack", dies)
    tree = unpack(trees, WHEEL)
    assert trees.find(KEY) == tree


def test_helpers_that_are_not_ready_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearway.cache.helpers._PROGRAM", "import sys; sys.stdin.buffer.read()")
    pool = Helpers(1)
    pool.start()
    assert pool.unpack(memoryview(WHEEL.content), WHEEL.filename, KEY, str(tmp_path)) is None
    pool.close()


def test_helpers_that_cannot_start_are_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    pool = Helpers(2)
    pool.start()
    assert pool.unpack(memoryview(WHEEL.content), WHEEL.filename, KEY, str(tmp_path)) is None
    pool.close()


def test_a_helper_does_not_mind_ctrl_c_and_ends_with_its_input(helpers: Helpers, tmp_path: Path) -> None:
    processes = [helper._process for helper in helpers._idle]
    for process in processes:
        os.kill(process, signal.SIGINT)
    assert helpers.unpack(memoryview(WHEEL.content), WHEEL.filename, KEY, str(tmp_path)) is not None
    helpers.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_ends_the_whole_group_leaves_the_helper_to_its_parent(
    helpers: Helpers, tmp_path: Path, number: int
) -> None:
    for helper in helpers._idle:
        assert helper.is_ready()
        os.kill(helper._process, number)
    assert helpers.unpack(memoryview(WHEEL.content), WHEEL.filename, KEY, str(tmp_path)) is not None
