"""What people read: results on standard output, everything else on standard error, in one voice.

Text from outside (names, reasons, server answers) is cleaned of control characters before it reaches a terminal. What
is said while work goes on is pip's to standard output, warnings and errors are on standard error. Workers may speak,
too: a line is written whole, and never into the progress line.
"""

from __future__ import annotations

import os
import sys
from io import StringIO
from threading import RLock
from typing import TYPE_CHECKING, TextIO

from clearway.errors import TargetError
from clearway.model.urls import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clearway.cli.log import Log
    from clearway.errors import ClearwayError

_RED, _YELLOW, _CYAN = "1;31", "33", "36"


def clean(text: str) -> str:
    """Return a text whose control characters cannot steer a terminal, and whose URLs show no user info."""
    return mask(_printable(text))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text.replace("\t", " "))


def short_path(path: str) -> str:
    """Return a path as pip shows it: relative to the current folder if it lies below that."""
    here = os.path.join(os.getcwd(), "")
    return os.path.join(".", path.removeprefix(here)) if path.startswith(here) else path


def satisfied(requirement: object, location: str, version: str) -> str:
    """Return the line about a requirement for which nothing has to be done, as pip spells it."""
    spelled = str(requirement).partition(" ; ")[0]
    return f"Requirement already satisfied: {spelled} in {short_path(location)} ({version})"


class Output:
    """Writes lines.

    :param verbosity: 0 as usual; positive with ``-v``, negative with ``-q``.
    :param colour: whether what stands before errors and warnings is coloured.
    :ivar spare: takes the secrets of the run out of warnings, errors and details, once there are any.
    :ivar log: keeps everything, whatever the verbosity (``--log``).
    :ivar answers: standard output is the answer of the command: details have no place there.
    :ivar untouched: the command is known to have changed nothing so far, for who interrupts it.
    :ivar clear: takes the progress line away, if one is drawn.
    """

    def __init__(
        self, verbosity: int, out: TextIO | None = None, err: TextIO | None = None, *, colour: bool = False
    ) -> None:
        self.verbosity = verbosity
        self.colour = colour
        self.spare: Callable[[str], str] = str
        self.log: Log | None = None
        self.answers = False
        self.untouched = False
        self.lock = RLock()
        self.clear: Callable[[], None] = _nothing
        self._out: TextIO = out or sys.stdout or StringIO()  # a program may be started without either
        self._err: TextIO = err or sys.stderr or StringIO()
        self._lost: OSError | None = None

    def say(self, line: str) -> None:
        """Write a line of the usual output, at once; not with ``-q``."""
        self._keep(line)
        if self.verbosity >= 0:
            self._write(self._out, line)
            self._flush(self._out)

    def wants(self, level: int) -> bool:
        """Whether anybody reads a line that is for so many ``-v``."""
        return self.verbosity >= level or self.log is not None

    def detail(self, line: str, level: int = 1) -> None:
        """Write a line for who wants to know more: with so many ``-v``."""
        if not self.wants(level):
            return
        line = self.spare(line)
        self._keep(line)
        if self.verbosity >= level:
            stream = self._err if self.answers else self._out
            self._write(stream, line)
            self._flush(stream)

    def result(self, line: str) -> None:
        """Write a line that was asked for: it comes whatever the verbosity."""
        self._keep(line)
        self._write(self._out, line)

    def data(self, line: str) -> None:
        """Write a line that programs read, in which URLs stay as they are: whoever writes it has seen to secrets."""
        self._write(self._out, line, _printable)

    def warn(self, line: str) -> None:
        """Write a warning; not with ``-qq``."""
        line = f"WARNING: {self.spare(line)}"
        self._keep(line)
        if self.verbosity > -2:
            self._write(self._err, line, colour=_YELLOW)

    def fail(self, error: ClearwayError) -> None:
        """Write an error: what happened, the particulars, and what to do next. Always."""
        self._tell_failure(f"ERROR: {self.spare(error.message)}.", _RED)
        for line in error.context:
            self._tell_failure(f"  {self.spare(line)}")
        if error.hint:
            self._tell_failure(f"HINT: {error.hint}", _CYAN)

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
        with self.lock:  # workers may still have something to say
            log, self.log = self.log, None
            if log is not None:
                log.close()
        return status

    def _tell_failure(self, line: str, colour: str = "") -> None:
        self._keep(line)
        self._write(self._err, line, colour=colour)

    def _keep(self, line: str) -> None:
        """Write a line to the log, if there is one; what becomes of a log that can no longer be written is told."""
        if self.log is None:
            return
        with self.lock:
            log = self.log
            try:
                if log is not None:
                    log.write("\n".join(clean(self.spare(part)) for part in line.split("\n")))
            except OSError as error:
                self.log = None
                self.warn(f"The log {log.path} cannot be written any more: {error.strerror}.")

    def _write(self, stream: TextIO, line: str, cleaned: Callable[[str], str] = clean, *, colour: str = "") -> None:
        text = "\n".join(cleaned(part) for part in line.split("\n"))
        if colour and self.colour:
            title, colon, rest = text.partition(":")
            text = f"\x1b[{colour}m{title}{colon}\x1b[0m{rest}"
        with self.lock:
            self.clear()
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


def wants_colour(environ: Mapping[str, str], stream: TextIO | None) -> bool:
    """Whether a stream is to be coloured: one that a terminal shows, unless somebody says otherwise.

    ``NO_COLOR`` (no-color.org) and ``FORCE_COLOR`` (force-color.org) count unless they are empty; the first is
    stronger. A terminal that calls itself dumb gets no colour.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream is not None and stream.isatty() and can_steer(environ)


def can_steer(environ: Mapping[str, str]) -> bool:
    """Whether a terminal understands control sequences (ECMA-48)."""
    if os.name == "nt":  # consoles of old do not; those that do say so
        return any(environ.get(name) for name in ("WT_SESSION", "ANSICON", "TERM"))
    return environ.get("TERM", "") not in {"", "dumb", "unknown"}


def _nothing() -> None:
    """Nothing is drawn."""
