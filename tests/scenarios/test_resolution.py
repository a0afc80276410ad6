"""Resolution, case by case: each file in ``resolution/`` is an index, a question and the expected answer.

What a file may say stands in :mod:`support.cases`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.cases import Play

if TYPE_CHECKING:
    from support.simulator import IndexSimulator

CASES = sorted((Path(__file__).parent / "resolution").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, simulator: IndexSimulator) -> None:
    case = tomllib.loads(path.read_text())
    Play(simulator, case).run().check(case["expect"])
