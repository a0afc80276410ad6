"""Runs that have little to do import little and ask nobody (DESIGN 4.12)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clearway import __version__
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World

HTTP = {"pyreqwest", "http.client", "urllib.request", "socket", "ssl", "asyncio"}
HEAVY = {"argparse", "packaging", "subprocess", "email", "json", "logging", "dataclasses", "tempfile", "zipfile"}


def modules_of(*line: object) -> tuple[set[str], str]:
    """Return the modules that a run imports, and what it prints."""
    command = [sys.executable, "-X", "importtime", "-m", "clearway", *map(str, line)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {
        row.rpartition("|")[2].strip() for row in done.stderr.splitlines() if row.startswith("import time:")
    }, done.stdout


def test_the_version() -> None:
    for option in ("--version", "-V"):
        imported, said = modules_of(option)
        assert said == f"clearway {__version__}\n"
        assert imported & (HTTP | HEAVY | {"argparse", "msgspec", "re"}) == set()


def test_the_command_itself() -> None:
    """What people type is the same program as ``python -m clearway``."""
    command = Path(sys.executable).with_name("clearway")
    if not command.exists():
        pytest.skip("clearway is not installed beside this Python")
    done = subprocess.run([command, "cache", "dir"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, modules_of("cache", "dir")[1])


ASKED = {
    "plain": ["demo"],
    "fancy": ["demo[more]>=1", "dep"],
    "with markers": ['demo; python_version>"3" and (os_name != "x" or "a" in extra)', 'dep ; python_version<"3"'],
    "by URL": ["demo @ {wheel}"],
    "by URL with a marker": ['demo[more] @ {wheel} ; sys_platform not in "none"'],
    "by path": ["{path}"],
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_satisfied_run_that_was_seen_before(world: World, asked: list[str]) -> None:
    demo = make_wheel("demo", "1.0", requires=["dep"], extras={"more": ["dep"]})
    world.index.add(demo)
    world.index.add(make_wheel("dep", "1.0"))
    path = demo.write(world.root)
    asked = [one.format(path=path, wheel=path.as_uri()) for one in asked]
    world.installed(*asked)
    line = ("install", *world.place(), "--index-url", "http://127.0.0.1:9/nobody/", *asked)
    before = world.snapshot()
    imported, said = modules_of(*line)
    first = said.splitlines()[0]
    assert first.startswith("Requirement already satisfied: demo")
    assert first.endswith(f" in {world.shown_site} (1.0)")
    assert ("satisfied: dep" in said) == ("dep" in asked)  # and not where its marker does not hold
    assert {name.partition(".")[0] for name in imported} & HEAVY == set()
    assert imported & HTTP == set()
    assert world.changes(before) == []


def test_a_satisfied_run_that_was_not_seen_before_asks_nobody(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")
    told = world.installed("demo>=0.5", index="http://127.0.0.1:9/nobody/")
    assert told.text == f"Requirement already satisfied: demo>=0.5 in {world.shown_site} (1.0)\n"


CHANGED = {
    "something removed": ["demo-1.0.dist-info/METADATA"],
    "a dependency removed": ["dep-1.0.dist-info", "dep"],
}


@pytest.mark.parametrize("gone", CHANGED.values(), ids=CHANGED)
def test_what_was_seen_is_not_believed_when_the_environment_has_changed(world: World, gone: list[str]) -> None:
    world.index.add(make_wheel("demo", "1.0", requires=["dep"]))
    world.index.add(make_wheel("dep", "1.0"))
    world.installed("demo")
    sound = world.snapshot()
    for name in gone:
        path = world.site / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    assert "Successfully installed" in world.installed("demo").out
    assert [path for path in world.changes(sound) if "REQUESTED" not in path and "RECORD" not in path] == []


@pytest.mark.parametrize("option", [["--pre"], ["--no-deps"], ["--upgrade"], ["--force-reinstall"]], ids=" ".join)
def test_what_was_seen_holds_for_the_same_question_alone(world: World, option: list[str]) -> None:
    world.index.default.cache_control = "no-cache"
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")
    world.installed("demo")
    world.index.add(make_wheel("demo", "2.0"))
    told = world.installed("demo", *option).out
    assert ("2.0" in told) == (option[0] in {"--upgrade", "--force-reinstall"})


@pytest.mark.parametrize("line", [["cache", "dir"], ["cache", "info"], ["--help"], ["install", "--help"]], ids=" ".join)
def test_commands_that_need_no_network(line: list[str]) -> None:
    imported, said = modules_of(*line)
    assert said != ""
    assert imported & HTTP == set()
    assert not any(name.partition(".")[0] == "packaging" for name in imported)
