"""Requirements: the quick cut agrees with ``packaging`` on everything, and what is malformed is said to be so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Judge
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from clearway.errors import InputError
from clearway.model.requirements import marker_holds, parse_requirement
from clearway.model.targets import MarkerEnvironment

pieces = st.sampled_from(
    ["a", "B_c.d", "x-1", " ", "  ", "[", "]", "e1", ",", "e_2", "(", ")", ">=1", "~=2.0", "==1.*", "!= 3 ", "<2,>1"]
    * 2
    + [";", "python_version < '3.9'", 'extra == "x"', "@", "https://example.com/a.whl", "===1.0-x", "\n", "-", "="]
)


@settings(max_examples=400)
@given(st.lists(pieces, max_size=8).map("".join))
def test_agrees_with_packaging(text: str) -> None:
    try:
        judged = Judge(text)
    except InvalidRequirement:
        with pytest.raises(InputError) as caught:
            parse_requirement(text)
        assert caught.value.code == "malformed-requirement"
        return
    found = parse_requirement(text)
    assert found.name == canonicalize_name(judged.name)
    assert found.extras == {canonicalize_name(extra) for extra in judged.extras}
    assert SpecifierSet(found.specifier) == judged.specifier
    assert found.url == (judged.url or "")
    assert bool(found.marker) == (judged.marker is not None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Flask", "flask"),
        ("flask[Async,dotenv] >= 2 , < 4 ; python_version > '3'", "flask[async,dotenv]<4,>=2 ; python_version > '3'"),
        ("requests (>=2.0)", "requests>=2.0"),
        ("a @ https://example.com/a-1-py3-none-any.whl", "a @ https://example.com/a-1-py3-none-any.whl"),
    ],
)
def test_shows_itself_in_one_spelling(text: str, shown: str) -> None:
    assert str(parse_requirement(text)) == shown


def test_markers_are_decided_for_their_target_and_extra() -> None:
    old, new = MarkerEnvironment({"python_version": "3.8"}), MarkerEnvironment({"python_version": "3.12"})
    marker = "python_version < '3.9' and extra == 'dev'"
    assert marker_holds(marker, old, "dev")
    assert not marker_holds(marker, old)
    assert not marker_holds(marker, new, "dev")
