"""What the prefetcher may ask for in vain where metadata costs an archive (DESIGN 4.3).

An archive that it asks for ahead of the solver is at stake until the solver wants it. Of those that the newest guesses
lead to nearly all are wanted in the end (measured: 95 in 100), so that in a large resolution half as many may be on
their way as have come; a small one has nothing to gain. Older releases, asked for while the solver walks down a
project, are wanted only if the walk goes on: of them a twentieth of what has come is the most, by number and by bytes.
One that the solver never wants stays at stake, and leaves the less room for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearway.catalog.catalog import Catalog
    from clearway.catalog.located import FileKey, Located

FEW = 20
"""Archives that must have come before anything is guessed."""
GUESSED, OLDER = 0.5, 0.05


class Stakes:
    """The archives that may turn out to have been asked for in vain."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._guessed: dict[FileKey, int] = {}
        self._older: dict[FileKey, int] = {}

    def put(self, located: Located, *, older: bool = False) -> bool:
        """Put an archive at stake; tell whether there is room for it.

        :param older: it is of an older release than the solver tries now.
        """
        key = located.key
        if key in self._guessed or key in self._older:
            return True
        count, received = self._catalog.received()
        sizes, share = (self._older, OLDER) if older else (self._guessed, GUESSED * max(count - FEW, 0) / max(count, 1))
        size = self._catalog.expected_size(located)
        if len(sizes) + 1 > count * share or sum(sizes.values()) + size > received * share:
            return False
        sizes[key] = size
        return True

    def take(self, located: Located) -> None:
        """Hear that the solver wants an archive."""
        self._guessed.pop(located.key, None)
        self._older.pop(located.key, None)
