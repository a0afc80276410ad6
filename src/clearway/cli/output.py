"""What people read: results on standard output, everything else on standard error, in one voice.

Text from outside (names, reasons, server answers) is cleaned of control characters before it reaches a terminal.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from clearway.model.urls import mask

if TYPE_CHECKING:
    from clearway.errors import ClearwayError


def clean(text: str) -> str:
    """Return a text whose control characters cannot steer a terminal, and whose URLs show no user info."""
    return mask("".join(letter if letter.isprintable() else "\ufffd" for letter in text.replace("\t", " ")))


class Output:
    """Writes lines.

    :param verbosity: 0 as usual; positive with ``-v``, negative with ``-q``.
    """

    def __init__(self, verbosity: int, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.verbosity = verbosity
        self._out = out or sys.stdout
        self._err = err or sys.stderr

    def say(self, line: str) -> None:
        """Write a line of the usual output; not with ``-q``."""
        if self.verbosity >= 0:
            self._write(self._out, line)

    def result(self, line: str) -> None:
        """Write a line that was asked for: it comes whatever the verbosity."""
        self._write(self._out, line)

    def detail(self, line: str) -> None:
        """Write a line for ``-v``."""
        if self.verbosity > 0:
            self._write(self._out, line)

    def warn(self, line: str) -> None:
        """Write a warning; not with ``-qq``."""
        if self.verbosity > -2:
            self._write(self._err, f"WARNING: {line}")

    def fail(self, error: ClearwayError) -> None:
        """Write an error: what happened, the particulars, and what to do next. Always."""
        self._write(self._err, f"ERROR: {error.message}.")
        for line in error.context:
            self._write(self._err, f"  {line}")
        if error.hint:
            self._write(self._err, f"HINT: {error.hint}")

    def flush(self) -> None:
        """Write out what is buffered; a reader that went away is nobody's failure."""
        for stream in (self._out, self._err):
            try:
                stream.flush()
            except (BrokenPipeError, ValueError):
                continue

    def _write(self, stream: TextIO, line: str) -> None:
        text = "\n".join(clean(part) for part in line.split("\n"))
        try:
            stream.write(f"{text}\n")
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(f"{text.encode(encoding, 'backslashreplace').decode(encoding)}\n")
