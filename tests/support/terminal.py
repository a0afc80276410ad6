"""A program at a terminal of its own: what it shows is read, what a person types is written."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class TerminalProgram:
    """A command whose standard streams are a terminal that nobody else has.

    :param columns: how wide the terminal is; 0 for one that does not say.
    :ivar shown: everything that it has shown.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], columns: int = 0) -> None:
        self._ours, theirs = pty.openpty()
        self.resize(columns)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *command],
            env=dict(environ),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""
        self._place = 0

    def expect(self, words: str, patience: float = 20.0) -> None:
        """Read until some words are shown, after those that were expected before."""
        deadline = time.monotonic() + patience
        while words not in self.shown[self._place :]:
            assert self._read(deadline - time.monotonic()), f"{words!r} is not in {self.shown[self._place :]!r}"
        self._place = self.shown.index(words, self._place) + len(words)

    def resize(self, columns: int) -> None:
        """Make the terminal wider or narrower; 24 rows stay."""
        if columns:
            fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def type(self, text: str) -> None:
        """Type some keys."""
        os.write(self._ours, text.encode())

    def finish(self, patience: float = 20.0) -> int:
        """Read to the end and return the exit status."""
        deadline = time.monotonic() + patience
        while self._read(deadline - time.monotonic()):
            pass
        return self._process.wait(patience)

    def close(self) -> None:
        """End it, whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)

    def _read(self, patience: float) -> bool:
        if not select.select([self._ours], [], [], max(0.0, patience))[0]:
            return False
        try:
            chunk = os.read(self._ours, 4096)
        except OSError:  # so Linux tells the end
            return False
        self.shown += chunk.decode(errors="replace")
        return bool(chunk)
