"""How each index answers, as far as this run has seen: so that no question is asked that it never answers.

Sidecars and ranges are answered differently from the file by many servers (DESIGN 4.4, 4.5), so what they answer is
never a verdict. The file itself, which is asked for next, settles how such answers are read: where it is handed out,
the index has no sidecars, or no ranges; where it is refused like the range was, a refused range is enough from then
on. Written by workers; each write is one operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearway.catalog.located import Located
    from clearway.index.records import Index


class Habits:
    """What is known of the indexes of one run."""

    def __init__(self) -> None:
        self._ranged: set[Index] = set()
        self._rangeless: set[Index] = set()
        self._strict: set[Index] = set()
        self._sidecars: set[Index] = set()
        self._sidecarless: set[Index] = set()
        self._generous: set[Index] = set()
        self._sizes: dict[tuple[Index, str], int] = {}
        self._bytes: list[int] = []
        self._watched: set[tuple[Index, str]] = set()

    def has_ranges(self, index: Index) -> bool:
        """Whether ranges are known to work."""
        return index in self._ranged

    def may_have_ranges(self, index: Index) -> bool:
        """Whether ranges are worth another try."""
        return index not in self._rangeless

    def may_have_sidecar(self, located: Located) -> bool:
        """Whether a file's sidecar is worth a try."""
        return located.file.sidecar is not None and located.index not in self._sidecarless

    def is_watched(self, located: Located) -> bool:
        """Whether a file of this project was not handed out: the next ones are asked for themselves at once."""
        return bool(self._watched) and (located.index, located.project) in self._watched

    def refuses_ranges(self, index: Index) -> bool:
        """Whether a refused range means that the file is refused: so it was when that was looked at."""
        return index in self._strict

    def is_generous(self, index: Index) -> bool:
        """Whether the index has handed out any file."""
        return index in self._generous

    def sidecar_came(self, index: Index) -> None:
        """Learn that a sidecar was there."""
        self._sidecars.add(index)

    def sidecar_missing(self, index: Index) -> None:
        """Learn that a sidecar was not there and its file was: where none ever was, none will be."""
        if index not in self._sidecars:
            self._sidecarless.add(index)

    def range_came(self, index: Index) -> None:
        """Learn that ranges work."""
        self._ranged.add(index)

    def range_missing(self, index: Index) -> None:
        """Learn that a range did not come and its file did."""
        self._rangeless.add(index)

    def range_refused(self, index: Index) -> None:
        """Learn that a range was refused, and so was its file."""
        self._strict.add(index)

    def handed_out(self, located: Located) -> None:
        """Learn that a file was handed out."""
        self._generous.add(located.index)

    def came(self, located: Located, size: int) -> None:
        """Learn how large an archive was that came whole."""
        self.handed_out(located)
        self._sizes[located.index, located.project] = size
        self._bytes.append(size)

    def received(self) -> tuple[int, int]:
        """Return how many archives have come so far, and their bytes."""
        return len(self._bytes), sum(self._bytes)

    def expected_size(self, located: Located) -> int:
        """Return how large an archive will be: as listed, else like the last of its project, else the average."""
        if located.file.size is not None:
            return located.file.size
        count, received = self.received()
        return self._sizes.get((located.index, located.project), received // max(count, 1))

    def not_handed_out(self, located: Located) -> None:
        """Learn that a file was refused, gone or held."""
        self._watched.add((located.index, located.project))
