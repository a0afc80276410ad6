"""``list`` and ``freeze``: pip's words about the environments that we make, and about those that nobody should."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from end_to_end.comparison import needs_pip, same
from end_to_end.world import VERSION, check_failure
from support.wheels import make_metadata, make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World


@pytest.fixture
def filled(world: World) -> World:
    """Install a few projects: with requirements, from a URL, in editable mode."""
    world.index.add(
        make_wheel("Demo.Project", "1.0", requires=["dep>=1", 'other; extra == "more"'], extras={"more": []})
    )
    world.index.add(make_wheel("dep", "2.0.post1"))
    world.index.add(make_wheel("other", "1.0rc1"))
    world.installed("demo-project", "other==1.0rc1")
    placed = make_wheel("placed", "0.1").write(world.root)
    world.installed(f"placed @ {placed.as_uri()}")
    make_editable(world, "Editable-One", "3.0")
    return world


def make_info(world: World, name: str, version: str, folder: str = "", **files: str) -> Path:
    """Write a .dist-info by hand."""
    info = world.site / (folder or f"{name.replace('-', '_')}-{version}.dist-info")
    info.mkdir()
    (info / "METADATA").write_bytes(make_metadata(name, version))
    for file, text in files.items():
        (info / file).write_text(text)
    return info


def make_editable(world: World, folder: str, version: str, name: str = "") -> Path:
    """Install a project in editable mode as a build backend does it (PEP 660)."""
    project = world.root / "given" / folder.lower()
    project.mkdir(parents=True)
    (project / "pyproject.toml").write_text("")
    info = make_info(world, name or folder, version, INSTALLER="pip\n", REQUESTED="")
    (info / "direct_url.json").write_text(json.dumps({"url": project.as_uri(), "dir_info": {"editable": True}}))
    return project


def make_linked(world: World, name: str, version: str) -> Path:
    """Install a project as ``setup.py develop`` did it."""
    project = world.root / "given" / name
    (project / f"{name}.egg-info").mkdir(parents=True)
    (project / f"{name}.egg-info" / "PKG-INFO").write_bytes(make_metadata(name, version))
    (world.site / f"{name}.egg-link").write_text(f"{project}\n.\n")
    (world.site / "easy-install.pth").write_text(f"{project}\n")
    return project


def told(world: World, *line: object) -> str:
    run = world.clearway(line[0], *world.place(), *line[1:])
    assert run.status == 0, run.text
    return run.out


def listed(world: World, *line: object) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(told(world, "list", "--format", "json", *line))
    return entries


def names(world: World, *line: object) -> list[str]:
    return [entry["name"] for entry in listed(world, *line)]


# -- beside pip --------------------------------------------------------------------------------------------------------


LINES = [
    ["list"],
    ["list", "-v"],
    ["list", "--format", "freeze"],
    ["list", "--format=json", "--verbose"],
    ["list", "--not-required"],
    ["list", "-e"],
    ["list", "-e", "--exclude-editable"],
    ["list", "--exclude-editable", "--include-editable", "--exclude", "DEP", "--exclude", "demo_project"],
    ["list", "--user"],
    ["freeze"],
    ["freeze", "--all", "-l"],
    ["freeze", "--exclude-editable", "--exclude", "dep"],
]


@needs_pip
def test_what_pip_says(filled: World) -> None:
    make_info(filled, "pip", "99.0")
    make_info(filled, "argparse", "1.4")
    make_linked(filled, "linked", "0.5")
    (filled.site / "distutils_style-1.2-py3.8.egg-info").write_bytes(make_metadata("distutils-style", "1.2"))
    before = filled.snapshot()
    for line in LINES:
        same(filled, *line)
    assert filled.changes(before) == []


@needs_pip
def test_other_folders(filled: World) -> None:
    folder = filled.root / "given" / "folder"
    folder.mkdir()
    filled.installed("dep", "--target", folder)
    assert "dep" in same(filled, "list", "--path", folder)
    assert same(filled, "freeze", "--path", folder, "--path", filled.site).startswith("Demo.Project==1.0\ndep==")
    assert same(filled, "list", "--path", filled.root / "given" / "nowhere") == ""


@needs_pip
def test_an_empty_environment(world: World) -> None:
    assert same(world, "list") == ""
    assert same(world, "list", "--format", "json") == "[]\n"
    assert same(world, "freeze") == ""


@needs_pip
def test_the_order_of_requirement_files(filled: World) -> None:
    (filled.root / "one.txt").write_text(
        "# ours\n--index-url https://example.com/simple\n\nother  # why\n\n-e git+https://example.com/x#egg=editable-one\nabsent>=1\n"
    )
    (filled.root / "two.txt").write_text("# ours\nDep>=1\nother\nplaced @ https://example.com/placed-0.1.zip\n")
    line = ("freeze", "-r", "one.txt", "--requirement", "two.txt")
    lines = same(filled, *line).splitlines()
    assert lines[:5] == ["# ours", "--index-url https://example.com/simple", "", "other==1.0rc1", lines[4]]
    assert lines[-2:] == ["## The following requirements were added by pip freeze:", "Demo.Project==1.0"]
    run = filled.clearway(*line, *filled.place())
    assert run.warnings == [
        "one.txt names absent>=1, but absent is not installed.",
        "other is named several times: one.txt, two.txt.",
    ]


def test_lines_of_requirement_files_that_pip_does_not_read(filled: World) -> None:
    (filled.root / "one.txt").write_text("dep==2.0.post1 \\\n    --hash=sha256:00\n-c other.txt\n./unknown\n")
    run = filled.clearway("freeze", "-r", "one.txt", *filled.place())
    assert run.out.splitlines()[:3] == [
        "dep==2.0.post1",
        "-c other.txt",
        "## The following requirements were added by pip freeze:",
    ]
    assert run.warnings == ["one.txt names ./unknown, but not which project that is; add #egg=NAME to it."]
    check_failure(filled.clearway("freeze", "-r", "absent.txt", *filled.place()), 2, ["absent.txt"])


REMOTES = ["https://example.com/x/y.git", "git@example.com:x/y.git", "ssh://git@example.com/x.git", "", "x:y:z", "/no"]


@needs_pip
@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_editable_projects_in_a_repository(world: World) -> None:
    for number, remote in enumerate(REMOTES):
        project = make_editable(world, f"part-{number}", "1.0")
        make_editable(world, f"part-{number}/inner", "1.0", name=f"inner-{number}")
        git = ["git", "-c", "user.email=a@example.com", "-c", "user.name=a", "-C", str(project)]
        for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
            subprocess.run([*git, *words], check=True)
        if remote:
            subprocess.run([*git, "remote", "add", "origin", remote], check=True)
    assert same(world, "freeze").count("#egg=inner_") == 3


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_token_of_a_remote_is_not_written_down(filled: World) -> None:
    project, secret = filled.root / "given" / "editable-one", filled.secret()
    for words in (
        ["init", "-q"],
        ["remote", "add", "origin", filled.with_user("https://example.com/x.git", "u", secret)],
    ):
        subprocess.run(["git", "-C", str(project), *words], check=True)
    assert "## !! Could not determine repository location\n-e " in told(filled, "freeze")
    commit = ["-c", "user.email=a@example.com", "-c", "user.name=a", "commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(["git", "-C", str(project), *commit], check=True)
    assert "-e git+https://example.com/x.git@" in told(filled, "freeze")


DIRECT = {
    "archive": {"url": "https://example.com/a.zip", "archive_info": {"hash": "sha256=00", "hashes": {"sha256": "00"}}},
    "old hash": {"url": "https://example.com/a.zip", "archive_info": {"hash": "sha256=00"}},
    "no hash": {"url": "https://example.com/a.zip", "archive_info": {}},
    "inside": {"url": "https://example.com/a.zip", "archive_info": {}, "subdirectory": "b/c"},
    "git": {
        "url": "https://example.com/a.git",
        "vcs_info": {"vcs": "git", "commit_id": "0a", "requested_revision": "v1"},
    },
    "user of git": {"url": "ssh://git@example.com/a.git", "vcs_info": {"vcs": "git", "commit_id": "0a"}},
    "variables": {"url": "https://${USER}:${TOKEN}@example.com/a.zip?b=c", "archive_info": {}},
    "folder": {"url": "file:///tmp/a", "dir_info": {}},
    "two": {"url": "file:///tmp/a", "dir_info": {}, "archive_info": {}},
    "none": {"url": "file:///tmp/a"},
    "number": {"url": 1, "archive_info": {}},
}


@needs_pip
def test_where_distributions_came_from(world: World) -> None:
    for number, direct in enumerate(DIRECT.values()):
        (make_info(world, f"demo-{number}", "1.0") / "direct_url.json").write_text(json.dumps(direct))
    assert same(world, "freeze").count(" @ ") == len(DIRECT) - 3


def test_a_password_in_a_direct_url_is_not_written_down(world: World) -> None:
    url = world.with_user("https://example.com/a.zip", "me", world.secret())
    info = world.root / "given"
    info.mkdir()  # what is there already is not ours to hide
    shutil.move(make_info(world, "demo", "1.0"), info / "demo-1.0.dist-info")
    (info / "demo-1.0.dist-info" / "direct_url.json").write_text(json.dumps({"url": url, "archive_info": {}}))
    assert told(world, "freeze", "--path", info) == "demo @ https://example.com/a.zip\n"


# -- broken environments -----------------------------------------------------------------------------------------------


def test_what_is_broken_is_told_and_the_rest_listed(world: World) -> None:
    make_info(world, "sound", "1.0")
    make_info(world, "demo", "1.0")
    os.utime(make_info(world, "demo", "0.9"), (1, 1))
    (world.site / "nothing-1.0.dist-info").mkdir()
    make_info(world, "emo", "1.0", "~emo-1.0.dist-info")
    make_info(world, "past", "1.0-final-2", "past-1.0_final_2.dist-info")
    (make_info(world, "odd", "1.0") / "direct_url.json").write_bytes(b'{"url": "\xff')
    (make_info(world, "lies", "1.0") / "METADATA").write_bytes(b"\xff\0 no header\n")
    os.mkdir(os.fsencode(world.site) + b"/\xff\xfe-1.0.dist-info")
    run = world.clearway("list", "--format", "freeze", *world.place())
    assert run.status == 0, run.text
    assert run.out.splitlines() == [
        "demo==1.0",
        "lies==1.0",
        "nothing==1.0",
        "odd==1.0",
        "past===1.0-final-2",
        "sound==1.0",
    ]
    assert len([line for line in run.warnings if " is broken: " in line]) == 5
    assert "The direct_url.json of odd 1.0 is not valid, and was not read." in run.warnings
    (world.site / "sound-1.0-py3.8.egg-info").write_bytes(make_metadata("sound", "1.0"))  # as distributors have it
    assert world.clearway("list", *world.place()).warnings == run.warnings
    for line in (["list"], ["list", "--not-required", "-v"], ["freeze"], ["inspect"], ["show", "-f", "-v", "lies"]):
        assert world.clearway(*line, *world.place()).status == 0


def test_folders_whose_names_are_not_text(world: World) -> None:
    folder = os.fsencode(world.root) + b"/given\xff"
    os.makedirs(folder + b"/demo-1.0.dist-info")
    with open(folder + b"/demo-1.0.dist-info/METADATA", "wb") as file:
        file.write(make_metadata("demo", "1.0"))
    (entry,) = listed(world, "--path", os.fsdecode(folder), "-v")
    assert os.fsencode(entry["location"]) == folder
    assert "demo" in told(world, "list", "-v", "--path", os.fsdecode(folder))


def test_a_change_that_was_cut_off_is_told(world: World) -> None:
    from clearway.site.lock import WORK

    (world.site / WORK).mkdir()
    before = world.snapshot()
    run = world.clearway("list", *world.place())
    assert (run.status, len(run.warnings)) == (0, 1)
    assert "under way or was cut off" in run.warnings[0]
    assert world.changes(before) == []


# -- what only we decide -----------------------------------------------------------------------------------------------


def test_build_numbers(world: World) -> None:
    world.index.add(make_wheel("built", "1.0", build="7x"))
    world.index.add(make_wheel("plain", "1.0"))
    world.installed("built", "plain")
    assert told(world, "list").splitlines() == [
        "Package Version Build",
        "------- ------- -----",
        "built   1.0     7x",
        "plain   1.0",
    ]


@pytest.mark.parametrize("version", ["1.0", "1.0.POST1", "1.0+LOCAL.1", "v1.0", "01.0"])
def test_versions_are_spelled_as_installed_and_normalized_for_programs(world: World, version: str) -> None:
    from packaging.version import Version

    make_info(world, "demo", version, "demo-1.0.dist-info")
    assert told(world, "list").splitlines()[-1] == f"demo    {version}"
    assert listed(world) == [{"name": "demo", "version": str(Version(version))}]
    assert told(world, "freeze") == f"demo=={Version(version)}\n"


def test_local_and_user(filled: World) -> None:
    configuration = filled.env / "pyvenv.cfg"
    configuration.write_text(configuration.read_text().replace("packages = false", "packages = true"))
    folder = filled.root / "home" / ".local" / "lib" / VERSION / "site-packages"
    folder.mkdir(parents=True)
    shutil.move(make_info(filled, "users", "1.0"), folder / "users-1.0.dist-info")
    assert {"users", "dep"} <= set(names(filled))
    assert set(names(filled, "--local")) == {"Demo.Project", "dep", "other", "placed", "Editable-One"}
    assert names(filled, "--user") == ["users"]
    assert names(filled, "--user", "--local") == []


def test_options_that_exclude_each_other(filled: World) -> None:
    check_failure(filled.clearway("list", *filled.place(), "-o", "-u"), 2, ["--outdated and --uptodate"])
    check_failure(filled.clearway("list", *filled.place(), "-o", "--format", "freeze"), 2, ["--format"])
    check_failure(filled.clearway("list", *filled.place(), "--format", "human"), 2, ["columns"])
    check_failure(filled.clearway("list", *filled.place(), "--path", ".", "--user"), 2, ["--path"])
    check_failure(filled.clearway("list", *filled.place(), "demo"), 2)


def test_variables_and_files_of_pip_say_how_it_is_listed(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FORMAT", "freeze")
    assert told(filled, "list").startswith("Demo.Project==1.0\n")
    monkeypatch.delenv("PIP_FORMAT")
    configuration = filled.root / "pip.conf"
    configuration.write_text("[list]\nformat = json\n[cache]\nformat = abspath\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    assert told(filled, "list").startswith('[{"name": "Demo.Project"')


def test_quiet_is_for_words_not_for_answers(filled: World) -> None:
    assert told(filled, "list", "-qq", "--format", "freeze") == told(filled, "list", "--format", "freeze") != ""


# -- beside the index --------------------------------------------------------------------------------------------------


@pytest.fixture
def aged(filled: World) -> World:
    """Publish newer releases: of one a wheel, of one only what should not be taken."""
    shutil.rmtree(filled.cache)  # it would remember the listings for a while
    filled.index.add(make_wheel("demo-project", "2.0"))
    filled.index.add(make_wheel("demo-project", "3.0rc1"))
    filled.index.add(make_wheel("dep", "3.0"), yanked="broken")
    filled.index.add(make_wheel("dep", "4.0", requires_python="<3"))
    return filled


@needs_pip
def test_what_is_newer(aged: World) -> None:
    """``other`` is at a pre-release and has no other: pip compares it with nothing, we with what we would install."""
    for line in (["-o"], ["--outdated", "--format", "json"], ["-u"]):
        same(aged, "list", "--index-url", aged.index.url, "--exclude", "other", *line)


def test_prereleases_are_newer_only_if_asked_for(aged: World) -> None:
    def newer(*line: object) -> dict[str, str]:
        entries = listed(aged, "--outdated", "--index-url", aged.index.url, *line)
        return {entry["name"]: entry["latest_version"] for entry in entries}

    assert newer() == {"Demo.Project": "2.0"}
    assert newer("--pre") == {"Demo.Project": "3.0rc1"}
    assert newer("--exclude", "demo-project") == {}
    assert told(aged, "list", "-u", "--index-url", aged.index.url).split()[4::2] == ["dep", "other"]


def test_an_index_that_cannot_be_asked(filled: World) -> None:
    failure = filled.clearway("list", "-o", *filled.place(), "--index-url", "http://127.0.0.1:9/x/", "--retries", "0")
    check_failure(failure, 3)
    assert failure.out == ""


# -- start-up ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", [["list"], ["list", "--format", "json"], ["freeze", "--exclude-editable"]], ids=" ".join
)
def test_a_list_imports_little(world: World, line: list[str]) -> None:
    world.index.add(make_wheel("demo", "1.0", requires=["dep"]))
    world.index.add(make_wheel("dep", "1.0"))
    world.installed("demo")
    command = [sys.executable, "-X", "importtime", "-m", "clearway", *line, *map(str, world.place())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {row.rpartition("|")[2].strip().partition(".")[0] for row in done.stderr.splitlines() if "|" in row}
    assert imported & {"packaging", "pyreqwest", "http", "ssl", "socket", "subprocess", "email", "json"} == set()
    assert "demo" in done.stdout
