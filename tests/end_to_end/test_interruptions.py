"""Ctrl-C, the signals that end programs, and SIGKILL at known points; and several runs at once."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from end_to_end.builds import left
from end_to_end.world import VERSION, check_failure
from support.processes import UNPRIVILEGED
from support.simulator import Answer
from support.sources import toy_tree, write_tree
from support.wheels import make_wheel

fcntl = pytest.importorskip("fcntl")

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from end_to_end.world import Run, World

# Runs clearway and kills it right before the rename of that number (of the cache's trees and the environment's files).
KILLED = """
import os, signal, sys
count, number, rename = int(sys.argv[1]), int(sys.argv[2]), os.rename
del sys.argv[1:6]
def counting(*arguments, **options):
    global count
    count -= 1
    if count == -1:
        os.kill(os.getpid(), number)
    return rename(*arguments, **options)
os.rename = counting
from clearway.__main__ import main
main()
"""


ENDS = {
    "Ctrl-C": (signal.SIGINT, 130, "Interrupted."),
    "terminated": (signal.SIGTERM, 143, "Interrupted by SIGTERM."),
    "hung up": (signal.SIGHUP, 129, "Interrupted by SIGHUP."),
    "kill": (signal.SIGKILL, -signal.SIGKILL, ""),
}


def publish(world: World) -> None:
    """Publish two projects, one of which depends on the other and has a body of half a megabyte."""
    world.index.add(make_wheel("demo", "1.0", requires=["dep"]))
    world.index.add(make_wheel("dep", "1.0", files={"dep/data": os.urandom(1 << 19), "dep/__init__.py": b""}))


def resolving(world: World) -> subprocess.Popen[str]:
    """Start a run and wait until it waits for a listing."""
    world.index.on(Answer(hold=threading.Event()), stage="listing", project="dep", times=1)
    process = world.start_install("demo")
    world.index.wait_for(stage="listing", project="dep")
    return process


def downloading(world: World) -> subprocess.Popen[str]:
    """Start a run and wait until half of an archive is there."""
    world.index.on(Answer(hold=threading.Event(), hold_after=1 << 18), stage="file", project="dep", times=1)
    process = world.start_install("demo")
    world.index.wait_for(stage="file", project="dep")
    world.index.wait_for(stage="file", project="demo")
    return process


@pytest.mark.parametrize("begin", [resolving, downloading])
@pytest.mark.parametrize(("number", "status", "says"), ENDS.values(), ids=ENDS)
def test_an_end_in_the_middle(
    world: World, begin: Callable[[World], subprocess.Popen[str]], number: int, status: int, says: str
) -> None:
    publish(world)
    before = world.snapshot()
    process = begin(world)
    process.send_signal(number)
    ended = world.finish(process)
    assert ended.status == status
    if says:
        check_failure(ended, status, [says, "run the command again"])
        assert list((world.cache / "temporary-1").iterdir()) == []
        assert world.changes(before) == []
    assert world.versions() == {}
    next_run(world)
    assert world.changes(before) == []
    world.installed("demo")
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


def next_run(world: World) -> Run:
    """Run something that changes nothing, but for what a killed run has left behind."""
    return world.clearway("uninstall", "--yes", *world.place(), "absent")


@pytest.mark.parametrize("point", [0, 3, 6, 10])
@pytest.mark.parametrize("end", ["Ctrl-C", "terminated", "kill"])
def test_an_end_while_files_are_moved(world: World, end: str, point: int) -> None:
    """An upgrade is done or undone, by the run itself or by the next one."""
    publish(world)
    world.index.add(make_wheel("demo", "0.9"))
    world.installed("demo==0.9")
    before = world.snapshot()
    number, status, says = ENDS[end]
    killed = (sys.executable, "-c", KILLED, point, int(number))
    ended = world.finish(world.start_install("--upgrade", "demo", before=killed))
    assert ended.status == status
    if says:
        check_failure(ended, status, [says])
        assert world.snapshot() == before
    begun = (world.site / ".clearway").exists()
    again = next_run(world)
    assert any("has been rolled back" in warning for warning in again.warnings) == (begun and point > 0)
    assert world.snapshot() == before
    world.installed("--upgrade", "demo")
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


@pytest.mark.parametrize(
    ("line", "status", "says"),
    [
        (["check"], 0, "No broken requirements found."),
        (["uninstall", "--yes", "demo"], 0, "  Successfully uninstalled demo-0.9"),
        (
            ["install", "--dry-run", "--no-index", "demo"],
            0,
            f"Requirement already satisfied: demo in ./env/lib/{VERSION}/site-packages (0.9)",
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_whoever_comes_next_undoes_what_a_killed_run_left(
    world: World, line: list[str], status: int, says: str
) -> None:
    publish(world)
    world.index.add(make_wheel("demo", "0.9"))
    world.installed("demo==0.9")
    world.finish(
        world.start_install("--upgrade", "demo", before=(sys.executable, "-c", KILLED, 6, int(signal.SIGKILL)))
    )
    assert (world.site / ".clearway").exists()
    told = world.clearway(line[0], *world.place(), *line[1:])
    assert (told.status, told.warnings) == (
        status,
        [f"A change of {world.env} that was cut off has been rolled back."],
    )
    assert told.out.splitlines()[-1] == says
    assert not (world.site / ".clearway").exists()
    assert world.versions() == ({} if line[0] == "uninstall" else {"demo": "0.9"})


@pytest.mark.skipif(sys.platform != "linux", reason="the right to override permissions is Linux's")
def test_check_says_what_it_may_not_undo(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")
    (world.site / ".clearway").mkdir(mode=0o500)
    before = world.snapshot()
    told = world.finish(world.start("check", *world.place(), before=UNPRIVILEGED))
    assert told.status == 1
    assert told.out == (
        f"A change of {world.env} is under way or was cut off. "
        f"The environment {world.env} cannot be changed: Permission denied.\n"
    )
    assert world.changes(before) == []


def test_an_end_while_waiting_for_another_run(world: World) -> None:
    publish(world)
    lock = hold_lock(world)
    process = world.start_install("demo")
    assert process.stderr is not None
    assert "Another clearway is changing" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    check_failure(world.finish(process), 130, ["Interrupted"])
    os.close(lock)
    world.installed("demo")


OBSTINATE = """
import signal, socket
server = socket.create_connection(("127.0.0.1", {port}))
signal.signal(signal.SIGINT, lambda *_: server.sendall(b"."))
server.sendall(b"ready ")
server.recv(1)
"""


def test_an_end_while_a_run_is_ending(yard: World) -> None:
    """Whoever wants that twice gets it no less tidily: a build that does not heed Ctrl-C is not left behind."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        code = {"build": OBSTINATE.format(port=listening.getsockname()[1])}
        tree = write_tree(yard.root / "tree", toy_tree("demo", "1.0", code=code))
        process = yard.start_install(tree)
        listening.settimeout(20)
        with listening.accept()[0] as build:
            build.settimeout(20)
            assert build.recv(6) == b"ready "
            process.send_signal(signal.SIGINT)
            assert build.recv(1) == b"."
            process.send_signal(signal.SIGTERM)
            assert build.recv(1) == b""  # its process is gone
    check_failure(yard.finish(process), 130, ["run the command again"])
    assert left(yard) == []


