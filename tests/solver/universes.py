"""Small worlds for the solver: made at random, solved through the machine, and judged without it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from clearway.solver import Choose, Chosen, Dependencies, Depends, Failed, Machine, Requirement, Solved
from clearway.solver.masks import ABSENT, all_versions, newest, versions_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.solver import Answer

Stated = tuple[str, int]
"""A requirement: package and mask."""


class Universe(NamedTuple):
    """Everything there is: what each version requires (version 1 first), and what is asked for."""

    packages: dict[str, list[list[Stated]]]
    asked: list[Stated]

    def requirements(self, stated: list[Stated]) -> tuple[Requirement, ...]:
        return tuple(Requirement(name, len(self.packages[name]), mask, (name, mask)) for name, mask in stated)

    def without(self, name: str, version: int) -> Universe:
        """Return the universe in which a version was never released: the newer ones are numbered one less."""
        low = (1 << version) - 1

        def left(stated: list[Stated]) -> list[Stated]:
            return [(n, mask & low | mask >> version + 1 << version) if n == name else (n, mask) for n, mask in stated]

        packages = {n: [left(stated) for stated in versions] for n, versions in self.packages.items()}
        del packages[name][version - 1]
        return Universe(packages, left(self.asked))


def solve(
    universe: Universe,
    choose: Callable[[Choose], Answer] = lambda question: Chosen(newest(question.allowed)),
    machine: Machine | None = None,
    answer: Answer | None = None,
) -> Solved | Failed:
    """Drive a machine, by default one that is new, until it has a result."""
    machine = machine or Machine(universe.requirements(universe.asked))
    question = machine.advance(answer)
    while not isinstance(question, Solved | Failed):
        if isinstance(question, Dependencies):
            stated = universe.packages[question.package][question.version - 1]
            question = machine.advance(Depends(universe.requirements(stated)))
        else:
            question = machine.advance(choose(question))
    return question


def assert_solves(universe: Universe, decisions: dict[str, int]) -> None:
    """Check that everything in force is met, and that nothing is selected that nobody requires."""
    in_force = list(universe.asked)
    for name, version in decisions.items():
        in_force += universe.packages[name][version - 1]
    for name, mask in in_force:
        assert mask >> decisions.get(name, 0) & 1, f"{name} {decisions.get(name)} is not in {mask:#b}"
    required: set[str] = set()
    waiting = [name for name, mask in universe.asked if not mask & ABSENT]
    while waiting:
        name = waiting.pop()
        if name not in required:
            required.add(name)
            stated = universe.packages[name][decisions[name] - 1]
            waiting += [dependency for dependency, mask in stated if not mask & ABSENT]
    assert required == decisions.keys()


def exhaustively(universe: Universe) -> dict[str, int] | None:
    """Find a solution by trying everything in turn."""

    def search(decided: dict[str, int], left: dict[str, int], waiting: list[str]) -> dict[str, int] | None:
        waiting = [name for name in waiting if name not in decided]
        if not waiting:
            return decided
        name, *others = waiting
        for version in versions_in(left[name] & all_versions(len(universe.packages[name]))):
            stated = universe.packages[name][version - 1]
            narrowed, more = dict(left), list(others)
            for dependency, mask in stated:
                narrowed[dependency] = narrowed.get(dependency, -1) & mask
                more += [] if mask & ABSENT else [dependency]
            now = {**decided, name: version}
            if all(narrowed.get(other, -1) >> chosen & 1 for other, chosen in now.items()):
                found = search(now, narrowed, more)
                if found is not None:
                    return found
        return None

    left: dict[str, int] = {}
    for name, mask in universe.asked:
        left[name] = left.get(name, -1) & mask
    return search({}, left, [name for name, mask in universe.asked if not mask & ABSENT])


def between(lowest: int, highest: int) -> int:
    """Return the mask of a range of versions."""
    return all_versions(highest) & ~all_versions(lowest - 1)


def tangled(seed: int, packages: int, versions: int, width: int, circular: bool = True) -> Universe:
    """Return a universe of requirements that allow a few arbitrary versions each.

    :param width: about how many. A half leaves around as many universes with a solution as without.
    :param circular: packages may require each other.
    """
    chance = random.Random(seed)
    names = [f"p{number}" for number in range(packages)]

    def stated(number: int) -> list[Stated]:
        others = names if circular else names[number + 1 :]
        picked = chance.sample(others, min(len(others), chance.randint(1, 3)))
        return [(name, sum({1 << chance.randint(1, versions) for _ in range(width)})) for name in picked]

    world = {name: [stated(number) for _ in range(versions)] for number, name in enumerate(names)}
    return Universe(world, [(name, all_versions(versions)) for name in names[:3]])


def grown(seed: int, packages: int, most: int, capped: float) -> Universe:
    """Return a universe such as time makes them: who releases later requires what is newer, and some set upper bounds.

    :param most: how many versions a package has at most.
    :param capped: how many of the requirements have an upper bound.
    """
    chance = random.Random(seed)
    counts = [chance.randint(2, most) for _ in range(packages)]
    world: dict[str, list[list[Stated]]] = {}
    for number, count in enumerate(counts):
        later = range(number + 1, packages)
        world[f"p{number}"] = versions = [[] for _ in range(count)]
        for other in chance.sample(later, min(len(later), chance.randint(0, 5))):
            since, lag, pace = chance.uniform(-1, 0.5), chance.uniform(0.1, 0.4), chance.uniform(0.3, 1.0)
            has_cap = chance.random() < capped
            for version, stated in enumerate(versions, 1):
                time = version / count
                lowest = max(1, int((time - lag) * counts[other]))
                highest = min(counts[other], round(time * pace * counts[other]) + 1) if has_cap else counts[other]
                if time > since:
                    stated.append((f"p{other}", between(lowest, max(lowest, highest))))
    return Universe(world, [(f"p{number}", between(counts[number] * 2 // 3, counts[number])) for number in range(6)])
