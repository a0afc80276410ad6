"""``--no-binary`` and ``--only-binary``: which projects' wheels may be used, and which projects' source archives.

The rules are pip's. A name moves from one list to the other when it is said later; ``:all:`` empties both lists before
it stands for every project, ``:none:`` empties its own; a project that is named beats ``:all:``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.model.names import NormalizedName, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.model.inputs import FormatStatement

ALL = ":all:"


class Formats(msgspec.Struct, frozen=True):
    """Which projects are restricted, by normalized name; ``:all:`` for every one that the other list does not name."""

    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()

    def wheels(self, name: NormalizedName) -> bool:
        """Whether wheels of a project may be used."""
        return name in self.only_binary or (name not in self.no_binary and ALL not in self.no_binary)

    def sources(self, name: NormalizedName) -> bool:
        """Whether source archives of a project may be used."""
        return name in self.no_binary or (name not in self.only_binary and ALL not in self.only_binary)


def read_formats(statements: Iterable[FormatStatement]) -> Formats:
    """Apply statements in their order."""
    lists: dict[str, set[str]] = {"no-binary": set(), "only-binary": set()}
    for kind, value in statements:
        own = lists[kind]
        other = lists["only-binary" if kind == "no-binary" else "no-binary"]
        for part in filter(None, (part.strip() for part in value.split(","))):
            if part == ALL:
                other.clear()
                own.clear()
                own.add(ALL)
            elif part == ":none:":
                own.clear()
            else:
                other.discard(normalize(part))
                own.add(normalize(part))
    return Formats(frozenset(lists["no-binary"]), frozenset(lists["only-binary"]))
