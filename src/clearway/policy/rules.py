"""The rules of one index: how its answers are read where the table of DESIGN 4.6 leaves a choice.

They are values that a person may set for a run and for each index apart; an index carries its own.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from clearway.policy.answers import REFUSALS
from clearway.policy.cutoff import Cutoff

OnRefusal = Literal["next-version", "next-file", "next-file-or-sdist", "fail"]
OnPending = Literal["wait", "next-version", "fail"]


class Rules(msgspec.Struct, frozen=True):
    """How the answers of one index are read.

    :param on_refusal: what follows when a file is refused: the next older release, another file of the same release
        (another wheel, or a source archive too), or the end of the run.
    :param on_pending: what follows when a file is neither handed out nor refused in time.
    :param first_byte_timeout: seconds that a file may be held before its first byte comes.
    :param refusal_status: statuses by which a listed file is refused.
    :param absent_status: statuses of a listing by which, besides 404 and 410, the index does not have the project.
    :param max_refusals: how many releases of one project may be refused before the run stops.
    :param proof_age: seconds for which an archive that the index handed out once counts as handed out.
    :param uploaded_prior_to: when a file must have been uploaded to count; None for any time.
    """

    on_refusal: OnRefusal = "next-version"
    on_pending: OnPending = "next-version"
    first_byte_timeout: float = 60.0
    refusal_status: frozenset[int] = REFUSALS
    absent_status: frozenset[int] = frozenset()
    max_refusals: int = 50
    proof_age: float = 86_400.0
    uploaded_prior_to: Cutoff | None = None

    def ends_with(self, kind: str) -> bool:
        """Whether a run ends when a file of the index is not handed out in this way."""
        return (kind == "refused" and self.on_refusal == "fail") or (kind == "pending" and self.on_pending == "fail")
