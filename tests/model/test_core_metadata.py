"""Core metadata with all of its fields, beside the standard library's parser of such files."""

from __future__ import annotations

from email import message_from_string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.model.core_metadata import parse_core_metadata

WORD = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=12)
NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)


@given(st.lists(st.tuples(NAME, WORD), min_size=1, max_size=8), WORD)
def test_headers_are_those_of_a_mail(headers: list[tuple[str, str]], body: str) -> None:
    text = "".join(f"{name}: {value}\n" for name, value in headers) + "\n" + body
    told, expected = parse_core_metadata(text.encode()), message_from_string(text)
    for name, _ in headers:
        assert told.all(name) == [value.lstrip(" \t") for value in expected.get_all(name, [])]
    assert told.body == body


@given(st.binary(max_size=200))
def test_anything_can_be_read(content: bytes) -> None:
    told = parse_core_metadata(content)
    assert isinstance(told.as_json(), dict)
    assert told.get("no-such-field") == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_folded_values(end: str) -> None:
    lines = ["License: one", "        two", "          three", "        ", "Name: demo", "", "body", ""]
    told = parse_core_metadata(end.join(lines).encode())
    assert told.get("license") == "one\ntwo\n  three\n"
    assert told.get("NAME") == "demo"
    assert told.body == "body\n"


@pytest.mark.parametrize("text", ["Name: demo\nno header\n\nbody", "\ufeffName: demo\nno header\n\nbody"])
def test_a_head_that_ends_too_early(text: str) -> None:
    told = parse_core_metadata(text.encode())
    assert (told.get("name"), told.body) == ("demo", "no header\n\nbody")


def test_the_json_form() -> None:
    """PEP 566: names with underscores, lists where there may be several, keywords one by one, the body described."""
    text = (
        "Name: demo\nVersion: 1\nDynamic: license\nClassifier: a\nClassifier: b\nX-Own: c\nKeywords: a, b c\n\nbody\n"
    )
    assert parse_core_metadata(text.encode()).as_json() == {
        "name": "demo",
        "version": "1",
        "dynamic": ["license"],
        "description": "body\n",
        "keywords": ["a", "b c"],
        "classifier": ["a", "b"],
    }
    assert parse_core_metadata(b"Keywords: a b  c\n").as_json() == {"keywords": ["a", "b", "c"]}
    assert parse_core_metadata(b"Description: old\n        style\n").as_json() == {"description": "old\nstyle"}
