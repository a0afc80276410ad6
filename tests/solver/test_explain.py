"""How failures are told, beyond the examples on the page about the solver."""

from __future__ import annotations

import re

import pytest

from clearway.solver import Failed, NoneAdmissible, Unusable
from clearway.solver.explain import explain
from clearway.solver.masks import all_versions, spans
from clearway.solver.proof import facts_of, refute, shorten
from solver.stories import Story, Telling
from solver.universes import Stated, Universe, between, solve, tangled


class Numbers:
    """Says versions by their numbers."""

    def __init__(self, universe: Universe) -> None:
        self._packages = universe.packages

    def package(self, package: str) -> str:
        return package

    def versions(self, package: str, mask: int) -> str:
        assert mask, "there is nothing to say about no version"
        assert not mask & 1, "absence is not a version"
        known = all_versions(len(self._packages[package]))
        assert not mask & ~known
        if mask == known:
            return f"every version of {package}"
        return f"{package} {', '.join(f'{low}-{high}' for low, high in spans(mask, known))}"

    def origin(self, origin: Stated) -> str:
        return f"{origin[0]}({spans(origin[1], -1)})"

    def missing(self, package: str, origin: Stated) -> str:
        return "there is none"

    def unusable(self, package: str, mask: int, reason: str) -> str:
        return f"{self.versions(package, mask)} cannot be used ({reason})"

    def reason(self, reason: str) -> str:
        return reason


def told(story: str) -> list[str]:
    lines, solution = Story(story).end()
    assert not solution
    return lines


def test_a_package_that_does_not_exist() -> None:
    assert told("asked for: a\na 1: nowhere\na 2: nowhere>=2") == [
        "Because every version of a needs nowhere>=2 (there is no nowhere) and you asked for a, there is no solution."
    ]


def test_requirements_that_exclude_each_other() -> None:
    assert told("asked for: a>=2; a<2\na 1, 2") == ["Because you asked for a>=2 and a<2, there is no solution."]


def test_a_release_that_contradicts_itself() -> None:
    lines = told("asked for: a\na 1: b>=2; b<3 if installed\na 2: a>=3\nb 1, 3")
    assert lines == [
        "Because a 1 needs b>=2 and a 1 allows only b<3, a 1 cannot be used.",
        "And because a 2 needs a>=3 of itself and you asked for a, there is no solution.",
    ]


def test_a_release_that_one_requirer_cannot_have() -> None:
    lines = told("asked for: a\na 1, 2: x\nx 1\nyanked x 1")
    assert lines == [
        "Because every version of a needs x, x 1 cannot be chosen for a (yanked, and nobody pins it) "
        "and you asked for a, there is no solution."
    ]


def test_a_tie_is_told_where_it_matters() -> None:
    lines = told("asked for: b; a<2\nb 1: a[x]>=2\na 1, 2\na[x] 1, 2: c\nc 1")
    assert lines == [
        "Because a[x] comes at the version of a, b 1 needs a[x]>=2 and you asked for b and a<2, there is no solution."
    ]


def test_different_reasons_are_told_apart() -> None:
    lines = told("asked for: a\na 1, 2, 3\nrefused a 1: gone\nrefused a 2: 403\nrefused a 3: gone")
    assert lines == [
        "Because a 1, 3 cannot be used (gone), a 2 cannot be used (403) and you asked for a, there is no solution."
    ]


def test_what_is_irrelevant_is_left_out() -> None:
    story = """
        asked for: a; b; c; d
        a 1, 2, 3: shared>=2; other
        b 1, 2: shared<2; other
        c 1: other
        d 1, 2: c
        other 1, 2
        shared 1, 2, 3
    """
    assert told(story) == [
        "Because every version of b needs shared<2, every version of a needs shared>=2 and you asked for a and b, "
        "there is no solution."
    ]


def test_hundreds_of_releases_make_one_sentence() -> None:
    count = 300
    universe = Universe(
        {
            "a": [[("b", 1 << version), ("c", all_versions(2))] for version in range(1, count + 1)],
            "b": [[("c", 0b100)] for _ in range(count)],
            "c": [[], []],
        },
        [("a", all_versions(count)), ("c", 0b10)],
    )
    result = solve(universe)
    assert isinstance(result, Failed)
    assert explain(result.incompatibility, Numbers(universe)) == (
        "Because every version of b needs c([(2, 2)]), every version of a needs one of b and "
        "you asked for a([(1, 300)]) and c([(1, 1)]), there is no solution."
    )


