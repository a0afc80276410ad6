"""The cache folder: where it is, whose it is, what is in it."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from clearway.cache.folder import default_root, info, open_folder, purge
from clearway.errors import TargetError

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes of POSIX")


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"HOME": "/home/me"}, "linux", "/home/me/.cache/clearway"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": "/fast"}, "linux", "/fast/clearway"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": "relative"}, "linux", "/home/me/.cache/clearway"),
        ({"HOME": "/Users/me", "XDG_CACHE_HOME": "/fast"}, "darwin", "/Users/me/Library/Caches/clearway"),
        ({"LOCALAPPDATA": "/L", "USERPROFILE": "/U"}, "win32", "/L/clearway/cache"),
        ({"USERPROFILE": "/U"}, "win32", "/U/AppData/Local/clearway/cache"),
    ],
)
@posix
def test_where_it_is(environ: dict[str, str], platform: str, expected: str) -> None:
    assert default_root(environ, platform) == expected


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_without_a_home_it_is_nowhere(platform: str) -> None:
    with pytest.raises(TargetError, match="no home") as caught:
        default_root({}, platform)
    assert caught.value.code == "no-cache-folder"


@posix
def test_it_is_made_private_and_tagged(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"
    folder = open_folder(str(root))
    assert open_folder(str(root)) == folder
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert (root / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert os.path.isdir(folder.trees)
    assert os.path.isdir(folder.temporary)


@posix
def test_one_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(TargetError) as caught:
        open_folder(str(tmp_path / "open"))
    assert caught.value.code == "cache-not-private"
    assert "chmod" in caught.value.hint


@posix
def test_one_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(TargetError, match="another user") as caught:
        open_folder(str(tmp_path))
    assert caught.value.code == "cache-not-private"
    assert "--cache-dir" in caught.value.hint


def test_one_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(TargetError) as caught:
            open_folder(str(path))
        assert caught.value.code == "cache-unwritable"


def test_measures_and_empties_only_what_is_ours(tmp_path: Path) -> None:
    folder = open_folder(str(tmp_path))
    (tmp_path / "precious.txt").write_text("mine")
    (tmp_path / "trees-1" / "abc" / "files").mkdir(parents=True)
    (tmp_path / "trees-1" / "abc" / "files" / "a.py").write_text("12345")
    (tmp_path / "trees-0").mkdir()
    (tmp_path / "temporary-1" / "x").write_text("123")
    (tmp_path / "store-1.sqlite3").write_text("1234567")
    (tmp_path / "store-1.sqlite3-wal").write_text("1")
    found = info(folder)
    assert (found.root, found.wheels, found.wheel_bytes) == (str(tmp_path), 1, 5)
    assert (found.store_bytes, found.temporary_bytes) == (8, 3)
    purge(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CACHEDIR.TAG", "precious.txt"]
    assert info(folder).wheels == 0


def test_what_cannot_be_emptied_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = open_folder(str(tmp_path))
    (tmp_path / "store-1.sqlite3").touch()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(TargetError, match="could not be emptied") as caught:
        purge(folder)
    assert caught.value.code == "cache-unwritable"


@pytest.mark.parametrize("part", ["trees-1", "temporary-1"])
def test_a_part_that_is_no_folder_is_an_error(tmp_path: Path, part: str) -> None:
    (tmp_path / part).touch()
    with pytest.raises(TargetError, match=f"{part} is not a folder") as caught:
        open_folder(str(tmp_path))
    assert caught.value.code == "cache-unwritable"


def test_what_cannot_be_looked_into_counts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = open_folder(str(tmp_path))
    for name in ("abc", "def"):
        (tmp_path / "trees-1" / name).mkdir()
        (tmp_path / "trees-1" / name / "a.py").write_text("12345")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path.endswith("abc"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert (info(folder).wheels, info(folder).wheel_bytes) == (2, 5)
