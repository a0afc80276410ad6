"""Credentials, case by case (DESIGN 4.7, 4.8): each file in ``credentials/`` says who is asked, and who gets what.

What a file may say stands in :mod:`support.cases`. Each case is played at indexes of several shapes and as a dry run,
and whatever comes of it, no secret of the case may stand in what is told or in what is kept.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from scenarios.shapes import expected, plays, read_cases, shaped
from support.cases import Play

if TYPE_CHECKING:
    from support.cases import Outcome
    from support.simulator import IndexSimulator

CASES = read_cases("credentials")


@pytest.mark.parametrize(("name", "shape", "mode"), list(plays(CASES)))
def test_case(name: str, shape: str, mode: str, simulator: IndexSimulator) -> None:
    case = shaped(CASES[name], shape)
    play = Play(simulator, case)
    for step in (case, *case.get("then", ())):
        if step is not case:
            play.change(step)
        outcome = play.run(dry_run=mode == "dry-run")
        outcome.check(expected(step["expect"], shape, mode))
        assert leaks(play, outcome, secrets_of(case)) == []


def leaks(play: Play, outcome: Outcome, secrets: set[str]) -> list[str]:
    """Return the secrets of a case that were told or kept."""
    told = "\n".join((outcome.told, *outcome.passed, *outcome.notes, repr(outcome.resolution)))
    everything = told.encode() + b"\n".join(play.store.rows)
    return [secret for secret in secrets if any(form in everything for form in forms_of(secret))]


def secrets_of(case: Any) -> set[str]:
    """Return the passwords that a case names, with their user names."""
    options = (case.get("repository", {}), *case.get("repositories", {}).values())
    pairs = {f"{user}:{secret}" for one in options for user, secret in one.get("users", {}).items()}
    pairs |= {one["credential"] for one in options if one.get("credential")}
    return pairs | {pair.partition(":")[2] for pair in pairs}


def forms_of(secret: str) -> tuple[bytes, bytes]:
    return secret.encode(), b64encode(secret.encode()).rstrip(b"=")
