"""What a process prints: kept for the case that it fails, its beginning and its end, and passed on line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.build.faults import harmless

if TYPE_CHECKING:
    from collections.abc import Callable

_BEGINNING = 128 << 10
_END = 512 << 10
_LINE = 8 << 10


class Output:
    """The output of one build. Written by one thread at a time.

    :param listen: told each line as it comes, made harmless; None where nobody wants to see it.
    """

    def __init__(self, listen: Callable[[str], None] | None = None) -> None:
        self._listen = listen
        self._beginning = bytearray()
        self._end = bytearray()
        self._skipped = False
        self._line = b""

    def write(self, chunk: bytes) -> None:
        """Take what was printed."""
        room = _BEGINNING - len(self._beginning)
        self._beginning += chunk[:room]
        self._end += chunk[room:] if room > 0 else chunk
        if len(self._end) > 2 * _END:
            del self._end[:-_END]
            self._skipped = True
        if self._listen is not None:
            *lines, self._line = (self._line + chunk).split(b"\n")
            if len(self._line) > _LINE:
                lines, self._line = [*lines, self._line], b""
            for line in lines:
                self._listen(harmless(line.decode("utf-8", "replace")))

    def close(self) -> None:
        """Pass on a last line that has no end."""
        if self._line and self._listen is not None:
            self._listen(harmless(self._line.decode("utf-8", "replace")))
        self._line = b""

    def lines(self) -> list[str]:
        """Return what was kept, line by line, made harmless."""
        gap = b"\n[...]\n" if self._skipped else b""
        text = (bytes(self._beginning) + gap + bytes(self._end)).decode("utf-8", "replace")
        return [harmless(line.rpartition("\r")[2] or line) for line in text.replace("\r\n", "\n").split("\n")]
