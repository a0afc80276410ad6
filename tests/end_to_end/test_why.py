"""``clearway why``: what it says, what it takes, and that it changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from end_to_end.world import check_failure
from support.simulator import Answer
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import Run, World

HELD = Answer(403, headers={"Content-Type": "application/problem+json"}, body=b'{"detail": "not yet scanned"}')


def why(world: World, *arguments: object) -> Run:
    """Ask, which changes nothing whatever the answer is."""
    before = world.snapshot()
    told = world.clearway("why", *world.place(), "--index-url", world.index.url, *arguments)
    assert world.changes(before) == []
    return told


def explained(world: World, *arguments: object) -> list[str]:
    told = why(world, *arguments)
    assert told.status == 0, told.text
    assert told.err == "" or "-v" in arguments  # which tells of every request
    return told.out.replace(world.index.url, "INDEX").splitlines()


def data(world: World, *arguments: object) -> Any:
    told = why(world, *arguments, "--json")
    assert (told.status, told.err) == (0, "")
    return json.loads(told.out)


@pytest.fixture
def published(world: World) -> World:
    """``app`` needs ``mid``, which needs ``lib<3``; of ``lib`` 2.1 and 2.2 are refused."""
    index = world.index
    index.add(make_wheel("app", "1.0", requires=["mid"]))
    index.add(make_wheel("mid", "1.0", requires=["lib<3"]))
    for version in ("1.0", "2.0", "2.1", "2.2", "3.0", "3.1a1"):
        index.add(make_wheel("lib", version))
    for version in ("2.1", "2.2"):
        index.on(HELD, stage="file", filename=f"lib-{version}-py3-none-any.whl")
    return world


def test_a_dependency(published: World) -> None:
    assert explained(published, "lib", "app") == [
        "lib 2.0 from INDEX would be installed",
        "Required:",
        "  mid 1.0 needs lib<3 (app -> mid)",
        "Indexes:",
        "  INDEX has it",
        "Newer releases:",
        "  3.1a1, 3.0: not in lib<3, which mid 1.0 needs",
        '  2.2, 2.1: refused by INDEX (403: "not yet scanned")',
        "Older releases, not looked at: 1",
    ]


def test_the_project_alone(published: World) -> None:
    told = explained(published, "lib")
    assert told[0] == "lib 3.0 from INDEX would be installed"
    assert "  lib is asked for (command line)" in told
    assert "  3.1a1: a pre-release, and nothing asks for one" in told
    assert explained(published, "lib", "--pre")[0] == "lib 3.1a1 from INDEX would be installed"
    assert explained(published, "lib<3")[0] == "lib 2.0 from INDEX would be installed"


def test_files(published: World) -> None:
    (published.root / "wanted.txt").write_text("app\n")
    (published.root / "limits.txt").write_text("lib<2\n")
    told = explained(published, "lib", "-r", "wanted.txt", "-c", "limits.txt")
    assert told[0] == "lib 1.0 from INDEX would be installed"
    assert "  lib<2 is a constraint (-c limits.txt, line 1)" in told
    assert "  mid 1.0 needs lib<3 (app -> mid)" in told
    limited = explained(published, "lib", "-c", "limits.txt")
    assert limited[0] == "lib 1.0 from INDEX would be installed"
    assert "  lib is asked for (command line)" in limited


def test_what_is_installed(published: World) -> None:
    published.installed("lib==1.0")
    told = explained(published, "lib", "app")
    assert told[0] == "lib 1.0 is installed and kept"
    assert "  2.0: handed out by INDEX, but what is installed meets what is asked" in told
    assert explained(published, "lib", "app", "lib", "--upgrade")[0] == "lib 2.0 from INDEX would take the place of 1.0"
    assert explained(published, "lib==1.0", "--force-reinstall")[0] == "lib 1.0 from INDEX would be installed again"
    assert explained(published, "lib", "lib==2.0", "--no-deps")[0] == "lib 2.0 from INDEX would take the place of 1.0"


def test_what_needs_it_in_the_environment(published: World) -> None:
    published.installed("app", "lib==1.0")
    told = explained(published, "lib")
    assert told[0] == "lib 1.0 is installed and kept"
    place = told.index("Needed by what is installed:")
    assert told[place + 1] == "  mid 1.0 needs lib<3"
    assert not told[place + 2].startswith("  ")
    assert data(published, "lib")["needed_by"] == [
        {
            "requirement": "lib<3",
            "by": {"name": "mid", "version": "1.0", "through": []},
            "origin": None,
            "constraint": False,
        }
    ]
    asked = explained(published, "lib", "app")  # then it is a part of the answer
    assert "  mid 1.0 needs lib<3 (app -> mid)" in asked
    assert "Needed by what is installed:" not in asked
    published.index.add(make_wheel("alone", "1.0"))
    other = explained(published, "mid", "alone")
    assert other[0] == "mid would not be installed: nothing that is asked for needs it; 1.0 is installed and stays"
    assert "  app 1.0 needs mid" in other


def test_what_nothing_needs(published: World) -> None:
    assert explained(published, "app", "lib")[0] == "app would not be installed: nothing needs it"
    published.installed("lib==1.0")
    told = explained(published, "lib", "app", "--no-deps")
    assert told[0] == "lib would not be installed: nothing needs it; 1.0 is installed and stays"


def test_no_solution(published: World) -> None:
    assert explained(published, "lib", "app", "lib==2.2") == [
        "lib cannot be installed as asked: there is no solution",
        '  Because lib 2.2 was refused by INDEX (403: "not yet scanned") and you asked for lib==2.2, there is no '
        "solution.",
        "  Other releases of lib at INDEX: 3.1a1, 3.0, 2.1, 2.0, 1.0",
        "Required:",
        "  lib==2.2 is asked for (command line)",
        "Indexes:",
        "  INDEX has it",
        "Releases:",
        "  3.1a1, 3.0, 2.1, 2.0, 1.0: not in lib==2.2, asked for (command line)",
        '  2.2: refused by INDEX (403: "not yet scanned")',
        "HINT: Ask whoever runs the index about what it does not hand out, or loosen a requirement.",
    ]


def test_an_unknown_project(world: World) -> None:
    told = explained(world, "nobody")
    assert told[0] == "nobody cannot be installed as asked: there is no solution"
    assert "  INDEX does not have it" in told


def test_data(published: World) -> None:
    told = data(published, "lib", "app")
    releases = {one.pop("version"): one for one in told.pop("releases")}
    assert told == {
        "name": "lib",
        "verdict": "installed",
        "version": "2.0",
        "index": published.index.url,
        "url": f"{published.index.host}/files/lib/lib-2.0-py3-none-any.whl",
        "filename": "lib-2.0-py3-none-any.whl",
        "yanked": None,
        "installed": None,
        "failure": None,
        "required": [
            {
                "requirement": "lib<3",
                "by": {"name": "mid", "version": "1.0", "through": ["app"]},
                "origin": None,
                "constraint": False,
            }
        ],
        "needed_by": [],
        "indexes": [{"name": published.index.url, "standing": "owner"}],
        "withheld": None,
        "older": 1,
    }
    assert list(releases) == ["3.1a1", "3.0", "2.2", "2.1"]
    assert releases["2.2"] == {
        "kind": "refused",
        "reason": f'refused by {published.index.url} (403: "not yet scanned")',
        "answer": {
            "status": 403,
            "index": published.index.url,
            "filename": "lib-2.2-py3-none-any.whl",
            "reason": "not yet scanned",
        },
        "details": [],
    }


def test_data_about_a_failure(published: World) -> None:
    told = data(published, "lib", "lib==2.2")
    assert (told["verdict"], told["version"], told["failure"]["code"]) == ("impossible", None, "no-solution")
    assert data(published, "app", "lib")["verdict"] == "not-needed"
    published.installed("lib==1.0")
    kept = data(published, "lib")
    assert (kept["verdict"], kept["version"], kept["installed"], kept["index"]) == ("kept", "1.0", "1.0", None)


def test_many_reasons(world: World) -> None:
    for minor in range(30):
        world.index.add(make_wheel("lib", f"2.{minor}", requires_python=f">=3.{minor + 50}"))
    world.index.add(make_wheel("lib", "1.0"))
    brief = explained(world, "lib")
    assert len([line for line in brief if "needs Python" in line]) == 20
    assert "  10 more lines: see them with -v" in brief
    assert len([line for line in explained(world, "lib", "-v") if "needs Python" in line]) == 30


def test_versions_with_one_reason_stand_together(world: World) -> None:
    for minor in range(8):
        world.index.add(make_wheel("lib", f"2.{minor}", requires_python=">=3.99"))
    world.index.add(make_wheel("lib", "1.0"))
    told = [line for line in explained(world, "lib") if "needs Python" in line]
    assert [line.partition(": ")[0] for line in told] == ["  2.7, 2.6, 2.5 ... 2.0 (8 releases)"]


BAD: dict[str, tuple[list[str], int, str]] = {
    "nothing": ([], 2, "No project was named"),
    "no requirement": (["lib", "=="], 2, "=="),
    "no such file": (["lib", "-r", "nowhere.txt"], 2, "nowhere.txt"),
    "what only install takes": (["lib", "--report", "-"], 2, "--report"),
}


@pytest.mark.parametrize(("line", "status", "says"), BAD.values(), ids=BAD)
def test_what_cannot_be_explained(published: World, line: list[str], status: int, says: str) -> None:
    check_failure(why(published, *line), status, [says])


def test_an_index_that_does_not_answer(world: World) -> None:
    world.index.on(Answer(401), stage="listing")
    check_failure(why(world, "lib"), 3, ["401"])


def test_what_is_learnt_of_an_index_on_the_way_is_said(world: World) -> None:
    """The project is not part of what would be installed: its listing is asked for by the question alone."""
    shy = world.index.repository("shy")
    shy.add(make_wheel("app", "1.0"))
    world.index.add(make_wheel("lib", "1.0"))
    world.index.on(Answer(403), repository="shy", stage="listing", project="lib")
    told = why(world, "--extra-index-url", shy.url, "lib", "app")
    assert told.status == 0
    assert len([line for line in told.err.splitlines() if "answers 403" in line]) == 1
    assert f"  {shy.url} does not have it" in told.out.splitlines()


def test_a_secret_is_not_shown(published: World) -> None:
    secret = published.secret()
    private = published.index.repository("private", users={"ann": secret})
    private.add(make_wheel("lib", "1.0"))
    private.add(make_wheel("lib", "2.0"))
    published.index.on(HELD, repository="private", stage="file", filename="lib-2.0-py3-none-any.whl")
    url = published.with_user(private.url, "ann", secret)
    for more in ((), ("--json",), ("-v",)):
        told = published.clearway("why", *published.place(), "-i", url, "lib", *more)
        assert told.status == 0
        assert "not yet scanned" in told.out


def test_pip_s_section_for_install_counts(published: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked about is an installation, so it is configured as one."""
    monkeypatch.delenv("PIP_INDEX_URL")
    (published.root / "pip.conf").write_text(f"[install]\nindex-url = {published.index.url}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(published.root / "pip.conf"))
    told = published.clearway("why", *published.place(), "lib")
    assert told.out.startswith("lib 3.0 from ")


def test_an_installation_loads_nothing_of_it(published: World) -> None:
    line = ["install", "--dry-run", *map(str, published.place()), "--index-url", published.index.url, "app"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "clearway", *line], capture_output=True, text=True, check=True
    )
    imported = {row.rpartition("|")[2].strip() for row in done.stderr.splitlines()}
    assert "clearway.commands.install" in imported
    own = {"clearway.cli.why", *(f"clearway.commands.{name}" for name in ("why", "trial", "releases", "explanation"))}
    assert imported & own == set()
