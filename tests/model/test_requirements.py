"""Requirements: the quick cut agrees with ``packaging`` on everything, and what is malformed is said to be so."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Judge
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from clearway.errors import InputError
from clearway.model.requirements import is_marker, marker_holds, parse_requirement
from clearway.model.targets import MarkerEnvironment

pieces = st.sampled_from(
    ["a", "B_c.d", "x-1", " ", "  ", "[", "]", "e1", ",", "e_2", "(", ")", ">=1", "~=2.0", "==1.*", "!= 3 ", "<2,>1"]
    * 2
    + [";", "python_version < '3.9'", 'extra == "x"', "@", "https://example.com/a.whl", "===1.0-x", "\n", "-", "="]
    + ["name @ https://example.com/a.whl", "a; ", " ;"]
)
marker_pieces = st.one_of(
    st.sampled_from(["os_name == 'x'", "'x' in extra", "extra=='a'", "( os_name>'' )", " and ", " or ", " "]),
    st.sampled_from(["os_name", "python_full_version", "platform_release", "extra", "os.name", "extras", "platform_"]),
    st.sampled_from(
        ["'x'", '"3.9"', "''", "'\\x'", "'\u00e9'", "'a\"b'", "'", '"', "==", "<", "~=", "===", "in", "not in"]
    ),
    st.sampled_from(["not", "and", "or", "(", ")", "\t", "\n", "\0"]),
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


@settings(max_examples=600)
@given(st.lists(marker_pieces, max_size=9).map("".join))
@example("( os_name == 'a' or os_name == 'b' ) and (extra=='')")
@example("((os_name == 'a'))")
def test_agrees_with_packaging_on_what_a_marker_is(text: str) -> None:
    """Whichever way it is recognised: nothing but a marker is taken for one, and each is taken for what it says."""
    try:
        judged = Marker(text)
    except InvalidMarker:
        assert not is_marker(text)
    else:
        assert is_marker(text)
        values = {"os_name": "x", "python_full_version": "3.9.1", "platform_release": "6.1-x"}
        with suppress(UndefinedComparison, UndefinedEnvironmentName):
            expected = judged.evaluate({**values, "extra": "a"})
            assert marker_holds(text, MarkerEnvironment(values), "a") == expected


@pytest.mark.parametrize("marker", ["sys_platform ~= 'abc'", "python_version ~= '3'", "'b' == 'c'", "extras == 'x'"])
def test_a_marker_that_compares_what_cannot_be_compared_does_not_hold(marker: str) -> None:
    values = MarkerEnvironment({"sys_platform": "linux", "python_version": "3.12"})
    assert not parse_requirement(f"demo; {marker}").applies(values)


def test_markers_are_decided_for_their_target_and_extra() -> None:
    old, new = MarkerEnvironment({"python_version": "3.8"}), MarkerEnvironment({"python_version": "3.12"})
    marker = "python_version < '3.9' and extra == 'dev'"
    assert marker_holds(marker, old, "dev")
    assert not marker_holds(marker, old)
    assert not marker_holds(marker, new, "dev")


@pytest.mark.parametrize(
    "text",
    [
        "a" + " " * 100_000 + "b",
        "a[" + " ," * 100_000,
        "a ==" + " " * 100_000 + "x",
        "a ; " + "(" * 100_000 + "os_name",
    ],
    ids=["spaces", "extras", "version", "marker"],
)
def test_texts_without_end_are_refused_and_cut(text: str) -> None:
    """They come in the metadata of strangers: no division of them is tried twice, and none is shown whole."""
    with pytest.raises(InputError) as caught:
        parse_requirement(text)
    assert caught.value.code == "malformed-requirement"
    assert len(caught.value.message) < 500
