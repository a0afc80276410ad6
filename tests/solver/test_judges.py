"""Larger universes, and two other solvers as judges of whether they can be solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import resolvelib
from nab_resolver.errors import ResolutionError
from nab_resolver.ranges import Range
from nab_resolver.resolver import BaseProvider, Resolver

from clearway.solver import Solved
from clearway.solver.masks import all_versions, spans, versions_in
from solver.universes import Universe, assert_solves, grown, solve, tangled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

UNIVERSES = {
    **{f"tangled-{seed}": tangled(seed, 14, 5, width=2, circular=False) for seed in range(12)},
    **{f"grown-{seed}": grown(seed, 40, 12, capped=0.2) for seed in range(6)},
    **{f"capped-{seed}": grown(seed, 40, 12, capped=0.6) for seed in range(6)},
}
CIRCULAR = {
    **{f"circular-{seed}": tangled(seed, 14, 5, width=3) for seed in range(6)},
    **{f"circular-tight-{seed}": tangled(seed, 14, 5, width=2) for seed in range(6)},
}


class NabProvider(BaseProvider[str, int]):
    """A universe for nab-resolver."""

    def __init__(self, universe: Universe) -> None:
        self.packages = universe.packages

    def choose_version(self, package: str, version_range: Range[int]) -> int | None:
        return next((v for v in range(len(self.packages[package]), 0, -1) if v in version_range), None)

    def has_satisfying_version(self, package: str, version_range: Range[int]) -> bool:
        return self.choose_version(package, version_range) is not None

    def get_dependencies(self, package: str, version: int) -> Mapping[str, Range[int]]:
        return ranges(self.packages[package][version - 1])

    def prioritize(self, package: str, version_range: Range[int], *_counts: Mapping[str, int]) -> tuple[int, str]:
        return sum(v in version_range for v in range(1, len(self.packages[package]) + 1)), package

    def widen_decision(self, package: str, version: int) -> None:
        return None


def ranges(stated: Iterable[tuple[str, int]]) -> dict[str, Range[int]]:
    result: dict[str, Range[int]] = {}
    for name, mask in stated:
        allowed = Range[int].empty()
        for low, high in spans(mask, -1):
            allowed |= Range.between(low, high + 1)
        result[name] = result.get(name, Range[int].full()) & allowed
    return result


def nab(universe: Universe) -> dict[str, int] | None:
    try:
        return Resolver(NabProvider(universe)).resolve(ranges(universe.asked))
    except ResolutionError:
        return None


class ResolvelibProvider(resolvelib.AbstractProvider):
    """A universe for resolvelib: a requirement is (package, mask, ""), a candidate (package, version)."""

    def __init__(self, universe: Universe) -> None:
        self.packages = universe.packages

    def identify(self, requirement_or_candidate: tuple) -> str:
        return requirement_or_candidate[0]

    def get_preference(
        self, identifier: str, resolutions: object, candidates: object, information: Mapping, backtrack_causes: object
    ) -> tuple[bool, int]:
        blamed = any(
            identifier in (cause.requirement[0], cause.parent and cause.parent[0]) for cause in backtrack_causes
        )
        return not blamed, min((found.requirement[1].bit_count() for found in information[identifier]), default=0)

    def find_matches(self, identifier: str, requirements: Mapping, incompatibilities: Mapping) -> list[tuple[str, int]]:
        mask = all_versions(len(self.packages[identifier]))
        for _name, allowed, _mark in requirements[identifier]:
            mask &= allowed
        excluded = set(incompatibilities[identifier])
        return [(identifier, v) for v in versions_in(mask) if (identifier, v) not in excluded]

    def is_satisfied_by(self, requirement: tuple[str, int, str], candidate: tuple[str, int]) -> bool:
        return bool(requirement[1] >> candidate[1] & 1)

    def get_dependencies(self, candidate: tuple[str, int]) -> Iterator[tuple[str, int, str]]:
        return ((name, mask, "") for name, mask in self.packages[candidate[0]][candidate[1] - 1])


def by_resolvelib(universe: Universe) -> dict[str, int] | None:
    resolver = resolvelib.Resolver(ResolvelibProvider(universe), resolvelib.BaseReporter())
    try:
        result = resolver.resolve([(name, mask, "") for name, mask in universe.asked], max_rounds=2000)
    except (resolvelib.ResolutionTooDeep, resolvelib.ResolutionImpossible):
        return None
    return {name: candidate[1] for name, candidate in result.mapping.items()}


def assert_right(universe: Universe, theirs: dict[str, int] | None) -> None:
    """Check a verdict: a solution proves itself, and what we say has none must not be solved by others."""
    ours = solve(universe)
    if isinstance(ours, Solved):
        assert_solves(universe, ours.decisions)
    else:
        assert theirs is None
    if theirs is not None:
        assert_solves(universe, theirs)


@pytest.mark.parametrize("name", {**UNIVERSES, **CIRCULAR})
def test_nab_agrees(name: str) -> None:
    universe = {**UNIVERSES, **CIRCULAR}[name]
    theirs = nab(universe)
    assert isinstance(solve(universe), Solved) == (theirs is not None)
    assert_right(universe, theirs)


@pytest.mark.parametrize("name", UNIVERSES)
def test_resolvelib_knows_no_better(name: str) -> None:
    # It overlooks a solution now and then, and does not come back from circles: it can only prove us wrong.
    assert_right(UNIVERSES[name], by_resolvelib(UNIVERSES[name]))


@pytest.mark.parametrize("universes", [UNIVERSES, CIRCULAR])
def test_there_are_universes_of_both_kinds(universes: dict[str, Universe]) -> None:
    solved = sum(isinstance(solve(universe), Solved) for universe in universes.values())
    assert len(universes) / 4 <= solved <= len(universes) * 3 / 4
