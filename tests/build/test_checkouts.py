"""Checkouts that stay: followed where they are what was asked for, and anything else as the person says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build.test_repositories import git
from clearway.build.checkouts import Exists, Space, check_out
from clearway.build.processes import Processes
from clearway.build.repositories import parse_repository
from clearway.errors import IndexFailure, InputError

if TYPE_CHECKING:
    from collections.abc import Callable


def make(folder: Path, text: str = "one") -> Path:
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, text)
    return folder


def commit(folder: Path, text: str) -> str:
    (folder / "file.txt").write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    return make(tmp_path / "origin")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the checkout is to be."""
    return tmp_path / "src" / "demo"


def take(origin: Path, place: Path, exists: Exists = "abort", ref: str = "") -> str:
    repository = parse_repository(f"git+{origin.as_uri()}{ref}")
    space = Space(checkouts=str(place.parent), exists=exists)
    path, found = check_out(repository, place.name, space, os.environ, Processes())
    assert path == str(place)
    return found


def test_the_first_time_and_each_later_one(origin: Path, place: Path) -> None:
    first = take(origin, place)
    assert first == git(origin, "rev-parse", "HEAD")
    (place / "untracked.txt").write_text("mine")
    second = commit(origin, "two")
    assert take(origin, place) == second
    assert (place / "file.txt").read_text() == "two"
    assert take(origin, place, ref=f"@{first}") == first
    assert (place / "file.txt").read_text() == "one"
    assert (place / "untracked.txt").read_text() == "mine"


def test_a_failure_leaves_nothing(origin: Path, place: Path) -> None:
    with pytest.raises(InputError):
        take(origin, place, ref="@nothing")
    assert not place.parent.exists()
    place.parent.mkdir()
    with pytest.raises(IndexFailure):
        take(origin / "nowhere", place)
    assert list(place.parent.iterdir()) == []


@pytest.mark.parametrize("exists", ["switch", "abort"])
def test_what_is_changed_is_not_brought_to_another_commit(origin: Path, place: Path, exists: Exists) -> None:
    take(origin, place)
    (place / "file.txt").write_text("mine")
    with pytest.raises(InputError) as caught:
        take(origin, place, exists)
    assert caught.value.code == "checkout-changed"
    assert caught.value.context == (" M file.txt",)
    assert (place / "file.txt").read_text() == "mine"


def test_what_is_changed_at_the_commit_that_is_asked_for_stays(origin: Path, place: Path) -> None:
    first = take(origin, place)
    (place / "file.txt").write_text("mine")
    assert take(origin, place, ref=f"@{first}") == first
    assert (place / "file.txt").read_text() == "mine"


@pytest.mark.parametrize(("exists", "text", "kept"), [("ignore", "mine", 0), ("wipe", "one", 0), ("backup", "one", 1)])
def test_the_person_says_what_becomes_of_changes(
    origin: Path, place: Path, exists: Exists, text: str, kept: int
) -> None:
    first = take(origin, place)
    (place / "file.txt").write_text("mine")
    assert take(origin, place, exists) == first
    assert (place / "file.txt").read_text() == text
    assert len(list(place.parent.glob("*.bak"))) == kept


def another(place: Path) -> None:
    make(place, "another")


def folder(place: Path) -> None:
    place.mkdir()
    (place / "file.txt").write_text("mine")


def file(place: Path) -> None:
    place.write_text("mine")


def link(place: Path) -> None:
    (place.parent / "elsewhere").mkdir()
    (place.parent / "elsewhere" / "file.txt").write_text("mine")
    place.symlink_to("elsewhere")


KINDS = [another, folder, file, link]


@pytest.mark.parametrize("kind", KINDS)
def test_something_else_ends_the_run(origin: Path, place: Path, kind: Callable[[Path], None]) -> None:
    place.parent.mkdir()
    kind(place)
    before = place.lstat()
    with pytest.raises(InputError) as caught:
        take(origin, place)
    assert caught.value.code == "checkout-in-the-way"
    assert str(place) in caught.value.message
    assert place.lstat().st_ino == before.st_ino


