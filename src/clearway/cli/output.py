"""What people read: results on standard output, everything else on standard error, in one voice.

Text from outside (names, reasons, server answers) is cleaned of control characters before it reaches a terminal.
"""

from __future__ import annotations

import sys
from io import StringIO
from typing import TYPE_CHECKING, TextIO

from clearway.errors import TargetError
from clearway.model.urls import mask

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.errors import ClearwayError


def clean(text: str) -> str:
    """Return a text whose control characters cannot steer a terminal, and whose URLs show no user info."""
    return mask(_printable(text))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text.replace("\t", " "))


class Output:
    """Writes lines.

    :param verbosity: 0 as usual; positive with ``-v``, negative with ``-q``.
    :ivar spare: takes the secrets of the run out of warnings and errors, once there are any.
    """

    def __init__(self, verbosity: int, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.verbosity = verbosity
        self.spare: Callable[[str], str] = str
        self._out: TextIO = out or sys.stdout or StringIO()  # a program may be started without either
        self._err: TextIO = err or sys.stderr or StringIO()
        self._lost: OSError | None = None

    def say(self, line: str) -> None:
        """Write a line of the usual output; not with ``-q``."""
        if self.verbosity >= 0:
            self._write(self._out, line)

    def result(self, line: str) -> None:
        """Write a line that was asked for: it comes whatever the verbosity."""
        self._write(self._out, line)

    def data(self, line: str) -> None:
        """Write a line that programs read, in which URLs stay as they are: whoever writes it has seen to secrets."""
        self._write(self._out, line, _printable)

    def warn(self, line: str) -> None:
        """Write a warning; not with ``-qq``."""
        if self.verbosity > -2:
            self._write(self._err, f"WARNING: {self.spare(line)}")

    def fail(self, error: ClearwayError) -> None:
        """Write an error: what happened, the particulars, and what to do next. Always."""
        self._write(self._err, f"ERROR: {self.spare(error.message)}.")
        for line in error.context:
            self._write(self._err, f"  {self.spare(line)}")
        if error.hint:
            self._write(self._err, f"HINT: {error.hint}")

    def has_terminal(self) -> bool:
        """Whether a person watches."""
        return self._err.isatty()

    def finish(self, status: int) -> int:
        """Write out what is buffered.

        :param status: what the run came to.
        :returns: the same, but where results could not be written a run that went well has failed.
        """
        self._flush(self._out)
        if self._lost is not None and not status:
            status = 1  # a reader that went away has read enough: nobody is told
            if not isinstance(self._lost, BrokenPipeError):
                error = TargetError(
                    "output-unwritable",
                    f"Standard output cannot be written: {self._lost.strerror}",
                    hint="What was asked for has been done; only the words about it are missing.",
                )
                self.fail(error)
                status = error.exit_status
        self._flush(self._err)
        return status

    def _write(self, stream: TextIO, line: str, cleaned: Callable[[str], str] = clean) -> None:
        text = "\n".join(cleaned(part) for part in line.split("\n"))
        try:
            try:
                stream.write(f"{text}\n")
            except UnicodeEncodeError:
                encoding = stream.encoding or "ascii"
                stream.write(f"{text.encode(encoding, 'backslashreplace').decode(encoding)}\n")
        except OSError as error:
            self._lose(stream, error)

    def _flush(self, stream: TextIO) -> None:
        try:
            stream.flush()
        except OSError as error:
            self._lose(stream, error)

    def _lose(self, stream: TextIO, error: OSError) -> None:
        """Go on without a stream that cannot be written: what is under way is not given up for it."""
        if stream is self._out:
            self._out, self._lost = StringIO(), error
        else:
            self._err = StringIO()
