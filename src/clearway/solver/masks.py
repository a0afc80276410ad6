"""Sets of versions as bit masks in a Python int.

A package's versions are numbers 1..n, ascending: number n is the newest. Bit ``v`` of a mask stands for version ``v``;
bit 0 stands for "not selected". A mask is therefore a set of *states* of a package, and intersection, union,
complement and subset are one integer operation each. A requirement is a mask without bit 0 (one of these versions, and
one there must be); a mere constraint is a mask with it (if selected at all, then one of these).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = 1
"""The state "not selected"."""


def all_versions(count: int) -> int:
    """Return the mask of versions 1 to ``count``, without :data:`ABSENT`."""
    return (1 << count + 1) - 2


def all_states(count: int) -> int:
    """Return the mask of versions 1 to ``count`` and :data:`ABSENT`: what a package may be before anything is known."""
    return (1 << count + 1) - 1


def newest(mask: int) -> int:
    """Return the newest version of a mask; 0 where it has none."""
    return max(mask.bit_length() - 1, 0)


def versions_in(mask: int) -> Iterator[int]:
    """Yield the versions of a mask, newest first."""
    mask &= ~ABSENT
    while mask:
        version = mask.bit_length() - 1
        yield version
        mask ^= 1 << version


def spans(mask: int, known: int) -> list[tuple[int, int]]:
    """Return the versions of a mask as runs ``(oldest, newest)``, ascending.

    A run goes on over versions that are not in ``known``: where nobody can tell that something is missing in between,
    the run is told as one.
    """
    runs: list[tuple[int, int]] = []
    gap = ~mask & known & ~ABSENT
    for version in reversed(list(versions_in(mask))):
        if runs and not gap & (1 << version) - (1 << runs[-1][1]):
            runs[-1] = (runs[-1][0], version)
        else:
            runs.append((version, version))
    return runs
