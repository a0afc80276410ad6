"""Listings in JSON (PEP 691, "Project Detail"; PEP 629 and 700 for versions; PEP 792 for the status).

Only the fields that are used are decoded, into typed structs, and whole only those of files that somebody wants to
keep: most files of a page are for other platforms, and the largest pages hold fifteen thousand.
"""

from __future__ import annotations

from itertools import compress

import msgspec

from clearway.errors import IndexFailure
from clearway.index.entries import Entry, Keep, bad_listing, check_count, clean, keep_all, read_entries
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
    files: list[msgspec.Raw]
    meta: _Meta = msgspec.field(default_factory=_Meta)
    project_status: _Status | None = None


class _Named(msgspec.Struct, rename="kebab", gc=False):
    filename: str
    requires_python: str | None = None


class _Names(msgspec.Struct):
    files: list[_Named]


_decode = msgspec.json.Decoder(_Page).decode
_decode_names = msgspec.json.Decoder(_Names).decode
_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_named = msgspec.json.Decoder(_Named).decode
_MOST_BROKEN = 100
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def parse_json(content: bytes, url: str, name: NormalizedName, keep: Keep = keep_all) -> Listing:
    """Read a JSON page.

    :param keep: which files are wanted; the others are left out unread.
    :param url: where the page came from, after redirects: relative links start there.
    :raises IndexFailure: ``bad-listing``, ``unsupported-listing``.
    """
    try:
        page = _decode(content)
    except _UNREADABLE as error:
        raise bad_listing(url, str(error)) from None
    check_version(page.meta.api_version, url)
    check_count(len(page.files), url)
    entries, broken = _entries(content, page.files, keep)
    files, skipped = read_entries(entries, Links(url))
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


def _entries(content: bytes, raws: list[msgspec.Raw], keep: Keep) -> tuple[list[Entry], tuple[str, ...]]:
    """Return the entries of wanted files, and the names of those that do not fit the types."""
    names, raws, broken = _names(content, raws)
    entries: list[Entry] = []
    for name, raw in compress(zip(names, raws, strict=True), keep(names)):
        try:
            entries.append(_decode_entry(raw))
        except _UNREADABLE:
            broken.append(clean(name.filename, 100))
    return entries, tuple(broken[:_MOST_BROKEN])


def _names(content: bytes, raws: list[msgspec.Raw]) -> tuple[list[_Named], list[msgspec.Raw], list[str]]:
    """Return the names of all files, the files themselves, and apart from them those that have no name.

    All names are read at once; one by one only on a page where that does not work.
    """
    try:
        return _decode_names(content).files, raws, []
    except _UNREADABLE:
        pass
    names: list[_Named] = []
    named: list[msgspec.Raw] = []
    broken: list[str] = []
    for number, raw in enumerate(raws, start=1):
        try:
            names.append(_decode_named(raw))
            named.append(raw)
        except _UNREADABLE:
            if len(broken) < _MOST_BROKEN:
                broken.append(f"file {number} of the page")
    return names, named, broken
