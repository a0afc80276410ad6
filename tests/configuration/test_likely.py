"""What is advised to somebody who wrote what is no requirement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.configuration.likely import likely
from clearway.configuration.statements import parse_statement
from clearway.errors import InputError


def _hint(text: str, origin: str = "command line") -> str:
    with pytest.raises(InputError) as caught:
        parse_statement(text, origin)
    assert caught.value.code == "malformed-requirement"
    return caught.value.hint


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ourlib=2.0", "ourlib==2.0"),
        ("ourlib = 2.0 ; os_name == 'nt'", "ourlib==2.0 ; os_name == 'nt'"),
        ("ourlib[a]=1.*", "ourlib[a]==1.*"),
        ("ourlib 2.0", "ourlib==2.0"),
        ("ourlib[a]2.0", "ourlib[a]==2.0"),
        ("ourlib@2.0", "ourlib==2.0"),
        ("ourlib:2.0", "ourlib==2.0"),
        ("ourlib (2.0)", "ourlib==2.0"),
        ("ourlib=>2", "ourlib>=2"),
        ("ourlib =< 2", "ourlib<=2"),
        ("ourlib^1.2", "ourlib>=1.2,<2"),
        ("ourlib = \"^0\"", "ourlib>=0,<1"),
        ("ourlib ~1.2", "ourlib~=1.2"),
        ("ourlib>2.0,;", "ourlib>2.0"),
        ("ourlib >= 1.0;", "ourlib >= 1.0"),
        ("ourlib>=1 <2", "ourlib>=1,<2"),
        ("ourlib>=1 and <2", "ourlib>=1,<2"),
        ("requests[security", "requests[security]"),
        ("'ourlib>=1'", "ourlib>=1"),
        ("\u201courlib\u201d", "ourlib"),
        ("ourlib == '1.0'", "ourlib ==1.0"),
        ("ourlib = '1.0'", "ourlib==1.0"),
        ("ourlib==1 # why", "ourlib==1"),
        ("ourlib; python_version<3.12", 'ourlib; python_version<"3.12"'),
        ("ourlib ; sys_platform == linux", 'ourlib ; sys_platform == "linux"'),
    ],
)  # fmt: skip
def test_what_was_likely_meant(text: str, meant: str) -> None:
    assert _hint(text) == f"Did you mean {meant}?"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "leave the empty argument out"),
        ("ourlib>=", "A version is missing"),
        ("numpy,pandas", "name each by itself: numpy pandas"),
        ("numpy pandas>=2", "name each by itself: numpy pandas>=2"),
        ("C:\\src\\lib", "a path of another system"),
        ("src\\lib", "write it with / on this system: ./src/lib"),
        ("ourlib==1.0.x", "Write it as NAME"),
        ("ourlib" * 100 + "=1", "Write it as NAME"),
    ],
)
def test_other_advice(text: str, hint: str) -> None:
    assert hint in _hint(text)


def test_advice_for_a_file() -> None:
    assert "name each in a line: numpy and pandas" in _hint("numpy;pandas", "-r a.txt, line 1")


@given(st.text(alphabet=st.sampled_from("ab1.=<>~!^[](),;:@#'\"\\/ -_*"), max_size=40))
def test_advice_is_one_line_and_a_requirement_that_is_meant_is_one(text: str) -> None:
    hint = likely(text.strip(), "command line")
    assert "\n" not in hint
    if hint.startswith("Did you mean "):
        parse_statement(hint.removeprefix("Did you mean ").removesuffix("?"), "here")
