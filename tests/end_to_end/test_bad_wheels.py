"""Wheels that are not what was promised: by their hash, by their structure, by what they say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.simulator import Answer, login_page
from support.wheels import ENCRYPTED, Member, bomb, make_metadata, make_wheel, record_row, symlink

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import World

WHEEL = "demo-1.0-py3-none-any.whl"
OTHER = make_wheel("demo", "1.0", files={"demo/__init__.py": "evil = True\n"})

# -- hashes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("formats", [("json",), ("html",)], ids=["json", "html"])
def test_the_listing_promised_another_file(world: World, formats: tuple[str, ...]) -> None:
    index = world.index.repository("one", formats=formats)
    wheel = make_wheel("demo", "1.0")
    index.add(wheel)
    world.index.on(Answer(body=OTHER.content), stage="file", times=1)
    failure = world.fails(4, "demo", index=index.url, says=[WHEEL, index.url, wheel.sha256])
    if formats == ("html",):  # where a size is listed, the first byte too many ends it
        assert OTHER.sha256 in failure.error
    world.installed("demo", index=index.url)


def test_the_person_asked_for_another_file(world: World) -> None:
    world.index.add(OTHER)
    wanted = make_wheel("demo", "1.0")
    (world.root / "given.txt").write_text(f"demo==1.0 --hash=sha256:{wanted.sha256}\n")
    world.fails(1, "-r", "given.txt", says=["demo", "hash"])
    assert world.index.seen(stage="file") == []


def test_the_person_asked_for_another_file_and_the_listing_has_no_hash(world: World) -> None:
    world.index.add(OTHER, entry={"hashes": {}})
    wanted = make_wheel("demo", "1.0")
    (world.root / "given.txt").write_text(f"demo==1.0 --hash=sha256:{wanted.sha256}\n")
    world.fails(4, "-r", "given.txt", says=[WHEEL, wanted.sha256, OTHER.sha256])


def test_a_direct_url_promised_another_file(world: World) -> None:
    url = world.index.serve(f"/{WHEEL}", OTHER.content)
    world.fails(4, f"demo @ {url}#sha256={make_wheel('demo', '1.0').sha256}", says=[WHEEL, OTHER.sha256])


def test_a_local_wheel_is_another(world: World) -> None:
    path = OTHER.write(world.root)
    (world.root / "given.txt").write_text(f"{path} --hash=sha256:{make_wheel('demo', '1.0').sha256}\n")
    world.fails(4, "-r", "given.txt", says=[WHEEL, OTHER.sha256])


def test_a_cached_wheel_is_not_what_the_person_asked_for(world: World) -> None:
    """What is in the cache by one promise is held against another one."""
    world.index.add(OTHER)
    world.installed("demo")
    assert world.clearway("uninstall", "--yes", *world.place(), "demo").status == 0
    (world.root / "given.txt").write_text(f"demo==1.0 --hash=sha256:{make_wheel('demo', '1.0').sha256}\n")
    world.fails(1, "-r", "given.txt", says=["demo", "hash"])


@pytest.mark.parametrize(
    ("status", "entry"),
    [(3, {}), (3, {"size": None}), (3, {"size": None, "hashes": {}})],
    ids=["size and hash", "hash", "neither"],
)
def test_a_login_page_is_not_an_archive(world: World, status: int, entry: dict[str, object]) -> None:
    world.index.add(make_wheel("demo", "1.0"), entry=entry, sidecar=False)
    world.index.on(login_page("Sign in"), stage="file")
    world.fails(status, "demo", says=[WHEEL, "HTML page", "login"])


def test_an_archive_that_is_cut_off(world: World) -> None:
    wheel = make_wheel("demo", "1.0")
    world.index.add(wheel, entry={"hashes": {}, "size": None}, sidecar=False)
    world.index.on(Answer(body=wheel.content[:-30]), stage="file")
    world.fails(4, "demo", says=[WHEEL, "cut off"])


@pytest.mark.parametrize(
    ("sidecar", "words"),
    [
        (make_metadata("demo", "1.0", requires=["evil"]), "demo"),
        (make_metadata("other", "1.0"), "other 1.0"),
        (make_metadata("demo", "2.0"), "demo 2.0"),
        (b"\0", "demo-1.0-py3-none-any.whl.metadata"),
    ],
    ids=["requirements", "name", "version", "nonsense"],
)
def test_a_sidecar_that_lies(world: World, sidecar: bytes, words: str) -> None:
    world.index.add(make_wheel("demo", "1.0"), sidecar=sidecar)
    world.index.add(make_wheel("evil", "1.0"))
    world.fails(4, "demo", says=[words])


def test_what_one_index_lied_about_is_no_truth_at_another(world: World) -> None:
    """The cache keeps metadata by the hash of the wheel, which any index can list."""
    wheel = make_wheel("demo", "1.0")
    liar, honest = world.index.repository("liar"), world.index.repository("honest")
    liar.add(wheel, sidecar=make_metadata("demo", "1.0", requires=["evil"]))
    liar.add(make_wheel("evil", "1.0"))
    honest.add(wheel)
    world.fails(4, "demo", index=liar.url, says=[WHEEL, "the index said: evil", "the wheel says: nothing"])
    world.installed("demo", index=honest.url)
    assert world.versions() == {"demo": "1.0"}


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_one_index_told_apart_from_the_wheel_is_not_known_at_another(world: World, *, dry_run: bool) -> None:
    """Nothing that an index lists by the hash of somebody else's wheel is taken for that wheel's."""
    wheel = make_wheel("demo", "1.0")
    liar, honest = world.index.repository("liar"), world.index.repository("honest")
    liar.add(wheel, sidecar=make_metadata("demo", "1.0", requires=["missing"]), served=False)
    honest.add(wheel)
    assert world.install("demo", "--dry-run", index=liar.url).status == 1
    world.installed("demo", *(["--dry-run"] if dry_run else []), index=honest.url)
    assert world.index.seen(repository="honest", stage="sidecar")


def test_a_cached_wheel_is_not_taken_for_another_project(world: World) -> None:
    wheel = make_wheel("demo", "1.0")
    world.index.add(wheel)
    entry = {"filename": "other-1.0-py3-none-any.whl", "core-metadata": None}
    world.index.default.add(wheel, project="other", sidecar=False, entry=entry)
    world.installed("demo")
    assert world.clearway("uninstall", "--yes", *world.place(), "demo").status == 0
    world.fails(4, "other", says=["other-1.0-py3-none-any.whl is not what its name says"])


def test_a_sidecar_that_nobody_promised(world: World) -> None:
    """Without a hash it may be anything: the wheel decides."""
    world.index.add(make_wheel("demo", "1.0"), sidecar=b'{"error": "blocked"}', entry={"core-metadata": True})
    world.installed("demo")
    assert world.versions() == {"demo": "1.0"}


# -- structure ---------------------------------------------------------------------------------------------------------

HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "climbs out": ({"members": [Member("../../evil.py")]}, "a path climbs out"),
    "climbs out of .data": ({"data": {"data/../../../evil": b""}}, "a path climbs out"),
    "absolute": ({"members": [Member("/evil.py")]}, "a path is absolute"),
    "backslashes": ({"members": [Member("..\\evil.py")]}, "a path holds a backslash"),
    "control character": ({"members": [Member("demo/\0.py")]}, "a control character"),
    "too long": ({"files": {"demo/" + "x" * 300: b""}}, "too long"),
    "not UTF-8": ({"members": [Member(b"demo/\xff")]}, "not UTF-8"),
    "link": ({"members": [symlink("demo/link", "/etc/passwd")]}, "a link or a device"),
    "device": ({"members": [Member("demo/device", mode=0o020666)]}, "a link or a device"),
    "twice": ({"members": [Member("demo/__init__.py", b"evil")]}, "there twice"),
    "file and folder": ({"members": [Member("demo")]}, "a file and a folder"),
    "encrypted": ({"members": [Member("demo/x", flags=ENCRYPTED)]}, "encrypted"),
    "two headers": ({"members": [Member("demo/x", local_name="demo/y")]}, "headers disagree"),
    "claims too much": ({"members": [Member("demo/x", b"x", size=1 << 31)]}, "more than"),
    "bomb": ({"members": [Member("demo/x", raw=bytes(4 << 20), size=1 << 31)]}, "too many"),
    "bomb in disguise": (
        {"members": [bomb("demo/x", 1 << 26, claimed=100)], "record": {"demo/x": record_row(bytes(100))}},
        "cannot be unpacked",
    ),
    "ours": ({"files": {".clearway/lock": b""}}, "clearway keeps for itself"),
    "no RECORD": ({"omit": ["RECORD"]}, "no RECORD"),
    "no METADATA": ({"omit": ["METADATA"]}, "no METADATA"),
    "no WHEEL": ({"omit": ["WHEEL"]}, "no WHEEL"),
    "later format": ({"wheel_file": b"Wheel-Version: 2.0\n"}, "Wheel-Version: '2.0'"),
    "unrecorded": ({"members": [Member("demo/evil.py")]}, "a file is not recorded"),
    "wrong hash": ({"record": {"demo/__init__.py": record_row(b"other")}}, "not the one that was recorded"),
    "weak hash": ({"record": {"demo/__init__.py": record_row(b"", "md5")}}, "RECORD"),
    "no RECORD rows": ({"record": b""}, "a file is not recorded"),
    "damaged RECORD": ({"record": b'"demo'}, "RECORD"),
    "wrong name": ({"metadata": make_metadata("other", "1.0")}, "'other 1.0'"),
    "wrong version": ({"metadata": make_metadata("demo", "2.0")}, "'demo 2.0'"),
    "wrong folder": ({"dist_info": "other-1.0.dist-info"}, "'other-1.0.dist-info'"),
    "no name": ({"metadata": b"\0"}, "no valid name and version"),
    "unknown scheme": ({"data": {"evil/x": b""}}, "an unknown scheme"),
    "command with a path": ({"entry_points": {"console_scripts": {"../x": "demo:main"}}}, "no usable name"),
    "command with code": ({"entry_points": {"console_scripts": {"x": "demo:main;evil()"}}}, "calls nothing"),
}


@pytest.mark.parametrize(("lies", "words"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_wheel(world: World, lies: dict[str, Any], words: str) -> None:
    """It is installed neither from the index, where its metadata may come beforehand, nor from a local file."""
    wheel = make_wheel("demo", "1.0", **lies)
    world.index.add(wheel)
    world.fails(4, "demo", says=[WHEEL, words])
    world.fails(4, wheel.write(world.root), says=[WHEEL, words])
    assert kept_wheels(world) == []


@pytest.mark.parametrize("path", ["data/pyvenv.cfg", "scripts/python"])
def test_a_wheel_that_replaces_the_interpreter(world: World, path: str) -> None:
    world.index.add(make_wheel("demo", "1.0", data={path: b"#!evil"}))
    world.fails(5, "demo", says=[path.partition("/")[2]])


def test_two_wheels_that_cannot_live_together(world: World) -> None:
    world.index.add(make_wheel("one", "1.0", files={"shared": b""}))
    world.index.add(make_wheel("two", "1.0", files={"shared/file": b""}))
    world.fails(5, "one", "two", says=["shared"])


def test_a_wheel_that_replaces_a_file_of_another_says_so(world: World) -> None:
    world.index.add(make_wheel("one", "1.0", files={"shared.py": b"1"}))
    world.index.add(make_wheel("two", "1.0", files={"shared.py": b"2"}))
    world.installed("one")
    assert any("shared.py" in warning and "one" in warning for warning in world.installed("two").warnings)


def kept_wheels(world: World) -> list[Path]:
    """Return what the cache keeps of the project."""
    return [path for path in (world.cache / "trees-1").rglob("demo*") if path.is_dir()]
