"""What a run says and writes: plans, reports, more words and fewer."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from end_to_end.world import check_failure
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import Run, World


@pytest.fixture(autouse=True)
def published(world: World) -> None:
    """Publish ``demo`` with an extra, and what it needs."""
    extras = {"more": ["other"]}
    world.index.add(make_wheel("demo", "1.0", requires=["dep>=1"], extras=extras, requires_python=">=3.8"))
    world.index.add(make_wheel("dep", "1.0"))
    world.index.add(make_wheel("dep", "2.0"), yanked="broken")
    world.index.add(make_wheel("other", "1.0"))


# -- dry runs ----------------------------------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing(world: World) -> None:
    before = world.snapshot()
    told = world.installed("demo", "--dry-run").out.splitlines()
    assert world.changes(before) == []
    assert told[-1] == "Would install demo-1.0 dep-1.0"
    world.installed("demo")
    installed = world.snapshot()
    satisfied = f"Requirement already satisfied: demo in {world.shown_site} (1.0)\n"
    assert world.installed("demo", "--dry-run").out == satisfied
    assert "(reinstalled)" in world.installed("demo", "--dry-run", "--force-reinstall").out
    assert world.changes(installed) == []


# -- reports -----------------------------------------------------------------------------------------------------------


def report_of_pip(world: World, *arguments: object) -> dict[str, Any]:
    """Return what pip reports of the same installation."""
    options = ("--dry-run", "--ignore-installed", "--quiet", "--disable-pip-version-check", "--no-cache-dir")
    command = [sys.executable, "-m", "pip", "install", *options, "--report", "-", "-i", world.index.url, *arguments]
    variables = {name: value for name, value in os.environ.items() if name != "PIP_INDEX_URL"}
    done = subprocess.run([str(part) for part in command], env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="there is no pip to compare with")
@pytest.mark.parametrize("dry", [True, False], ids=["dry run", "installation"])
def test_a_report_is_as_pips(world: World, dry: bool) -> None:
    placed = make_wheel("placed", "1.0").write(world.root)
    line = ("demo[more]", "dep==2.0", placed)
    world.installed(*line, "--report", "report.json", *(["--dry-run"] if dry else []))
    own = json.loads((world.root / "report.json").read_text())
    pips = report_of_pip(world, *line)
    assert own.keys() == pips.keys()
    assert own["version"] == pips["version"] == "1"
    assert own["environment"] == pips["environment"]
    wanted = {item["metadata"]["name"]: item for item in pips["install"]}
    assert {item["metadata"]["name"] for item in own["install"]} == wanted.keys()
    for item in own["install"]:
        other = wanted[item["metadata"]["name"]]
        told, expected = item.pop("metadata"), other.pop("metadata")
        yanked = item.pop("is_yanked")
        assert other.pop("is_yanked", yanked) == yanked  # pip tells it since 23.3
        assert item == other
        assert told.keys() <= expected.keys()
        for key in ("name", "version", "requires_python", "requires_dist", "provides_extra"):
            assert told.get(key) == expected.get(key)


@pytest.mark.parametrize("asked", ["{path}", "placed @ {url}", "placed --find-links {folder}"])
def test_a_dry_run_reports_the_hash_of_a_wheel_on_this_machine(world: World, asked: str) -> None:
    wheel = make_wheel("placed", "1.0")
    path = wheel.write(world.root)
    words = asked.format(path=path, url=path.as_uri(), folder=world.root)
    line = words.split() if "--" in words else [words]
    printed = world.installed("--no-index", *line, "--report", "-", "--quiet", "--dry-run").out
    (item,) = json.loads(printed)["install"]
    assert item["download_info"] == {
        "url": path.as_uri(),
        "archive_info": {"hash": f"sha256={wheel.sha256}", "hashes": {"sha256": wheel.sha256}},
    }


def test_a_report_of_nothing(world: World) -> None:
    world.installed("demo")
    printed = world.installed("demo", "--report", "-", "--quiet").out
    assert json.loads(printed)["install"] == []


def test_a_report_on_standard_output_is_all_that_stands_there(world: World) -> None:
    printed = world.installed("demo", "--report", "-", "--quiet", "--dry-run").out
    assert [item["metadata"]["name"] for item in json.loads(printed)["install"]] == ["demo", "dep"]


# -- words -------------------------------------------------------------------------------------------------------------


def size(name: str) -> int:
    """Return how long the archive of a release 1.0 is that was published."""
    requires = ["dep>=1"] if name == "demo" else []
    more: dict[str, Any] = {"extras": {"more": ["other"]}, "requires_python": ">=3.8"} if name == "demo" else {}
    return len(make_wheel(name, "1.0", requires=requires, **more).content)


def test_what_is_said(world: World) -> None:
    lines = world.installed("demo").out.splitlines()
    assert lines[:4] == [
        "Collecting demo",
        f"  Downloading demo-1.0-py3-none-any.whl ({size('demo')} bytes)",
        "Collecting dep>=1",
        f"  Downloading dep-1.0-py3-none-any.whl ({size('dep')} bytes)",
    ]
    assert lines[4] == "Installing collected packages: demo, dep"
    assert re.fullmatch(r"Installed 2 packages in \d+\.\d s", lines[5])
    assert lines[6:] == ["Successfully installed demo-1.0 dep-1.0"]


@pytest.mark.parametrize("option", ["-v", "--verbose", "-vv"])
def test_more_words(world: World, option: str) -> None:
    lines = world.installed("demo", option).out.splitlines()
    assert {"  demo 1.0", "  dep 1.0"} <= set(lines)


def test_fewer_words(world: World) -> None:
    assert world.installed("demo", "-q").text == ""
    yanked = world.installed("dep==2.0", "-q")
    assert yanked.out == ""
    assert yanked.warnings == ["dep 2.0 is yanked: broken."]
    assert world.installed("dep==2.0", "--force-reinstall", "-qq").text == ""
    assert world.install("absent", "-qqq").error != ""


def test_variables_say_how_much(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_QUIET", "1")
    assert world.installed("demo").text == ""


def test_names_that_a_terminal_cannot_show(world: World) -> None:
    """A run in a process of its own, in the plainest of locales, with a reader that goes away."""
    world.index.add(make_wheel("odd", "1.0"), yanked="naïve → broken")
    ended = world.finish(world.start_install("odd==1.0", PYTHONIOENCODING="ascii"))
    assert ended.status == 0, ended.text
    assert ended.warnings == [r"odd 1.0 is yanked: na\xefve \u2192 broken."]


def redirected(world: World, where: str, *line: object) -> Run:
    """Return what a run came to whose standard output or errors go elsewhere, as a shell writes that."""
    return world.finish(world.start(*line, before=("sh", "-c", f'exec "$@" {where}', "sh")))


REDIRECTIONS = {
    "no output": (">&-", 0, ""),
    "no errors": ("2>&-", 0, ""),
    "neither": (">&- 2>&-", 0, ""),
    "a full disk": (">/dev/full", 5, "Standard output cannot be written: No space left on device"),
    "errors on a full disk": ("2>/dev/full", 0, ""),
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
@pytest.mark.parametrize(("where", "status", "words"), REDIRECTIONS.values(), ids=REDIRECTIONS)
def test_what_cannot_be_said_is_done_all_the_same(world: World, where: str, status: int, words: str) -> None:
    line = ("install", *world.place(), "--index-url", world.index.url, "demo", "dep==2.0")
    ended = redirected(world, where, *line)
    assert ended.status == status
    assert words in ended.err
    assert "Traceback" not in ended.text
    assert world.versions() == {"demo": "1.0", "dep": "2.0"}


@pytest.mark.parametrize("where", [">&-", ">/dev/full", ">&- 2>&-"])
def test_help_that_nobody_reads(world: World, where: str) -> None:
    assert "Traceback" not in redirected(world, where, "--help").text
    assert "Traceback" not in redirected(world, ">&-", "--version").text


def test_a_reader_that_goes_away_is_nobodys_failure(world: World) -> None:
    process = world.start_install("demo")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    ended = world.finish(process)
    assert (ended.status, ended.err) == (1, "")
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete folders in use")
@pytest.mark.parametrize("line", [["install", "demo"], ["check"], ["cache", "dir"]], ids=" ".join)
def test_a_folder_that_is_gone(world: World, line: list[str]) -> None:
    leave = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    ended = world.finish(world.start(*line, before=("sh", "-c", leave, "sh")))
    check_failure(ended, 5, ["The folder that clearway was started in"])


def test_no_progress_in_a_pipe_and_some_on_a_terminal(world: World) -> None:
    assert "\r" not in world.finish(world.start_install("demo")).text
    shown = terminal_of(world, "--force-reinstall", "demo")
    assert "Installing: 2 packages" in shown
    assert shown.rstrip().endswith("Successfully installed demo-1.0 dep-1.0")
    assert "\x1b[K" not in terminal_of(world, "--force-reinstall", "demo", "--no-progress")


def terminal_of(world: World, *arguments: str) -> str:
    """Return what a terminal got to see of a run."""
    pty = pytest.importorskip("pty")

    ours, theirs = pty.openpty()
    line = ("install", *world.place(), "--index-url", world.index.url, *arguments)
    command = [sys.executable, "-m", "clearway", *map(str, line)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 1 << 16):
            shown += piece
    except OSError:  # so Linux says that the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0, shown
    return shown.decode()
