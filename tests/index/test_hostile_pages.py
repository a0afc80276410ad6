"""Pages made to hang or to mislead: each is read in one pass, whatever is in it.

A page that took quadratic time would run for hours here; the sizes are chosen so that linear time is a blink.
"""

from __future__ import annotations

import pytest

from clearway.errors import IndexFailure
from clearway.index.html_page import parse_html, parse_links
from clearway.index.negotiation import parse_listing
from clearway.model.names import NormalizedName

URL = "https://index.example.com/simple/demo/"
NAME = NormalizedName("demo")
N = 300_000
LAST = "<a href=demo-1.0.zip>"


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<div>" * N + LAST, 1),
        ("<b><i>" * N + LAST, 1),
        ("<table>" * N + LAST, 1),
        ("<a " + "x=y " * N + ">" + LAST, 1),
        ("<a " + " ".join(f"a{n}=1" for n in range(N)) + ">" + LAST, 1),
        ("<" * N + LAST, 1),
        ("<a" + " " * N + ">" + LAST, 1),
        ("<a " * N, 0),
        ('<a "' * N, 0),
        ("<a x='" * N, 0),
        ("<a x=" + " " * N, 0),
        (("<a x" + " " * 50) * (N // 50), 0),
        ("<!--" * N, 0),
        ("<!" * N, 0),
        ("<title>" * N, 0),
        ("<script>" + "</scrip" * N, 0),
        (f"<a href='{'../' * N}demo-1.0.zip'>", 1),
        (f"<a href='{'a/../' * N}demo-1.0.zip'>", 1),
        (f"<a href='{'&amp' * N}'>" + LAST, 1),
        (f"<a href='demo-1.0.zip#{'&sha256=' * N}'>" + LAST, 1),
        (f"<a href='https://{'a' * N}/demo-1.0.zip'>", 1),
        (f"<a href='{'x' * N}.zip'>" + LAST, 1),
        ("\0" * N + LAST, 1),
        ("&" * N + LAST, 1),
    ],
    ids=range(24),
)
def test_large_and_odd_pages_are_read_in_linear_time(page: str, found: int) -> None:
    assert len(parse_links(page.encode(), URL)) == found


def test_ten_megabytes_of_anchors_are_refused_before_they_are_all_kept() -> None:
    with pytest.raises(IndexFailure, match="more than 200,000 links"):
        parse_html(b"<a href=x.whl>" * 750_000, URL, NAME)


def test_a_page_of_markup_without_end_is_refused_unread() -> None:
    with pytest.raises(IndexFailure, match="larger than 32 MiB"):
        parse_html(b"<b>" * (12 << 20), URL, NAME)


def test_markup_in_names_and_reasons_stays_text() -> None:
    page = (
        "<title>Links for demo</title>"
        '<a href="%3Cscript%3Ealert(1)%3Cscript%3E-1.0.zip" data-yanked="&lt;script&gt;alert(1)&lt;/script&gt;">x</a>'
        '<a href="demo-1.0.zip" onclick="alert(1)" title="><a href=evil-1.0.zip>">x</a>'
    )
    first, second = parse_html(page.encode(), URL, NAME).files
    assert first.filename == "<script>alert(1)<script>-1.0.zip"
    assert first.url == URL + "%3Cscript%3Ealert(1)%3Cscript%3E-1.0.zip"
    assert first.yanked == "<script>alert(1)</script>"
    assert second.filename == "demo-1.0.zip"


def test_a_page_in_the_wrong_encoding_keeps_its_ascii_names() -> None:
    page = "<meta charset=utf-8><title>Links for d\xe9mo</title><a href=demo-1.0.zip data-yanked='cass\xe9'>x</a>"
    (file,) = parse_listing(page.encode("latin-1"), "text/html; charset=utf-8", URL, NAME).files
    assert (file.filename, file.yanked) == ("demo-1.0.zip", "cassé")
    (file,) = parse_listing(page.encode("utf-16"), "text/html; charset=rot13", URL, NAME).files
    assert (file.filename, file.yanked) == ("demo-1.0.zip", "cassé")
