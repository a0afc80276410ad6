"""The decision order: which package is decided next.

Packages with one candidate left, then by rank, then what was asked for, then the fewest candidates, then the order of
discovery. A package that another's decision got in the way of five times is ranked above that other, whose decision is
undone: the two are then decided the other way round (``docs/explanation/solver.md`` says why).
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from clearway.solver.masks import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.solver.package import Key, Package
    from clearway.solver.trail import Trail

PATIENCE = 5
"""How many conflicts with one and the same package it takes to be ranked above it."""


class Order:
    """A heap of the packages to decide; entries that the search has overtaken stay in it until they are met."""

    __slots__ = ("_heap", "_packages")

    def __init__(self, packages: list[Package]) -> None:
        self._heap: list[Key] = []
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
            package = self._packages[heap[0][-1]]
            if package.key == heap[0]:
                return package
            heappop(heap)
        return None


def blame(package: Package, culprit: Package) -> bool:
    """Count a conflict of a package with a decision taken before it; return whether to take it before that one."""
    times = package.conflicts[culprit] = package.conflicts.get(culprit, 0) + 1
    if times != PATIENCE:
        return False
    package.rank = max(package.rank, culprit.rank + 1)
    return True


def _key(package: Package) -> Key:
    refused = package.refused is not None and package.refused == (package.domain, tuple(package.requirers))
    candidates = package.domain.bit_count()
    return (refused, candidates > 1, -package.rank, not package.direct, candidates, package.number)
