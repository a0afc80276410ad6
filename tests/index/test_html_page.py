"""HTML listings and pages of links (PEP 503, 592, 629, 658/714, 792)."""

from __future__ import annotations

import pytest

from clearway.errors import IndexFailure
from clearway.index.html_page import parse_html, parse_links
from clearway.index.records import File, Listing
from clearway.model.names import NormalizedName

URL = "https://index.example.com/simple/demo/"
NAME = NormalizedName("demo")
SHA = "0123456789abcdef" * 4
WHEEL = "demo-1.0-py3-none-any.whl"


def parse(body: str, head: str = "<title>Links for demo</title>") -> Listing:
    return parse_html(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(), URL, NAME)


def test_an_anchor_with_everything() -> None:
    listing = parse(
        f'<a href="../../packages/{WHEEL}#sha256={SHA}" '
        'data-requires-python="&gt;=3.8,&lt;4" data-yanked="bad &amp; old" '
        f'data-core-metadata="sha256={SHA}" data-dist-info-metadata="sha256={SHA}" data-gpg-sig="false">{WHEEL}</a><br>'
    )
    assert listing.files == (
        File(
            filename=WHEEL,
            url=f"https://index.example.com/packages/{WHEEL}",
            hashes={"sha256": SHA},
            requires_python=">=3.8,<4",
            yanked="bad & old",
            sidecar={"sha256": SHA},
        ),
    )


@pytest.mark.parametrize("text", ["", " ", "another name", "<img src=x>", "demo-1.0-py3-none-any.whl"])
def test_the_link_tells_the_file_name_and_not_the_text(text: str) -> None:
    assert parse(f"<a href={WHEEL}>{text}</a>").files == (File(WHEEL, URL + WHEEL),)


@pytest.mark.parametrize(
    ("attribute", "read"),
    [
        ("", None),
        ("data-core-metadata", {}),
        ("data-core-metadata=true", {}),
        ("data-core-metadata=false", None),
        (f"data-core-metadata=sha256={SHA}", {"sha256": SHA}),
        (f"data-dist-info-metadata='sha256={SHA}'", {"sha256": SHA}),
        ("data-dist-info-metadata=true", {}),
        ("data-core-metadata=false data-dist-info-metadata=true", None),
        ("data-core-metadata=sha256=zz", None),
    ],
)
def test_the_sidecar_has_two_names(attribute: str, read: dict[str, str] | None) -> None:
    assert parse(f"<a href={WHEEL} {attribute}>").files[0].sidecar == read


@pytest.mark.parametrize(
    ("attribute", "read"), [("", None), ("data-yanked", ""), ("data-yanked='x\x1b[m\ny'", "x [m y")]
)
def test_yanked_files(attribute: str, read: str | None) -> None:
    assert parse(f"<a href={WHEEL} {attribute}>").files[0].yanked == read


def test_the_base_element_counts_wherever_it_stands() -> None:
    assert parse(f"<a href={WHEEL}>x</a>", '<base href="/files/"><base href="/not/">').files[0].url == (
        f"https://index.example.com/files/{WHEEL}"
    )


def test_names_are_percent_decoded_and_queries_are_no_part_of_them() -> None:
    (file,) = parse(f'<a href="demo-1.0%2Bcpu-py3-none-any.whl?token=a/b.zip&amp;x=1#sha256={SHA}">x</a>').files
    assert file.filename == "demo-1.0+cpu-py3-none-any.whl"
    assert file.url == URL + "demo-1.0%2Bcpu-py3-none-any.whl?token=a/b.zip&x=1"


def test_navigation_is_no_file() -> None:
    listing = parse(
        "<a href=../>up</a><a href='?C=N;O=D'>Name</a><a name=top>x</a><a href=''>x</a><a href='#'>x</a>"
        f"<a href={WHEEL}.asc>x</a><a href={WHEEL}.metadata>x</a>"
        "<a href=https://example.com/about>about</a><a href=demo-1.0.tar.gz>x</a>"
    )
    assert [file.filename for file in listing.files] == ["demo-1.0.tar.gz"]
    assert listing.skipped == ()


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)//demo-1.0.zip",
        "data:application/zip,demo-1.0.zip",
        "ftp://files.example.com/demo-1.0.zip",
        "file:///srv/demo-1.0.zip",
        "https://files.example.com:port/demo-1.0.zip",
        "..%2f..%2fdemo-1.0.zip",
        "demo%00-1.0.zip",
        "demo-1.0.zip#sha256=zz",
    ],
)
def test_spoilt_anchors_are_skipped_by_name(href: str) -> None:
    listing = parse(f'<a href="{href}">x</a><a href={WHEEL}>x</a>')
    assert [file.filename for file in listing.files] == [WHEEL]
    assert len(listing.skipped) == 1
    assert listing.skipped[0].isprintable()