def test_kinds_are_merged_only_as_far_as_the_proof_goes_through() -> None:
    """a 1 fits where b 2 is and a 2 where b 1 is: that a needs b 1 or 2 would prove nothing."""
    universe = Universe(
        {
            "a": [[("b", 0b0010)], [("b", 0b0100)]],
            "b": [[("c", 0b10)], [("d", 0b10)], []],
            "c": [[], []],
            "d": [[], []],
        },
        [("a", 0b110), ("c", 0b100), ("d", 0b100)],
    )
    result = solve(universe)
    assert isinstance(result, Failed)
    proof = shorten(result.incompatibility, str)
    assert proof is not None
    text = explain(result.incompatibility, Numbers(universe))
    assert "a needs one of b 1-2" in text
    assert "b 2-2 needs d" in text
    unmerged = Universe(
        {
            "a": [[("b", 0b0010), ("c", 0b10)], [("b", 0b0100), ("c", 0b100)]],
            "b": [[("c", 0b100)], [("c", 0b10)]],
            "c": [[], []],
        },
        [("a", 0b110)],
    )
    result = solve(unmerged)
    assert isinstance(result, Failed)
    text = explain(result.incompatibility, Numbers(unmerged))
    assert "a 1-1 needs b([(1, 1)])" in text
    assert "a 2-2 needs b([(2, 2)])" in text


def test_kinds_are_merged_together_where_they_can_be() -> None:
    pins: list[list[Stated]] = [[("a", 0b10)], [("a", 0b100)]]
    universe = Universe(
        {
            "tip": [[("top", 0b10)], [("top", 0b100)]],
            "top": pins,
            "a": [[("b", 0b0010), ("c", 0b10)], [("b", 0b0100), ("c", 0b100)]],
            "b": [[("c", 0b100)], [("c", 0b10)]],
            "c": [[], []],
        },
        [("tip", 0b110)],
    )
    result = solve(universe)
    assert isinstance(result, Failed)
    text = explain(result.incompatibility, Numbers(universe))
    assert "every version of tip needs one of top" in text
    assert "every version of top needs one of a" in text
    assert "a 1-1 needs b([(1, 1)])" in text


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11])
def test_a_long_proof_can_be_told_and_is_cut_short(seed: int) -> None:
    universe = tangled(seed, 9, 4, width=2)
    result = solve(universe)
    assert isinstance(result, Failed)
    text = explain(result.incompatibility, Numbers(universe), sentences=10**6)
    lines = [line for line in text.splitlines() if line]
    assert all(line.startswith(("Because ", "And because ")) for line in lines)
    assert sum("there is no solution" in line for line in lines) == 1
    assert lines[-1].endswith(", there is no solution.")
    assert_numbers(lines)
    short = explain(result.incompatibility, Numbers(universe), sentences=len(lines) - 1)
    assert short.startswith("Because you asked for p")
    assert short.endswith(", and because of more reasons than can be told here, there is no solution.")


def assert_numbers(lines: list[str]) -> None:
    """Check that each number is given to one conclusion and referred to by others."""
    for number in set(re.findall(r" \((\d+)\)", "\n".join(lines))):
        assert sum(line.endswith(f" ({number}).") for line in lines) == 1, "given once"
        assert sum(f" ({number})" in line for line in lines) > 1, "and referred to"


def test_what_is_used_twice_has_a_number() -> None:
    numbered = 0
    for seed in range(300):
        universe = tangled(seed, 8, 4, width=2)
        result = solve(universe)
        if isinstance(result, Failed):
            lines = explain(result.incompatibility, Numbers(universe), sentences=10**6).splitlines()
            assert_numbers(lines)
            numbered += any(" (1)" in line for line in lines)
    assert numbered


def test_a_driver_can_ask_what_a_failure_rests_on() -> None:
    story = Story("asked for: a\na 1, 2, 3: b\nb 1, 2\nrefused a 3: 403\nrefused b 1: gone\nrefused b 2: 403")
    result = story.run()
    assert isinstance(result, Failed)
    reasons = [fact.cause.reason for fact in facts_of(result.incompatibility) if isinstance(fact.cause, Unusable)]
    assert sorted(reasons) == ["403", "403", "gone"]
    assert not any(isinstance(fact.cause, NoneAdmissible) for fact in facts_of(result.incompatibility))


def test_what_cannot_be_refuted_is_not() -> None:
    universe = Universe({"a": [[("b", 0b0100)]], "b": [[], [], []]}, [("a", 0b10), ("b", between(1, 1))])
    result = solve(universe)
    assert isinstance(result, Failed)
    facts = facts_of(result.incompatibility)
    assert refute([[fact] for fact in facts], 100) is not None
    for left_out in facts:
        assert refute([[fact] for fact in facts if fact is not left_out], 100) is None


def test_the_words_of_stories() -> None:
    words = Telling(Story("asked for: a\na 1, 2, 10, 3\nb 1"))
    assert words.versions("a", 0b11110) == "every version of a"
    assert words.versions("a", 0b10110) == "a 1 to 2, 10"
    assert words.versions("b", 0b10) == "b 1"
