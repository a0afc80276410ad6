"""The decision order: which package is decided next.

A tier, then requirements that were asked for, then the fewest candidates, then the order of discovery. Packages that keep
being rejected come first and packages that others keep failing against come last: a bad early decision is then taken
after the packages that it stood in the way of (see ``docs/explanation/solver.md``).
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from clearway.solver.masks import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.solver.package import Package
    from clearway.solver.trail import Trail

PATIENCE = 5
"""After how many conflicts a package changes its tier."""

_CONFLICTING, _SINGLE, _ORDINARY, _BLAMED, _DEFERRED = range(5)


class Order:
    """A heap of the packages to decide. Entries that the search has overtaken stay in it and are recognised when met."""

    __slots__ = ("_heap", "_packages")

    def __init__(self, packages: list[Package]) -> None:
        self._heap: list[tuple[int, int, int, int]] = []
        self._packages = packages

    def update(self, packages: Iterable[Package]) -> None:
        """Take notice of packages whose domain, decision or record has changed."""
        for package in packages:
            key = None if package.decided or package.domain & ABSENT else _key(package)
            if key != package.key:
                package.key = key
                if key is not None:
                    heappush(self._heap, key)
        if len(self._heap) > 64 + 4 * len(self._packages):
            self._heap = [package.key for package in self._packages if package.key is not None]
            heapify(self._heap)

    def next(self, trail: Trail) -> Package | None:
        """Return the package to decide next, or None if every selected package is decided."""
        self.update([assignment.package for assignment in trail.assignments[trail.ordered :]])
        trail.ordered = len(trail.assignments)
        heap = self._heap
        while heap:
            package = self._packages[heap[0][3]]
            if package.key == heap[0]:
                return package
            heappop(heap)
        return None


def _key(package: Package) -> tuple[int, int, int, int]:
    candidates = package.domain.bit_count()
    if package.refused is not None and package.refused == (package.domain, tuple(package.requirers)):
        tier = _DEFERRED
    elif package.conflicts >= PATIENCE:
        tier = _CONFLICTING
    elif candidates == 1:
        tier = _SINGLE
    elif package.blamed >= PATIENCE:
        tier = _BLAMED
    else:
        tier = _ORDINARY
    return (tier, 0 if package.direct else 1, candidates, package.number)
