"""What holds of every universe, whatever is in it."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.solver import Choose, Chosen, Depends, Failed, Machine, NoneAdmissible, Requirement, Solved, Unusable
from clearway.solver.derivation import derivation
from clearway.solver.incompatibility import Derived, Incompatibility
from clearway.solver.masks import all_states, newest
from clearway.solver.proof import facts_of, refute
from solver.universes import Stated, Universe, assert_solves, exhaustively, grown, solve, tangled

LAW = settings(max_examples=400, deadline=None)


@st.composite
def universes(draw: st.DrawFn) -> Universe:
    """Draw a small universe: some packages have no version, some requirements fit none, some are constraints."""
    counts = draw(st.lists(st.integers(0, 4), min_size=1, max_size=6))
    names = [f"p{number}" for number in range(len(counts))]

    def stated() -> Stated:
        number = draw(st.integers(0, len(counts) - 1))
        return names[number], draw(st.integers(0, all_states(counts[number])))

    world = {
        name: [[stated() for _ in range(draw(st.integers(0, 3)))] for _ in range(count)]
        for name, count in zip(names, counts, strict=True)
    }
    return Universe(world, [stated() for _ in range(draw(st.integers(1, 3)))])


@LAW
@given(universes())
def test_the_verdict_is_the_one_of_trying_everything(universe: Universe) -> None:
    result = solve(universe)
    if isinstance(result, Solved):
        assert_solves(universe, result.decisions)
    else:
        assert exhaustively(universe) is None


@LAW
@given(universes(), st.data())
def test_it_is_so_whatever_is_chosen(universe: Universe, data: st.DataObject) -> None:
    def choose(question: Choose) -> Chosen:
        versions = [version for version in range(question.allowed.bit_length()) if question.allowed >> version & 1]
        return Chosen(data.draw(st.sampled_from(versions)))

    result = solve(universe, choose)
    assert isinstance(result, Solved) == (exhaustively(universe) is not None)
    if isinstance(result, Solved):
        assert_solves(universe, result.decisions)


@LAW
@given(universes())
def test_a_failure_is_proven_by_its_facts(universe: Universe) -> None:
    result = solve(universe)
    if isinstance(result, Failed):
        assert not result.incompatibility.terms
        facts = facts_of(result.incompatibility)
        assert refute([[fact] for fact in facts], 10**6) is not None
        assert_derived(derivation(result.incompatibility))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 3))
def test_a_long_failure_is_proven_by_its_facts(seed: int, width: int) -> None:
    result = solve(tangled(seed, 12, 5, width=width))
    if isinstance(result, Failed):
        assert_derived(derivation(result.incompatibility))


def assert_derived(node: Incompatibility) -> None:
    """Check each step of a derivation: whatever violates the conclusion violates one of the premises."""
    assert not node.terms
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node.cause, Derived) or id(node) in seen:
            continue
        seen.add(id(node))
        left, right, pivot = node.cause
        told = dict(node.terms)
        for package in {package for premise in (left, right) for package, _mask in premise.terms} - {pivot}:
            both = dict(left.terms).get(package, package.full) & dict(right.terms).get(package, package.full)
            assert told[package] == both
        assert told.get(pivot, pivot.full) == dict(left.terms)[pivot] | dict(right.terms)[pivot]
        waiting += [left, right]


@LAW
@given(universes(), st.data())
def test_told_more_after_a_solution(universe: Universe, data: st.DataObject) -> None:
    """A machine that goes on is right; one that is rebuilt gives what there is without the version."""
    machine = Machine(universe.requirements(universe.asked))
    result = solve(universe, machine=machine)
    if isinstance(result, Failed) or not result.decisions:
        return
    name, version = data.draw(st.sampled_from(sorted(result.decisions.items())))
    without = universe.without(name, version)
    possible = exhaustively(without) is not None
    gone_on = solve(universe, machine=machine, answer=Unusable(version, "refused", name))
    assert isinstance(gone_on, Solved) == possible
    if isinstance(gone_on, Solved):
        assert gone_on.decisions.get(name) != version
        assert_solves(universe, gone_on.decisions)
    rebuilt = solve(barring(universe, name, version))
    assert isinstance(rebuilt, Solved) == possible
    if isinstance(rebuilt, Solved):
        first = solve(without)
        assert isinstance(first, Solved)
        renumbered = {n: v + (n == name and v >= version) for n, v in first.decisions.items()}
        assert rebuilt.decisions == renumbered


@LAW
@given(universes(), st.randoms(use_true_random=False))
def test_what_is_unusable_stays_so_whenever_it_turns_out(universe: Universe, chance: Random) -> None:
    """Versions are refused when they are chosen, when they are read, and after a solution, until there is none."""
    refused: set[tuple[str, int]] = set()
    machine = Machine(universe.requirements(universe.asked))
    question = machine.advance()
    while not isinstance(question, Failed) and question != Solved({}):
        if isinstance(question, Solved):
            assert_solves(refusing(universe, refused), question.decisions)
            release = chance.choice(sorted(question.decisions.items()))
        elif isinstance(question, Choose):
            release = question.package, newest(question.allowed)
            assert not any(question.allowed >> v & 1 for n, v in refused if n == question.package)
        else:
            release = tuple(question)
        if isinstance(question, Solved) or chance.random() < 0.15:
            refused.add(release)
            question = machine.advance(Unusable(release[1], "refused", release[0]))
        elif isinstance(question, Choose):
            question = machine.advance(Chosen(release[1]))
        else:
            stated = universe.packages[release[0]][release[1] - 1]
            question = machine.advance(Depends(universe.requirements(stated)))
    assert isinstance(question, Solved) == (exhaustively(refusing(universe, refused)) is not None)


def refusing(universe: Universe, refused: set[tuple[str, int]]) -> Universe:
    """Return a universe in which some versions require what there is not."""
    packages = {
        name: [[(name, 0)] if (name, version) in refused else stated for version, stated in enumerate(versions, 1)]
        for name, versions in universe.packages.items()
    }
    return universe._replace(packages=packages)


def barring(universe: Universe, name: str, version: int) -> Universe:
    """Return a universe in which nobody's requirement is met by a version any more."""

    def left(stated: list[Stated]) -> list[Stated]:
        return [(n, mask & ~(1 << version)) if n == name else (n, mask) for n, mask in stated]

    packages = {n: [left(stated) for stated in versions] for n, versions in universe.packages.items()}
    return Universe(packages, left(universe.asked))


