"""Masks are a Boolean algebra, and say what they should."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from clearway.solver.masks import ABSENT, all_states, all_versions, newest, spans, versions_in

COUNT = 12
MASKS = st.integers(0, all_states(COUNT))
FULL = all_states(COUNT)


def members(mask: int) -> set[int]:
    return {state for state in range(COUNT + 1) if mask >> state & 1}


@given(MASKS, MASKS)
def test_integer_operations_are_set_operations(a: int, b: int) -> None:
    assert members(a & b) == members(a) & members(b)
    assert members(a | b) == members(a) | members(b)
    assert members(FULL & ~a) == members(FULL) - members(a)
    assert (not a & ~b) == (members(a) <= members(b))
    assert a.bit_count() == len(members(a))


@given(MASKS, MASKS, MASKS)
def test_masks_are_a_boolean_algebra(a: int, b: int, c: int) -> None:
    def complement(mask: int) -> int:
        return FULL & ~mask

    assert a & (b | c) == a & b | a & c
    assert a | b & c == (a | b) & (a | c)
    assert complement(a & b) == complement(a) | complement(b)
    assert complement(complement(a)) == a
    assert a & complement(a) == 0
    assert a | complement(a) == FULL
    assert a & (a | b) == a == a | a & b


def test_the_masks_of_everything() -> None:
    assert [all_versions(count) for count in range(4)] == [0b0, 0b10, 0b110, 0b1110]
    assert [all_states(count) for count in range(4)] == [0b1, 0b11, 0b111, 0b1111]
    assert all_states(7) == all_versions(7) | ABSENT


@given(MASKS)
def test_versions_come_newest_first_and_without_absence(mask: int) -> None:
    versions = list(versions_in(mask))
    assert versions == sorted(members(mask) - {0}, reverse=True)
    assert newest(mask) == max(versions, default=0)


@given(MASKS, MASKS)
def test_spans_hold_what_the_mask_holds_and_nothing_else_that_is_known(mask: int, others: int) -> None:
    known = mask | others
    runs = spans(mask, known)
    covered = {version for low, high in runs for version in range(low, high + 1)}
    assert covered & members(known) == members(mask) - {0}
    assert all(low <= high for low, high in runs)
    assert all(before[1] < after[0] for before, after in pairwise(runs))


def test_spans_go_on_over_what_nobody_knows() -> None:
    assert spans(0b0110_1100, all_versions(7)) == [(2, 3), (5, 6)]
    assert spans(0b0110_1100, 0b1110_1110) == [(2, 6)]
    assert spans(ABSENT, all_versions(7)) == []
