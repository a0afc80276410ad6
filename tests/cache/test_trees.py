"""Unpacked wheels: whole or not there, as the archive has them, and noticed when somebody changes them."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from clearway.cache import unpacking
from clearway.cache.folder import CacheFolder, open_folder
from clearway.cache.trees import Trees
from clearway.errors import IntegrityError, TargetError
from clearway.wheel.manifest import decode_manifest
from support.wheels import Member, Wheel, bomb, make_wheel, record_row, symlink

if TYPE_CHECKING:
    from clearway.ports import Tree

FILES = {"demo/__init__.py": b"x = 1\n", "demo/data/table.csv": b"1,2\n" * 5000, "demo/empty.py": b""}
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and kills of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> CacheFolder:
    return open_folder(str(tmp_path / "cache"))


@pytest.fixture
def trees(folder: CacheFolder) -> Trees:
    return Trees(folder)


def unpack(trees: Trees, wheel: Wheel) -> Tree:
    spool = trees.spool(len(wheel.content))
    spool.write(wheel.content)
    try:
        return trees.unpack(spool, wheel.filename)
    finally:
        spool.close()


def names(path: str) -> list[str]:
    return sorted(os.listdir(path))


def test_a_tree_is_what_the_archive_holds(trees: Trees, folder: CacheFolder) -> None:
    wheel = make_wheel("demo", "1.0", files=FILES, scripts={"run": "#!python\n"}, requires=["other"])
    tree = unpack(trees, wheel)
    assert (tree.key, tree.filename) == (f"sha256:{wheel.sha256}", wheel.filename)
    assert tree.metadata.requires_dist == ("other",)
    paths = [path for path in Path(tree.path).rglob("*") if path.is_file()]
    found = {path.relative_to(tree.path).as_posix(): path.read_bytes() for path in paths}
    info = "demo-1.0.dist-info"
    assert found.pop(f"{info}/METADATA") == wheel.metadata
    assert found.pop(f"{info}/WHEEL").startswith(b"Wheel-Version: 1.0\n")
    assert found == {**FILES, "demo-1.0.data/scripts/run": b"#!python\n"}
    manifest = decode_manifest((Path(tree.path).parent / "manifest").read_bytes())
    assert manifest is not None
    for path, size, hash_ in zip(manifest.paths, manifest.sizes, manifest.hashes, strict=True):
        content = (Path(tree.path) / path).read_bytes()
        assert (f"sha256={hash_}", str(size)) == record_row(content)
    assert names(folder.temporary) == []


@posix
def test_modes_are_those_of_the_archive_and_the_mask(trees: Trees) -> None:
    before = os.umask(0o027)
    try:
        tree = unpack(trees, make_wheel("demo", "1.0", scripts={"run": "#!python\n"}))
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(os.stat(f"{tree.path}/{path}").st_mode) for path in ("demo/__init__.py", "demo")}
    assert modes == {"demo/__init__.py": 0o640, "demo": 0o750}
    assert stat.S_IMODE(os.stat(f"{tree.path}/demo-1.0.data/scripts/run").st_mode) == 0o750
    assert trees.find(tree.key) == tree


def test_what_was_unpacked_is_found_by_everybody(trees: Trees, folder: CacheFolder) -> None:
    wheel = make_wheel("demo", "1.0")
    key = f"sha256:{wheel.sha256}"
    assert trees.find(key) is None
    assert not trees.has(key)
    tree = unpack(trees, wheel)
    assert trees.find(key) == tree == Trees(folder).find(key) == unpack(Trees(folder), wheel)
    assert trees.has(key)


@pytest.mark.parametrize("key", ["", "sha256:", "sha256:../../../etc", "md5:" + "0" * 64, "sha256:" + "A" * 64, "x"])
def test_what_is_no_key_is_not_there(trees: Trees, key: str) -> None:
    assert trees.find(key) is None
    assert not trees.has(key)


def change_content(path: Path) -> None:
    status = path.stat()
    path.write_bytes(b"X" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def change_to_older(path: Path) -> None:
    path.write_bytes(b"X" * path.stat().st_size)
    os.utime(path, ns=(0, 0))


def grow(path: Path) -> None:
    status = path.stat()
    path.write_bytes(path.read_bytes() + b"\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def link_elsewhere(path: Path) -> None:
    content, status = path.read_bytes(), path.stat()
    path.rename(path.with_name("other"))
    path.symlink_to("other")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)
    assert path.read_bytes() == content


@posix
@pytest.mark.parametrize(
    "change", [change_content, change_to_older, grow, link_elsewhere, Path.unlink, lambda path: path.chmod(0o755)]
)
def test_a_changed_tree_is_thrown_away_and_unpacked_again(trees: Trees, folder: CacheFolder, change: Any) -> None:
    wheel = make_wheel("demo", "1.0", files=FILES)
    tree = unpack(trees, wheel)
    os.mkdir(f"{folder.root}/environment")
    linked = Path(folder.root, "environment", "__init__.py")
    os.link(f"{tree.path}/demo/__init__.py", linked)
    assert trees.find(tree.key) == tree
    change(linked if change in (change_content, change_to_older, grow) else Path(tree.path, "demo/__init__.py"))
    assert trees.find(tree.key) is None
    assert names(folder.trees) == names(folder.temporary) == []
    assert unpack(trees, wheel) == tree
    assert Path(tree.path, "demo/__init__.py").read_bytes() == FILES["demo/__init__.py"]


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_a_tree_without_its_manifest_is_replaced(trees: Trees, content: bytes | None) -> None:
    wheel = make_wheel("demo", "1.0")
    tree = unpack(trees, wheel)
    manifest = Path(tree.path).parent / "manifest"
    manifest.unlink()
    if content is not None:
        manifest.write_bytes(content)
    assert trees.find(tree.key) is None
    assert unpack(trees, wheel) == tree
    assert trees.find(tree.key) == tree


def test_a_manifest_of_another_wheel_does_not_count(trees: Trees) -> None:
    one, two = unpack(trees, make_wheel("demo", "1.0")), unpack(trees, make_wheel("demo", "2.0"))
    (Path(one.path).parent / "manifest").write_bytes((Path(two.path).parent / "manifest").read_bytes())
    assert trees.find(one.key) is None


HOSTILE: list[tuple[str, dict[str, Any]]] = [
    ("bad-archive", {"files": {"../../evil.py": b"x"}}),
    ("bad-archive", {"files": {"/tmp/evil.py": b"x"}}),
    ("bad-archive", {"members": [symlink("demo/link", "/etc/passwd")]}),
    (
        "bad-archive",
        {"members": [bomb("demo/zeros", 9 << 20, claimed=10)], "record": {"demo/zeros": record_row(b"")}},
    ),
    ("bad-archive", {"members": [Member("demo/x.py", b"x", crc=1)], "record": {"demo/x.py": record_row(b"x")}}),
    ("bad-record", {"record": {"demo/__init__.py": record_row(b"other")}}),
    ("bad-record", {"record": {"demo/__init__.py": record_row(b"other", "sha512")}}),
    ("bad-record", {"members": [Member("demo/extra.py", b"x")]}),
    ("bad-metadata", {"wheel_file": b"Wheel-Version: 3.0\n"}),
    ("wrong-wheel", {"filename": "other-1.0-py3-none-any.whl"}),
]


@pytest.mark.parametrize(("code", "change"), HOSTILE)
def test_hostile_archives_leave_nothing_behind(trees: Trees, folder: CacheFolder, code: str, change: Any) -> None:
    wheel = make_wheel("demo", "1.0", **change)
    with pytest.raises(IntegrityError) as caught:
        unpack(trees, wheel)
    assert caught.value.code == code
    assert wheel.filename in caught.value.message
    assert names(folder.trees) == names(folder.temporary) == []
    assert sorted(os.listdir(folder.root)) == ["CACHEDIR.TAG", "temporary-1", "trees-1"]


@pytest.mark.parametrize("method", [0, 8])
def test_large_members_are_unpacked_in_pieces(trees: Trees, monkeypatch: pytest.MonkeyPatch, method: int) -> None:
    monkeypatch.setattr(unpacking, "_HEAVY", 100)
    monkeypatch.setattr(unpacking, "LARGE", 1000)
    files = {"demo/heavy": bytes(range(256)) * 2, "demo/large": bytes(range(256)) * 20_000}
    tree = unpack(trees, make_wheel("demo", "1.0", files=files, method=method))
    assert {path: Path(tree.path, path).read_bytes() for path in files} == files
    lying = make_wheel("demo", "1.1", files=files, record={"demo/large": record_row(b"other")})
    with pytest.raises(IntegrityError, match="not the one that was recorded"):
        unpack(trees, lying)


def test_two_paths_that_are_one_file_here_are_refused(trees: Trees, monkeypatch: pytest.MonkeyPatch) -> None:
    real_open = os.open

    def without_case(path: str, *arguments: Any, **options: Any) -> int:
        return real_open(path.replace("README", "readme") if isinstance(path, str) else path, *arguments, **options)

    monkeypatch.setattr(os, "open", without_case)
    with pytest.raises(IntegrityError, match="one file on this system"):
        unpack(trees, make_wheel("demo", "1.0", files={"demo/README": b"1", "demo/readme": b"2"}))


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk-full"), (errno.EACCES, "cache-unwritable")])
@pytest.mark.parametrize("call", ["open", "write", "mkdir", "rename"])
def test_what_the_disk_refuses_is_told(
    trees: Trees, folder: CacheFolder, monkeypatch: pytest.MonkeyPatch, number: int, code: str, call: str
) -> None:
    real = getattr(os, call)

    def refuse(*arguments: Any, **options: Any) -> Any:
        if call == "open" and not arguments[1] & os.O_CREAT:
            return real(*arguments, **options)
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(TargetError) as caught:
            unpack(trees, make_wheel("demo", "1.0", files=FILES))
    assert caught.value.code == code
    assert names(folder.trees) == names(folder.temporary) == []


def test_of_two_that_unpack_one_wheel_the_second_finds_it_done(folder: CacheFolder) -> None:
    wheel = make_wheel("demo", "1.0", files={f"demo/{n}.py": b"x" * n for n in range(200)})
    results: list[Tree] = []
    threads = [Thread(target=lambda: results.append(unpack(Trees(folder), wheel))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert len(set(map(repr, results))) == 1
    assert names(folder.temporary) == []
    assert Trees(folder).find(results[0].key) == results[0]


@posix
def test_a_kill_leaves_no_half_tree(folder: CacheFolder) -> None:
    wheel = make_wheel("demo", "1.0", files=FILES)
    key = f"sha256:{wheel.sha256}"
    for point in range(200):
        child = os.fork()
        if not child:
            kill_at(point)
            unpack(Trees(folder), wheel)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        tree = Trees(folder).find(key)
        if not killed:
            break
        if tree is not None:
            assert all(Path(tree.path, path).read_bytes() == content for path, content in FILES.items())
            assert unpack(Trees(folder), wheel) == tree
    assert point > 15
    assert tree is not None


def kill_at(point: int) -> None:
    """Let this process be killed at a call of the system that changes a disk."""
    left = point

    def counted(call: Any) -> Any:
        def replacement(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return call(*arguments, **options)

        return replacement

    for name in ("mkdir", "open", "write", "rename", "unlink", "rmdir"):
        setattr(os, name, counted(getattr(os, name)))


def test_what_killed_runs_left_is_swept_after_a_day(folder: CacheFolder) -> None:
    old, new = Path(folder.temporary, "old"), Path(folder.temporary, "new")
    for path in (old, new):
        (path / "files").mkdir(parents=True)
        (path / "files" / "a.py").touch()
    stray = Path(folder.temporary, "spool-1")
    stray.touch()
    for path in (old, stray):
        os.utime(path, (0, 0))
    unpack(Trees(folder), make_wheel("demo", "1.0"))
    assert names(folder.temporary) == ["new"]
