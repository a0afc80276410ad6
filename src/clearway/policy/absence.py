"""Expected absence: a listed file that an index does not hand out. A value, never an exception (DESIGN 4.11)."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["refused", "gone", "pending"]


class Absence(msgspec.Struct, frozen=True):
    """Why a listed file could not be had.

    :param kind: refused by policy, gone, or neither handed out nor refused in time.
    :param status: the HTTP status that said so; 0 where none came in time.
    :param index: the name of the index that listed the file.
    :param filename: the file.
    :param reason: in the server's words, cut and cleaned; empty where it gave none.
    :param credential: where the credential came from to which a gone file may merely not be visible; empty for none.
    """

    kind: Kind
    status: int
    index: str
    filename: str
    reason: str = ""
    credential: str = ""

    def __str__(self) -> str:
        """Say it in one clause, as messages need it."""
        return f"{self.filename} is {self.verdict}"

    @property
    def verdict(self) -> str:
        """What the index did, without the file: equal for files that met the same."""
        match self.kind:
            case "refused":
                return f"refused by {self.index} ({self.answer})"
            case "gone":
                unseen = f", or not visible to the credential from {self.credential}" if self.credential else ""
                return f"listed by {self.index} but not there{unseen} ({self.answer})"
        return f"neither handed out nor refused in time by {self.index} ({self.answer})"

    @property
    def answer(self) -> str:
        """The status and the reason: ``403: "held: not yet scanned"``."""
        status = str(self.status) if self.status else "no answer"
        return f'{status}: "{self.reason}"' if self.reason else status
