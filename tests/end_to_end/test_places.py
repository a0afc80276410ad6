"""Where an installation goes, as pip has it: the user's folder, a prefix, another root; for another Python; as root."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clearway.cli import places
from end_to_end.world import VERSION, check_failure
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import Run, World

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the places are those of POSIX")

BASE = f"{sys.base_prefix}/bin/{VERSION}"
"""A Python that is no virtual environment. Nothing is ever installed into it."""
QUIET = ("--no-warn-script-location", "--root-user-action", "ignore")
DEMO = make_wheel(
    "demo",
    "1.0",
    files={"demo/__init__.py": "def main():\n    print('demo runs')\n"},
    entry_points={"console_scripts": {"demo-command": "demo:main"}, "gui_scripts": {"demo-window": "demo:main"}},
    scripts={"demo-script": "#!python\nimport demo\ndemo.main()\n", "demo-shell": "#!/bin/sh\n"},
    data={"data/share/demo/page.txt": b"page", "headers/demo.h": b"", "purelib/pure.py": b"", "platlib/plat.py": b""},
)
GENERATED = ("bin/demo-command", "bin/demo-window")
"""Commands: the program in them is each installer's own, their first line is the same."""


@pytest.fixture
def home(world: World) -> Path:
    """The user's base folder."""
    world.index.add(DEMO)
    world.index.add(make_wheel("demo", "2.0", files={"demo/__init__.py": ""}))
    return world.root / "home" / ".local"


def install(world: World, python: object, *arguments: object, status: int = 0) -> Run:
    line = ("install", "--python", python, "--cache-dir", world.cache, "--index-url", world.index.url, *arguments)
    result = world.clearway(*line)
    assert result.status == status, result.text
    return result


def see_through(world: World) -> Path:
    """Make a virtual environment that sees the packages of its system and of the user; return its interpreter."""
    folder = world.root / "seeing"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", folder], check=True, timeout=60
    )
    return folder / "bin" / "python"


def versions(site: Path) -> list[str]:
    return sorted(path.stem for path in site.glob("*.dist-info"))


