"""direct_url.json (PEP 610): what is valid, what it says, and which user info is no secret."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.model.direct_urls import parse_direct_url
from clearway.model.versions import normal_version

ARCHIVE = {
    "url": "https://example.com/a.zip",
    "archive_info": {"hash": "sha256=0", "hashes": {"sha256": "0", "md5": "1"}},
}


@pytest.mark.parametrize(
    ("content", "requirement"),
    [
        (ARCHIVE, "a @ https://example.com/a.zip#sha256=0"),
        ({**ARCHIVE, "archive_info": {"hash": "sha512=9"}}, "a @ https://example.com/a.zip#sha512=9"),
        ({**ARCHIVE, "archive_info": {"hashes": {"sha384": "7"}}}, "a @ https://example.com/a.zip#sha384=7"),
        ({**ARCHIVE, "archive_info": {}, "subdirectory": "b"}, "a @ https://example.com/a.zip#subdirectory=b"),
        ({**ARCHIVE, "subdirectory": "b"}, "a @ https://example.com/a.zip#sha256=0&subdirectory=b"),
        ({"url": "file:///b", "dir_info": {"editable": False}}, "a @ file:///b"),
        (
            {"url": "https://example.com/a", "vcs_info": {"vcs": "hg", "commit_id": "0f", "requested_revision": "x"}},
            "a @ hg+https://example.com/a@0f",
        ),
    ],
)
def test_what_installs_the_same_again(content: dict[str, object], requirement: str) -> None:
    told = parse_direct_url(json.dumps(content))
    assert told is not None
    assert told.requirement("a") == requirement
    assert told.editable == ""


def test_editable_projects() -> None:
    told = parse_direct_url('{"url": "file:///a%20b", "dir_info": {"editable": true}}')
    assert told is not None
    assert told.editable == "/a b"
    assert told.as_json() == {"url": "file:///a%20b", "dir_info": {"editable": True}}


def test_old_and_new_hashes_are_both_written() -> None:
    told = parse_direct_url('{"url": "https://example.com/a.zip", "archive_info": {"hashes": {"sha256": "0"}}}')
    assert told is not None
    assert told.as_json()["archive_info"] == {"hash": "sha256=0", "hashes": {"sha256": "0"}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"url": "https://example.com"}',
        '{"url": 1, "archive_info": {}}',
        '{"url": "https://[", "archive_info": {}}',
        '{"url": "file:///a", "dir_info": {}, "archive_info": {}}',
        '{"url": "https://example.com", "dir_info": {}}',
        '{"url": "https://example.com", "vcs_info": {"vcs": "git"}}',
        '{"url": "https://example.com", "archive_info": {"hash": "0"}}',
        '{"url": "https://example.com", "archive_info": {"hash": "sha256=0", "hashes": {"sha256": "1"}}}',
        '{"url": "https://example.com\ud800", "archive_info": 0}',
    ],
)
def test_what_is_not_valid(text: str) -> None:
    assert parse_direct_url(text) is None


@given(st.text(max_size=80))
def test_anything_can_be_read(text: str) -> None:
    assert parse_direct_url(text) is None or "url" in text


@pytest.mark.parametrize(
    ("info", "stays"),
    [
        ("git", True),
        ("${A}", True),
        ("${A_1}:${B}", True),
        ("me", False),
        ("me:pw", False),
        ("git:pw", False),
        ("${A}:pw", False),
    ],
)
def test_user_info(info: str, stays: bool) -> None:
    told = parse_direct_url(json.dumps({"url": f"https://{info}@example.com/a?b=c", "archive_info": {}}))
    assert told is not None
    assert told.url == f"https://{f'{info}@' if stays else ''}example.com/a?b=c"


@given(
    st.from_regex(
        r"v?[0-9]{1,3}(\.[0-9]{1,2}){0,2}([-._]?(a|alpha|rc|c|post|dev)[-._]?[0-9]{0,2})?(\+[a-zA-Z0-9]{1,3})?",
        fullmatch=True,
    )
)
def test_versions_are_normalized_as_packaging_does_it(text: str) -> None:
    from packaging.version import Version

    assert normal_version(text) == str(Version(text))


def test_what_is_no_version_has_no_normal_spelling() -> None:
    assert normal_version("1.0-final-2") is None
    assert normal_version("1.0\n") == "1.0"
