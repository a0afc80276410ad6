"""The conversation: every question, every answer, and what the machine makes of it."""

from __future__ import annotations

import pytest

from clearway.solver import (
    ROOT,
    Choose,
    Chosen,
    Dependencies,
    Depends,
    Failed,
    Machine,
    NoneAdmissible,
    Requirement,
    Solved,
    Unusable,
)
from clearway.solver.incompatibility import Inadmissible, NoVersions
from clearway.solver.masks import ABSENT, all_versions, newest
from clearway.solver.proof import facts_of
from solver.universes import Universe, assert_solves, between, exhaustively, solve

ANY = all_versions(3)


def need(package: str, mask: int = ANY, count: int = 3) -> Requirement:
    return Requirement(package, count, mask, f"{package} {mask:#b}")


def test_a_whole_conversation() -> None:
    machine = Machine([need("a", 0b0110)])
    assert machine.advance() == Choose("a", 0b0110, ((ROOT, 1),))
    assert machine.advance(Chosen(2)) == Dependencies("a", 2)
    assert machine.advance(Depends((need("b"), need("c", 0b1011)))) == Choose("b", 0b1110, (("a", 2),))
    assert machine.advance(Chosen(3)) == Dependencies("b", 3)
    assert machine.advance(Depends((need("c", 0b1100),))) == Choose("c", 0b1000, (("a", 2), ("b", 3)))
    assert machine.advance(Chosen(3)) == Dependencies("c", 3)
    assert machine.advance(Depends(())) == Solved({"a": 2, "b": 3, "c": 3})


def test_nothing_asked_for_is_solved_by_nothing() -> None:
    assert Machine([]).advance() == Solved({})
    assert Machine([need("a", ANY | ABSENT)]).advance() == Solved({})


def test_a_constraint_selects_nothing_but_holds() -> None:
    universe = Universe({"a": [[("b", 0b0111)]], "b": [[], [], []], "c": [[("b", 0b1110)]]}, [("a", 0b10), ("c", 0b10)])
    assert solve(universe) == Solved({"a": 1, "b": 2, "c": 1})
    assert solve(universe._replace(asked=[("a", 0b10)])) == Solved({"a": 1})


def test_a_plain_tuple_states_a_requirement_as_well() -> None:
    machine = Machine([("a", 3, 0b0010, None)])
    assert machine.advance() == Choose("a", 0b0010, ((ROOT, 1),))


def test_a_version_can_be_unusable_when_it_is_to_be_chosen_or_read() -> None:
    machine = Machine([need("a")])
    machine.advance()
    assert machine.advance(Unusable(3, "refused")) == Choose("a", 0b0110, ((ROOT, 1),))
    assert machine.advance(Chosen(2)) == Dependencies("a", 2)
    assert machine.advance(Unusable(2, "broken metadata")) == Choose("a", 0b0010, ((ROOT, 1),))
    result = machine.advance(Unusable(1, "gone"))
    assert isinstance(result, Failed)
    reasons = [fact.cause.reason for fact in facts_of(result.incompatibility) if isinstance(fact.cause, Unusable)]
    assert sorted(reasons) == ["broken metadata", "gone", "refused"]


def test_an_unusable_version_stays_so_wherever_the_search_goes() -> None:
    universe = Universe(
        {"a": [[("c", 0b0010)], [("c", 0b0100)], [("c", 0b1000)]], "b": [[("c", 0b0010)]], "c": [[], [], []]},
        [("a", ANY), ("b", 0b10)],
    )
    refused: set[int] = set()

    def choose(question: Choose) -> Chosen | Unusable:
        version = newest(question.allowed)
        if question.package == "c" and version > 1:
            assert version not in refused
            refused.add(version)
            return Unusable(version, "refused")
        return Chosen(version)

    assert solve(universe, choose) == Solved({"a": 1, "b": 1, "c": 1})


