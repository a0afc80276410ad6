"""Names of an archive: what may become a file, and the law that whatever may, stays inside."""

from __future__ import annotations

import ntpath
import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.wheel.paths import fault_of, folders_of

PIECES = ["a", "B", ".", "..", "/", "\\", ":", " ", "\0", "\n", "é", "-", "con", "~"]
NAMES = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)


@pytest.mark.parametrize(
    "name", ["a.py", "a/b/c-1.2+x.txt", "a/.hidden", "a b/ü.txt", "pkg/", "...", "a/..b", "a/b..", "aux.py", "a:b/c"]
)
def test_plain_names_may_be_unpacked(name: str) -> None:
    windows = name in {"aux.py", "a:b/c"}
    assert fault_of(name, windows=False) == ("a path is absolute" if name == "a:b/c" else "")
    assert bool(fault_of(name, windows=True)) == (windows or name in {"...", "a/b.."})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil", "climbs out"),
        ("a/../../evil", "climbs out"),
        ("a/..", "climbs out"),
        ("/etc/passwd", "absolute"),
        ("C:/evil", "absolute"),
        ("c:evil", "absolute"),
        ("..\\evil", "backslash"),
        ("a\\b", "backslash"),
        ("a\0b", "control"),
        ("a\nb", "control"),
        ("a\x1b[31m", "control"),
        ("a//b", "empty"),
        ("./a", "empty"),
        ("a/./b", "empty"),
        ("", "empty"),
        ("a" * 300, "component that is too long"),
        ("é" * 130, "component that is too long"),
        ("a/" * 600 + "b", "too long"),
        (".clearway/journal-installing", "keeps for itself"),
        ("x/.ClearWay", "keeps for itself"),
    ],
)
def test_other_names_are_refused(name: str, reason: str) -> None:
    assert reason in fault_of(name, windows=False)
    assert fault_of(name, windows=True)


@pytest.mark.parametrize("name", ["a/CON", "nul.txt", "com1", "LPT9.x", "a/b.", "a /b", "file:stream", "conin$"])
def test_what_windows_reads_as_something_else(name: str) -> None:
    assert fault_of(name, windows=False) == ""
    assert "Windows" in fault_of(name, windows=True)


@given(NAMES, st.booleans())
def test_whatever_may_be_unpacked_stays_inside(name: str, windows: bool) -> None:
    if fault_of(name, windows=windows):
        return
    joined = posixpath.normpath(posixpath.join("/root/tree", name))
    assert joined.startswith("/root/tree/")
    if windows:
        assert ntpath.normpath(ntpath.join("C:\\tree", name)).startswith("C:\\tree\\")
        assert ntpath.normpath(name.rstrip("/")).replace("\\", "/") == name.rstrip("/")


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), max_size=8))
def test_folders_come_before_what_is_in_them(paths: list[list[str]]) -> None:
    names = ["/".join([*path, "file"]) for path in paths]
    folders = folders_of(names)
    assert set(folders) == {"/".join(path[:n]) for path in paths for n in range(1, len(path) + 1)}
    assert len(set(folders)) == len(folders)
    for at, folder in enumerate(folders):
        assert "/" not in folder or folder.rpartition("/")[0] in folders[:at]