# -- the same trees as pip's -------------------------------------------------------------------------------------------


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Return what is below a folder, without what an installer says of itself."""
    found = {}
    for path in (
        path for path in root.rglob("*") if path.is_file() and path.name not in ("INSTALLER", "direct_url.json")
    ):
        content = path.read_bytes()
        name = str(path.relative_to(root))
        if not name.startswith(("out/", "home/.local/")):  # of other programs, which pip asks for their versions
            continue
        if path.name == "RECORD":
            lines = sorted(
                line for line in content.splitlines() if b"INSTALLER" not in line and b"direct_url" not in line
            )
            content = b"\n".join(line.partition(b",")[0] if line.startswith(b"../") else line for line in lines)
        elif name.endswith(GENERATED):
            content = content.partition(b"\n")[0]
        found[name] = (path.stat().st_mode, content)
    return found


@pytest.mark.parametrize(
    ("python", "place"),
    [
        ("base", ["--user"]),
        ("base", ["--user", "--root", "out"]),
        ("env", ["--prefix", "out"]),
        ("base", ["--prefix", "out"]),
        ("env", ["--root", "out"]),
        ("env", ["--root", "out", "--prefix", "/usr"]),
        ("env", ["--target", "out"]),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_trees_are_those_of_pip(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch, python: str, place: list[str]
) -> None:
    pytest.importorskip("pip")
    interpreter = BASE if python == "base" else str(world.python)
    wheel = DEMO.write(world.root)
    options = ["--no-index", "--no-deps", "--no-compile", "--ignore-installed", *QUIET, *place, str(wheel)]
    trees = []
    for name in ("theirs", "ours"):
        folder = world.root / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("HOME", str(folder / "home"))
        if name == "ours":
            assert world.clearway("install", "--python", interpreter, "--cache-dir", world.cache, *options).status == 0
        else:
            pip = [sys.executable, "-m", "pip", "--python", interpreter, "--disable-pip-version-check", "install"]
            subprocess.run([*pip, "--quiet", *options], check=True, capture_output=True, timeout=60)
        trees.append(tree(folder))
    theirs, ours = ({name.replace("/theirs/", "/ours/"): value for name, value in found.items()} for found in trees)
    if "--target" in place:  # pip's RECORD has the paths of the folder from which it moves everything at last
        del theirs["out/demo-1.0.dist-info/RECORD"]
        assert b"bin/demo-shell,sha256" in ours.pop("out/demo-1.0.dist-info/RECORD")[1]
    assert len(ours) >= 11
    assert ours == theirs


# -- the user's folder -------------------------------------------------------------------------------------------------


def test_the_users_packages_are_found_and_can_be_removed(world: World, home: Path) -> None:
    install(world, BASE, "--user", *QUIET, "demo==1.0")
    assert "already satisfied" in install(world, BASE, "--user", "demo").out
    place = ("--python", BASE, "--cache-dir", world.cache)
    for command in ("list", "freeze", "show", "uninstall"):
        names = ("--yes", "demo") if command == "uninstall" else ("demo",) if command == "show" else ("--user",)
        result = world.clearway(command, *place, *names)
        assert result.status == 0, result.text
        assert "demo" in result.out
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_a_newer_release_replaces_the_users(world: World, home: Path) -> None:
    install(world, BASE, "--user", *QUIET, "demo==1.0")
    install(world, BASE, "--user", *QUIET, "--upgrade", "demo")
    site = home / "lib" / VERSION / "site-packages"
    assert versions(site) == ["demo-2.0"]
    assert not (home / "bin" / "demo-command").exists()


def test_another_base_folder_of_the_user(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUSERBASE", str(world.root / "mine"))
    install(world, BASE, "--user", *QUIET, "demo==1.0")
    assert versions(world.root / "mine" / "lib" / VERSION / "site-packages") == ["demo-1.0"]


def test_a_virtual_environment_does_not_see_the_users_packages(world: World, home: Path) -> None:
    result = install(world, world.python, "--user", "demo", status=5)
    check_failure(result, 5, ["does not see packages of the user"])
    assert not home.exists()


def test_a_virtual_environment_that_sees_them(world: World, home: Path) -> None:
    """They are below its own: seen, not removed, and hidden by what it has itself."""
    python = see_through(world)
    install(world, python, "--user", *QUIET, "demo==1.0")
    assert "already satisfied" in install(world, python, "demo").out
    removed = world.clearway("uninstall", "--yes", "--python", python, "--cache-dir", world.cache, "demo")
    site = home / "lib" / VERSION / "site-packages"
    assert removed.warnings == [f"Not uninstalling demo 1.0 at {site}, outside environment {python.parents[1]}."]
    install(world, python, "--upgrade", *QUIET, "demo")
    assert versions(python.parents[1] / "lib" / VERSION / "site-packages") == ["demo-2.0"]
    assert versions(site) == ["demo-1.0"]
    hidden = install(world, python, "--user", "demo==1.0", status=5)
    assert "comes before it on sys.path" in hidden.error


def test_where_nothing_may_be_written_it_falls_to_the_user(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = see_through(world)
    monkeypatch.setattr(places, "is_writable", lambda scheme: str(world.root / "seeing") not in scheme.purelib)
    said = install(world, python, *QUIET, "demo==1.0").out
    assert said.startswith("Defaulting to user installation because normal site-packages is not writeable\n")
    assert versions(home / "lib" / VERSION / "site-packages") == ["demo-1.0"]


@pytest.mark.parametrize("how", ["flag", "variable"])
def test_it_does_not_fall_to_the_user_who_says_no(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    python = see_through(world)
    monkeypatch.setattr(places, "is_writable", lambda scheme: False)
    if how == "variable":
        monkeypatch.setenv("PIP_USER", "no")
    install(world, python, *QUIET, "demo==1.0", *(["--no-user"] if how == "flag" else []))
    assert not home.exists()


def test_the_python_that_clearway_runs_on(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is named or active, as in an image: the one that pip would change too."""
    monkeypatch.setattr(sys, "executable", BASE)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    line = ("--cache-dir", world.cache, "--index-url", world.index.url, "--user", *QUIET, "demo==1.0")
    assert world.clearway("install", *line).status == 0
    assert versions(home / "lib" / VERSION / "site-packages") == ["demo-1.0"]


