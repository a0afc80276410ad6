"""The parts of the search: what follows, what is learned, how far it goes back, which package is next."""

from __future__ import annotations

import pytest

from clearway.solver.conflict import learn
from clearway.solver.derivation import derivation
from clearway.solver.incompatibility import Clause, Derived, Incompatibility, Learned, Root
from clearway.solver.masks import all_versions
from clearway.solver.order import PATIENCE
from clearway.solver.package import Package
from clearway.solver.propagation import propagate
from clearway.solver.search import Search


class World:
    """A search over packages a, b, c ... with four versions each."""

    def __init__(self, *names: str) -> None:
        self.search = Search()
        self.packages = {name: self.search.add(name, 4) for name in names}

    def __getitem__(self, name: str) -> Package:
        return self.packages[name]

    def excludes(self, **masks: int) -> Incompatibility:
        return Incompatibility([(self[name], mask) for name, mask in masks.items()], Root(tuple(masks)))

    def keep(self, **masks: int) -> Incompatibility:
        clause = self.excludes(**masks)
        self.search.keep(clause)
        return clause

    def require(self, name: str, version: int, dependency: str, good: int) -> Clause:
        package = self[name]
        clause = package.clauses.get((self[dependency], good))
        if clause is None:
            clause = package.clauses[self[dependency], good] = Clause(package, self[dependency], good, version, None)
            self[dependency].dependents.append(clause)
        else:
            clause.add(version, None)
        package.requirements.setdefault(version, []).append(clause)
        return clause

    def domains(self) -> dict[str, int]:
        return {name: package.domain for name, package in self.packages.items()}


class TestPropagation:
    def test_a_fact_narrows_at_once(self) -> None:
        world = World("a")
        world.keep(a=0b00101)
        assert world["a"].domain == 0b11010

    def test_the_last_open_term_of_a_clause_is_excluded(self) -> None:
        world = World("a", "b", "c")
        world.keep(a=0b00110, b=0b00011, c=0b11000)
        world.keep(a=0b11001)
        assert world.search.settle(None) is None
        assert world.domains() == {"a": 0b00110, "b": 0b11111, "c": 0b11111}
        world.keep(c=0b00111)
        assert world.search.settle(None) is None
        assert world.domains() == {"a": 0b00110, "b": 0b11100, "c": 0b11000}

    def test_a_clause_with_a_term_that_cannot_hold_says_nothing(self) -> None:
        world = World("a", "b")
        world.keep(a=0b00110, b=0b00011)
        world.keep(b=0b00011)
        world.keep(a=0b11001)
        assert world.search.settle(None) is None
        assert world.domains() == {"a": 0b00110, "b": 0b11100}

    def test_what_is_excluded_excludes_more(self) -> None:
        world = World("a", "b", "c", "d")
        for before, after in ("ab", "bc", "cd"):
            world.keep(**{before: 0b00010, after: 0b11101})
        world.keep(a=0b11101)
        assert world.search.settle(None) is None
        assert set(world.domains().values()) == {0b00010}

    def test_versions_whose_requirement_cannot_be_met_go_together(self) -> None:
        world = World("a", "b")
        world.require("a", 4, "b", 0b11000)
        world.require("a", 3, "b", 0b11000)
        world.require("a", 2, "b", 0b10000)
        world.keep(b=0b01001)
        assert world.search.settle(None) is None
        assert world["a"].domain == 0b11111
        world.keep(b=0b10000)
        assert world.search.settle(None) is None
        assert world["a"].domain == 0b00011

    def test_a_version_that_is_tried_in_vain_is_not_decided(self) -> None:
        world = World("a", "b")
        world.keep(a=1)
        world.require("a", 4, "b", 0b10000)
        world.require("a", 3, "b", 0b10000)
        world.keep(b=0b10001)
        assert world.search.settle(None) is None
        world.search.trail.assignments.clear()
        assert world.search.decide(world["a"], 4) is None
        assert world["a"].decided == 0
        assert world["a"].domain == 0b00110

    def test_a_violated_clause_is_returned_and_nothing_is_lost(self) -> None:
        world = World("a", "b")
        clause = world.keep(a=0b00110, b=0b00110)
        world.search.trail.narrow(world["a"], 0b00110, world.excludes(a=0b11001))
        world.search.trail.narrow(world["b"], 0b00110, world.excludes(b=0b11001))
        assert propagate(world.search.trail) is clause
        assert any(watched is clause for _mask, watched in [*world["a"].watches, *world["b"].watches])


