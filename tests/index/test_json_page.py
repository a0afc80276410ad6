"""JSON listings: what is read, what is believed, and what spoils a file or a page (PEP 691, 700, 714, 792)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.errors import IndexFailure
from clearway.index.json_page import parse_json
from clearway.index.records import File, Listing
from clearway.model.names import NormalizedName

URL = "https://index.example.com/simple/demo/"
NAME = NormalizedName("demo")
SHA = "0123456789abcdef" * 4
GOOD = {"filename": "demo-1.0-py3-none-any.whl", "url": "demo-1.0-py3-none-any.whl", "hashes": {"sha256": SHA}}


def parse(*files: object, **page: object) -> Listing:
    return parse_json(json.dumps({"meta": {"api-version": "1.1"}, "files": files, **page}).encode(), URL, NAME)


def parse_one(**changes: object) -> File:
    listing = parse({**GOOD, **changes})
    assert listing.skipped == ()
    (file,) = listing.files
    return file


def test_a_file_with_everything() -> None:
    file = parse_one(
        **{
            "requires-python": ">=3.8",
            "size": 12345,
            "upload-time": "2024-01-02T03:04:05.678901Z",
            "yanked": "broken metadata",
            "core-metadata": {"sha256": SHA},
            "gpg-sig": True,
            "provenance": None,
        }
    )
    assert file == File(
        filename="demo-1.0-py3-none-any.whl",
        url=URL + "demo-1.0-py3-none-any.whl",
        hashes={"sha256": SHA},
        requires_python=">=3.8",
        yanked="broken metadata",
        size=12345,
        upload_time="2024-01-02T03:04:05.678901Z",
        sidecar={"sha256": SHA},
    )


def test_a_file_with_nothing_but_its_name_and_place() -> None:
    listing = parse({"filename": "demo-1.0.tar.gz", "url": "https://files.example.com/demo-1.0.tar.gz"})
    assert listing.files == (File("demo-1.0.tar.gz", "https://files.example.com/demo-1.0.tar.gz"),)


@pytest.mark.parametrize("field", ["requires-python", "size", "upload-time", "yanked", "core-metadata", "hashes"])
def test_null_is_as_good_as_absent(field: str) -> None:
    without = {key: value for key, value in GOOD.items() if key != field}
    assert parse({**without, field: None}) == parse(without)


@pytest.mark.parametrize(("stated", "read"), [(False, None), (True, ""), ("", ""), ("bad", "bad")])
def test_yanked_is_a_flag_or_a_reason(stated: object, read: str | None) -> None:
    assert parse_one(yanked=stated).yanked == read


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ({"core-metadata": True}, {}),
        ({"core-metadata": False}, None),
        ({"core-metadata": {}}, {}),
        ({"dist-info-metadata": {"sha256": SHA}}, {"sha256": SHA}),
        ({"dist-info-metadata": True}, {}),
        ({"core-metadata": False, "dist-info-metadata": True}, None),
        ({"core-metadata": {"sha256": SHA}, "dist-info-metadata": {"sha256": "0" * 64}}, {"sha256": SHA}),
        ({"core-metadata": {"sha256": "not hexadecimal"}}, None),
    ],
)
def test_the_sidecar_has_two_names_and_the_newer_one_counts(
    stated: dict[str, Any], read: dict[str, str] | None
) -> None:
    assert parse_one(**stated).sidecar == read


@pytest.mark.parametrize(
    ("hashes", "fragment", "read"),
    [
        ({"sha256": SHA.upper()}, "", {"sha256": SHA}),
        ({"SHA256": SHA}, "", {"sha256": SHA}),
        ({"md5": "0" * 32, "sha256": SHA}, "", {"md5": "0" * 32, "sha256": SHA}),
        ({"blake2b": "abcd"}, "", {"blake2b": "abcd"}),
        ({"blake2b": "not hexadecimal"}, "", {}),
        ({}, f"#sha256={SHA}", {"sha256": SHA}),
        ({"sha256": SHA}, f"#sha256={SHA.upper()}", {"sha256": SHA}),
        ({"md5": "0" * 32}, f"#sha256={SHA}&egg=demo", {"md5": "0" * 32, "sha256": SHA}),
        ({}, "#egg=demo", {}),
    ],
)
def test_hashes_come_from_the_field_and_the_fragment(
    hashes: dict[str, str], fragment: str, read: dict[str, str]
) -> None:
    assert parse_one(hashes=hashes, url="demo-1.0-py3-none-any.whl" + fragment).hashes == read


@pytest.mark.parametrize(
    "spoilt",
    [
        {"hashes": {"sha256": "../../../etc/passwd"}},
        {"hashes": {"sha256": SHA[:-1]}},
        {"hashes": {"sha256": SHA[:-2] + "  "}},
        {"hashes": {"sha256": "١" * 64}},
        {"hashes": {"SHA256": "x"}},
        {"hashes": {"sha256": 5}},
        {"hashes": []},
        {"url": f"x.whl#sha256={'0' * 64}"},
        {"url": "x.whl#sha256=zz"},
        {"url": "javascript:alert(1)"},
        {"url": 7},
        {"filename": "../demo-1.0-py3-none-any.whl"},
        {"filename": "a\\demo-1.0-py3-none-any.whl"},
        {"filename": ".."},
        {"filename": ""},
        {"filename": "demo\x1b[31m.whl"},
        {"filename": "demo\u202ewhl.exe"},
        {"filename": "d" * 300},
        {"size": -1},
        {"size": 1.5},
        {"size": "12"},
        {"size": 10**30},
        {"yanked": 1},
        {"requires-python": [">=3"]},
        {"core-metadata": "true"},
    ],
)
def test_a_spoilt_file_is_skipped_and_the_others_stay(spoilt: dict[str, object]) -> None:
    listing = parse({**GOOD, **spoilt}, {**GOOD, "filename": "demo-2.0.tar.gz"})
    assert [file.filename for file in listing.files] == ["demo-2.0.tar.gz"]
    assert len(listing.skipped) == 1
    assert all(name.isprintable() for name in listing.skipped)


def test_entries_that_are_no_objects_are_skipped_by_number() -> None:
    assert parse(GOOD, "text", {"url": "x"}).skipped == ("file 2 of the page", "file 3 of the page")


def test_a_file_without_a_name_does_not_shift_what_is_wanted() -> None:
    files = ["text", {**GOOD, "filename": "a-1.tar.gz"}, {**GOOD, "filename": "b-1.tar.gz"}, {"filename": "c-1.tar.gz"}]
    page = json.dumps({"meta": {"api-version": "1.0"}, "name": "a", "files": files}).encode()
    listing = parse_json(page, URL, NAME, lambda named: [file.filename[0] in "bc" for file in named])
    assert [file.filename for file in listing.files] == ["b-1.tar.gz"]
    assert listing.skipped == ("file 1 of the page", "c-1.tar.gz")


def test_texts_lose_what_a_terminal_would_obey() -> None:
    file = parse_one(yanked="bad\x1b[2J\nrelease\u202e", **{"requires-python": ">=3\x07", "upload-time": "x" * 600})
    assert file.yanked == "bad [2J release"
    assert file.requires_python == ">=3"
    assert len(file.upload_time) == 500


@pytest.mark.parametrize("status", ["active", "archived", "quarantined", "deprecated"])
def test_the_project_has_a_status_with_a_reason(status: str) -> None:
    listing = parse(**{"project-status": {"status": status, "reason": "see\nhere"}})
    assert (listing.status, listing.status_reason) == (status, "see here")


@pytest.mark.parametrize("status", [{}, None, {"status": None}, {"status": "haunted"}])
def test_a_project_without_a_known_status_is_active(status: object) -> None:
    assert parse(**{"project-status": status}).status == "active"


@pytest.mark.parametrize("version", ["1.0", "1.4", "1.99"])
def test_every_minor_version_of_the_first_major_is_read(version: str) -> None:
    assert parse(GOOD, meta={"api-version": version}).files


@pytest.mark.parametrize("version", ["2.0", "0.9", "11.0", "1", "", "one.two", "1.x\x1b"])
def test_other_major_versions_are_not_guessed_at(version: str) -> None:
    with pytest.raises(IndexFailure) as failure:
        parse(GOOD, meta={"api-version": version})
    assert failure.value.code == "unsupported-listing"
    assert failure.value.message.isprintable()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"error": "not found"}',
        b'{"files": {}}',
        b'{"files": null}',
        b'{"files": [], "meta": []}',
        b'{"files": [], "meta": {"api-version": 1.0}}',
        b'{"files": [NaN]}',
        b'{"files": [], "project-status": "quarantined"}',
        b'{"files": []} trailing',
        b'{"files": [{"filename": "\\ud800", "url": "x"}]}',
        b'\xef\xbb\xbf{"files": []}',
        '{"files": []}'.encode("utf-16"),
        b'{"a":' + b"[" * 200_000,
        b'{"files":' + b"[" * 200_000,
        b'{"files":[{"filename":' + b'{"a":' * 200_000,
        b"<!DOCTYPE html><html></html>",
    ],
)
def test_a_page_that_is_none_is_an_error(content: bytes) -> None:
    with pytest.raises(IndexFailure) as failure:
        parse_json(content, "https://ann:secret@index.example.com/simple/demo/", NAME)
    assert failure.value.code == "bad-listing"
    assert "secret" not in str(failure.value)
    assert failure.value.message.isprintable()


def test_an_endless_list_of_files_is_an_error() -> None:
    page = b'{"files": [' + b",".join([b'{"filename":"a","url":"a"}'] * 200_001) + b"]}"
    with pytest.raises(IndexFailure, match="more than 200,000"):
        parse_json(page, URL, NAME)


def test_many_spoilt_files_are_not_all_remembered() -> None:
    assert len(parse(*[{"filename": f"../{n}", "url": "x"} for n in range(500)]).skipped) == 100
    assert len(parse(*[{"filename": n} for n in range(500)]).skipped) == 100


texts = st.sampled_from(["", "..", "a/b", "\x1b[2J", "\u2028x", "é", SHA, "https://h.example.com/x", "x#sha256=1", "#"])
leaves = st.none() | st.booleans() | st.sampled_from([0, -1, 10**40, 1.5, 1e300]) | texts
anything = leaves | st.lists(leaves, max_size=2) | st.dictionaries(texts | st.just("sha256"), leaves, max_size=2)
fields = st.sampled_from(
    ["filename", "url", "hashes", "requires-python", "size", "upload-time", "yanked", "core-metadata"]
)


@given(st.lists(st.dictionaries(fields, anything, max_size=3).map(lambda changes: {**GOOD, **changes}), max_size=4))
def test_any_json_in_the_fields_gives_sound_files_and_skipped_names(files: list[dict[str, object]]) -> None:
    listing = parse(*files)
    assert len(listing.files) + len(listing.skipped) == len(files)
    for file in listing.files:
        assert "/" not in file.filename
        assert f"{file.filename}{file.requires_python}{file.upload_time}{file.yanked}".isprintable()
        assert file.url.startswith(("https://", "http://"))
        assert all(set(digest) <= set("0123456789abcdef") for digest in file.hashes.values())


@given(st.binary(max_size=200))
def test_any_bytes_give_a_listing_or_an_error(content: bytes) -> None:
    try:
        outcome = parse_json(content, URL, NAME).name
    except IndexFailure as failure:
        outcome = failure.code
    assert outcome in {NAME, "bad-listing", "unsupported-listing"}