# -- a prefix and another root -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--prefix", "--root"])
def test_what_the_environment_has_counts_and_stays(world: World, home: Path, option: str) -> None:
    """As with pip; but what does not fit is not taken out of the environment."""
    install(world, world.python, *QUIET, "demo==1.0")
    before = world.snapshot()
    assert "already satisfied" in install(world, world.python, option, "out", *QUIET, "demo").out
    assert not (world.root / "out").exists()
    install(world, world.python, option, "out", *QUIET, "--upgrade", "demo")
    assert world.changes(before) == []
    assert [path.stem for path in (world.root / "out").rglob("*.dist-info")] == ["demo-2.0"]
    install(world, world.python, option, "out", *QUIET, "--ignore-installed", "demo==1.0")
    assert [path.stem for path in (world.root / "out").rglob("*.dist-info")] == ["demo-1.0"]
    assert world.changes(before) == []


def test_installing_as_if_nothing_were_installed(world: World, home: Path) -> None:
    install(world, world.python, *QUIET, "demo==1.0")
    extra = world.site / "demo" / "stray.py"
    extra.touch()
    assert "Successfully installed demo-1.0" in install(world, world.python, *QUIET, "-I", "demo==1.0").out
    install(world, world.python, *QUIET, "-I", "demo")
    assert versions(world.site) == ["demo-2.0"]
    assert not (world.env / "bin" / "demo-command").exists()


def test_what_has_no_record_is_written_over(world: World, home: Path) -> None:
    """What pip cannot remove is what people say --ignore-installed for."""
    install(world, world.python, *QUIET, "demo==1.0")
    (world.site / "demo-1.0.dist-info" / "RECORD").unlink()
    assert "--ignore-installed" not in install(world, world.python, *QUIET, "demo==2.0", status=5).out
    install(world, world.python, *QUIET, "-I", "demo==2.0")
    assert "demo-2.0" in versions(world.site)
    assert (world.site / "demo" / "__init__.py").read_text() == ""


# -- another Python ----------------------------------------------------------------------------------------------------


@pytest.fixture
def for_others(world: World) -> None:
    world.index.add(make_wheel("native", "1.0", tags="cp39-cp39-manylinux2014_x86_64", requires=["dep"]))
    world.index.add(make_wheel("native", "1.0", tags="cp312-cp312-win_amd64", requires=["dep"]))
    world.index.add(make_wheel("native", "2.0", tags="cp312-cp312-win_amd64", requires_python=">=3.12"))
    world.index.add(make_wheel("dep", "1.0", requires_python="<3.10"))
    world.index.add(make_wheel("dep", "0.9"))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--python-version", "39", "--platform", "manylinux2014_x86_64"], ["dep-1.0", "native-1.0"]),
        (["--python-version", "3.12", "--platform", "win_amd64"], ["native-2.0"]),
        (["--python-version", "3.12.1", "--platform", "win32", "--platform", "win_amd64"], ["native-2.0"]),
        (
            ["--python-version=3.9", "--platform=manylinux2014_x86_64", "--implementation=cp", "--abi=cp39"],
            ["dep-1.0", "native-1.0"],
        ),
    ],
)
def test_another_python_or_platform(world: World, for_others: None, options: list[str], found: list[str]) -> None:
    install(world, world.python, "--target", "there", "--only-binary=:all:", *options, "native")
    assert versions(world.root / "there") == found
    told = install(world, world.python, "--dry-run", "--only-binary=:all:", *options, "native").out
    assert f"Would install {' '.join(sorted(found))}" in told