@LAW
@given(universes(), st.data())
def test_what_is_chosen_was_admissible_to_those_who_require_it(universe: Universe, data: st.DataObject) -> None:
    """Some versions are yanked: one may be chosen only if a requirement in force allows no other."""
    yanked = data.draw(
        st.sets(
            st.sampled_from([(n, v) for n, vs in universe.packages.items() for v in range(1, len(vs) + 1)] or [("", 0)])
        )
    )

    def pinned(name: str, version: int, requirers: list[list[Stated]]) -> bool:
        return any(stated == (name, 1 << version) for requirements in requirers for stated in requirements)

    def choose(question: Choose) -> Chosen | NoneAdmissible:
        requirers = [
            universe.packages[name][version - 1] if name in universe.packages else universe.asked
            for name, version in question.requirers
        ]
        for version in range(newest(question.allowed), 0, -1):
            release = question.package, version
            if question.allowed >> version & 1 and (release not in yanked or pinned(*release, requirers)):
                return Chosen(version)
        return NoneAdmissible("yanked")

    result = solve(universe, choose)
    if isinstance(result, Solved):
        assert_solves(universe, result.decisions)
        in_force = [universe.packages[name][version - 1] for name, version in result.decisions.items()]
        for name, version in result.decisions.items():
            assert (name, version) not in yanked or pinned(name, version, [universe.asked, *in_force])


@LAW
@given(universes(), st.data())
def test_a_tie_is_what_the_requirements_would_say(universe: Universe, data: st.DataObject) -> None:
    """An extra that is tied solves like one that requires its base at exactly its version."""
    base = data.draw(st.sampled_from(sorted(universe.packages)))
    extra = f"{base}[x]"
    count = len(universe.packages[base])
    of_extra = [(extra, mask) for name, mask in universe.asked if name == base] or [(extra, all_states(count))]
    plain = [list(stated) for stated in universe.packages[base]]
    tied = Universe({**universe.packages, extra: plain}, universe.asked + of_extra)
    said = Universe(
        {**universe.packages, extra: [[*stated, (base, 1 << v)] for v, stated in enumerate(plain, 1)]}, tied.asked
    )
    machine = Machine(tied.requirements(tied.asked), base={extra: base}.get)
    result = solve(tied, machine=machine)
    assert isinstance(result, Solved) == (exhaustively(said) is not None)
    if isinstance(result, Solved):
        assert_solves(said, result.decisions)
    else:
        assert refute([[fact] for fact in facts_of(result.incompatibility)], 10**6) is not None


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_large_solutions_hold(seed: int) -> None:
    universe = grown(seed, 60, 30, capped=0.1)
    result = solve(universe)
    if isinstance(result, Solved):
        assert_solves(universe, result.decisions)


def test_numbering_changes_nothing_for_those_who_stay() -> None:
    universe = Universe({"a": [[("a", 0b1101)], [], [("a", 0b1000)]]}, [("a", 0b1110)])
    assert universe.without("a", 2) == Universe({"a": [[("a", 0b101)], [("a", 0b100)]]}, [("a", 0b110)])
    assert Requirement("a", 2, 0b110, ("a", 0b110)) in universe.without("a", 2).requirements([("a", 0b110)])