def test_dependencies_are_asked_once_a_version() -> None:
    universe = Universe(
        {
            "a": [[("c", between(1, 2))]] * 9 + [[("c", 0b1000)]] * 3,
            "b": [[("c", 0b1000)]] + [[("c", between(1, 2))]] * 11,
            "c": [[], [], []],
        },
        [("a", all_versions(12)), ("b", all_versions(12))],
    )
    machine = Machine(universe.requirements(universe.asked))
    asked: list[Dependencies] = []
    question = machine.advance()
    while not isinstance(question, Solved):
        if isinstance(question, Dependencies):
            asked.append(question)
            question = machine.advance(
                Depends(universe.requirements(universe.packages[question.package][question.version - 1]))
            )
        else:
            question = machine.advance(Chosen(newest(question.allowed)))
    assert len(asked) == len(set(asked))
    assert_solves(universe, question.decisions)


def test_a_conflict_at_second_hand_makes_places_change_too() -> None:
    """Each version of late pins a helper, and what that needs rejects the newest hub; a very old late needs nothing."""
    versions = range(1, 13)
    universe = Universe(
        {
            "hub": [[] for _ in versions],
            "late": [[]] + [[("helper", 1 << version), ("other", 1 << version)] for version in versions[1:]],
            "helper": [[("common", 1 << version)] for version in versions],
            "other": [[] for _ in versions],
            "common": [[("hub", between(1, 11))] for _ in versions],
        },
        [("hub", all_versions(12)), ("late", all_versions(12))],
    )
    result = solve(universe)
    assert result == Solved({"hub": 11, "late": 12, "helper": 12, "other": 12, "common": 12})


class TestAdmission:
    def test_a_package_waits_for_those_who_may_admit_it(self) -> None:
        machine = Machine([need("x", 0b1000), need("a", 0b10, count=1)])
        assert machine.advance() == Choose("x", 0b1000, ((ROOT, 1),))
        assert machine.advance(NoneAdmissible("pre-release")) == Choose("a", 0b10, ((ROOT, 1),))
        assert machine.advance(Chosen(1)) == Dependencies("a", 1)
        assert machine.advance(Depends((need("x", 0b1000),))) == Choose("x", 0b1000, ((ROOT, 1), ("a", 1)))
        machine.advance(Chosen(3))
        assert machine.advance(Depends(())) == Solved({"x": 3, "a": 1})

    def test_it_waits_no_longer_than_that(self) -> None:
        machine = Machine([need("x", 0b1000), need("a", 0b10, count=1), need("b")])
        machine.advance()
        machine.advance(NoneAdmissible("pre-release"))
        machine.advance(Chosen(1))
        assert machine.advance(Depends((need("x", 0b1000),))) == Choose("x", 0b1000, ((ROOT, 1), ("a", 1)))

    def test_and_goes_on_waiting_otherwise(self) -> None:
        machine = Machine([need("x", 0b1000), need("a", 0b10, count=1), need("b")])
        machine.advance()
        machine.advance(NoneAdmissible("pre-release"))
        machine.advance(Chosen(1))
        assert machine.advance(Depends(())) == Choose("b", ANY, ((ROOT, 1),))

    def test_a_constraint_that_narrows_nothing_is_a_requirer_too(self) -> None:
        machine = Machine([need("x", 0b1000), need("a", 0b10, count=1)])
        machine.advance()
        machine.advance(NoneAdmissible("pre-release"))
        machine.advance(Chosen(1))
        assert machine.advance(Depends((need("x", 0b1111),))) == Choose("x", 0b1000, ((ROOT, 1), ("a", 1)))

    def test_what_is_learned_holds_for_these_requirers_only(self) -> None:
        """b 2 admits nothing of x, b 1 does: b 2 is given up, x is not."""
        universe = Universe({"b": [[("x", 0b0010)], [("x", 0b0010)]], "x": [[], [], []]}, [("b", 0b110)])
        asked: list[Choose] = []

        def choose(question: Choose) -> Chosen | NoneAdmissible:
            asked.append(question)
            if question.package == "x" and ("b", 1) not in question.requirers:
                return NoneAdmissible("only b 1 admits it")
            return Chosen(newest(question.allowed))

        assert solve(universe, choose) == Solved({"b": 1, "x": 1})
        assert Choose("x", 0b0010, (("b", 2),)) in asked

    def test_a_requirer_is_one_only_while_it_is_decided(self) -> None:
        universe = Universe(
            {"a": [[("x", 0b0010)], [("x", 0b0100)]], "b": [[("x", 0b0110)]], "x": [[], [("b", 0b01)]]},
            [("a", 0b110), ("b", 0b10)],
        )

        def choose(question: Choose) -> Chosen:
            assert [package for package, _version in question.requirers].count("a") <= 1
            return Chosen(newest(question.allowed))

        assert solve(universe, choose) == Solved({"a": 1, "b": 1, "x": 1})

    def test_nothing_admissible_for_anyone_is_a_failure(self) -> None:
        machine = Machine([need("x", 0b1000)])
        assert machine.advance() == Choose("x", 0b1000, ((ROOT, 1),))
        assert machine.advance(NoneAdmissible("yanked")) == Choose("x", 0b1000, ((ROOT, 1),))
        result = machine.advance(NoneAdmissible("yanked"))
        assert isinstance(result, Failed)
        causes = [fact.cause for fact in facts_of(result.incompatibility)]
        assert [cause.reason for cause in causes if isinstance(cause, Inadmissible)] == ["yanked"]


