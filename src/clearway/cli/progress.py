"""The progress line of a terminal: one line, redrawn in place, gone when the work is done.

A pipe gets nothing. Drawing is bounded to a few times a second, so that it costs nothing beside the work.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, TextIO

from clearway.cli.output import clean

if TYPE_CHECKING:
    from clearway.cli.output import Output
    from clearway.commands.plan import Plan
    from clearway.index.records import File
    from clearway.resolution.problem import Passed

_PAUSE = 0.08
"""Seconds between two drawings."""


class Progress:
    """Implements :class:`clearway.commands.events.Listener` for a person.

    :param shown: whether there is a terminal to draw on.
    """

    def __init__(self, output: Output, *, shown: bool, stream: TextIO | None = None) -> None:
        self._output = output
        self._shown = shown
        self._stream = stream or sys.stderr
        self._drawn = 0.0
        self._open = False
        self._total = 0
        self._count = 0
        self._done: set[str] = set()
        self._bytes: dict[str, int] = {}
        self._began = time.monotonic()

    def resolving(self, decided: int) -> None:
        """Show how many releases are settled on."""
        self._draw(f"Resolving: {decided} {'release' if decided == 1 else 'releases'}")

    def downloading(self, plan: Plan) -> None:
        """Begin to show the download of a plan."""
        files = [step.pin.located.file for step in plan.steps if step.pin.located is not None]
        self._count = len(files)
        self._total = sum(file.size or 0 for file in files)
        self._draw_download()

    def received(self, file: File, count: int) -> None:
        """Count bytes."""
        self._bytes[file.filename] = self._bytes.get(file.filename, 0) + count
        if self._count:
            self._draw_download()

    def unpacked(self, file: File) -> None:
        """Count an archive."""
        self._done.add(file.filename)
        self._draw_download()

    def writing(self, plan: Plan) -> None:
        """Show that the environment is being changed."""
        self._draw(f"Installing: {len(plan.steps)} packages", now=True)

    def passed_over(self, passed: Passed) -> None:
        """With ``-v``: write each attempt that an index did not let succeed above the line."""
        if self._output.verbosity > 0:
            self.close()
            self._output.say(f"  {passed.name} {passed.version}: {passed.absence}")

    def note(self, sentence: str) -> None:
        """Write a warning above the line."""
        self.close()
        self._output.warn(f"{sentence}.")

    def close(self) -> None:
        """Remove the line."""
        if self._open:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._open = False

    def _draw_download(self) -> None:
        if not self._shown:
            return
        received = sum(self._bytes.values())
        rate = received / max(time.monotonic() - self._began, 0.001)
        of_total = f"/{_megabytes(self._total)}" if self._total >= received else ""
        size = f"{_megabytes(received)}{of_total} MB, {_megabytes(int(rate))} MB/s"
        text = f"{len(self._done)}/{self._count} packages, {size}"
        room = self._width() - len(text) - 17
        bar = ""
        if room >= 10 and self._total:
            done = min(room, room * received // self._total)
            bar = f" [{'=' * done}{' ' * (room - done)}]"
        self._draw(f"Downloading:{bar} {text}")

    def _draw(self, text: str, *, now: bool = False) -> None:
        if not self._shown:
            return
        moment = time.monotonic()
        if now or moment - self._drawn >= _PAUSE:
            self._drawn = moment
            self._stream.write(f"\r\x1b[K{clean(text)[: max(self._width() - 1, 1)]}")
            self._stream.flush()
            self._open = True

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}"
