"""What is taken of what there is: pre-releases by project, dependencies alone, hashes of some, URLs that constrain.

Where the pip at hand has the option, it is asked the same question and has to choose the same.
"""

from __future__ import annotations

import importlib.metadata
import json
from typing import TYPE_CHECKING

import pytest

from end_to_end.comparison import ask_pip
from end_to_end.world import check_failure
from support.simulator import Answer
from support.wheels import make_sdist, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import World


def pips_release() -> tuple[int, ...]:
    """Return the release of the pip at hand; (0,) where there is none."""
    try:
        return tuple(int(part) for part in importlib.metadata.version("pip").split(".") if part.isdecimal())
    except importlib.metadata.PackageNotFoundError:
        return (0,)


def chosen(world: World, *line: object, since: tuple[int, ...] = (99,)) -> dict[str, str]:
    """Return what an installation would install; the same as pip would if its release is not older than one."""
    line = ("--dry-run", "--index-url", world.index.url, *line)
    run = world.clearway("install", *world.place(), "--report", "-", "--quiet", *line)
    assert run.status == 0, run.text
    ours = of_report(run.out)
    if pips_release() >= since:
        told = ask_pip(world, "install", "--report", "-", "--quiet", *line)
        assert told.status == 0, told.text
        assert of_report(told.out) == ours
    return ours


def of_report(text: str) -> dict[str, str]:
    """Return the versions in an installation report."""
    metadata = [one["metadata"] for one in json.loads(text)["install"]]
    return {one["name"]: one["version"] for one in metadata}


# -- pre-releases ------------------------------------------------------------------------------------------------------


@pytest.fixture
def prereleases(world: World) -> None:
    for version in ("1.0", "2.0rc1"):
        world.index.add(make_wheel("demo", version, requires=["dep"]))
        world.index.add(make_wheel("dep", version))
    world.index.add(make_wheel("early", "1.0a1"))


CHOICES = {
    "all of one": (["--all-releases", "dep", "demo"], {"demo": "1.0", "dep": "2.0rc1"}),
    "in other words": (["--all-releases", "DEMO,none", "demo"], {"demo": "2.0rc1", "dep": "1.0"}),
    "all of all": (["--all-releases", ":all:", "demo"], {"demo": "2.0rc1", "dep": "2.0rc1"}),
    "but one": (["--all-releases=:all:", "--only-final=dep", "demo"], {"demo": "2.0rc1", "dep": "1.0"}),
    "but one, forgotten": (
        ["--only-final=dep", "--all-releases=:all:", "demo"],
        {"demo": "2.0rc1", "dep": "2.0rc1"},
    ),
    "taken back": (["--all-releases=dep,:none:", "demo"], {"demo": "1.0", "dep": "1.0"}),
    "final": (["--only-final=demo", "demo", "early"], {"demo": "1.0", "dep": "1.0", "early": "1.0a1"}),
}


@pytest.mark.usefixtures("prereleases")
@pytest.mark.parametrize(("line", "expected"), CHOICES.values(), ids=CHOICES)
def test_prereleases_by_project(world: World, line: list[str], expected: dict[str, str]) -> None:
    assert chosen(world, *line, since=(26,)) == expected


@pytest.mark.usefixtures("prereleases")
def test_only_final_releases_even_where_there_are_none(world: World) -> None:
    told = world.fails(1, "--only-final=early", "early", says=["early 1.0a1", "only final releases are wanted"])
    assert "nothing asks for one" not in told.err
    world.fails(1, "--only-final=:all:", "demo==2.0rc1", says=["--only-final"])
    why = world.clearway("why", *world.place(), "--index-url", world.index.url, "demo", "--only-final", "demo")
    assert "2.0rc1: a pre-release, and only final releases are wanted (--only-final)" in why.out


@pytest.mark.usefixtures("prereleases")
def test_a_prerelease_that_is_installed_stays(world: World) -> None:
    world.installed("early")
    assert "already satisfied: early" in world.installed("--only-final=:all:", "early").out