class TestNothingFits:
    def test_what_is_asked_for(self) -> None:
        result = Machine([need("b"), need("a", 0)]).advance()
        assert isinstance(result, Failed)
        assert isinstance(result.incompatibility.cause, NoVersions)
        assert result.incompatibility.cause.origins == {1: "a 0b0"}

    def test_a_package_without_versions(self) -> None:
        assert isinstance(Machine([need("a", 0, count=0)]).advance(), Failed)

    def test_a_version_that_requires_it_is_passed_over(self) -> None:
        universe = Universe({"a": [[], [("b", 0)], [("b", 0)]], "b": [[]]}, [("a", ANY)])
        assert solve(universe) == Solved({"a": 1})

    def test_a_version_that_requires_another_of_itself_is_passed_over(self) -> None:
        universe = Universe({"a": [[("a", 0b0010)], [("a", 0b1010)], [("a", 0b0110)]]}, [("a", ANY)])
        assert solve(universe) == Solved({"a": 1})


class TestToldMoreAfterASolution:
    UNIVERSE = Universe({"a": [[("b", 0b0010)], [("b", ANY)]], "b": [[], [], []]}, [("a", 0b110)])

    def solved(self) -> tuple[Machine, Solved]:
        machine = Machine(self.UNIVERSE.requirements(self.UNIVERSE.asked))
        result = solve(self.UNIVERSE, machine=machine)
        assert isinstance(result, Solved)
        return machine, result

    def test_it_goes_on(self) -> None:
        machine, result = self.solved()
        assert result == Solved({"a": 2, "b": 3})
        result = solve(self.UNIVERSE, machine=machine, answer=Unusable(3, "refused", "b"))
        assert result == Solved({"a": 2, "b": 2})
        result = solve(self.UNIVERSE, machine=machine, answer=Unusable(2, "refused", "a"))
        assert result == Solved({"a": 1, "b": 1})
        assert isinstance(solve(self.UNIVERSE, machine=machine, answer=Unusable(1, "refused", "b")), Failed)

    def test_only_what_was_decided_can_be_taken_back(self) -> None:
        machine, _result = self.solved()
        with pytest.raises(ValueError, match="does not answer"):
            machine.advance(Unusable(1, "refused", "b"))


