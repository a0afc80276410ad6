"""Which projects an option names: ``NAME,NAME``, ``:all:`` for every project, ``:none:`` to forget what was said.

The rules are pip's, for every pair of options that are each other's opposite. A name moves from one list to the other
when it is said later; ``:all:`` empties both lists before it stands for every project, ``:none:`` empties its own; a
project that is named beats ``:all:``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.model.names import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.model.names import NormalizedName

ALL = ":all:"


def divide(statements: Iterable[tuple[str, str]], *options: str) -> tuple[frozenset[str], ...]:
    """Apply statements in their order; return what each of the options names in the end.

    :param options: one, or two that are each other's opposite.
    """
    lists: dict[str, set[str]] = {option: set() for option in options}
    for option, value in statements:
        own = lists[option]
        for part in filter(None, (part.strip() for part in value.split(","))):
            if part == ":none:":
                own.clear()
                continue
            for one in lists.values():
                if part == ALL:
                    one.clear()
                else:
                    one.discard(normalize(part))
            own.add(part if part == ALL else normalize(part))
    return tuple(frozenset(lists[option]) for option in options)


def names(listed: frozenset[str], name: NormalizedName) -> bool:
    """Whether a list without an opposite names a project."""
    return name in listed or ALL in listed