def test_a_folder_for_one_python_is_not_satisfied_for_another(world: World, for_others: None) -> None:
    line = ("--target", "there", "--only-binary=:all:", "--platform", "win_amd64", "native<2", "--no-deps")
    install(world, world.python, *line, "--python-version", "3.12")
    assert "already satisfied" in install(world, world.python, *line, "--python-version", "3.12").out
    assert world.clearway("list", "--path", "there", "--python", world.python).status == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--target", "there", "--platform", "win_amd64"], "--only-binary=:all:"),
        (["--target", "there", "--abi", "cp39", "--only-binary=:all:", "--no-binary=native"], "--only-binary=:all:"),
        (["--implementation", "pp", "--only-binary=:all:"], "--target"),
        (["--python-version", "3.x", "--no-deps", "--dry-run"], "a version of Python"),
        (["--python-version", "3.1.2.3", "--no-deps", "--dry-run"], "a version of Python"),
        (["--user", "--target", "there"], "--target and --user"),
        (["--user", "--prefix", "there"], "--prefix and --user"),
        (["--prefix", "one", "--target", "other"], "--target and --prefix"),
        (["--root", "one", "--target", "other"], "--target and --root"),
    ],
)
def test_what_does_not_go_together(world: World, options: list[str], says: str) -> None:
    world.fails(2, *options, "native", says=[says])
    assert not (world.root / "there").exists()


def test_a_variable_that_does_not_go_together_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_USER", "1")
    check_failure(install(world, world.python, "--target", "there", "native", status=2), 2, ["PIP_USER"])


def test_releases_for_another_python_when_insisted_on(world: World) -> None:
    world.index.add(make_wheel("old", "1.0", requires_python="<3"))
    world.fails(1, "old", says=["needs Python"])
    world.installed("--ignore-requires-python", "old")
    assert world.versions() == {"old": "1.0"}


# -- what is said ------------------------------------------------------------------------------------------------------


def test_commands_that_will_not_be_found(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = install(world, BASE, "--user", "--root-user-action=ignore", "demo==1.0").err
    assert f"The script demo-command is installed in '{home}/bin' which is not on PATH" in said
    monkeypatch.setenv("PATH", f"{home}/bin/{os.pathsep}{os.environ['PATH']}")
    assert "PATH" not in install(world, BASE, "--user", "--root-user-action=ignore", "-I", "demo==1.0").err


def test_commands_that_are_expected_where_they_are(world: World, home: Path) -> None:
    assert install(world, BASE, "--user", *QUIET, "demo==1.0").err == ""
    assert install(world, world.python, "demo==1.0").err == ""  # beside its interpreter
    assert install(world, world.python, "--prefix", "out", "-I", "demo==1.0").err == ""


@pytest.mark.parametrize(("user", "said"), [(0, True), (1000, False)])
def test_root_is_warned(world: World, home: Path, monkeypatch: pytest.MonkeyPatch, user: int, said: bool) -> None:
    monkeypatch.setattr(os, "getuid", lambda: user)
    line = ("--user", "--no-warn-script-location", "demo==1.0")
    assert ("'root' user" in install(world, BASE, *line).err) is said
    assert "'root' user" not in install(world, BASE, *line).err  # nothing was done
    assert "'root' user" not in install(world, world.python, "demo==1.0").err
    place = ("--python", BASE, "--cache-dir", world.cache)
    assert ("'root' user" in world.clearway("uninstall", "--yes", *place, "demo").err) is said


def test_nothing_but_virtual_environments(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    refused = install(world, BASE, "--user", "demo==1.0", status=5)
    check_failure(refused, 5, ["is no virtual environment", "PIP_REQUIRE_VIRTUALENV"])
    assert not home.exists()
    install(world, world.python, "demo==1.0")
    assert world.clearway("list", "--python", BASE, "--cache-dir", world.cache).status == 0
