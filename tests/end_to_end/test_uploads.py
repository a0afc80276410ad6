"""``--uploaded-prior-to``: what was uploaded too late does not count, and people are told so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import check_failure
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World

CUTOFF = "2026-11-01T00:00:00Z"


@pytest.fixture
def published(world: World) -> World:
    """``app`` needs ``lib``; of ``lib`` three releases came in November, of ``app`` none."""
    world.index.add(make_wheel("app", "1.0", requires=["lib"]), upload_time="2026-05-01T00:00:00Z")
    for version, when in (("1.0", "2026-06-01"), ("1.1", "2026-11-01"), ("1.2", "2026-11-02"), ("2.0", "2026-11-03")):
        world.index.add(make_wheel("lib", version), upload_time=f"{when}T00:00:00Z")
    return world


@pytest.mark.parametrize("place", ["flag", "PIP_UPLOADED_PRIOR_TO", "pip.conf", "clearway.toml", "date", "index"])
def test_the_newest_that_came_in_time(published: World, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    world = published
    given = {
        "clearway.toml": f'uploaded-prior-to = "{CUTOFF}"\n',
        "date": "uploaded-prior-to = 2026-11-01T00:00:00Z\n",
        "index": f'[[index]]\nname = "corp"\nurl = "{world.index.url}"\nuploaded-prior-to = "{CUTOFF}"\n',
    }
    if place in given:
        (world.root / "clearway.toml").write_text(given[place])
    elif place == "pip.conf":
        (world.root / "given.conf").write_text(f"[global]\nuploaded-prior-to = {CUTOFF}\n")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(world.root / "given.conf"))
    elif place != "flag":
        monkeypatch.setenv(place, CUTOFF)
    world.installed("app", *(["--uploaded-prior-to", CUTOFF] if place == "flag" else []))
    assert world.versions() == {"app": "1.0", "lib": "1.0"}


def test_the_cache_is_nobodys_cut_off(published: World) -> None:
    """Run after run over listings that are fresh: each has what its own cut-off lets through."""
    for cutoff, version in (
        (CUTOFF, "1.0"),
        ("", "2.0"),
        ("2026-11-02T00:00:00Z", "1.1"),
        ("", "2.0"),
        (CUTOFF, "1.0"),
    ):
        flags = ["--uploaded-prior-to", cutoff] if cutoff else []
        published.installed("--force-reinstall", "lib", *flags)
        assert published.versions() == {"lib": version}


def test_an_age_moves_with_the_clock(world: World) -> None:
    now = datetime.now(UTC)
    for version, days in (("1.0", 30), ("1.1", 5), ("1.2", 1)):
        world.index.add(make_wheel("lib", version), upload_time=(now - timedelta(days=days)).isoformat())
    for age, expected in (("P3D", "1.1"), ("P10D", "1.0"), ("P0D", "1.2"), ("72h", "1.1")):
        world.installed("--force-reinstall", "lib", "--uploaded-prior-to", age)
        assert world.versions() == {"lib": expected}


def test_what_is_installed_stays(published: World) -> None:
    published.installed("lib==2.0")
    published.installed("lib", "--uploaded-prior-to", CUTOFF)
    assert published.versions() == {"lib": "2.0"}


def test_why_tells_of_it(published: World) -> None:
    line = ("why", *published.place(), "--index-url", published.index.url, "--uploaded-prior-to", CUTOFF, "lib")
    told = published.clearway(*line)
    assert told.out.splitlines()[0] == f"lib 1.0 from {published.index.url} would be installed"
    assert f"  2.0, 1.2, 1.1: uploaded after {CUTOFF}" in told.out.splitlines()
    releases = json.loads(published.clearway(*line, "--json").out)["releases"]
    assert [(one["version"], one["kind"]) for one in releases] == [("2.0", "late"), ("1.2", "late"), ("1.1", "late")]


def test_a_failure_tells_of_it(published: World) -> None:
    published.index.add(make_wheel("other", "1.0", requires=["lib<1.0"]), upload_time="2026-05-01T00:00:00Z")
    failed = published.fails(1, "lib", "other", "--uploaded-prior-to", CUTOFF)
    assert f"3 newer releases of lib were uploaded after {CUTOFF}" in failed.error
    assert "--uploaded-prior-to" in failed.error


def test_a_release_that_came_too_late(published: World) -> None:
    failed = published.fails(1, "lib>=2", "--uploaded-prior-to", CUTOFF, says=[f"2.0: uploaded after {CUTOFF}"])
    assert "this is Python" not in failed.error
    assert failed.error.count("uploaded after") == 1


def test_index_versions_shows_what_counts(published: World) -> None:
    told = published.clearway(
        "index", "versions", *published.place(), "-i", published.index.url, "lib", "--uploaded-prior-to", CUTOFF
    )
    assert told.status == 0, told.text
    assert "2.0" not in told.out
    assert "1.0" in told.out


def test_an_index_that_does_not_tell_stops_the_run(published: World) -> None:
    """As with pip; for what is asked of another index it need not."""
    private = published.index.repository("private")
    private.add(make_wheel("own", "1.0"), upload_time="")
    line = ("own", "lib", "--extra-index-url", private.url)
    failed = published.fails(3, *line, "--uploaded-prior-to", CUTOFF, says=["own-1.0", "does not say when"])
    assert private.url in failed.error
    (published.root / "clearway.toml").write_text(
        f'[[index]]\nname = "public"\nurl = "{published.index.url}"\nuploaded-prior-to = "{CUTOFF}"\n'
    )
    published.installed(*line)
    assert published.versions() == {"own": "1.0", "lib": "1.0"}


def test_local_wheels_are_nobodys_uploads(world: World) -> None:
    folder = world.root / "given"
    folder.mkdir()
    make_wheel("lib", "1.0").write(folder)
    world.installed("lib", "--no-index", "--find-links", folder, "--uploaded-prior-to", "2020-01-01")
    assert world.versions() == {"lib": "1.0"}


@pytest.mark.parametrize("text", ["yesterday", "3", "P1Y", "2026-13-01"])
def test_what_is_no_moment(world: World, text: str) -> None:
    check_failure(world.install("lib", "--uploaded-prior-to", text), 2, ["--uploaded-prior-to takes a date"])
