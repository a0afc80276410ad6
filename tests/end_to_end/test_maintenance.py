"""``uninstall``, ``check`` and ``cache``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import VERSION, check_failure
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import Run, World


@pytest.fixture
def installed(world: World) -> None:
    """Install ``demo`` with a command and a data file, and the ``dep`` that it needs."""
    world.index.add(
        make_wheel(
            "demo",
            "1.0",
            requires=["dep"],
            entry_points={"console_scripts": {"demo": "demo:main"}},
            data={"data/share/demo/page": b""},
        )
    )
    world.index.add(make_wheel("dep", "1.0"))
    world.installed("demo")


def uninstall(world: World, *arguments: object) -> Run:
    return world.clearway("uninstall", *world.place(), *arguments)


def removal(name: str) -> list[str]:
    """Return what is said of a removal."""
    return [
        f"Found existing installation: {name} 1.0",
        f"Uninstalling {name}-1.0:",
        f"  Successfully uninstalled {name}-1.0",
    ]


def check(world: World) -> Run:
    return world.clearway("check", *world.place())


# -- uninstall ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("installed")
def test_what_was_installed_is_gone(world: World) -> None:
    (world.site / "demo" / "notes.txt").write_text("mine")
    removed = uninstall(world, "--yes", "Demo")
    assert removed.status == 0, removed.text
    assert removed.out.splitlines() == removal("demo")
    assert world.versions() == {"dep": "1.0"}
    assert not (world.env / "bin" / "demo").exists()
    assert not (world.env / "share").exists()
    assert [path.name for path in (world.site / "demo").iterdir()] == ["notes.txt"]


def test_everything_leaves_the_environment_as_it_was(world: World) -> None:
    before = world.snapshot()
    world.index.add(make_wheel("demo", "1.0", files={"a/b/c/d.py": b"", "space/demo.py": b""}))
    world.index.add(make_wheel("other", "1.0", files={"space/other.py": b""}))
    world.installed("demo", "other", "--compile")
    (world.root / "given.txt").write_text("demo==1.0\nother>3\n")
    assert uninstall(world, "-y", "-r", "given.txt").status == 0
    assert world.changes(before) == []


@pytest.mark.usefixtures("installed")
def test_nobody_to_ask(world: World) -> None:
    before = world.snapshot()
    failure = world.finish(world.start("uninstall", *world.place(), "demo"))
    check_failure(failure, 2, ["--yes"])
    assert world.changes(before) == []


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("answer", "gone"), [(b"n\n", False), (b"y\n", True), (b"y", True), (b"\xff\n", False)])
def test_a_pipe_may_answer(world: World, answer: bytes, gone: bool) -> None:
    command = [sys.executable, "-m", "clearway", "uninstall", *map(str, world.place()), "demo"]
    done = subprocess.run(command, input=answer, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert ("demo" not in world.versions()) == gone


@pytest.mark.usefixtures("installed")
def test_nobody_is_asked_against_their_wish(world: World) -> None:
    command = [sys.executable, "-m", "clearway", "uninstall", "--no-input", *map(str, world.place()), "demo"]
    done = subprocess.run(command, input=b"y\n", capture_output=True)
    assert done.returncode == 2
    assert b"Proceed" not in done.stdout
    assert "demo" in world.versions()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("answer", "gone"), [("n", False), ("y", True), ("", True), ("what?", False)])
def test_a_person_is_asked(world: World, answer: str, gone: bool) -> None:
    pty = pytest.importorskip("pty")

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "clearway", "uninstall", *map(str, world.place()), "demo"]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.write(ours, f"{answer}\n".encode())
    out, err = process.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, err) == (0, "")
    *files, answer = out.partition("  Would remove:\n")[2].partition("Proceed (Y/n)? ")
    assert out.startswith("Found existing installation: demo 1.0\nUninstalling demo-1.0:\n  Would remove:\n")
    assert f"    {world.site / 'demo-1.0.dist-info'}/*\n" in files[0]
    assert f"    {world.env / 'bin' / 'demo'}\n" in files[0]
    assert answer == ("  Successfully uninstalled demo-1.0\n" if gone else "Nothing was removed.\n")
    assert ("demo" not in world.versions()) == gone


def test_what_is_not_there(world: World) -> None:
    before = world.snapshot()
    told = uninstall(world, "--yes", "absent")
    assert told.status == 0
    assert told.warnings == ["Skipping absent as it is not installed."]
    check_failure(uninstall(world, "--yes"), 2, ["Nothing was named to remove"])
    check_failure(uninstall(world, "--yes", "no=name"), 2, ["'no=name' is not a requirement"])
    assert world.changes(before) == []


@pytest.mark.usefixtures("installed")
def test_a_second_copy_that_stays_is_told(world: World) -> None:
    second = world.site / "demo-0.9.dist-info"
    shutil.copytree(world.site / "demo-1.0.dist-info", second)
    os.utime(second, (1, 1))
    told = uninstall(world, "--yes", "demo")
    assert told.out.splitlines() == removal("demo")
    assert told.warnings == [f"Another copy is still there: {second}. Run the command again to remove it."]
    assert uninstall(world, "--yes", "demo").warnings == []
    assert world.versions() == {"dep": "1.0"}


def test_what_is_outside_of_the_environment_is_not_called_removed(world: World) -> None:
    """As with pip: it is told, and is no failure."""
    configuration = world.env / "pyvenv.cfg"
    configuration.write_text(configuration.read_text().replace("packages = false", "packages = true"))
    folder = world.root / "home" / ".local" / "lib" / VERSION / "site-packages"
    (folder / "outer-1.0.dist-info").mkdir(parents=True)
    (folder / "outer-1.0.dist-info" / "METADATA").write_text("Name: outer\nVersion: 1.0\n")
    (folder / "outer-1.0.dist-info" / "RECORD").write_text("outer.py,,\n")
    world.index.add(make_wheel("inner", "1.0"))
    world.installed("inner")
    outside = f"Not uninstalling outer 1.0 at {folder}, outside environment {world.env}."
    removed = removal("inner")
    for asked, lines in ((["outer"], []), (["outer", "inner"], removed)):
        told = uninstall(world, "--yes", *asked)
        assert (told.status, told.warnings, told.out.splitlines()) == (0, [outside], lines)
    assert (folder / "outer-1.0.dist-info" / "RECORD").exists()
    assert world.versions() == {}


# -- check -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("installed")
def test_what_fits(world: World) -> None:
    told = check(world)
    assert (told.status, told.out, told.err) == (0, "No broken requirements found.\n", "")


FAULTS = {
    "missing": (["absent>=2"], "user 1.0 requires absent, which is not installed."),
    "another version": (["dep>=2"], "user 1.0 has requirement dep>=2, but you have dep 1.0."),
    "unreadable": (["dep>>1"], "user 1.0 has a requirement that cannot be read"),
    "for others": (["absent; python_version<'3'"], ""),
    "an extra's": (["absent; extra=='more'"], ""),
}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("requires", "fault"), FAULTS.values(), ids=FAULTS)
def test_what_does_not_fit(world: World, requires: list[str], fault: str) -> None:
    wheel = make_wheel("user", "1.0", requires=requires).write(world.root)
    world.installed("--no-deps", wheel)
    told = check(world)
    assert told.status == (1 if fault else 0)
    assert told.out.startswith(fault or "No broken requirements found.")
    assert len(told.out.splitlines()) == 1


def test_a_python_that_does_not_fit(world: World) -> None:
    wheel = make_wheel("user", "1.0").write(world.root)
    world.installed(wheel)
    with (world.site / "user-1.0.dist-info" / "METADATA").open("r+") as file:
        content = file.read()
        file.seek(0)
        file.write(content.replace("Version: 1.0\n", "Version: 1.0\nRequires-Python: >=3.99\n"))
    told = check(world)
    assert told.status == 1
    assert told.out.startswith("user 1.0 requires Python >=3.99, but this is Python 3.")


# -- cache -------------------------------------------------------------------------------------------------------------


def test_where_the_cache_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.clearway("cache", "dir", "--cache-dir", world.cache).out == f"{world.cache}\n"
    monkeypatch.setenv("XDG_CACHE_HOME", str(world.root / "xdg"))
    assert world.clearway("cache", "dir").out == f"{world.root / 'xdg' / 'clearway'}\n"
    monkeypatch.setenv("CLEARWAY_CACHE_DIR", str(world.root / "named"))
    assert world.clearway("cache", "dir").out == f"{world.root / 'named'}\n"


@pytest.mark.usefixtures("installed")
def test_what_the_cache_holds_and_that_it_can_be_emptied(world: World) -> None:
    told = world.clearway("cache", "info", "--cache-dir", world.cache).out.splitlines()
    assert told[0] == f"Cache folder: {world.cache}"
    assert told[1].startswith("Wheels: 2, ")
    purged = world.clearway("cache", "purge", "--cache-dir", world.cache)
    assert purged.out.startswith("Removed 2 wheels, ")
    assert "Wheels: 0, 0 B" in world.clearway("cache", "info", "--cache-dir", world.cache).out
    assert world.imports("import demo, dep; print('sound')") == "sound"
    world.installed("--force-reinstall", "demo")
    assert len(world.index.seen(stage="file", project="demo")) == 2


def test_purging_touches_nothing_that_is_not_ours(world: World) -> None:
    world.cache.mkdir(mode=0o700)
    (world.cache / "mine.txt").write_text("mine")
    assert world.clearway("cache", "purge", "--cache-dir", world.cache).status == 0
    assert (world.cache / "mine.txt").exists()


@pytest.mark.parametrize(
    "line", [["cache"], ["cache", "wipe"], ["cache", "dir", "info"], ["check", "demo"]], ids=" ".join
)
def test_wrong_words(world: World, line: list[str]) -> None:
    check_failure(world.clearway(*line), 2, [f"clearway {line[0]} --help"])


def test_what_no_longer_fits_is_told_after_an_installation(world: World) -> None:
    world.index.add(make_wheel("strict", "1.0", requires=["dep==1.0"]))
    world.index.add(make_wheel("dep", "1.0"))
    world.index.add(make_wheel("dep", "2.0"))
    world.installed("strict")
    told = world.installed("dep==2.0")
    assert "WARNING: strict 1.0 has requirement dep==1.0, but you have dep 2.0." in told.err
    assert world.clearway("check", *world.place()).status == 1