class TestLearning:
    def test_a_lesson_names_level_and_jump(self) -> None:
        world = World("x", "y", "a", "b", "c")
        world.keep(a=0b10000, b=0b01111)
        world.keep(a=0b10000, c=0b01111)
        conflict = world.keep(x=0b10000, b=0b10000, c=0b10000)
        for name in ("x", "y", "a"):
            violated = world.search.decide(world[name], 4) or propagate(world.search.trail)
        assert violated is not None
        lesson = learn(world.search.trail, violated)
        assert (lesson.package, lesson.mask, lesson.level, lesson.jump) == (world["a"], 0b10000, 3, 1)
        assert dict(lesson.clause.terms) == {world["a"]: 0b10000, world["x"]: 0b10000}
        assert lesson.news
        assert isinstance(lesson.clause.cause, Learned)
        assert conflict in lesson.clause.cause.premises
        assert world.search.settle(violated) is None
        assert (world["x"].decided, world["y"].decided, world["a"].decided) == (4, 0, 0)
        assert world["a"].domain == 0b01111

    def test_what_would_have_followed_earlier_is_no_news(self) -> None:
        world = World("x", "a")
        for name in ("x", "a"):
            world.search.decide(world[name], 4)
        conflict = world.excludes(x=0b10000, a=0b10000)
        lesson = learn(world.search.trail, conflict)
        assert not lesson.news
        assert lesson.clause is conflict
        assert (lesson.package, lesson.jump) == (world["a"], 1)

    def test_without_decisions_there_is_no_solution(self) -> None:
        world = World("a", "b")
        world.keep(a=0b10000, b=0b01111)
        world.keep(a=0b01111)
        violated = world.search.keep(world.excludes(b=0b10000))
        failure = world.search.settle(violated)
        assert failure is not None
        assert failure.terms == []
        tree = derivation(failure)
        assert isinstance(tree.cause, Derived)
        assert isinstance(tree.cause.left.cause, Derived)

    def test_a_derivation_uses_what_clauses_have_grown_to(self) -> None:
        world = World("a", "b")
        clause = world.require("a", 4, "b", 0b00010)
        other = world.excludes(b=0b00011)
        failure = Incompatibility([], Learned((clause, other, world.excludes(a=0b01111)), (world["b"], world["a"])))
        world.require("a", 3, "b", 0b00010)
        tree = derivation(failure)
        assert tree.terms == []
        assert isinstance(tree.cause, Derived)
        assert tree.cause.left.terms == [(world["a"], 0b11000)]

    def test_a_premise_that_has_become_stronger_than_needed_is_the_conclusion(self) -> None:
        world = World("a", "b")
        clause = world.require("a", 4, "b", 0b00010)
        below = Incompatibility(
            [(world["a"], 0b10111)],
            Learned((clause, world.excludes(b=0b00011), world.excludes(a=0b00111)), (world["b"], world["a"])),
        )
        failure = Incompatibility([], Learned((world.excludes(a=0b01000), below), (world["a"],)))
        assert derivation(failure).terms == []
        world.require("a", 3, "b", 0b00010)
        assert derivation(failure).terms == []

    def test_a_fact_is_applied_again_after_going_back(self) -> None:
        world = World("x", "a")
        world.search.decide(world["x"], 4)
        world.search.decide(world["a"], 4)
        world["a"].facts.append(world.excludes(a=0b01000))
        world["a"].barred = 0b01000
        assert world.search.back(1) is None
        assert world["a"].domain == 0b10111
        assert world.search.back(0) is None
        assert world.domains() == {"x": 0b11111, "a": 0b10111}

    def test_a_fact_that_leaves_nothing_is_violated(self) -> None:
        world = World("x", "a")
        world.keep(a=0b00011)
        world.search.decide(world["x"], 4)
        world.search.decide(world["a"], 4)
        fact = world.excludes(a=0b11100)
        world["a"].facts.append(fact)
        world["a"].barred |= 0b11100
        assert world.search.back(1) is fact

    def test_and_the_facts_about_the_others_are_applied_all_the_same(self) -> None:
        world = World("x", "a", "b")
        world.keep(a=0b00011)
        world.search.decide(world["x"], 4)
        for name in ("b", "a"):
            world.search.decide(world[name], 4)
            world[name].facts.append(world.excludes(**{name: 0b11100}))
            world[name].barred |= 0b11100
        assert world.search.back(1) is world["a"].facts[-1]
        assert world["b"].domain == 0b00011


