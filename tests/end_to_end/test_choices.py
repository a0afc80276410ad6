"""Which releases are taken: what is installed, pre-releases, upgrades, wheels and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.wheels import make_sdist, make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World


@pytest.fixture
def old(world: World) -> None:
    """Publish ``demo`` and the ``dep`` that it needs, install them, and publish newer ones."""
    world.index.default.cache_control = "no-cache"
    world.index.add(make_wheel("demo", "1.0", requires=["dep"]))
    world.index.add(make_wheel("dep", "1.0"))
    world.installed("demo")
    world.index.add(make_wheel("demo", "2.0", requires=["dep"]))
    world.index.add(make_wheel("dep", "2.0"))


UPGRADES = {
    "none": (["demo"], {"demo": "1.0", "dep": "1.0"}),
    "only if needed": (["--upgrade", "demo"], {"demo": "2.0", "dep": "1.0"}),
    "eager": (["-U", "--upgrade-strategy", "eager", "demo"], {"demo": "2.0", "dep": "2.0"}),
    "a strategy alone": (["--upgrade-strategy", "eager", "demo"], {"demo": "1.0", "dep": "1.0"}),
    "of a dependency": (["--upgrade", "dep"], {"demo": "1.0", "dep": "2.0"}),
    "as required": (["demo>1"], {"demo": "2.0", "dep": "1.0"}),
    "down": (["demo", "dep<1.5"], {"demo": "1.0", "dep": "1.0"}),
    "without dependencies": (["--upgrade", "--no-deps", "demo", "dep"], {"demo": "2.0", "dep": "2.0"}),
}


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(("arguments", "versions"), UPGRADES.values(), ids=UPGRADES)
def test_upgrades(world: World, arguments: list[str], versions: dict[str, str]) -> None:
    world.installed(*arguments)
    assert world.versions() == versions
    for name, version in versions.items():
        assert world.imports(f"import {name}; print({name}.__version__)") == version


@pytest.mark.usefixtures("old")
def test_an_upgrade_removes_what_the_new_release_lacks(world: World) -> None:
    world.index.add(make_wheel("demo", "3.0", files={"renamed.py": b""}))
    upgraded = world.installed("--upgrade", "demo")
    assert "  demo 1.0 -> 3.0" in upgraded.out.splitlines()
    assert not (world.site / "demo").exists()
    assert (world.site / "renamed.py").exists()


@pytest.mark.usefixtures("old")
def test_what_is_satisfied_is_said_to_be(world: World) -> None:
    asked = len(world.index.seen())
    told = world.installed("demo", "dep>=1")
    assert told.out.splitlines() == [
        f"Requirement already satisfied: demo in {world.shown_site} (1.0)",
        f"Requirement already satisfied: dep>=1 in {world.shown_site} (1.0)",
    ]
    assert world.installed("demo", "dep>=1") == told
    assert len(world.index.seen()) == asked


@pytest.mark.usefixtures("old")
def test_force_reinstall_replaces_everything_with_the_newest(world: World) -> None:
    (world.site / "dep" / "__init__.py").unlink()
    forced = world.installed("--force-reinstall", "demo==1.0", "dep<2")
    assert "  dep 1.0 (reinstalled)" in forced.out.splitlines()
    assert (world.site / "dep" / "__init__.py").exists()


@pytest.mark.usefixtures("old")
def test_a_requirement_of_something_installed_is_kept_up(world: World) -> None:
    """What is installed and not touched may be left broken, which pip does too; but it is said."""
    world.index.add(make_wheel("strict", "1.0", requires=["dep==1.0"]))
    world.installed("strict")
    world.installed("dep==2.0")
    checked = world.clearway("check", *world.place())
    assert checked.status == 1
    assert "strict 1.0 has requirement dep==1.0, but you have dep 2.0." in checked.out.splitlines()


PRERELEASES = {
    "final first": (["final"], {"final": "1.0"}),
    "with --pre": (["--pre", "final"], {"final": "2.0rc1"}),
    "named": (["final>=2.0rc1"], {"final": "2.0rc1"}),
    "nothing else": (["early"], {"early": "1.0b2"}),
}


@pytest.mark.parametrize(("arguments", "versions"), PRERELEASES.values(), ids=PRERELEASES)
def test_prereleases(world: World, arguments: list[str], versions: dict[str, str]) -> None:
    for name, version in [("final", "1.0"), ("final", "2.0rc1"), ("early", "1.0b2"), ("early", "1.0.dev1")]:
        world.index.add(make_wheel(name, version))
    world.installed(*arguments)
    assert world.versions() == versions


def test_the_best_wheel_is_taken(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.add(make_wheel("demo", "1.0", build="1", files={"demo/__init__.py": "built = 1"}))
    world.index.add(make_wheel("demo", "1.0", build="2", files={"demo/__init__.py": "built = 2"}))
    world.index.add(make_wheel("demo", "1.0", tags="cp39-cp39-win_amd64"))
    world.installed("demo")
    assert world.imports("import demo; print(demo.built)") == "2"


@pytest.mark.parametrize("option", [["--only-binary", ":all:"], ["--only-binary=demo"], ["--no-build"]], ids=" ".join)
def test_releases_without_wheels_are_passed_over(world: World, option: list[str]) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.add(make_sdist("demo", "2.0"))
    world.installed("demo", *option)
    assert world.versions() == {"demo": "1.0"}


@pytest.mark.parametrize("option", [["--no-binary", "demo"], ["--no-binary", ":all:"]], ids=" ".join)
def test_without_source_archives_there_is_nothing_to_build(world: World, option: list[str]) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.fails(1, "demo", *option, says=["demo", "--no-binary"])
