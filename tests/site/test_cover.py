"""The fewest renames: all that is recorded goes, nothing else does, and folders stay only where something is left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.site.cover import Cover

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PATHS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["a", "b", "__pycache__"]), max_size=3),
        st.sampled_from(["x.py", "y.py", "x.cpython-313.pyc", "z.txt"]),
    ).map(lambda parts: "/".join([*parts[0], parts[1]])),
    max_size=12,
    unique=True,
)


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def cover(root: Path, *paths: str, keep: tuple[str, ...] = ()) -> list[str]:
    kept = {str(root), *(str(root / path) for path in keep)}
    found = Cover({str(root / path) for path in paths}, kept).paths()
    return sorted(os.path.relpath(path, root) for path in found)


def test_a_folder_of_recorded_files_goes_whole(tmp_path: Path) -> None:
    make(
        tmp_path, "pkg/a.py", "pkg/sub/b.py", "pkg/__pycache__/a.cpython-313.pyc", "pkg/sub/__pycache__/b.pyc", "other"
    )
    (tmp_path / "pkg" / "bare" / "deep").mkdir(parents=True)
    assert cover(tmp_path, "pkg/a.py", "pkg/sub/b.py") == ["pkg"]


def test_what_nobody_recorded_stays(tmp_path: Path) -> None:
    make(tmp_path, "pkg/a.py", "pkg/mine.txt", "pkg/sub/b.py", "pkg/__pycache__/a.x.pyc", "pkg/__pycache__/gone.x.pyc")
    assert cover(tmp_path, "pkg/a.py", "pkg/sub/b.py") == ["pkg/__pycache__/a.x.pyc", "pkg/a.py", "pkg/sub"]


def test_modules_beside_others_take_only_what_was_compiled_from_them(tmp_path: Path) -> None:
    make(tmp_path, "six.py", "seven.py", "__pycache__/six.cpython-38.pyc", "__pycache__/six.cpython-38.opt-1.pyc")
    assert cover(tmp_path, "six.py") == ["__pycache__", "six.py"]
    make(tmp_path, "__pycache__/seven.pyc", "__pycache__/sixth.pyc")
    assert cover(tmp_path, "six.py") == [
        "__pycache__/six.cpython-38.opt-1.pyc",
        "__pycache__/six.cpython-38.pyc",
        "six.py",
    ]


def test_the_folders_of_the_environment_stay(tmp_path: Path) -> None:
    make(tmp_path, "lib/site/pkg/a.py", "bin/tool", "share/doc/x")
    found = cover(tmp_path, "lib/site/pkg/a.py", "bin/tool", "share/doc/x", keep=("lib", "lib/site", "bin"))
    assert found == ["bin/tool", "lib/site/pkg", "share"]


def test_links_to_folders_are_not_gone_into(tmp_path: Path) -> None:
    make(tmp_path, "real/a.py")
    (tmp_path / "pkg").symlink_to("real")
    make(tmp_path, "other/b.py")
    (tmp_path / "other" / "link").symlink_to("../real")
    assert cover(tmp_path, "pkg/a.py", "other/b.py") == ["other/b.py"]


def test_what_is_missing_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "pkg/a.py")
    assert cover(tmp_path, "pkg/a.py", "pkg/gone.py", "never/was.py", "top.py") == ["pkg"]


@settings(max_examples=150)
@given(PATHS, st.data())
def test_nothing_but_what_is_recorded_goes(
    tmp_path_factory: pytest.TempPathFactory, present: list[str], data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("cover")
    make(root, *present)
    recorded = {path for path in present if data.draw(st.booleans())}
    gone: set[str] = set()
    for path in cover(root, *recorded):
        below = {name for name in present if name == path or name.startswith(f"{path}/")}
        assert not gone & below
        assert (root / path).exists()
        gone |= below
    assert recorded <= gone
    for path in gone - recorded:
        folder, _, name = f"/{path}".rpartition("/__pycache__/")
        assert path.endswith(".pyc")
        assert f"{folder}/{name.partition('.')[0]}.py"[1:] in recorded
