"""INI files: everything that ``configparser`` reads is read as it reads it."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.errors import InputError
from clearway.settings.ini import Entry, parse_ini


def test_values_and_their_lines() -> None:
    text = (
        "\ufeff"
        + """\
# pip
[global]
Index-URL = https://example.com/simple
; more
extra-index-url=
    https://a.example

    https://b.example

[install]
no-binary: x # kept
"""
    )
    assert parse_ini(text, "pip.conf") == (
        Entry("global", "index-url", "https://example.com/simple", 3),
        Entry("global", "extra-index-url", "\nhttps://a.example\n\nhttps://b.example", 5),
        Entry("install", "no-binary", "x # kept", 11),
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("key = value\n", 1),
        ("[global]\nkey\n", 2),
        ("[global]\n = value\n", 2),
        ("[global]\nkey = 1\nKEY = 2\n", 3),
        ("[global]\n[install]\n[global]\n", 3),
        ("[]\n", 1),
        ("[open\n", 1),
    ],
)
def test_malformed_files_are_told_with_the_line(text: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_ini(text, "/etc/pip.conf")
    assert caught.value.code == "malformed-configuration"
    assert caught.value.message.startswith(f"/etc/pip.conf, line {line}: ")


LINES = st.lists(
    st.sampled_from(
        [
            "[global]",
            "[install]",
            " [list]",
            "a = 1",
            "b: 2",
            "  c=3",
            "   d",
            "e",
            "# note",
            "  ; note",
            "",
            "  ",
            "a=",
            "=",
            "[x]y",
            "\tf",
        ]
    ),
    max_size=9,
).map("\n".join)


@given(LINES)
def test_the_standard_library_agrees(text: str) -> None:
    judge = configparser.RawConfigParser()
    try:
        judge.read_string(text)
    except configparser.Error:
        with pytest.raises(InputError):
            parse_ini(text, "file")
        return
    expected = {(section, key): value for section in judge.sections() for key, value in judge.items(section)}
    assert {(entry.section, entry.key): entry.value for entry in parse_ini(text, "file")} == expected