class TestOrder:
    def next(self, world: World) -> str | None:
        package = world.search.next()
        return None if package is None else str(package.name)

    def test_only_what_is_selected_is_decided(self) -> None:
        world = World("a", "b")
        assert self.next(world) is None
        world.keep(b=1)
        assert self.next(world) == "b"
        world.search.decide(world["b"], 4)
        assert self.next(world) is None
        world.search.back(0)
        assert self.next(world) == "b"

    @pytest.mark.parametrize(
        ("excluded", "first"),
        [
            ({"a": 0b00001, "b": 0b00001, "c": 0b00001}, "b"),
            ({"a": 0b00111, "b": 0b00001, "c": 0b00001}, "b"),
            ({"a": 0b01111, "b": 0b00001, "c": 0b00001}, "a"),
            ({"a": 0b00011, "c": 0b00111}, "c"),
            ({"a": 0b00011, "c": 0b00011}, "a"),
        ],
    )
    def test_single_candidates_then_what_was_asked_for_then_the_fewest_then_the_first(
        self, excluded: dict[str, int], first: str
    ) -> None:
        world = World("a", "b", "c")
        world["b"].direct = True
        for name, mask in excluded.items():
            world.keep(**{name: mask})
        assert self.next(world) == first

    def test_rank_comes_before_all_but_a_single_candidate(self) -> None:
        world = World("a", "b", "c")
        world["a"].direct = True
        world["b"].rank = 1
        world.keep(a=0b00011)
        world.keep(b=0b00001)
        assert self.next(world) == "b"
        world.keep(c=0b01111)
        assert self.next(world) == "c"

    def test_a_package_that_one_other_keeps_rejecting_changes_places_with_it(self) -> None:
        """hub is decided first; each version of late needs another hub. The fifth time, late comes first."""
        world = World("other")
        hub = world.packages["hub"] = world.search.add("hub", 12)
        late = world.packages["late"] = world.search.add("late", 13)
        for name in ("other", "hub", "late"):
            world.keep(**{name: 1})
        world.keep(late=1 << 13)
        hub.rank = 3
        world.search.decide(world["other"], 4)
        assert self.next(world) == "hub"
        world.search.decide(hub, 12)
        tried = []
        while hub.decided:
            assert self.next(world) == "late"
            tried.append(late.domain.bit_length() - 1)
            world.require("late", tried[-1], "hub", 1 << tried[-1] - 1)
            assert world.search.settle(world.search.decide(late, tried[-1])) is None
        assert tried == [12, 11, 10, 9, 8]
        assert late.conflicts == {hub: PATIENCE}
        assert late.rank == 4
        assert world["other"].decided == 4, "what was decided before hub stays"
        assert late.domain.bit_count() == 12, "what hub excluded is possible again"
        hub.direct = True
        assert self.next(world) == "late"


def test_the_masks_of_a_package() -> None:
    package = Package("a", 0, 4)
    assert package.full == package.domain == all_versions(4) | 1
    assert repr(package) == "<'a' 0b11111>"
    assert repr(Incompatibility([(package, 0b10)], Root("a"))) == "<{a: 0b10} Root>"
