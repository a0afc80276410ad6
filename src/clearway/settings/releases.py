"""``--pre``, ``--all-releases`` and ``--only-final``: of which projects pre-releases count, and how much.

How the last two go together is :mod:`clearway.settings.choices`'s; ``--pre`` stands for every project that neither of
them names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.settings.choices import ALL, divide

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.model.inputs import ReleaseStatement
    from clearway.model.names import NormalizedName

Prereleases = Literal["usual", "yes", "no"]
"""Whether pre-releases count: as PEP 440 has it, after final releases unless they are asked for; like final releases;
not at all."""


class Releases(msgspec.Struct, frozen=True):
    """Which projects something was said of, by normalized name; ``:all:`` for every one that neither list names."""

    all_releases: frozenset[str] = frozenset()
    only_final: frozenset[str] = frozenset()

    def prereleases(self, name: NormalizedName) -> Prereleases:
        """Return whether pre-releases of a project count."""
        if not (self.all_releases or self.only_final):
            return "usual"
        for one in (name, ALL):
            if one in self.all_releases:
                return "yes"
            if one in self.only_final:
                return "no"
        return "usual"


def read_releases(statements: Iterable[ReleaseStatement], *, pre: bool) -> Releases:
    """Apply statements in their order; ``--pre`` last."""
    every, final = divide(statements, "all-releases", "only-final")
    return Releases(every | {ALL} if pre else every, final)
