"""The root page of an index, in both kinds, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.index.root_page import is_json, read_names

JSON = "application/vnd.pypi.simple.v1+json"


def test_json() -> None:
    page = (
        b'{"meta": {"api-version": "1.0"}, "projects": [{"name": "Foo.Bar"}, {"name": "six", "x": 1}, {"name": "six"}]}'
    )
    assert read_names(page, JSON) == ("foo-bar", "six")


def test_html() -> None:
    page = b"""<!DOCTYPE html><title>Simple index</title>
        <a href="../">up</a> <a href="/simple/Foo_Bar/">Foo_Bar</a> <a href='six'>six</a><!-- <a href="no/">no</a> -->
        <a href="https://x.example.com/simple/a%2Eb/?q=1#f">a.b</a> <a name="top">top</a>"""
    assert read_names(page, "text/html; charset=utf-8") == ("foo-bar", "six", "a-b")


def test_an_empty_index_is_one() -> None:
    assert read_names(b'{"projects": []}', JSON) == ()
    assert read_names(b"<html><title>Simple index</title></html>", "text/html") == ()


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (b'<form><input type="Password"></form><a href="help/">help</a>', "text/html"),
        (b'{"message": "sign in"}', "application/json"),
        (b'{"projects": [{"title": "six"}]}', JSON),
        (b"[" * 100_000, JSON),
        (b"\xff\xfe\xff", JSON),
    ],
    ids=["login page", "other JSON", "no names", "nested", "no text"],
)
def test_what_is_no_root_page(page: bytes, kind: str) -> None:
    assert read_names(page, kind) is None


@given(st.binary(max_size=300), st.sampled_from([JSON, "text/html", "", "application/json; x"]))
def test_whatever_comes_names_are_normalized(page: bytes, kind: str) -> None:
    for name in read_names(page, kind) or ():
        assert name == name.lower()
        assert not set(name) & set("_./<>\n")


def test_kinds() -> None:
    assert is_json("Application/JSON ; charset=utf-8")
    assert is_json(JSON)
    assert not is_json("text/html")
    assert not is_json("")
