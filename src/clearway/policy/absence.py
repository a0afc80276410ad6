"""Expected absence: a listed file that an index does not hand out. A value, never an exception (DESIGN 4.11)."""

from __future__ import annotations

from typing import Literal

import msgspec


class Absence(msgspec.Struct, frozen=True):
    """Why a listed file could not be had.

    :param kind: refused by policy, or gone.
    :param status: the HTTP status that said so.
    :param index: the name of the index that listed the file.
    :param filename: the file.
    """

    kind: Literal["refused", "gone"]
    status: int
    index: str
    filename: str

    def __str__(self) -> str:
        """Say it in one clause, as messages need it."""
        verb = "refused by" if self.kind == "refused" else "listed but not there at"
        return f"{self.filename} is {verb} {self.index} ({self.status})"
