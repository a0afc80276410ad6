"""Environments and caches that cannot be read or written, that are broken, or that are not ours."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import check_failure
from support.processes import UNPRIVILEGED
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from end_to_end.world import World

# No file may become larger than this many bytes.
LIMITED = (
    sys.executable,
    "-c",
    "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
    "os.execv(sys.argv[1], sys.argv[1:])",
)
# A file system of 400 kB at $0, and what is in it at the end.
TINY = (
    "unshare",
    "-rm",
    "sh",
    "-c",
    'mount -t tmpfs -o size=400k,mode=700 none "$0" && "$@"; status=$?; ls -A "$0"; exit $status',
)

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the right to override permissions is Linux's")
can_mount = pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode != 0,
    reason="this machine does not let people mount file systems of their own",
)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())]
    modes = {path: path.stat().st_mode for path in folders}
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def large(world: World) -> None:
    """Publish a wheel of a megabyte that cannot be packed."""
    world.index.add(make_wheel("large", "1.0", files={"large/data": os.urandom(1 << 20)}))


# -- read-only ---------------------------------------------------------------------------------------------------------


@linux_only
def test_a_read_only_environment(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    before = world.snapshot()
    with read_only(world.env):
        failure = world.finish(world.start_install("demo", before=UNPRIVILEGED))
    check_failure(failure, 5, [str(world.env), "cannot be changed", "Permission denied"])
    assert world.snapshot() == before
    world.installed("demo")


@linux_only
def test_a_read_only_cache(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")
    world.index.add(make_wheel("other", "1.0"))
    before = world.snapshot()
    with read_only(world.cache):
        failure = world.finish(world.start_install("other", before=UNPRIVILEGED))
    check_failure(failure, 5, [str(world.cache), "--no-cache-dir"])
    assert world.snapshot() == before
    world.installed("other")


@linux_only
def test_a_report_that_cannot_be_written_stops_the_run_before_it_changes_anything(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    for place in ("absent/report.json", "."):
        world.fails(5, "demo", "--report", place, says=[place, "report"])


# -- no space ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_files_that_may_not_grow(world: World) -> None:
    large(world)
    before = world.snapshot()
    failure = world.finish(world.start_install("large", before=LIMITED))
    check_failure(failure, 5, [str(world.cache)])
    assert world.snapshot() == before
    world.check_sound()
    world.installed("large")


@can_mount
def test_a_cache_without_space(world: World) -> None:
    large(world)
    before = world.snapshot()
    world.cache.mkdir()
    failure = world.finish(world.start_install("large", before=(*TINY, world.cache)))
    check_failure(failure, 5, ["no space left", str(world.cache), "clearway cache purge"])
    assert world.snapshot() == before


@can_mount
@pytest.mark.parametrize("mode", ["auto", "copy"])
def test_an_environment_without_space(world: World, mode: str) -> None:
    large(world)
    failure = world.finish(world.start_install("large", "-q", "--link-mode", mode, before=(*TINY, world.site)))
    check_failure(failure, 5, ["no space left", str(world.env), "The environment is as it was"])
    assert failure.out == ""  # nothing was left in the site folder
    world.check_sound()
    world.installed("large")


# -- interpreters ------------------------------------------------------------------------------------------------------


def script(world: World, text: str) -> Path:
    path = world.root / "given-python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="scripts of a shell")
@pytest.mark.parametrize(
    ("text", "words"),
    [("exit 3", "it printed nothing"), ("echo hello", "it does not answer as Python does"), ("yes", "python")],
    ids=["silent", "friendly", "endless"],
)
def test_an_interpreter_that_is_none(world: World, text: str, words: str) -> None:
    failure = world.clearway("install", "--python", script(world, text), "--cache-dir", world.cache, "demo")
    check_failure(failure, 5, ["given-python", words])


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.7"])
def test_an_interpreter_that_is_too_old(world: World, version: str) -> None:
    found = next(PYENV.glob(f"versions/{version}.*/bin/python"), None)
    if found is None:
        pytest.skip(f"there is no Python {version} on this machine")
    failure = world.clearway("install", "--python", found, "--cache-dir", world.cache, "demo")
    check_failure(failure, 5, [str(found), "the oldest that can be installed for is 3.8"])


def test_an_environment_whose_interpreter_is_gone(world: World) -> None:
    world.python.unlink()
    world.python.symlink_to(world.root / "gone")
    failure = world.install("demo")
    check_failure(failure, 5, [str(world.python), "create the environment again"])


def test_a_variable_that_names_no_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", str(world.root))
    check_failure(world.clearway("install", "--cache-dir", world.cache, "demo"), 5, ["VIRTUAL_ENV names"])


@pytest.fixture
def base(world: World) -> Path:
    """A Python that is no virtual environment: a copy of the program over links to its library."""
    library = Path(os.__file__).parent
    own = world.root / "base" / "lib" / library.name
    (own / "site-packages").mkdir(parents=True)
    for path in library.iterdir():
        if path.name not in {"site-packages", "EXTERNALLY-MANAGED"}:
            (own / path.name).symlink_to(path)
    program = world.root / "base" / "bin" / "python"
    program.parent.mkdir()
    shutil.copy(os.path.realpath(sys.executable), program)
    command = [program, "-c", "import sys; print(sys.prefix)"]
    told = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    if told != str(world.root / "base"):
        pytest.skip("this Python cannot be moved")
    return world.root / "base"


def test_an_environment_that_something_else_manages(world: World, base: Path) -> None:
    """PEP 668: a marker in the standard library of an interpreter that is no virtual environment."""
    world.index.add(make_wheel("demo", "1.0"))
    marker = next(base.glob("lib/python3*")) / "EXTERNALLY-MANAGED"
    marker.write_text("[externally-managed]\nError = Ask the\n administrator.\n")
    line = ("install", "--python", base, "--cache-dir", world.cache, "--index-url", world.index.url, "demo")
    check_failure(world.clearway(*line), 5, ["managed by something else", "Ask the", "--break-system-packages"])
    assert world.clearway(*line, "--dry-run").status == 0
    assert list(base.rglob("demo*")) == []
    assert world.clearway(*line, "--break-system-packages").status == 0
    assert len(list(base.rglob("demo-1.0.dist-info"))) == 1


# -- broken distributions ----------------------------------------------------------------------------------------------


def without(name: str) -> Callable[[Path], None]:
    return lambda info: (info / name).unlink()


def with_text(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda info: (info / name).write_bytes(content) and None


def with_twin(info: Path) -> None:
    shutil.copytree(info, info.with_name("demo-0.5.dist-info"))


REPAIRED = {
    "no METADATA": without("METADATA"),
    "two versions": with_twin,
    "missing files": lambda info: shutil.rmtree(info.parent / "demo"),
    "RECORD that climbs out": with_text("RECORD", b"../../../../../victim,,\n/etc/hostname,,\n"),
}


@pytest.mark.parametrize("damage", REPAIRED.values(), ids=REPAIRED)
def test_what_is_broken_is_repaired_by_installing_it_again(world: World, damage: Callable[[Path], None]) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    (world.root / "victim").touch()
    world.installed("demo")
    sound = world.snapshot()
    damage(world.site / "demo-1.0.dist-info")
    world.installed("--force-reinstall", "demo==1.0")
    assert world.snapshot() == sound
    assert (world.root / "victim").exists()


HOPELESS = {
    "no RECORD": without("RECORD"),
    "damaged RECORD": with_text("RECORD", b'"\xff'),
    "nothing at all": lambda info: [path.unlink() for path in info.iterdir()],
}


@pytest.mark.parametrize("damage", HOPELESS.values(), ids=HOPELESS)
def test_what_nobody_knows_the_files_of_is_left_alone(world: World, damage: Callable[[Path], object]) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.add(make_wheel("demo", "2.0"))
    world.installed("demo==1.0")
    damage(world.site / "demo-1.0.dist-info")
    world.fails(5, "demo==2.0", says=["demo", "RECORD", str(world.site / "demo-1.0.dist-info")])
    before = world.snapshot()
    failure = world.clearway("uninstall", "--yes", *world.place(), "demo")
    check_failure(failure, 5, ["demo", "RECORD"])
    assert world.snapshot() == before


def test_metadata_that_cannot_be_read_stops_only_whom_it_concerns(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.add(make_wheel("other", "1.0", requires=["demo"]))
    world.index.add(make_wheel("unrelated", "1.0"))
    world.installed("demo")
    (world.site / "demo-1.0.dist-info" / "METADATA").write_bytes(b"\xff\0")
    world.fails(5, "other", says=["demo 1.0 is broken", "--force-reinstall demo"])
    world.installed("unrelated")
    world.installed("other", "--force-reinstall")


def test_what_pip_left_behind_is_told_by_check_alone(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    (world.site / "~emo-0.9.dist-info").mkdir()
    assert world.installed("demo").warnings == []
    checked = world.clearway("check", "--python", world.python, "--cache-dir", world.cache)
    assert checked.status == 1
    assert checked.out == "~emo-0.9 is broken: it was left behind by an uninstallation that did not finish.\n"


# -- caches ------------------------------------------------------------------------------------------------------------


def test_a_cache_that_everybody_may_write(world: World) -> None:
    world.cache.mkdir()
    world.cache.chmod(0o777)
    check_failure(world.install("demo"), 5, [f"Everybody may write to the cache folder {world.cache}", "chmod"])


def test_a_cache_that_is_a_file(world: World) -> None:
    world.cache.write_text("")
    check_failure(world.install("demo"), 5, [str(world.cache), "--cache-dir"])


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000], ids=["empty", "nonsense"])
def test_a_store_that_is_damaged_is_made_anew(world: World, content: bytes) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")
    (world.cache / "store-1.sqlite3").write_bytes(content)
    assert "already satisfied" in world.installed("demo").out
    world.installed("demo", "--force-reinstall")
    assert world.install("demo").status == 0


def test_a_cached_wheel_that_somebody_changed_is_not_used(world: World) -> None:
    """Environments may hold hard links to the cache: what is edited there is edited in the cache too."""
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo", "--link-mode", "hardlink")
    module = world.site / "demo" / "__init__.py"
    with module.open("a") as file:
        file.write("edited = True\n")
    world.installed("demo", "--force-reinstall")
    assert "edited" not in module.read_text()
    assert len(world.index.seen(stage="file")) == 2