def test_an_interpreter_that_hangs_is_not_left_behind(world: World) -> None:
    told = world.root / "told"
    os.mkfifo(told)
    hanging = world.root / "given-python"
    hanging.write_text(f"#!/bin/sh\necho $$ > {told}\nexec sleep 60\n")
    hanging.chmod(0o755)
    process = world.start("install", "--python", hanging, "--cache-dir", world.cache, "demo")
    number = int(told.read_text())
    process.send_signal(signal.SIGINT)
    check_failure(world.finish(process), 130, ["Interrupted"])
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_who_ignores_a_closed_terminal_goes_on(world: World) -> None:
    """As ``nohup`` has it."""
    publish(world)
    hold = threading.Event()
    world.index.on(Answer(hold=hold), stage="listing", project="dep", times=1)
    ignoring = ("sh", "-c", "trap '' HUP; exec \"$@\"", "sh")
    process = world.start_install("demo", before=ignoring)
    world.index.wait_for(stage="listing", project="dep")
    process.send_signal(signal.SIGHUP)
    hold.set()
    assert world.finish(process).status == 0
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


# -- two at once -------------------------------------------------------------------------------------------------------


def hold_lock(world: World) -> int:
    """Be another run that is changing the environment, until the file is closed."""
    (world.site / ".clearway").mkdir()
    lock = os.open(world.site / ".clearway" / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def both(world: World, *lines: tuple[object, ...]) -> list[Run]:
    """Start runs that all resolve before any of them gets what it needs for that; return what they came to."""
    hold = threading.Event()
    world.index.on(Answer(hold=hold), stage="sidecar")
    processes = [world.start_install(*line) for line in lines]
    world.index.wait_for(len(lines), stage="sidecar")
    hold.set()
    return [world.finish(process) for process in processes]


def test_two_runs_change_one_environment(world: World) -> None:
    world.index.add(make_wheel("one", "1.0"))
    world.index.add(make_wheel("two", "1.0"))
    for result in both(world, ("one",), ("two",)):
        assert result.status == 0, result.text
    assert world.versions() == {"one": "1.0", "two": "1.0"}
    assert not (world.site / ".clearway").exists()


@pytest.mark.parametrize("other", ["1.0", "2.0"], ids=["same", "other"])
def test_two_runs_install_one_project_into_one_environment(world: World, other: str) -> None:
    for version in {"1.0", other}:
        world.index.add(make_wheel("demo", version))
    for result in both(world, ("demo==1.0",), (f"demo=={other}",)):
        assert result.status == 0, result.text
    infos = sorted(path.name for path in world.site.glob("*.dist-info"))
    assert infos in (["demo-1.0.dist-info"], [f"demo-{other}.dist-info"])
    assert world.imports("import demo; print(demo.__version__)") == infos[0].split("-")[1].removesuffix(".dist")


def test_two_runs_share_one_cache(world: World) -> None:
    publish(world)
    other = world.root / "other-env"
    shutil.copytree(world.env, other, symlinks=True)
    for result in both(world, ("demo",), ("demo", "--python", other)):
        assert result.status == 0, result.text
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}
    assert len(list(other.rglob("*.dist-info"))) == 2
    assert len(list((world.cache / "trees-1").iterdir())) == 2
    assert list((world.cache / "temporary-1").iterdir()) == []