@pytest.mark.parametrize("kind", KINDS)
def test_something_else_is_deleted(origin: Path, place: Path, kind: Callable[[Path], None]) -> None:
    place.parent.mkdir()
    kind(place)
    assert take(origin, place, "wipe") == git(origin, "rev-parse", "HEAD")
    assert (place / "file.txt").read_text() == "one"
    if kind is link:  # what it led to is not ours
        assert (place.parent / "elsewhere" / "file.txt").read_text() == "mine"


@pytest.mark.parametrize("kind", KINDS)
def test_something_else_gets_another_name(origin: Path, place: Path, kind: Callable[[Path], None]) -> None:
    place.parent.mkdir()
    (place.parent / "demo.bak").write_text("an older one")
    kind(place)
    before = place.lstat().st_ino
    take(origin, place, "backup")
    assert (place.parent / "demo.bak2").lstat().st_ino == before
    assert (place.parent / "demo.bak").read_text() == "an older one"
    assert (place / "file.txt").read_text() == "one"


def test_another_checkout_is_taken_as_it_is(origin: Path, place: Path) -> None:
    place.parent.mkdir()
    make(place, "another")
    own = git(place, "rev-parse", "HEAD")
    assert take(origin, place, "ignore") == own
    assert (place / "file.txt").read_text() == "another"


def test_another_checkout_follows(origin: Path, place: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other", "another")
    take(other, place)
    assert take(origin, place, "switch") == git(origin, "rev-parse", "HEAD")
    assert git(place, "config", "remote.origin.url") == origin.as_uri()
    assert take(origin, place) == git(origin, "rev-parse", "HEAD")


def test_a_checkout_inside_of_another_is_none(origin: Path, place: Path) -> None:
    """A folder below a checkout of the same repository is part of that, and not one itself."""
    take(origin, place)
    inner = place / "inner"
    inner.mkdir()
    with pytest.raises(InputError) as caught:
        take(origin, inner)
    assert caught.value.code == "checkout-in-the-way"


@pytest.mark.parametrize("exists", ["switch", "ignore"])
def test_a_file_can_be_no_checkout(origin: Path, place: Path, exists: Exists) -> None:
    place.parent.mkdir()
    file(place)
    with pytest.raises(InputError) as caught:
        take(origin, place, exists)
    assert caught.value.code == "checkout-in-the-way"
    assert place.read_text() == "mine"


def test_a_folder_is_taken_as_it_is(origin: Path, place: Path) -> None:
    place.parent.mkdir()
    folder(place)
    assert take(origin, place, "ignore") == ""
    assert (place / "file.txt").read_text() == "mine"


def test_a_folder_is_not_overwritten(origin: Path, place: Path) -> None:
    """git does not where something is in no commit, and says so."""
    place.parent.mkdir()
    folder(place)
    with pytest.raises(IndexFailure) as caught:
        take(origin, place, "switch")
    assert any("file.txt" in line for line in caught.value.context)
    assert (place / "file.txt").read_text() == "mine"


@pytest.mark.parametrize("exists", ["switch", "ignore", "wipe", "backup", "abort"])
def test_the_project_around_stays_as_it_is(origin: Path, tmp_path: Path, exists: Exists) -> None:
    """The folder for checkouts lies in a virtual environment, and that in the person's own checkout."""
    around = make(tmp_path / "around", "around")
    git(around, "remote", "add", "origin", "https://example.com/around")
    place = around / ".venv" / "src" / "demo"
    place.mkdir(parents=True)
    (place / "notes.txt").write_text("mine")
    before = (git(around, "rev-parse", "HEAD"), git(around, "branch", "--show-current"))
    if exists == "abort":
        with pytest.raises(InputError):
            take(origin, place, exists)
    else:
        take(origin, place, exists)
    assert git(around, "config", "remote.origin.url") == "https://example.com/around"
    assert (git(around, "rev-parse", "HEAD"), git(around, "branch", "--show-current")) == before
    assert (around / "file.txt").read_text() == "around"
