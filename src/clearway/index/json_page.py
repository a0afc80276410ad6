"""Listings in JSON (PEP 691, "Project Detail"; PEP 629 and 700 for versions; PEP 792 for the status).

Only the fields that are used are decoded, into typed structs, in one pass: the page of a project with four thousand
files takes a few milliseconds. A page with a file that does not fit the types is read again, file by file.
"""

from __future__ import annotations

import msgspec

from clearway.errors import IndexFailure
from clearway.index.entries import Entry, bad_listing, check_count, clean, read_entries
from clearway.index.links import Links
from clearway.index.records import Listing
from clearway.model.names import NormalizedName
from clearway.model.urls import mask

STATUSES = frozenset({"active", "archived", "quarantined", "deprecated"})
"""PEP 792; a status that is none of these counts as ``active``."""


class _Meta(msgspec.Struct, rename="kebab"):
    api_version: str = "1.0"


class _Status(msgspec.Struct):
    status: str | None = None
    reason: str | None = None


class _Page(msgspec.Struct, rename="kebab"):
    files: list[Entry]
    meta: _Meta = msgspec.field(default_factory=_Meta)
    project_status: _Status | None = None


class _LoosePage(msgspec.Struct, rename="kebab"):
    files: list[msgspec.Raw]
    meta: _Meta = msgspec.field(default_factory=_Meta)
    project_status: _Status | None = None


class _Named(msgspec.Struct):
    filename: str


_decode = msgspec.json.Decoder(_Page).decode
_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_name = msgspec.json.Decoder(_Named).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def parse_json(content: bytes, url: str, name: NormalizedName) -> Listing:
    """Read a JSON page.

    :param url: where the page came from, after redirects: relative links start there.
    :raises IndexFailure: ``bad-listing``, ``unsupported-listing``.
    """
    page, broken = _read(content, url)
    check_version(page.meta.api_version, url)
    check_count(len(page.files), url)
    files, skipped = read_entries(page.files, Links(url))
    status = page.project_status or _Status()
    return Listing(
        name=name,
        files=files,
        status=status.status if status.status in STATUSES else "active",
        status_reason=clean(status.reason or "", 500),
        skipped=broken + skipped,
    )


def check_version(version: str, url: str) -> None:
    """Stop at a page of a later major version than we know (PEP 629).

    :raises IndexFailure: ``unsupported-listing``.
    """
    major, _, minor = version.partition(".")
    if major != "1" or not minor.isdecimal():
        raise IndexFailure(
            "unsupported-listing",
            f"The listing at {mask(url)} is of version {clean(version, 20)} of the simple repository API, not 1.x",
            hint="Use a later version of clearway, or an index that speaks version 1.",
        )


def _read(content: bytes, url: str) -> tuple[_Page, tuple[str, ...]]:
    """Return the page and the names of the files in it that do not fit the types."""
    try:
        return _decode(content), ()
    except msgspec.ValidationError:
        return _read_loosely(content, url)
    except _UNREADABLE as error:
        raise bad_listing(url, str(error)) from None


def _read_loosely(content: bytes, url: str) -> tuple[_Page, tuple[str, ...]]:
    try:
        page = msgspec.json.decode(content, type=_LoosePage)
    except _UNREADABLE as error:
        raise bad_listing(url, str(error)) from None
    check_count(len(page.files), url)
    entries: list[Entry] = []
    broken: list[str] = []
    for number, raw in enumerate(page.files):
        try:
            entries.append(_decode_entry(raw))
        except _UNREADABLE:
            broken.append(_name_of(raw, number))
    return _Page(entries, page.meta, page.project_status), tuple(broken[:100])


def _name_of(raw: msgspec.Raw, number: int) -> str:
    try:
        return clean(_decode_name(raw).filename, 100)
    except _UNREADABLE:
        return f"file {number + 1} of the page"
