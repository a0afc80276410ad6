"""The extras that are asked for of files: ``--extra`` and ``--all-extras``, for pyproject.toml and for locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.model.names import NormalizedName, is_name, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable


class Extras:
    """What was asked for, and which files could have it.

    :param names: as they were given.
    :param every: whatever a file has.
    :raises InputError: ``malformed-option``.
    """

    def __init__(self, names: Iterable[str], *, every: bool = False) -> None:
        self.names: dict[NormalizedName, str] = {}
        self.every = every
        self._files: dict[str, tuple[NormalizedName, ...]] = {}
        for name in names:
            if not is_name(name):
                raise InputError(
                    "malformed-option", f"--extra is {name[:80]!r}, which is no name", hint="Name one extra."
                )
            self.names[normalize(name)] = name

    def of(self, label: str, declared: Iterable[str]) -> tuple[NormalizedName, ...]:
        """Return those that a file has, of those that were asked for.

        :param label: names the file.
        :param declared: all that it has.
        """
        known = self._files[label] = tuple(map(normalize, declared))
        return tuple(name for name in known if self.every or name in self.names)

    def check(self) -> None:
        """See that every extra that was named is one of a file that was read.

        :raises InputError: ``unknown-extra``.
        """
        if (self.names or self.every) and not self._files:
            what = f"--extra {next(iter(self.names.values()))}" if self.names else "--all-extras"
            raise InputError(
                "unknown-extra",
                f"{what} is for files that have extras, and none was named",
                hint="Name one with -r, pyproject.toml or a lock; extras of a project stand behind it: NAME[EXTRA].",
            )
        have = {name for declared in self._files.values() for name in declared}
        for name, spelled in self.names.items():
            if name not in have:
                raise InputError(
                    "unknown-extra",
                    f"There is no extra {spelled} in {' or '.join(self._files)}",
                    hint=f"These are there: {', '.join(sorted(have))}"
                    if have
                    else "There are none at all: leave it out.",
                )
