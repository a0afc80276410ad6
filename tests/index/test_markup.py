"""Start tags are found as the HTML standard's tokenizer finds them."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.index.markup import decode, start_tags, unescape

NAMES = frozenset({"a", "base", "input", "meta", "title"})


def anchors(text: str) -> list[dict[str, str]]:
    return [attributes for name, attributes, _ in start_tags(text, NAMES) if name == "a"]


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ('<a href="x">', {"href": "x"}),
        ("<a href='x'>", {"href": "x"}),
        ("<a href=x>", {"href": "x"}),
        ('<A HREF="x" Data-Yanked>', {"href": "x", "data-yanked": ""}),
        ('<a\n\thref = "x"\n>', {"href": "x"}),
        ('<a href="x"download data-yanked="">', {"href": "x", "download": "", "data-yanked": ""}),
        ('<a href="x"/>', {"href": "x"}),
        ("<a href=x/y/>", {"href": "x/y/"}),
        ('<a href="a>b" title="<a href=no>">', {"href": "a>b", "title": "<a href=no>"}),
        ('<a href="first" href="second" HREF=third>', {"href": "first"}),
        ("<a HREF=first href='second'>", {"href": "first"}),
        ("<a href=it's>", {"href": "it's"}),
        ('<a data-requires-python="&gt;=3.8" href=x>', {"data-requires-python": "&gt;=3.8", "href": "x"}),
        ("<a>", {}),
        ("<a href=>", {"href": ""}),
    ],
)
def test_attributes_in_every_spelling(text: str, attributes: dict[str, str]) -> None:
    assert anchors(text) == [attributes]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!-- <a href=x> -->",
        "<!-- <a href=x>",
        "<script>document.write('<a href=x>')</script>",
        "<SCRIPT type=module>if (1<2) '</scripty><a href=x>'",
        "<style><a href=x></style >",
        "<title><a href=x></title>",
        "<textarea><a href=x></textarea>",
        "<xmp><a href=x></xmp>",
        "<iframe><a href=x></iframe>",
        "<noembed><a href=x></noembed>",
        "<noframes><a href=x></noframes>",
        '<img alt="<a href=x>">',
        "<img alt='<a href=x>'>",
        "<abbr href=x>",
        "< a href=x>",
        "&lt;a href=x&gt;",
        '</p title="x"<a href=x>',
        "<!DOCTYPE <a href=x>",
        "<? <a href=x>",
        '<img alt="<a href=x>',
    ],
)
def test_what_only_looks_like_an_anchor(text: str) -> None:
    assert anchors(text) == []


@pytest.mark.parametrize(
    "before", ["<!-->", "<!--->", "<!-- x -->", "<!-- x --!>", "<script></script>", "</p>", "<", "<3"]
)
def test_an_anchor_after_something_odd_is_found(before: str) -> None:
    assert anchors(before + "<a href=x>") == [{"href": "x"}]


def test_the_content_of_a_title_comes_with_it() -> None:
    tags = list(start_tags("<Title lang=en>Links for <b>&lt;demo&gt;</Title><p>", NAMES))
    assert tags == [("title", {"lang": "en"}, "Links for <b>&lt;demo&gt;")]


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("&gt;=3.8,&#60;4", ">=3.8,<4"),
        ("x?a=1&copy=2&amp;b=3", "x?a=1&copy=2&b=3"),
        ("&#0;&#xD800;&nosuch;", "\ufffd\ufffd&nosuch;"),
        ("none", "none"),
    ],
)
def test_character_references(text: str, resolved: str) -> None:
    assert unescape(text) == resolved


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("é".encode(), "é"),
        (b"\xef\xbb\xbfx", "x"),
        (b"\xe9", "é"),
        ("é".encode("utf-16"), "é"),
        (b"\xfe\xff\x00\xe9", "é"),
        (b"\xff\xfe\xe9", "\ufffd"),
    ],
)
def test_pages_in_several_encodings(content: bytes, text: str) -> None:
    assert decode(content) == text


class Oracle(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NAMES:
            self.found.append((tag, {name: value or "" for name, value in reversed(attrs)}))

    handle_startendtag = handle_starttag


values = st.text(alphabet="ax/=.-_# :?<>", max_size=8)
written = st.one_of(
    st.just(""), values.map(lambda value: f'="{value}"'), values.map(lambda value: f" = '{value}'"), st.just("=plain/")
)
attributes = st.builds("{}{}".format, st.sampled_from(["href", "HREF", "data-yanked", "x1"]), written)
tags = st.builds(
    "<{}{}{}>".format,
    st.sampled_from(["a", "A", "p", "meta", "abbr", "br"]),
    st.lists(attributes, max_size=4).map(lambda several: "".join(f" {one}" for one in several)),
    st.sampled_from(["", " ", " /"]),
)


@given(st.lists(tags | st.sampled_from(["text", "</a>", "<!-- <a> -->", "<script><a></script>", "\n"]), max_size=8))
def test_the_standard_library_finds_the_same_tags(parts: list[str]) -> None:
    oracle = Oracle()
    oracle.feed("".join(parts))
    oracle.close()
    assert [(name, attributes) for name, attributes, _ in start_tags("".join(parts), NAMES)] == oracle.found
