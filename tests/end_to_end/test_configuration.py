"""Configuration files, through the whole command line: which index is asked, as whom, by which rules, and mistakes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from clearway.cli.wiring import Wiring
from clearway.configuration.own_files import read_own_files
from clearway.policy.rules import Rules
from clearway.settings.merge import merge
from end_to_end.world import check_failure
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import Run, World

DOCS = Path(__file__).parents[2] / "docs"


class Asked(NamedTuple):
    """An index that would be asked."""

    name: str
    url: str
    username: str
    rules: Rules


@pytest.fixture(autouse=True)
def no_default_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files name the default index: a variable would beat them."""
    monkeypatch.delenv("PIP_INDEX_URL")


def project(world: World, text: str) -> Path:
    """Write the configuration file of the project in whose folder runs are."""
    path = world.root / "clearway.toml"
    path.write_text(text)
    return path


def user(world: World, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the user's configuration file; it may hold secrets."""
    path = world.root / "given.toml"
    path.write_text(text)
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(path))
    return path


def install(world: World, *arguments: object) -> Run:
    """Install from the indexes that are configured."""
    return world.clearway("install", *world.place(), *arguments)


def index(name: str, url: str, *lines: str) -> str:
    """Return the table of an index."""
    return "\n".join(("[[index]]", f'name = "{name}"', f'url = "{url}"', *lines, ""))


def asked(*options: tuple[str, str]) -> list[Asked]:
    """Return the indexes that a run would ask, in order."""
    settings = merge("install", options, os.environ, (), read_own_files(os.environ, os.getcwd()))
    wiring = Wiring(settings, os.environ, lambda _: None)
    return [
        Asked(one.name, one.url, one.credential.username if one.credential else "", one.rules)
        for turn in wiring.turns()
        for one in turn
    ]


