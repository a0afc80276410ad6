"""References on a page become URLs, or nothing."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clearway.index.links import Links
from clearway.model.urls import origin

PAGE = "https://index.example.com/root/simple/demo/"


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("demo-1.0.whl", PAGE + "demo-1.0.whl"),
        ("../../files/demo-1.0.whl", "https://index.example.com/root/files/demo-1.0.whl"),
        ("../../../../../../x.whl", "https://index.example.com/x.whl"),
        ("/files/x.whl", "https://index.example.com/files/x.whl"),
        ("//other.example.com/x.whl", "https://other.example.com/x.whl"),
        ("https://other.example.com:8443/a/x.whl", "https://other.example.com:8443/a/x.whl"),
        ("HTTPS://other.example.com/x.whl", "https://other.example.com/x.whl"),
        ("http://[::1]:8080/x.whl", "http://[::1]:8080/x.whl"),
        ("a/../b/./x.whl", PAGE + "b/x.whl"),
        ("x.whl?token=1&b=/../", PAGE + "x.whl?token=1&b=/../"),
        ("my file.whl", PAGE + "my%20file.whl"),
        ("naïve.whl", PAGE + "na%C3%AFve.whl"),
        ("x%2Bcpu.whl", PAGE + "x%2Bcpu.whl"),
        ("x+cpu.whl", PAGE + "x+cpu.whl"),
        ("https://user:secret@other.example.com/x.whl", "https://other.example.com/x.whl"),
        ("  x.whl\n", PAGE + "x.whl"),
    ],
)
def test_references_become_absolute(reference: str, url: str) -> None:
    assert Links(PAGE).resolve(reference) == url


@pytest.mark.parametrize(
    "reference",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:application/zip;base64,AAAA",
        "ftp://files.example.com/x.whl",
        "mailto:x.whl",
        "file:///etc/x.whl",
        "http:///x.whl",
        "http:x.whl",
        "https://user@/x.whl",
        "https://files.example.com:99999/x.whl",
        "https://files.example.com:0/x.whl",
        "https://files.example.com:port/x.whl",
        "https://[::1/x.whl",
        "https://files example com/x.whl",
        "https://ex%61mple.com/x.whl",
        "http:",
    ],
)
def test_what_leads_nowhere_is_none(reference: str) -> None:
    assert Links(PAGE).resolve(reference) is None


def test_a_local_page_may_link_to_local_files_and_a_remote_one_may_not() -> None:
    assert Links("file:///srv/wheels/index.html").resolve("x.whl") == "file:///srv/wheels/x.whl"
    assert Links("file:///srv/wheels/").resolve("https://files.example.com/x.whl") == "https://files.example.com/x.whl"
    assert Links(PAGE).resolve("file:///srv/x.whl") is None


def test_the_base_element_moves_the_start_but_not_out_of_http() -> None:
    assert Links(PAGE, "/elsewhere/").resolve("x.whl") == "https://index.example.com/elsewhere/x.whl"
    assert Links(PAGE, "https://cdn.example.com/a/b").resolve("../x.whl") == "https://cdn.example.com/x.whl"
    assert Links(PAGE, "javascript:alert(1)").resolve("x.whl") == PAGE + "x.whl"
    assert Links(PAGE, "file:///etc/").resolve("passwd.whl") == PAGE + "passwd.whl"


def test_user_info_of_the_page_is_not_inherited() -> None:
    assert Links("https://ann:secret@index.example.com/simple/demo/").resolve("../x.whl") == (
        "https://index.example.com/simple/x.whl"
    )


segments = st.sampled_from(["", ".", "..", "a", "b.whl", ".hidden", "a:b", "x;y=1", "..a", "a..", "%2e%2e", "~u", "@v"])
plain = st.lists(segments, min_size=1, max_size=7).map("/".join).filter(lambda text: not text.startswith("//"))


@given(plain, st.sampled_from([PAGE, "https://h.example.com", "http://h.example.com:8080/x", "file:///a/b/c.html"]))
@example("a/../../../..//b", PAGE)
@example("../" * 80 + "x", PAGE)
def test_plain_references_resolve_as_the_standard_library_resolves_them(reference: str, base: str) -> None:
    resolved = Links(base).resolve(reference)
    if resolved is not None:
        assert resolved == urljoin(base, reference)
    else:
        assert ":" in reference.partition("/")[0]


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z@:.\[\]0-9\\]{0,20}/[ -~]{0,20}", fullmatch=True))
def test_whatever_comes_out_is_a_url_that_can_be_asked(reference: str) -> None:
    url = Links(PAGE).resolve(reference)
    if url is not None:
        scheme, host, port = origin(url)
        assert scheme in {"http", "https"}
        assert host
        assert 0 < port < 65536
        assert url.isascii()
        assert url.isprintable()
        assert "@" not in url.split("/")[2]
        assert not set(url) & set(' #"<>\\^`{|}')
