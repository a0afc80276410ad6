"""Refusals, case by case (DESIGN 4.6): each file in ``refusals/`` says what an index refuses, and what comes of it.

What a file may say stands in :mod:`support.cases`. Each case is played at indexes of several shapes and as a dry run
(:mod:`scenarios.shapes`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scenarios.shapes import expected, plays, read_cases, shaped
from support.cases import Play

if TYPE_CHECKING:
    from support.simulator import IndexSimulator

CASES = read_cases("refusals")


@pytest.mark.parametrize(("name", "shape", "mode"), list(plays(CASES)))
def test_case(name: str, shape: str, mode: str, simulator: IndexSimulator) -> None:
    case = shaped(CASES[name], shape)
    play = Play(simulator, case)
    play.run(dry_run=mode == "dry-run").check(expected(case["expect"], shape, mode))
    for then in case.get("then", ()):
        play.change(then)
        play.run(dry_run=mode == "dry-run").check(expected(then["expect"], shape, mode))
