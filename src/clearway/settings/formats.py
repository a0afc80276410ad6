"""``--no-binary`` and ``--only-binary``: which projects' wheels may be used, and which projects' source archives.

How the two go together is :mod:`clearway.settings.choices`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.model.names import NormalizedName
from clearway.settings.choices import ALL, divide

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.model.inputs import FormatStatement

Use = Literal["either", "wheels", "sources", "both"]
"""Which files of a release count: wheels, and source archives where no wheel fits; wheels alone; source archives alone;
wheels, and after them source archives in any case."""


class Formats(msgspec.Struct, frozen=True):
    """Which projects are restricted, by normalized name; ``:all:`` for every one that the other list does not name.

    :param hashed: projects of which the person gave hashes: any file of a release may be the one that has it.
    """

    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()
    hashed: frozenset[NormalizedName] = frozenset()

    def use(self, name: NormalizedName) -> Use:
        """Return which files of a project may be used."""
        if name in self.no_binary or (ALL in self.no_binary and name not in self.only_binary):
            return "sources"
        if name in self.only_binary or ALL in self.only_binary:
            return "wheels"
        return "both" if name in self.hashed else "either"


def read_formats(statements: Iterable[FormatStatement], hashed: Iterable[NormalizedName] = ()) -> Formats:
    """Apply statements in their order.

    :param hashed: as in :class:`Formats`.
    """
    no_binary, only_binary = divide(statements, "no-binary", "only-binary")
    return Formats(no_binary, only_binary, frozenset(hashed))
