"""Masks found by bisection are the masks that asking each version gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from clearway.resolution.ranges import all_of, mask_of

releases = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
suffixes = st.sampled_from(
    ["", "", "", "a1", "rc1", ".dev0", ".post1", ".post1.dev1", "+local.1", "rc1.post2", "a2.dev3"]
)
texts = st.tuples(st.sampled_from(["", "", "1!"]), releases, suffixes).map("".join)
plain = st.tuples(releases, st.sampled_from(["", "a1", "rc1", ".dev0", ".post1"])).map("".join)
clauses = st.one_of(
    st.tuples(st.sampled_from([">=", "<=", ">", "<", "==", "!="]), plain).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), releases, st.just(".*")).map("".join),
    st.tuples(st.just("~="), releases.map(lambda text: f"{text}.1")).map("".join),
    texts.map(lambda text: f"==={text}"),
    texts.filter(lambda text: "+" in text).map(lambda text: f"=={text}"),
)


@given(st.lists(texts, max_size=12), st.lists(clauses, max_size=3))
def test_bisection_agrees_with_asking_each_version(spelled: list[str], stated: list[str]) -> None:
    unique = {Version(text): text for text in spelled}
    versions = [unique[version] for version in sorted(unique)]
    specifier = ",".join(stated)
    parsed = SpecifierSet(specifier)
    expected = sum(
        1 << number for number, text in enumerate(versions, start=1) if parsed.contains(text, prereleases=True)
    )
    assert mask_of(specifier, versions) == expected


@pytest.mark.parametrize("specifier", ["not a specifier", ">=oops", "=>1"])
def test_an_unreadable_specifier_admits_nothing(specifier: str) -> None:
    assert mask_of(specifier, ["1.0", "2.0"]) == 0


def test_no_specifier_admits_everything() -> None:
    assert mask_of("", ["1.0", "2.0"]) == all_of(2) == 0b110
