"""The progress line: never wider than its terminal, and gone without a trace."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.cli.line import Line, fit, width_of
from clearway.cli.output import Output, clean
from support.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = st.text(st.sampled_from("abc 0123\u00e9\u4e2d\u56fd\u3000\uff01"), max_size=60)


class Terminal(io.StringIO):
    """A terminal of so many columns, as a stream."""

    columns = 80

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return -self.columns


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(os, "get_terminal_size", lambda number: os.terminal_size((-number, 24)))
    for name in ("TMUX", "VTE_VERSION", "WT_SESSION", "TERM_PROGRAM", "KITTY_WINDOW_ID"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


def make_line(terminal: Terminal, *, colour: bool = False) -> tuple[Output, Line]:
    output = Output(0, terminal, terminal, colour=colour)
    return output, Line(output, terminal)


@given(TEXTS, st.integers(0, 70))
def test_what_is_fitted_fits(text: str, columns: int) -> None:
    fitted = fit(text, columns)
    assert width_of(fitted) <= columns
    assert (fitted == text) == (width_of(text) <= columns)


def test_the_end_of_what_is_too_wide_is_kept() -> None:
    text = "waiting for corp: requests-2.32.0-py3-none-any.whl is held, 12 s"
    assert fit(text, 50) == "waiting for corp: requests-...ny.whl is held, 12 s"
    assert fit("abcdefgh", 5) == "abcde"


@pytest.mark.parametrize("columns", [1, 2, 7, 20, 60, 80, 200])
@pytest.mark.parametrize("text", ["Resolving: 3 releases", "\u4e2d\u56fd" * 60, "x" * 300, "evil\x1b[2J\r\nname"])
def test_one_row_however_narrow_the_terminal(terminal: Terminal, columns: int, text: str) -> None:
    terminal.columns = columns
    output, line = make_line(terminal)
    line.draw("something that was there before")
    line.draw(text)
    shown = Screen(max(columns, 2)).feed(terminal.getvalue())
    assert len(shown.lines) <= 1
    assert shown.lines or columns <= 2
    output.say("Collecting demo")
    output.say("")
    assert Screen(200).feed(terminal.getvalue()).lines == ["Collecting demo"]


def test_a_bar_is_coloured(terminal: Terminal) -> None:
    _, line = make_line(terminal, colour=True)
    line.draw("Downloading: [==  ] 1/2", "==")
    assert "[\x1b[32m==\x1b[0m  ]" in terminal.getvalue()
    assert Screen(80).feed(terminal.getvalue()).lines == ["Downloading: [==  ] 1/2"]


def test_the_same_text_is_not_drawn_again(terminal: Terminal) -> None:
    _, line = make_line(terminal)
    line.draw("Resolving: 3 releases")
    drawn = terminal.getvalue()
    line.draw("Resolving: 3 releases")
    assert terminal.getvalue() == drawn


def test_a_line_that_was_broken_by_a_terminal_made_narrower_goes_whole(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    output, line = make_line(terminal)
    output.say("Collecting demo")
    line.draw("x" * 79)
    broken = Screen(30).feed(terminal.getvalue())
    assert len(broken.lines) == 4
    terminal.columns = 30
    line.draw("y" * 27)
    assert Screen(30).feed(terminal.getvalue()).lines == ["Collecting demo", "y" * 27]


def closed(stream: Terminal) -> None:
    stream.close()


def full(stream: Terminal) -> None:
    def write(_: str) -> int:
        raise OSError(28, "No space left on device")

    stream.write = write  # type: ignore[method-assign]


@pytest.mark.parametrize("end", [closed, full])
def test_a_terminal_that_goes_away(terminal: Terminal, end: Callable[[Terminal], None]) -> None:
    _, line = make_line(terminal)
    line.draw("Resolving: 3 releases")
    end(terminal)
    line.draw("Resolving: 4 releases")
    line.erase()


def test_text_from_outside_is_cleaned(terminal: Terminal) -> None:
    _, line = make_line(terminal)
    line.draw(text := "waiting for https://zoe:secret@example.com/x\x1b[2J")
    assert Screen(80).feed(terminal.getvalue()).lines == [clean(text)]
    assert "secret" not in terminal.getvalue()
