"""What a person sees at a terminal: read off the screen of one, with an index that takes its time."""

from __future__ import annotations

import os
import re
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import check_failure
from support.screen import Screen
from support.simulator import Answer
from support.wheels import make_wheel

pytest.importorskip("pty")

from support.terminal import TerminalProgram

if TYPE_CHECKING:
    from collections.abc import Iterator

    from end_to_end.world import World

ODD = "\u4e2d\u6587" * 30
"""Letters of two columns each, more of them than fit into any row of a narrow terminal."""


@pytest.fixture(autouse=True)
def published(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish ``demo``, and what it needs: half a megabyte."""
    world.index.add(make_wheel("demo", "1.0", requires=["dep"]))
    world.index.add(make_wheel("dep", "1.0", files={"dep/data": os.urandom(1 << 19), "dep/__init__.py": b""}))
    for name in ("NO_COLOR", "FORCE_COLOR", "TMUX", "VTE_VERSION", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def programs() -> Iterator[list[TerminalProgram]]:
    """The programs that a test starts: ended with it."""
    started: list[TerminalProgram] = []
    yield started
    for program in started:
        program.close()


def start(world: World, programs: list[TerminalProgram], *line: object, columns: int = 80) -> TerminalProgram:
    command = [sys.executable, "-m", "clearway", "install", *world.place(), "--index-url", world.index.url, *line]
    programs.append(TerminalProgram([str(word) for word in command], os.environ, columns))
    return programs[-1]


def screen(program: TerminalProgram, columns: int) -> list[str]:
    return Screen(columns).feed(program.shown).lines


def held(world: World, after: int = 0) -> threading.Event:
    """Have the index hold the archive of ``dep``, from a byte on, until the event is set."""
    hold = threading.Event()
    world.index.on(Answer(hold=hold, hold_after=after), stage="file", project="dep", times=1)
    return hold


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_what_is_waited_for_is_said(world: World, programs: list[TerminalProgram], columns: int) -> None:
    hold = held(world)
    program = start(world, programs, "demo", columns=columns)
    program.expect("is held, 2 s")
    last = screen(program, columns)[-1]
    whole = "waiting for 127.0.0.1: dep-1.0-py3-none-any.whl is held, 2 s"
    assert last == (whole if columns > 62 else "waiting for 127.0.0.1: dep-1.0-py3...any.whl is held, 2 s")
    hold.set()
    assert program.finish() == 0
    lines = [re.sub(r"\d+\.\d s", "0.0 s", line) for line in screen(program, columns)]
    assert [re.sub(r" \(.*\)", "", line) for line in lines] == [
        "Collecting demo",
        "  Downloading demo-1.0-py3-none-any.whl",
        "Collecting dep",
        "  Downloading dep-1.0-py3-none-any.whl",
        "Installing collected packages: demo, dep",
        "Installed 2 packages in 0.0 s",
        "Successfully installed demo-1.0 dep-1.0",
    ]


def test_ctrl_c_leaves_a_clean_line(world: World, programs: list[TerminalProgram]) -> None:
    held(world, after=1 << 18)
    before = world.snapshot()
    program = start(world, programs, "demo")
    program.expect("Downloading: [")
    program.type("\x03")
    assert program.finish() == 130
    *_, error, hint = screen(program, 80)
    assert error.removeprefix("^C") == "ERROR: Interrupted."
    assert hint == "HINT: Nothing was changed; run the command again."
    assert "Downloading: [" not in "\n".join(screen(program, 80))
    assert world.changes(before) == []


def test_a_terminal_that_is_made_narrower(world: World, programs: list[TerminalProgram]) -> None:
    hold = held(world, after=1 << 18)
    program = start(world, programs, "demo", columns=200)
    program.expect("Downloading: [")
    program.resize(40)
    program.expect("...")  # a text that would not fit any longer
    program.expect("\r\x1b[K")
    drawn = program.shown.split("\r\x1b[K")[-2]
    assert ("..." in drawn, len(drawn)) == (True, 37)
    hold.set()
    assert program.finish() == 0
    assert screen(program, 200)[-1] == "Successfully installed demo-1.0 dep-1.0"


def test_wide_letters_in_what_a_server_says(world: World, programs: list[TerminalProgram]) -> None:
    world.index.add(make_wheel("demo", "0.9"), yanked=ODD)
    program = start(world, programs, "demo==0.9", columns=60)
    assert program.finish() == 0
    assert screen(program, 200)[-2:] == [
        f"WARNING: demo 0.9 is yanked: {ODD}.",
        "Successfully installed demo-0.9",
    ]


COLOURS = {
    "as usual": ({}, [], True),
    "--no-color": ({}, ["--no-color"], False),
    "PIP_NO_COLOR": ({"PIP_NO_COLOR": "1"}, [], False),
    "NO_COLOR": ({"NO_COLOR": "1"}, [], False),
    "a dumb terminal": ({"TERM": "dumb"}, [], False),
}


@pytest.mark.parametrize(("variables", "options", "coloured"), COLOURS.values(), ids=COLOURS)
def test_colours(
    world: World,
    programs: list[TerminalProgram],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    options: list[str],
    coloured: bool,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    program = start(world, programs, "absent", *options)
    assert program.finish() == 1
    assert ("\x1b[1;31mERROR:\x1b[0m" in program.shown) == coloured
    assert ("\x1b" in program.shown) == (variables.get("TERM") != "dumb" and (coloured or "\x1b[K" in program.shown))
    assert any(line.startswith("ERROR: ") for line in screen(program, 80))


@pytest.mark.parametrize("forced", [False, True])
def test_a_pipe_gets_no_control_characters(world: World, forced: bool) -> None:
    told = world.finish(world.start_install("demo", "dep==2", **({"FORCE_COLOR": "1"} if forced else {})))
    check_failure(world.finish(world.start_install("absent")), 1)
    assert ("\x1b[1;31mERROR:\x1b[0m" in told.err) == forced
    rest = re.sub(r"\x1b\[[0-9;]*m", "", told.text) if forced else told.text
    assert re.search(r"[^\n -~]", rest) is None


# -- the log -----------------------------------------------------------------------------------------------------------


def test_a_log_says_more_than_is_shown_and_no_secret(world: World) -> None:
    world.index.repository("corp", users={"zoe": (secret := world.secret())}).add(make_wheel("private", "1.0"))
    log = world.root / "logs" / "clearway.log"
    url = world.with_user(world.index.url.replace("/simple", "/corp/simple"), "zoe", secret)
    told = world.installed("private", "-q", "--log", log, index=url)
    assert told.text == ""
    lines = log.read_text(encoding="utf-8").splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{3} clearway .* install$", lines[0])
    assert any(line.endswith("/corp/simple/private/: 200, 0.00 s") or "/private/: 200" in line for line in lines)
    assert any(line.endswith("Successfully installed private-1.0") for line in lines)
    world.install("absent", "--log", log)
    again = log.read_text(encoding="utf-8").splitlines()
    assert again[: len(lines)] == lines
    assert any(" ERROR: " in line for line in again)


@pytest.mark.parametrize("place", [".", "file/log"])
def test_a_log_that_cannot_be_written_stops_everything(world: World, place: str) -> None:
    (world.root / "file").write_text("")
    before, asked = world.snapshot(), len(world.index.seen())
    failed = world.install("demo", "--log", world.root / place)
    check_failure(failed, 5, ["The log", "cannot be written", "Nothing was done"])
    assert (world.changes(before), len(world.index.seen())) == ([], asked)
