"""What a terminal shows after what was written to it: enough of one (ECMA-48) for a line that is redrawn.

Carriage return, line feed, erasing to the end of the line or the screen, going up, colours; a letter beyond the last
column begins the next row, and wide letters take two columns. Whatever else comes is an error: nothing else is written.
"""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|\x1b|.", re.DOTALL)


class Screen:
    """A terminal of so many columns, and of as many rows as it takes."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._rows: list[dict[int, str]] = [{}]
        self._row = self._column = 0

    def feed(self, text: str) -> Screen:
        """Show what is written."""
        for token in _TOKEN.finditer(text):
            if token[2]:
                self._obey(token[1], token[2])
            else:
                self._put(token[0])
        return self

    @property
    def lines(self) -> list[str]:
        """The rows that are shown, without what is empty at the end."""
        rows = ["".join(row.get(column, " ") for column in range(max(row, default=-1) + 1)) for row in self._rows]
        rows = [row.rstrip() for row in rows]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def _obey(self, number: str, command: str) -> None:
        row = self._rows[self._row]
        if command == "K":
            self._rows[self._row] = {column: letter for column, letter in row.items() if column < self._column}
        elif command == "J":
            self._obey("", "K")
            del self._rows[self._row + 1 :]
        elif command == "A":
            self._row = max(0, self._row - int(number or 1))
        else:
            assert command == "m", f"an escape sequence that nobody writes: {number}{command}"

    def _put(self, letter: str) -> None:
        if letter == "\r":
            self._column = 0
        elif letter == "\n":  # as the driver of a terminal has it, which puts a carriage return before
            self._down()
            self._column = 0
        else:
            assert letter.isprintable(), f"a control character: {letter!r}"
            width = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
            if self._column + width > self.columns:
                self._down()
                self._column = 0
            row = self._rows[self._row]
            row[self._column] = letter
            if width == 2:
                row[self._column + 1] = ""
            self._column += width

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self._rows):
            self._rows.append({})
