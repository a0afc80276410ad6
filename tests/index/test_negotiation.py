"""Which parser reads an answer, and which answers are no listing at all."""

from __future__ import annotations

import pytest

from clearway.errors import IndexFailure
from clearway.index.negotiation import ACCEPT, parse_listing
from clearway.index.records import File
from clearway.model.names import NormalizedName
from support.simulator import IndexSimulator
from support.wheels import make_wheel

URL = "https://index.example.com/simple/demo/"
NAME = NormalizedName("demo")
JSON = b'\n {"meta": {"api-version": "1.0"}, "files": [{"filename": "demo-1.0.zip", "url": "demo-1.0.zip"}]}'
HTML = b"<a href=demo-1.0.zip>demo-1.0.zip</a>"
FILES = (File("demo-1.0.zip", URL + "demo-1.0.zip"),)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (JSON, "application/vnd.pypi.simple.v1+json"),
        (JSON, "Application/VND.pypi.simple.v1+JSON; charset=utf-8"),
        (JSON, "application/vnd.pypi.simple.latest+json"),
        (JSON, "application/json"),
        (JSON, ""),
        (HTML, "application/vnd.pypi.simple.v1+html"),
        (HTML, "text/html; charset=utf-8"),
        (HTML, "TEXT/HTML"),
        (HTML, "application/xhtml+xml"),
        (HTML, ""),
    ],
)
def test_the_content_type_chooses_the_parser(content: bytes, content_type: str) -> None:
    assert parse_listing(content, content_type, URL, NAME).files == FILES


@pytest.mark.parametrize("content_type", ["text/plain", "image/png", "application/octet-stream", "json", "x\x1b[2J/y"])
def test_another_content_type_is_no_listing(content_type: str) -> None:
    with pytest.raises(IndexFailure) as failure:
        parse_listing(HTML, content_type, URL, NAME)
    assert failure.value.code == "not-a-listing"
    assert failure.value.context[0].isprintable()


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_later_major_version_says_so(form: str) -> None:
    with pytest.raises(IndexFailure) as failure:
        parse_listing(JSON, f"application/vnd.pypi.simple.v2+{form}", URL, NAME)
    assert failure.value.code == "unsupported-listing"


def test_json_is_preferred_and_plain_html_is_the_last_resort() -> None:
    kinds = [kind.strip().partition(";q=") for kind in ACCEPT.split(",")]
    assert [kind for kind, _, _ in kinds] == [
        "application/vnd.pypi.simple.v1+json",
        "application/vnd.pypi.simple.v1+html",
        "text/html",
    ]
    weights = [float(weight or 1) for _, _, weight in kinds]
    assert weights == sorted(set(weights), reverse=True)


def test_both_pages_of_a_simulated_index_read_alike() -> None:
    index = IndexSimulator()
    with index:
        index.add(make_wheel("demo", "1.0", requires_python=">=3.8"), yanked="<old>")
        index.add(make_wheel("demo", "2.0", requires=["other"]))
        index.default.project("demo", status="deprecated", reason="use 'other'")
        document = index.default.projects["demo"]
        pages = {kind: _page(index, kind) for kind in ("json", "html")}
    json, html = (parse_listing(content, kind, index.url + "demo/", NAME) for content, kind in pages.values())
    assert [
        (file.filename, file.url, file.hashes, file.requires_python, file.yanked, file.sidecar) for file in json.files
    ] == [
        (file.filename, file.url, file.hashes, file.requires_python, file.yanked, file.sidecar) for file in html.files
    ]
    assert (json.status, json.status_reason) == (html.status, html.status_reason) == (document.status, document.reason)


def _page(index: IndexSimulator, kind: str) -> tuple[bytes, str]:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", index.port, timeout=10)
    connection.request("GET", "/simple/demo/", headers={"Accept": f"application/vnd.pypi.simple.v1+{kind}"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return content, response.headers["Content-Type"]
