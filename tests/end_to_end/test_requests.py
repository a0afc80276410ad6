"""What is asked of an index: metadata in one request, nothing twice, nothing at all where the cache knows."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from support.simulator import Answer
from support.wheels import STORED, make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World
    from support.simulator import Repository

LARGE = 1 << 19


def publish(index: Repository, *, large: bool = True) -> None:
    """Publish three projects that depend on each other in a chain."""
    size = LARGE if large else 100
    for name, requires in {"one": ["two"], "two": ["three"], "three": []}.items():
        files = {f"{name}/data": os.urandom(size), f"{name}/__init__.py": b""}
        index.add(make_wheel(name, "1.0", requires=requires, files=files, method=STORED))


def asked(world: World, name: str = "two") -> list[str]:
    """Return what was asked about a project, in order."""
    seen = world.index.seen(project=name)
    return [f"{one.stage} {one.headers['range']}" if "range" in one.headers else one.stage for one in seen]


def check_thrift(world: World) -> None:
    """Check that nothing was asked twice, nothing by HEAD, and of no archive more than it and an end of it was sent."""
    requests = Counter((one.method, one.path, one.headers.get("range", "")) for one in world.index.seen())
    assert {method for method, _, _ in requests} == {"GET"}
    assert [request for request, count in requests.items() if count > 1] == []
    sent = Counter[str]()
    for one in world.index.seen(stage="file"):
        sent[one.filename] += one.sent
    assert all(count < LARGE + 100_000 for count in sent.values())


END = "file bytes=-32768"
WAYS: dict[str, tuple[bool, dict[str, Any], list[str], list[str]]] = {
    # large archives, the index, what is asked about the first project, and about the later ones
    "sidecar": (True, {}, ["listing", "sidecar", "file"], ["listing", "sidecar", "file"]),
    "small wheel": (False, {"sidecars": False}, ["listing", "file"], ["listing", "file"]),
    "end of the wheel": (True, {"sidecars": False}, ["listing", END, "file"], ["listing", END, "file"]),
    "ranges ignored": (True, {"sidecars": False, "ranges": False}, ["listing", END], ["listing", "file"]),
    "no suffixes": (
        True,
        {"sidecars": False, "suffix_status": 501},
        ["listing", END, "file"],
        ["listing", "file"],
    ),
    "suffixes not satisfiable": (
        True,
        {"sidecars": False, "suffix_status": 416},
        ["listing", END, "file"],
        ["listing", "file"],
    ),
    "HTML without sizes": (
        False,
        {"sidecars": False, "formats": ("html",)},
        ["listing", "file"],
        ["listing", "file"],
    ),
}


@pytest.mark.parametrize(("large", "options", "first", "later"), WAYS.values(), ids=WAYS)
def test_metadata(world: World, large: bool, options: dict[str, Any], first: list[str], later: list[str]) -> None:
    index = world.index.repository("one", **options)
    publish(index, large=large)
    world.installed("one", index=index.url)
    assert world.versions() == {"one": "1.0", "two": "1.0", "three": "1.0"}
    assert [asked(world, name) for name in ("one", "two", "three")] == [first, later, later]
    check_thrift(world)


def test_a_dry_run_proves_that_files_are_handed_out_and_reads_no_large_one(world: World) -> None:
    publish(world.index.default)
    world.installed("one", "--dry-run")
    assert asked(world) == ["listing", "sidecar", "file"]
    assert world.versions() == {}
    check_thrift(world)


def test_what_is_refused_is_not_asked_for_again(world: World) -> None:
    for version in ("1.0", "2.0", "3.0"):
        world.index.add(make_wheel("demo", version))
    for version, status in {"3.0": 403, "2.0": 404}.items():
        world.index.on(Answer(status, body=b"held"), stage="file", filename=f"demo-{version}-py3-none-any.whl")
    held_back = world.installed("demo").out
    assert world.versions() == {"demo": "1.0"}
    assert "3.0 -> 1.0   403" in held_back
    assert "2.0 -> 1.0   404" in held_back
    check_thrift(world)


# -- the cache ---------------------------------------------------------------------------------------------------------


def test_a_second_environment_asks_nobody(world: World) -> None:
    publish(world.index.default)
    other = world.root / "other"
    shutil.copytree(world.env, other, symlinks=True)
    world.installed("one")
    count = len(world.index.seen())
    world.installed("one", "--python", other)
    assert len(list(other.rglob("*.dist-info"))) == 3
    assert len(world.index.seen()) == count


def test_archives_without_a_hash_are_confirmed(world: World) -> None:
    """By index, URL and validator: the server says whether the file is still the one that was unpacked."""
    wheel = make_wheel("demo", "1.0")
    world.index.add(wheel, entry={"hashes": {}}, sidecar=False)
    world.installed("demo")
    world.installed("demo", "--force-reinstall")
    assert [seen.status for seen in world.index.seen(stage="file")] == [200, 304]
    world.index.add(make_wheel("demo", "1.0", files={"demo/new.py": b"new"}), entry={"hashes": {}}, sidecar=False)
    world.installed("demo", "--force-reinstall")
    assert [seen.status for seen in world.index.seen(stage="file")] == [200, 304, 200]
    assert (world.site / "demo" / "new.py").exists()


def test_what_confirms_an_archive_is_refused_to_another_credential(world: World) -> None:
    private = world.index.repository("private", users={"ann": world.secret(), "bob": world.secret()})
    private.add(make_wheel("demo", "1.0"), entry={"hashes": {}}, sidecar=False)
    world.installed("demo", index=private.url_for("ann"))
    world.index.on(Answer(403, body=b"not for bob"), stage="file")
    assert "not for bob" in world.installed("demo", "--force-reinstall", index=private.url_for("bob")).err
    assert "if-none-match" not in world.index.seen(stage="file")[-1].headers


def test_listings_that_may_not_be_kept_are_confirmed(world: World) -> None:
    index = world.index.repository("one", cache_control="no-cache")
    publish(index)
    world.installed("one", index=index.url)
    world.installed("one", "--force-reinstall", index=index.url)
    assert [(seen.stage, seen.status) for seen in world.index.seen(project="two")] == [
        ("listing", 200),
        ("sidecar", 200),
        ("file", 200),
        ("listing", 304),
    ]


def test_listings_that_may_not_be_stored_are_not(world: World) -> None:
    index = world.index.repository("one", cache_control="no-store")
    publish(index)
    world.installed("one", index=index.url)
    world.installed("one", "--force-reinstall", index=index.url)
    assert [seen.status for seen in world.index.seen(project="two", stage="listing")] == [200, 200]


def test_a_new_release_is_seen_when_the_listing_has_aged(world: World) -> None:
    index = world.index.repository("one", cache_control="max-age=0")
    index.add(make_wheel("demo", "1.0"))
    world.installed("demo", index=index.url)
    index.add(make_wheel("demo", "2.0"))
    world.installed("--upgrade", "demo", index=index.url)
    assert world.versions() == {"demo": "2.0"}


def test_without_a_cache_nothing_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world.index.default)
    temporary = world.root / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    for _ in range(2):
        world.installed("one", "--no-cache-dir", "--force-reinstall")
    assert [asked(world).count(stage) for stage in ("listing", "sidecar", "file")] == [2, 2, 2]
    assert not world.cache.exists()
    assert list(temporary.iterdir()) == []
    assert world.imports("import one, two, three; print('sound')") == "sound"


def test_who_asks(world: World) -> None:
    publish(world.index.default, large=False)
    world.installed("one")
    for seen in world.index.seen():
        assert seen.headers["user-agent"].startswith("clearway/")
        assert "referer" not in seen.headers
        assert "cookie" not in seen.headers
    connections = {seen.connection for seen in world.index.seen()}
    assert len(connections) < len(world.index.seen())


# -- what is remembered ------------------------------------------------------------------------------------------------


def test_a_resolution_that_was_seen_before_asks_nobody(world: World) -> None:
    publish(world.index.default)
    first = world.installed("one", "--dry-run").out
    before = len(world.index.seen())
    second = world.installed("one", "--dry-run").out
    assert [line for line in second.splitlines() if "Resolved" not in line] == [
        line for line in first.splitlines() if "Resolved" not in line
    ]
    assert [seen.stage for seen in world.index.seen()[before:]] == ["file"] * 3  # the proofs


def test_a_project_that_appears_at_an_earlier_index_is_seen_at_once(world: World) -> None:
    publish(world.index.default)
    earlier = world.index.repository("earlier")
    line = ("one", "--extra-index-url", earlier.url, "--dry-run")
    world.installed(*line)
    earlier.add(make_wheel("two", "0.5"))
    assert "two-0.5" in world.installed(*line).out


def test_a_release_that_is_refused_later_is_not_promised(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.add(make_wheel("demo", "2.0"))
    assert "demo-2.0" in world.installed("demo", "--dry-run").out
    world.index.on(Answer(403), stage="file", filename="demo-2.0-py3-none-any.whl")
    assert "demo-1.0" in world.installed("demo", "--dry-run").out
    world.installed("demo")
    assert world.versions() == {"demo": "1.0"}


OTHER_QUESTIONS = {
    "constraint": ["-c", "given.txt"],
    "formats": ["--no-binary", "two"],
    "dependencies": ["--no-deps"],
    "pre-releases": ["--pre"],
    "further": ["three==0.5"],
}


@pytest.mark.parametrize("option", OTHER_QUESTIONS.values(), ids=OTHER_QUESTIONS)
def test_another_question_has_another_answer(world: World, option: list[str]) -> None:
    publish(world.index.default, large=False)
    world.index.add(make_wheel("three", "0.5"))
    world.index.add(make_wheel("three", "2.0rc1"))
    (world.root / "given.txt").write_text("three<1\n")
    first = world.installed("one", "--dry-run").out.splitlines()[-1]
    other = world.install("one", "--dry-run", *option)
    assert other.out.splitlines()[-1:] != [first]
    assert world.installed("one", "--dry-run").out.splitlines()[-1] == first
