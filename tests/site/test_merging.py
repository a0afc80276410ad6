"""Which renames put staged files where they belong: as few as the environment allows."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from clearway.site.layout import Layout
from clearway.site.merging import Merge

if TYPE_CHECKING:
    from tests.site.conftest import Bench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environment of these tests is one of POSIX")


def merged(bench: Bench, *staged: str, gone: tuple[str, ...] = (), **options: object) -> tuple[list[str], list[str]]:
    layout = Layout(bench.environment)
    new = bench.root / "new"
    for path in staged:
        place = bench.root / os.path.join(layout.staged(str(new))["purelib"], path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    merge = Merge(layout, [str(bench.site / path) for path in gone], **options)  # type: ignore[arg-type]
    merge.run(str(new))
    site = str(bench.site)
    return [os.path.relpath(path, site) for _, path in merge.inside], [os.path.relpath(p, site) for p in merge.replaced]


def make(bench: Bench, *paths: str) -> None:
    for path in paths:
        (bench.site / path).parent.mkdir(parents=True, exist_ok=True)
        (bench.site / path).touch()


def test_free_places_are_taken_whole_and_what_is_visible_last(bench: Bench) -> None:
    found = merged(bench, "a-1.dist-info/RECORD", "pkg/x.py", "pkg/deep/y.py", "b-1.dist-info/RECORD", "z.py")
    assert found == (["pkg", "z.py", "a-1.dist-info", "b-1.dist-info"], [])


def test_folders_that_are_there_are_gone_into(bench: Bench) -> None:
    make(bench, "space/other.py", "space/pkg/x.py")
    assert merged(bench, "space/pkg/x.py", "space/pkg/new.py", "space/mine/y.py") == (
        ["space/mine", "space/pkg/new.py", "space/pkg/x.py"],
        ["space/pkg/x.py"],
    )


def test_what_will_be_gone_is_not_in_the_way(bench: Bench) -> None:
    make(bench, "pkg/x.py", "module.py", "becomes")
    found = merged(bench, "pkg/x.py", "module.py", "becomes/y.py", gone=("pkg", "module.py", "becomes"))
    assert found == (["becomes", "module.py", "pkg"], [])


@pytest.mark.parametrize("sensitive", [True, False])
def test_names_are_the_same_where_the_file_system_sees_it_so(bench: Bench, sensitive: bool) -> None:
    make(bench, "crypto/x.py")
    same = str if sensitive else str.casefold
    found = merged(bench, "crypto/y.py", gone=("Crypto",), same=same)
    assert found == ((["crypto/y.py"], []) if sensitive else (["crypto"], []))