class TestTies:
    """a[x] is a at the same version: told by the driver as requirements, or as a tie."""

    def world(self, told: bool) -> Universe:
        def exactly(version: int) -> list[tuple[str, int]]:
            return [("a", 1 << version)] if told else []

        extra = [[*exactly(version), ("y", 1 << 1)] for version in (1, 2, 3)]
        return Universe(
            {"a": [[], [], []], "a[x]": extra, "y": [[]], "b": [[("a", 0b0110)]]}, [("a[x]", ANY), ("b", 0b10)]
        )

    def test_as_requirements(self) -> None:
        universe = self.world(told=True)
        result = solve(universe)
        assert result == Solved({"a[x]": 2, "b": 1, "a": 2, "y": 1})
        assert_solves(universe, result.decisions)

    def test_as_a_tie(self) -> None:
        universe = self.world(told=False)
        read: list[int] = []

        def choose(question: Choose) -> Chosen:
            if question.package == "a[x]":
                read.append(newest(question.allowed))
            return Chosen(newest(question.allowed))

        machine = Machine(universe.requirements(universe.asked), base={"a[x]": "a"}.get)
        assert solve(universe, choose, machine) == Solved({"a": 2, "a[x]": 2, "b": 1, "y": 1})
        assert read == [2], "version 3 is excluded by b's constraint on a, before anything about a[x] is read"

    def test_a_tie_is_a_requirer_of_the_base(self) -> None:
        machine = Machine([need("a[x]", 0b1000)], base={"a[x]": "a"}.get)
        assert machine.advance() == Choose("a[x]", 0b1000, ((ROOT, 1),))
        machine.advance(Chosen(3))
        assert machine.advance(Depends(())) == Choose("a", 0b1000, (("a[x]", 3),))

    def test_and_the_base_one_of_what_is_tied_to_it(self) -> None:
        machine = Machine([need("a", 0b1000), need("b", 0b10, count=1)], base={"a[x]": "a"}.get)
        assert machine.advance() == Choose("a", 0b1000, ((ROOT, 1),))
        machine.advance(Chosen(3))
        assert machine.advance(Depends(())).package == "b"
        machine.advance(Chosen(1))
        assert machine.advance(Depends((need("a[x]"),))) == Choose("a[x]", 0b1000, (("a", 3), ("b", 1)))

    def test_a_tie_alone_selects_nothing(self) -> None:
        universe = Universe({"a": [[], []], "a[x]": [[], []]}, [("a", 0b110), ("a[x]", 0b011)])
        machine = Machine(universe.requirements(universe.asked), base={"a[x]": "a"}.get)
        assert solve(universe, machine=machine) == Solved({"a": 2})

    def test_two_extras_meet_in_their_base(self) -> None:
        universe = Universe(
            {"a": [[], [], []], "a[x]": [[], [], [("c", 0)]], "a[y]": [[], [], []], "c": []},
            [("a[y]", ANY), ("a[x]", 0b1100)],
        )
        machine = Machine(universe.requirements(universe.asked), base=lambda name: "a" if "[" in name else None)
        assert solve(universe, machine=machine) == Solved({"a": 2, "a[y]": 2, "a[x]": 2})

    def test_a_base_has_the_versions_of_what_is_tied_to_it(self) -> None:
        machine = Machine([need("a", 0b10, count=1), need("a[x]")], base={"a[x]": "a"}.get)
        with pytest.raises(ValueError, match="1 versions, not 3"):
            machine.advance()


class TestWrongAnswers:
    def test_none_is_the_answer_to_nothing_only(self) -> None:
        machine = Machine([need("a")])
        machine.advance()
        with pytest.raises(ValueError, match="does not answer"):
            machine.advance()

    @pytest.mark.parametrize("answer", [Chosen(3), Chosen(0), Unusable(3, ""), Depends(())])
    def test_only_what_is_allowed_can_be_chosen(self, answer: Chosen) -> None:
        machine = Machine([need("a", 0b0110)])
        machine.advance()
        with pytest.raises(ValueError, match="does not answer"):
            machine.advance(answer)

    @pytest.mark.parametrize("answer", [Chosen(3), Unusable(2, ""), NoneAdmissible("")])
    def test_dependencies_are_of_the_version_that_was_asked_about(self, answer: Chosen) -> None:
        machine = Machine([need("a")])
        machine.advance()
        machine.advance(Chosen(3))
        with pytest.raises(ValueError, match="does not answer"):
            machine.advance(answer)

    def test_a_failure_is_final(self) -> None:
        machine = Machine([need("a", 0)])
        machine.advance()
        with pytest.raises(ValueError, match="does not answer"):
            machine.advance(Chosen(1))

    @pytest.mark.parametrize("told", [need("a", count=4), need("a", 0b11110), need("a", -2)])
    def test_the_number_of_versions_does_not_change(self, told: Requirement) -> None:
        with pytest.raises(ValueError, match="'a' has 3 versions"):
            Machine([need("a"), told]).advance()


def test_the_oracle_of_these_tests_can_tell_both_ways() -> None:
    universe = Universe({"a": [[("b", 0b10)]], "b": [[], []], "c": [[("b", 0b100)]]}, [("a", 0b10), ("b", 0b110)])
    assert exhaustively(universe) == {"a": 1, "b": 1}
    assert exhaustively(universe._replace(asked=[("a", 0b10), ("c", 0b10)])) is None
