"""The same answers give the same questions, the same result and the same words, whatever the hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from clearway.solver import Failed, Machine
from solver.universes import grown, solve, tangled

TESTS = Path(__file__).parents[1]
PROGRAM = """
from solver.stories import Telling, stories
from solver.universes import grown, solve, tangled
from clearway.solver import Chosen
from clearway.solver.masks import newest

def choose(question):
    print(question)
    return Chosen(newest(question.allowed))

for universe in (tangled(6, 14, 5, 2, False), tangled(3, 14, 5, 3), grown(1, 40, 12, 0.6), grown(5, 60, 20, 0.4)):
    print(solve(universe, choose))
for story in stories().values():
    print(story.end())
"""


def run(seed: str) -> str:
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_hash_seeds_change_nothing() -> None:
    first, *others = [run(seed) for seed in ("0", "1", "4711")]
    assert first.count("Choose(") > 100
    assert others == [first, first]


def test_a_second_machine_asks_the_same() -> None:
    universe = grown(3, 60, 20, 0.5)
    logs: list[list[object]] = [[], []]
    for log in logs:

        class Logging(Machine):
            def advance(self, answer: object = None, log: list[object] = log) -> object:
                log.append(super().advance(answer))
                return log[-1]

        solve(universe, machine=Logging(universe.requirements(universe.asked)))
    assert str(logs[0]) == str(logs[1])
    assert len(logs[0]) > 50


def test_a_failure_and_a_solution_are_among_what_is_compared() -> None:
    assert isinstance(solve(tangled(6, 14, 5, 2, False)), Failed)
    assert not isinstance(solve(tangled(3, 14, 5, 3)), Failed)