# -- what is asked -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clearway.toml", "pyproject.toml"])
def test_a_project_names_its_index(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    table = index("corp", world.index.url, "default = true")
    (world.root / name).write_text(table if name == "clearway.toml" else table.replace("[[", "[[tool.clearway."))
    below = world.root / "src" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert install(world, "demo").status == 0
    assert world.versions() == {"demo": "1.0"}


def test_the_users_file_of_this_machine(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    folder = Path(os.environ["HOME"]) / ".config" / "clearway"
    folder.mkdir(parents=True)
    (folder / "clearway.toml").write_text(f'index-url = "{world.index.url}"\n')
    assert install(world, "demo").status == 0


def test_each_index_has_the_credential_of_its_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two projects on one host, two tokens, one user name."""
    tables = []
    for name in ("one", "two"):
        token = world.secret()
        repository = world.index.repository(name, users={"ci": token}, denied=404)
        repository.add(make_wheel(f"{name}-lib", "1.0", requires=["one-lib"] if name == "two" else []))
        tables.append(index(name, world.with_user(repository.url, "ci", token), *["default = true"][: name == "two"]))
    user(world, "".join(tables), monkeypatch)
    assert install(world, "two-lib").status == 0
    assert world.versions() == {"one_lib": "1.0", "two_lib": "1.0"}


def test_an_index_by_its_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the command line and in a requirement file; its credential comes with it."""
    token = world.secret()
    private = world.index.repository("private", users={"zoe": token})
    private.add(make_wheel("demo", "1.0"))
    private.add(make_wheel("other", "1.0"))
    user(world, index("Corp", world.with_user(private.url, "zoe", token)), monkeypatch)
    assert install(world, "--index-url", "corp", "demo").status == 0
    (world.root / "list.txt").write_text("--index-url corp\nother\n")
    assert install(world, "-r", "list.txt").status == 0
    failure = install(world, "--index-url", "crop", "--upgrade", "demo")
    check_failure(failure, 2, ["--index-url names the index crop", "configured: Corp"])


def test_messages_call_an_index_by_its_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    private = world.index.repository("private", users={"zoe": world.secret()})
    private.add(make_wheel("demo", "1.0"))
    path = user(
        world, index("corp", world.with_user(private.url, "zoe", world.secret()), "default = true"), monkeypatch
    )
    check_failure(install(world, "demo"), 3, ["corp", f"{path}, index corp"])


@pytest.mark.parametrize(
    ("options", "environ", "order"),
    [
        ([], {}, ["near", "far", "main"]),
        ([("index-url", "far")], {}, ["near", "far"]),
        ([], {"PIP_INDEX_URL": "https://else.example.com/"}, ["near", "far", "https://else.example.com/"]),
        ([("extra-index-url", "main")], {}, ["main", "near", "far"]),
        ([("extra-index-url", "https://a.example.com")], {}, ["https://a.example.com/", "near", "far", "main"]),
        ([("extra-index-url", "https://far.example.com")], {}, ["far", "near", "main"]),
        ([("no-index", "")], {}, []),
    ],
)
def test_the_order(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    options: list[tuple[str, str]],
    environ: dict[str, str],
    order: list[str],
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    user(world, index("far", "https://far.example.com/"), monkeypatch)
    project(
        world,
        index("main", "https://main.example.com/", "default = true") + index("near", "https://near.example.com/"),
    )
    assert [one.name for one in asked(*options)] == order


def test_the_rules_of_each_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    user(world, 'on-refusal = "fail"\n' + index("corp", "https://corp.example.com/", "policed = true"), monkeypatch)
    options = [("extra-index-url", "https://else.example.com/"), ("max-refusals", "7"), ("index-url", "corp")]
    rules = {one.name: one.rules for one in asked(*options)}
    assert rules == {
        "https://else.example.com/": Rules(on_refusal="fail", max_refusals=7),
        "corp": Rules(on_refusal="fail", max_refusals=7, proof_age=0.0),
    }


def test_the_rules_of_what_is_no_index(world: World) -> None:
    options = [("find-links", str(world.root)), ("policed", "")]
    wiring = Wiring(merge("install", options, {}, ()), {}, lambda _: None)
    assert wiring.rules == wiring.links()[0].rules == Rules(proof_age=0.0)


# -- the documentation -------------------------------------------------------------------------------------------------


def examples(page: str) -> list[str]:
    """Return the blocks of TOML of a page."""
    return re.findall(r"^```toml\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_example_of_the_reference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    own, shared, _ = examples("reference/configuration.md")
    user(world, own, monkeypatch)
    project(world, shared)
    week = 7 * 86_400.0
    assert asked() == [
        Asked(
            "corp",
            "https://packages.example.com/corp/simple/",
            "ann",
            Rules(absent_status=frozenset({403}), max_refusals=5, proof_age=0.0),
        ),
        Asked(
            "mirror",
            "https://mirror.example.com/simple/",
            "",
            Rules(on_refusal="fail", refusal_status=frozenset({403, 451}), proof_age=week),
        ),
    ]


def test_the_examples_of_the_guide(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    own, policed = examples("how-to/private-index.md")
    user(world, own, monkeypatch)
    assert asked(("index-url", "corp"))[0].username == "USER"
    user(world, policed, monkeypatch)
    assert asked(("index-url", "corp"))[0].rules == Rules(
        "next-file", "wait", 60.0, frozenset({403, 418}), frozenset({403}), 10, 0.0
    )


# -- mistakes ----------------------------------------------------------------------------------------------------------

MISTAKES = {
    "no TOML": ("retries 3\n", "clearway.toml, line 1: "),
    "unknown key": ("retires = 3\n", "HINT: Did you mean retries?"),
    "wrong type": ('retries = "3"\n', "clearway.toml, line 1, retries is '3', but --retries takes a whole number"),
    "wrong value": ('on-refusal = "skip"\n', "clearway.toml, line 1, on-refusal is 'skip'"),
    "wrong status": ("refusal-status = [401]\n", "takes no 401"),
    "table without a name": ("[[index]]\nanonymous = true\n", "clearway.toml, line 1, index 1 has no name"),
    "not the project's to say": ('python = "./evil"\n', "clearway.toml, line 1, python is not for a project's file"),
    "no URL": (index("corp", "packages.example.com/simple"), "clearway.toml, index corp is not the URL of an index"),
}


@pytest.mark.parametrize(("text", "says"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(world: World, text: str, says: str) -> None:
    project(world, text)
    before = world.snapshot()
    check_failure(install(world, "--index-url", world.index.url, "demo"), 2, [says])
    assert world.changes(before) == []


@pytest.mark.parametrize("command", [["check"], ["uninstall", "--yes", "demo"], ["cache", "dir"]], ids=" ".join)
def test_every_command_tells_of_a_broken_file(world: World, command: list[str]) -> None:
    project(world, "retries 3\n")
    check_failure(world.clearway(*command), 2, ["clearway.toml, line 1: "])


def test_a_user_file_that_is_named_and_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", "nowhere.toml")
    check_failure(install(world, "demo"), 2, ["nowhere.toml, which CLEARWAY_CONFIG_FILE names, cannot be read"])


def test_a_cloned_project_does_not_get_a_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = world.secret()
    private = world.index.repository("private", users={"zoe": token})
    user(world, index("corp", world.with_user(private.url, "zoe", token)), monkeypatch)
    project(world, index("corp", "http://evil.example.com/simple/"))
    check_failure(install(world, "--index-url", "corp", "demo"), 2, ["names another URL for an index"])


SECRETS = {
    "wrong type": 'extra-index-url = "{}"\n',
    "wrong kind": 'timeout = "{}"\n',
    "no TOML": "index-url = {}\n",
    "in a name": '[[index]]\nname = "{}"\nurl = "https://a.example.com/"\n',
    "broken": '[[index]]\nname = "a"\nurl = "{}:port/"\n',
    "unknown key": '"{}" = 1\n',
}


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS)
def test_no_mistake_shows_a_secret(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    url = world.with_user("http://example.com", "zoe", world.secret(plain=True))
    user(world, text.replace("{}", url), monkeypatch)
    assert install(world, "demo").status == 2


# -- what it costs -----------------------------------------------------------------------------------------------------


def modules_of(world: World) -> set[str]:
    """Return the modules that a run imports which has nothing to do, and has been seen before."""
    line = [sys.executable, "-X", "importtime", "-m", "clearway", "install", *map(str, world.place()), "demo"]
    done = subprocess.run(line, cwd=world.root, capture_output=True, text=True, check=True)
    assert "already satisfied" in done.stdout
    return {row.rpartition("|")[2].strip() for row in done.stderr.splitlines() if row.startswith("import time:")}


def test_who_has_no_file_does_not_pay_for_any(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")
    parsers = {"tomllib", "clearway.settings.documents", "clearway.settings.indexes"}
    assert modules_of(world) & parsers == set()
    (world.root / "pyproject.toml").write_text("[project]\nname = 'theirs'\n")
    assert modules_of(world) & parsers == set()
    project(world, index("corp", world.index.url))
    assert modules_of(world) & {*parsers, "difflib", "pyreqwest", "packaging"} == parsers