@pytest.mark.usefixtures("prereleases")
def test_prereleases_in_a_file(world: World, tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_text("--all-releases dep\ndemo\n")
    assert chosen(world, "-r", file, since=(26,)) == {"demo": "1.0", "dep": "2.0rc1"}
    file.write_text("--pre\n--only-final=dep\ndemo\n")
    assert chosen(world, "-r", file) == {"demo": "2.0rc1", "dep": "1.0"}


@pytest.mark.usefixtures("prereleases")
def test_prereleases_of_what_is_asked_of_an_index(world: World) -> None:
    def latest(*line: object) -> str:
        run = world.clearway("index", "versions", *world.place(), "--index-url", world.index.url, "--json", *line)
        return str(json.loads(run.out)["latest"])

    assert latest("demo") == "1.0"
    assert latest("demo", "--all-releases", "demo") == "2.0rc1"
    check_failure(
        world.clearway(
            "index", "versions", *world.place(), "--index-url", world.index.url, "early", "--only-final=early"
        ),
        1,
    )
    world.installed("demo")
    outdated = world.clearway("list", *world.place(), "--index-url", world.index.url, "-o", "--all-releases", "dep")
    assert "dep" in outdated.out
    assert "demo" not in outdated.out


def test_pre_speaks_of_every_project(world: World) -> None:
    world.fails(2, "--pre", "--only-final", "demo", "demo", says=["--pre cannot be combined with --only-final"])
    run = world.clearway("index", "versions", *world.place(), "--pre", "--all-releases", "demo", "demo")
    check_failure(run, 2, ["--pre", "--all-releases"])


# -- dependencies alone ------------------------------------------------------------------------------------------------


@pytest.fixture
def needing(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0", requires=["dep"], extras={"all": ["more"]}))
    world.index.add(make_wheel("dep", "1.0", requires=["deep"]))
    world.index.add(make_wheel("deep", "1.0"))
    world.index.add(make_wheel("more", "1.0"))


@pytest.mark.usefixtures("needing")
def test_dependencies_alone(world: World) -> None:
    assert chosen(world, "--only-deps", "demo", since=(26, 2)) == {"dep": "1.0", "deep": "1.0"}
    assert chosen(world, "--only-dependencies", "demo[all]", since=(26, 2)) == {
        "dep": "1.0",
        "deep": "1.0",
        "more": "1.0",
    }
    assert chosen(world, "--only-deps", "demo", "dep", since=(26, 2)) == {"deep": "1.0"}
    asked = {seen.path for seen in world.index.seen()}
    assert not any(path.endswith("demo-1.0-py3-none-any.whl") for path in asked)


@pytest.mark.usefixtures("needing")
def test_dependencies_alone_are_installed(world: World, tmp_path: Path) -> None:
    told = world.installed("--only-deps", "demo")
    assert told.out.splitlines()[-1] == "Successfully installed deep-1.0 dep-1.0"
    assert world.versions() == {"dep": "1.0", "deep": "1.0"}
    assert list(world.site.glob("*.dist-info/REQUESTED")) == []
    assert world.installed("--only-deps", "demo").status == 0
    assert world.installed("demo").out.splitlines()[-1] == "Successfully installed demo-1.0"
    assert "needs nothing else" in world.installed("--only-deps", "more").out
    folder = tmp_path / "wheels"
    line = ("download", "--python", world.python, "--cache-dir", world.cache, "--index-url", world.index.url)
    assert world.clearway(*line, "--only-deps", "-d", folder, "demo").status == 0
    assert {path.name.partition("-")[0] for path in folder.iterdir()} == {"dep", "deep"}


@pytest.mark.parametrize(
    "line", [["--no-deps", "demo"], ["-r", "r.txt"], ["--group", "test"], ["--requirements-from-script", "s.py"]]
)
def test_what_dependencies_alone_cannot_be_of(world: World, line: list[str]) -> None:
    world.fails(2, "--only-deps", *line, says=["--only-deps cannot be combined with"])


# -- scripts -----------------------------------------------------------------------------------------------------------

SCRIPT = """\
#!/usr/bin/env python
# /// script
# requires-python = "{python}"
# dependencies = [
#   "demo>=1",
# ]
# [tool.other]
# anything = true
# ///
raise SystemExit("it is never run")
"""


@pytest.mark.usefixtures("needing")
def test_what_a_script_needs(world: World, tmp_path: Path) -> None:
    script = tmp_path / "tool.py"
    script.write_text(SCRIPT.format(python=">=3"))
    line = ("--requirements-from-script", script)
    assert chosen(world, *line, since=(26,)) == {"demo": "1.0", "dep": "1.0", "deep": "1.0"}
    script.write_text(SCRIPT.format(python="<3"))
    world.fails(2, *line, says=["needs Python <3, and this is Python 3."])
    assert chosen(world, *line, "--ignore-requires-python", since=(26,)).keys() == {"demo", "dep", "deep"}
    script.write_text("print()\n")
    world.fails(2, *line, says=["tool.py has no block", "# /// script"])


# -- hashes ------------------------------------------------------------------------------------------------------------


def test_hashes_of_some(world: World, tmp_path: Path) -> None:
    dep = make_wheel("dep", "1.0")
    world.index.add(make_wheel("demo", "1.0", requires=["dep"]))
    world.index.add(dep)
    file = tmp_path / "r.txt"
    file.write_text(f"demo\ndep==1.0 --hash=sha256:{dep.sha256}\n")
    world.fails(2, "-r", file, says=["demo", "hashes are required"])
    assert chosen(world, "-r", file, "--no-require-hashes", since=(26, 2)) == {"demo": "1.0", "dep": "1.0"}
    file.write_text(f"--no-require-hashes\ndemo\ndep==1.0 --hash=sha256:{'0' * 64}\n")
    world.fails(1, "-r", file, says=["none of its files has a hash that was given"])
    world.fails(2, "--require-hashes", "-r", file, says=["--require-hashes cannot be combined"])


# -- constraints by URL ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("needing")
def test_a_url_constrains_who_is_needed(world: World, tmp_path: Path) -> None:
    own = make_wheel("dep", "7.0", requires=["deep"])
    url = world.index.serve(f"/own/{own.filename}", own.content)
    constraints = tmp_path / "c.txt"
    constraints.write_text(f"dep @ {url}\nabsent @ {url}.not-there/absent-1.0-py3-none-any.whl\n")
    expected = {"demo": "1.0", "dep": "7.0", "deep": "1.0"}
    assert chosen(world, "-c", constraints, "demo", since=(22,)) == expected
    assert chosen(world, "-c", constraints, "deep", since=(22,)) == {"deep": "1.0"}
    assert world.index.seen(path="/simple/dep/") == []
    world.fails(1, "-c", constraints, "demo", "dep<7", says=[f"dep<7 (it comes from {url}, which is 7.0)"])
    world.installed("-c", constraints, "demo")
    assert world.versions() == expected
    again = len(world.index.seen())
    assert "already satisfied: demo" in world.installed("-c", constraints, "demo").out
    assert len(world.index.seen()) == again


@pytest.mark.usefixtures("needing")
def test_two_urls_constrain_nothing(world: World, tmp_path: Path) -> None:
    constraints = tmp_path / "c.txt"
    constraints.write_text("dep @ https://one.example.com/dep-1.0.zip\ndep @ https://two.example.com/dep-1.0.zip\n")
    world.fails(2, "-c", constraints, "demo", says=["dep is constrained to two URLs", "one.example.com", "(the second"])


@pytest.mark.usefixtures("needing")
def test_a_url_that_constrains_replaces_what_is_installed(world: World, tmp_path: Path) -> None:
    world.installed("demo")
    own = make_wheel("dep", "1.0", requires=["deep"], files={"dep/__init__.py": "own = True\n"})
    path = own.write(tmp_path)
    constraints = tmp_path / "c.txt"
    constraints.write_text(f"dep @ {path.as_uri()}\n")
    world.installed("-c", constraints, "demo")
    assert world.imports("import dep; print(dep.own)") == "True"


# -- listings ----------------------------------------------------------------------------------------------------------


def test_a_listing_is_asked_for_again(world: World) -> None:
    world.index.default.cache_control = "max-age=600"
    for name in ("demo", "dep"):
        world.index.add(make_wheel(name, "1.0"))
    chosen(world, "demo", "dep")
    world.index.add(make_wheel("demo", "2.0"))
    assert chosen(world, "demo", "dep") == {"demo": "1.0", "dep": "1.0"}
    asked = len(world.index.seen())
    assert chosen(world, "demo", "dep", "--refresh-package", "Demo,other") == {"demo": "2.0", "dep": "1.0"}
    assert [seen.path for seen in world.index.seen()[asked:] if "/simple/" in seen.path] == ["/simple/demo/"]
    asked = len(world.index.seen())
    chosen(world, "demo", "dep", "--refresh-package=:all:")
    paths = {seen.path for seen in world.index.seen()[asked:]}
    assert {"/simple/demo/", "/simple/dep/"} <= paths


# -- other targets -----------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.add(make_wheel("demo", "2.0", tags="cp39-cp39-win_amd64", requires_python="<3.10"))
    world.index.add(make_wheel("demo", "3.0", requires_python="<3"))
    world.index.add(make_sdist("demo", "4.0"))


TARGETS = {
    "here": ([], "4.0, 1.0"),
    "wheels first": (["--prefer-binary"], "4.0, 1.0"),
    "another platform": (["--platform", "win_amd64", "--python-version", "3.9"], "4.0, 2.0, 1.0"),
    "and implementation": (
        ["--platform=win_amd64", "--python-version=39", "--implementation=cp", "--abi=cp39"],
        "4.0, 2.0, 1.0",
    ),
    "any Python": (["--ignore-requires-python"], "4.0, 3.0, 1.0"),
    "wheels alone": (["--only-binary=:all:"], "1.0"),
}


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(("line", "expected"), TARGETS.values(), ids=TARGETS)
def test_versions_for_another_target(world: World, line: list[str], expected: str) -> None:
    line = ["index", "versions", "demo", "--index-url", world.index.url, *line]
    run = world.clearway(line[0], line[1], *world.place(), *line[2:])
    assert f"Available versions: {expected}\n" in run.out, run.text
    if pips_release() >= (26,):
        assert f"Available versions: {expected}\n" in ask_pip(world, *line).out
    latest = "1.0" if "--prefer-binary" in line else expected.partition(",")[0]
    assert run.out.startswith(f"demo ({latest})\n")


def test_the_tags_of_another_target(world: World) -> None:
    line = ("--platform", "win_amd64", "--python-version", "3.9", "--implementation", "cp", "--abi", "cp39")
    run = world.clearway("debug", *world.place(), *line, "-v")
    told = run.out[run.out.index("Compatible tags: ") :]
    assert told.startswith(
        "Compatible tags: 33 (target: platforms=['win_amd64'] version_info='3.9' abis=['cp39'] implementation='cp')\n"
        "  cp39-cp39-win_amd64\n"
    ), told
    if pips_release() >= (22,):
        pips = ask_pip(world, "debug", *line, "-v").out
        assert pips[pips.index("Compatible tags: ") :] == told


# -- answers that break off --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "status"), [([], 0), (["--resume-retries=0"], 3), (["--resume-retries", "1"], 0)])
def test_downloads_that_break_off(world: World, line: list[str], status: int) -> None:
    world.index.add(make_wheel("demo", "1.0", files={"demo/data": bytes(range(256)) * 64}))
    world.index.on(Answer(drop_after=200), times=1, stage="file")
    assert world.install("demo", *line).status == status
