"""Runs the commands that know credentials: without a shell, with a time limit, with nothing secret in their arguments.

A command reads nothing unless it is given something; what it needs to ask it asks at the terminal itself. Several may
be under way at once: they are started, and then waited for one after the other. Whatever ends the wait ends the
command.
"""

from __future__ import annotations

import subprocess
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIME_LIMIT = 60.0
"""Seconds: enough for a person to unlock something."""
LONGEST = 65_536
"""Bytes of an answer: the longest tokens are a tenth of this."""


class CommandFault(Exception):
    """A command could not be run, did not end in time, or answered what no credential can be.

    The text says so without a subject, and shows nothing that the command has printed.
    """


class Result(NamedTuple):
    """What came of a command.

    :ivar status: its exit status.
    :ivar out: what it printed, but for the newline at the end.
    :ivar complaint: the last line that it wrote on standard error.
    """

    status: int
    out: str
    complaint: str


class Running:
    """A command that has been started.

    :param words: the program and its arguments.
    :param given: what it is to read on standard input.
    :raises CommandFault: it cannot be started.
    """

    def __init__(self, words: Sequence[str], environ: Mapping[str, str], given: str = "") -> None:
        self._given = given.encode() if given else None
        self._deadline = monotonic() + TIME_LIMIT
        try:
            self._process = subprocess.Popen(
                list(words),
                env=dict(environ),
                stdin=subprocess.PIPE if given else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            message = f"cannot be run: {error.strerror}"
            raise CommandFault(message) from None

    def result(self) -> Result:
        """Wait for its end.

        :raises CommandFault: it does not come in time, or what was printed is too long or no text.
        """
        try:
            out, err = self._process.communicate(self._given, max(0.01, self._deadline - monotonic()))
        except subprocess.TimeoutExpired:
            message = f"did not end within {TIME_LIMIT:g} seconds"
            raise CommandFault(message) from None
        finally:
            self.stop()
        if len(out) > LONGEST:
            message = f"printed more than {LONGEST:,} bytes"
            raise CommandFault(message)
        try:
            text = out.decode()
        except UnicodeDecodeError:
            message = "printed something that is not UTF-8"
            raise CommandFault(message) from None
        return Result(self._process.returncode, text.removesuffix("\n").removesuffix("\r"), _last_line(err))

    def stop(self) -> None:
        """End it, if it has not ended."""
        process = self._process
        if process.poll() is None:
            with suppress(OSError):
                process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(OSError):  # what was to be written to a command that is gone
                    pipe.close()


def run(words: Sequence[str], environ: Mapping[str, str], given: str = "") -> Result:
    """Run one command to its end.

    :raises CommandFault: as :class:`Running` does.
    """
    return Running(words, environ, given).result()


def _last_line(err: bytes) -> str:
    lines = err[-LONGEST:].decode(errors="replace").strip().splitlines()
    return lines[-1].strip()[:200] if lines else ""
