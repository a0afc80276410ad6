"""``index versions``: what an installation would choose from, and what pip says of the same index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from end_to_end.comparison import ask_pip, needs_pip, same
from end_to_end.world import check_failure
from support.simulator import Answer, IndexSimulator
from support.wheels import make_sdist, make_wheel

if TYPE_CHECKING:
    from end_to_end.world import Run, World


@pytest.fixture(autouse=True)
def published(world: World) -> None:
    for version in ("1.0", "1.10", "1.9.post1", "2.0rc1"):
        world.index.add(make_wheel("demo", version))
    world.index.add(make_wheel("demo", "1.11"), yanked="broken")
    world.index.add(make_wheel("demo", "1.12", requires_python="<3"))
    world.index.add(make_wheel("demo", "1.13", tags="cp27-none-win32"))
    world.index.add(make_wheel("early", "1.0a1"))


def versions(world: World, *line: object) -> Run:
    return world.clearway("index", "versions", *world.place(), "--index-url", world.index.url, *line)


@needs_pip
def test_what_pip_says(world: World) -> None:
    for installed in ("", "1.9.post1", "1.10"):
        if installed:
            world.installed(f"demo=={installed}")
        same(world, "index", "versions", "demo", "--index-url", world.index.url)
    line = ("index", "versions", "Demo", "--pre", "--index-url", world.index.url)
    assert versions(world, *line[2:]).out == ask_pip(world, *line).out.replace("`pip install", "`clearway install")


def test_as_json(world: World) -> None:
    told = json.loads(versions(world, "Demo", "--json").out)
    assert told == {"name": "Demo", "versions": ["1.10", "1.9.post1", "1.0"], "latest": "1.10"}
    world.installed("demo==1.0")
    assert json.loads(versions(world, "demo", "--json").out)["installed_version"] == "1.0"


def test_the_latest_is_what_an_installation_takes(world: World) -> None:
    """Pre-releases, too, where there is nothing else; pip says that there is nothing."""
    assert versions(world, "early").out == "early (1.0a1)\nAvailable versions: 1.0a1\n"
    world.installed("early")
    assert versions(world, "early").out.splitlines()[-1].startswith("  LATEST:    1.0a1 (pre-release")


def test_nothing_is_asked_of_any_file(world: World) -> None:
    versions(world, "demo")
    assert {seen.path for seen in world.index.seen()} == {"/simple/demo/"}


def test_the_owner_alone_is_asked(world: World) -> None:
    with IndexSimulator() as other:
        other.add(make_wheel("demo", "9.0"))
        run = versions(world, "demo", "--extra-index-url", other.url)
        assert run.out.startswith("demo (9.0)\nAvailable versions: 9.0\n")


def test_formats(world: World) -> None:
    world.index.add(make_sdist("demo", "3.0"))
    check_failure(versions(world, "early", "--no-binary", "early"), 1)


def test_what_no_index_has(world: World) -> None:
    before = world.snapshot()
    check_failure(versions(world, "absent"), 1, ["absent", "clearway why absent"])
    check_failure(versions(world), 2, ["clearway index versions NAME"])
    check_failure(versions(world, "one", "two"), 2)
    check_failure(versions(world, "demo>=1"), 2)
    world.index.on(Answer(status=403), path="/simple/demo/")
    check_failure(versions(world, "demo"), 3)
    assert world.changes(before) == []
