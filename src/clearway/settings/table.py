"""The option table: every option of every command, once (DESIGN 4.13). Its rows stand in ``options/``, by topic."""

from __future__ import annotations

from clearway.settings.option import Option
from clearway.settings.options import builds, contents, program, refusals, what, where_from, where_to, words

TABLE: tuple[Option, ...] = (
    *what.ROWS,
    *builds.ROWS,
    *where_from.ROWS,
    *refusals.ROWS,
    *where_to.ROWS,
    *contents.ROWS,
    *program.ROWS,
    *words.ROWS,
)

BY_NAME: dict[str, Option] = {name: option for option in TABLE for name in option.names}
"""The options by each of their long names."""


def options_for(command: str) -> tuple[Option, ...]:
    """Return the options that a command takes, in the order in which its help shows them."""
    return tuple(option for option in TABLE if command in option.commands)