def test_a_file_may_lie_on_another_host_and_climb_on_its_own() -> None:
    listing = parse(f"<a href=https://files.example.org/x/{WHEEL}>a</a><a href=../../../../../{WHEEL}>b</a>")
    assert [file.url for file in listing.files] == [
        f"https://files.example.org/x/{WHEEL}",
        f"https://index.example.com/{WHEEL}",
    ]


def test_status_and_version_are_in_the_head() -> None:
    listing = parse(
        "",
        '<meta charset="utf-8"><meta name="pypi:repository-version" content="1.4">'
        '<meta content="quarantined" name="PyPI:project-status">'
        '<meta name="pypi:project-status-reason" content="the project is &lt;haunted&gt;">',
    )
    assert listing == Listing(NAME, status="quarantined", status_reason="the project is <haunted>")


@pytest.mark.parametrize("version", ["2.0", "0.1", "x"])
def test_other_major_versions_are_not_guessed_at(version: str) -> None:
    with pytest.raises(IndexFailure) as failure:
        parse(f"<a href={WHEEL}>x</a>", f'<meta name="pypi:repository-version" content="{version}">')
    assert failure.value.code == "unsupported-listing"


@pytest.mark.parametrize(
    "title",
    ["Links for demo", "Simple index", "Index of /simple/demo/", "Directory listing for /demo/", "demo", "/pkgs/Demo/"],
)
def test_an_empty_listing_that_says_what_it_is(title: str) -> None:
    assert parse("<a href=../>../</a>", f"<title>{title}</title>") == Listing(NAME)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"Forbidden",
        b"<html><body><h1>It works!</h1></body></html>",
        b"<title>Sign in</title><form><input name=u><input type=Password></form><a href=/help>help</a>",
        b"<title>Index of everything</title><input type='password'>",
        b"<title>Access denied by policy</title>",
        b"<title>demonstration</title>",
        b"<script>location='/login?for=demo-1.0.zip'</script>",
        b'{"message": "token expired"}',
        b"\x89PNG\r\n\x1a\n\x00\x00",
    ],
)
def test_a_page_that_is_no_listing_is_an_error(page: bytes) -> None:
    with pytest.raises(IndexFailure) as failure:
        parse_html(page, URL, NAME)
    assert failure.value.code == "not-a-listing"


def test_the_error_shows_the_title_cleaned_and_cut() -> None:
    title = "Sign\x1b[31m in\n" + "&lt;now&gt; \u202e" + "x" * 500
    with pytest.raises(IndexFailure) as failure:
        parse_html(f"<title>{title}</title>".encode(), "https://ann:secret@index.example.com/simple/demo/", NAME)
    (line,) = failure.value.context
    assert line.startswith("Title of the page: Sign [31m in <now> x")
    assert line.isprintable()
    assert len(line) < 160
    assert "secret" not in failure.value.message


def test_a_page_of_links_holds_files_of_many_projects() -> None:
    page = f"<a href=a/{WHEEL}#sha256={SHA}>x</a><a href=other_project-2.0.tar.gz>y</a><a href=readme.html>z</a>"
    assert parse_links(page.encode(), "https://files.example.com/wheels/all.html") == (
        File(WHEEL, f"https://files.example.com/wheels/a/{WHEEL}", {"sha256": SHA}),
        File("other_project-2.0.tar.gz", "https://files.example.com/wheels/other_project-2.0.tar.gz"),
    )


def test_a_page_of_links_may_be_empty_but_may_not_ask_for_a_password() -> None:
    assert parse_links(b"<p>nothing yet", "https://files.example.com/") == ()
    assert parse_links(b"<input type=password><a href=x-1.0.zip>x</a>", "https://files.example.com/")
    with pytest.raises(IndexFailure, match="something else"):
        parse_links(b"<title>Log in</title><input type=password>", "https://files.example.com/")
