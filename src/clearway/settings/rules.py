"""Makes the rules of a run and of each index out of what was said about them, by how strongly it was said.

For each rule the strongest statement counts, so that a flag or a variable beats the table of an index, and that table
what a file says for all indexes. ``policed`` is not a rule of its own: it sets the age of proofs to none, unless an age
was said at the same level or a higher one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clearway.policy.rules import Rules
from clearway.settings.values import read_value

if TYPE_CHECKING:
    from clearway.settings.values import Level, Statement

Said = dict[str, tuple["Level", Any]]
"""By option: the value and how strongly it was said."""


def say(said: Said, statement: Statement) -> None:
    """Take a statement in; none that is there is stronger.

    :raises InputError: ``malformed-option``.
    """
    said[statement.option.name] = statement.level, read_value(statement)


def settle(*sources: Said) -> Rules:
    """Return the rules that follow."""
    strongest: Said = {}
    for said in sources:
        for name, one in said.items():
            if name not in strongest or strongest[name][0] <= one[0]:
                strongest[name] = one
    policed = strongest.pop("policed", None)
    if policed is not None and policed[1]:
        age = strongest.get("proof-age")
        if age is None or age[0] < policed[0]:
            strongest["proof-age"] = policed[0], 0.0
    return Rules(**{name.replace("-", "_"): value for name, (_, value) in strongest.items()})
