"""The progress line of a terminal: one line, redrawn in place, gone when anything else is written.

It is never wider than the terminal, whose width is asked for at each drawing: it may have been resized. Text from
outside is cleaned, and letters that take two columns count as two (Unicode Standard Annex 11). Nothing is hidden, so
that there is nothing to put right when a run is interrupted.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from clearway.cli.output import clean

if TYPE_CHECKING:
    from clearway.cli.output import Output

_GAP = "..."
_END = 20
"""Columns of the end of a text that is too wide: there stands how far it has come, and for how long."""
_REFLOWING = ("TMUX", "VTE_VERSION", "WT_SESSION", "TERM_PROGRAM", "KITTY_WINDOW_ID")
"""Variables of terminals that break a line anew when they are made narrower, so that one line becomes several."""


class Line:
    """The progress line. Whoever draws or erases holds the lock of the output.

    :param stream: the terminal.
    """

    def __init__(self, output: Output, stream: TextIO) -> None:
        self._output = output
        self._stream = stream
        self._drawn = ""
        self._reflows = any(os.environ.get(name) for name in _REFLOWING)
        output.clear = self.erase

    def draw(self, text: str, bar: str = "") -> None:
        """Show a text in place of what is there, cut to the width of the terminal.

        :param bar: a part of it that is coloured.
        """
        text = fit(clean(text), self.room())
        if text == self._drawn:
            return
        shown = text.replace(bar, f"\x1b[32m{bar}\x1b[0m", 1) if bar and self._output.colour else text
        removal, self._drawn = self._removal(), text  # before it is there: Ctrl-C may come in between
        self._write(f"{removal}{shown}")

    def erase(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._write(self._removal())
            self._drawn = ""  # after it is gone: erasing it twice does no harm

    def room(self) -> int:
        """Return how many columns may be drawn on: not the last, and Ctrl-C shows itself in two more."""
        return max(self._width() - 3, 1)

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def _removal(self) -> str:
        """Return what takes away the line that is drawn, and all of its parts if it has been broken."""
        rows = (width_of(self._drawn) - 1) // self._width() if self._drawn and self._reflows else 0
        return f"\x1b[{rows}A\r\x1b[J" if rows > 0 else "\r\x1b[K"

    def _write(self, text: str) -> None:
        try:
            try:
                self._stream.write(text)
            except UnicodeEncodeError:
                encoding = self._stream.encoding or "ascii"
                self._stream.write(text.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
        except (OSError, ValueError):  # a terminal that was closed: the output will find out
            pass


def fit(text: str, columns: int) -> str:
    """Return a text that fits into so many columns: of one that does not, the beginning and the end."""
    if width_of(text) <= columns:
        return text
    end = _cut(text[::-1], min(_END, columns // 2))[::-1]
    beginning = _cut(text, max(columns - width_of(end) - len(_GAP), 0))
    return f"{beginning}{_GAP}{end}" if columns > 2 * len(_GAP) else _cut(text, columns)


def _cut(text: str, columns: int) -> str:
    """Return as much of the beginning of a text as fits into so many columns."""
    for count, letter in enumerate(text):
        columns -= _columns(letter)
        if columns < 0:
            return text[:count]
    return text


def width_of(text: str) -> int:
    """Return how many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(letter: str) -> int:
    if letter.isascii():
        return 1
    from unicodedata import category, east_asian_width  # late: names are hardly ever anything but ASCII

    if category(letter) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(letter) in {"W", "F"} else 1
