"""How each index answers, as far as this run has seen: so that no question is asked that it never answers.

Sidecars and ranges are answered differently from the file by many servers (DESIGN 4.4, 4.5), so what they answer is
never a verdict. The file itself, which is asked for next, settles how such answers are read: where it is handed out,
the index has no sidecars, or no ranges. Written by workers; each write is one operation on a set.
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
        self._sidecars: set[Index] = set()
        self._sidecarless: set[Index] = set()
        self._generous: set[Index] = set()
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

    def handed_out(self, located: Located) -> None:
        """Learn that a file was handed out."""
        self._generous.add(located.index)

    def not_handed_out(self, located: Located) -> None:
        """Learn that a file was refused, gone or held."""
        self._watched.add((located.index, located.project))
