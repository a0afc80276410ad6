"""One file as a page describes it, and the record that is made of it: the one place that decides what is believed.

A JSON page is decoded into entries and an HTML page is read into them (PEP 691: both say the same), and
:func:`read_entries` turns them into records. The rule: what could make a wrong file pass for the right one spoils the
entry - a hash that is none, two hashes that contradict each other, a name that is a path, a link that leads nowhere -
and a spoilt entry is listed by name in ``skipped``. Texts for people lose their control characters here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec

from clearway.errors import IndexFailure
from clearway.index.records import File
from clearway.model.files import is_file_name
from clearway.model.urls import mask

if TYPE_CHECKING:
    from clearway.index.links import Links

MOST_FILES = 200_000
"""Files of one page; ten times what the largest real pages hold."""
_MOST_SKIPPED = 100
_HEX = "0123456789abcdef"
_DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}


class Entry(msgspec.Struct, rename="kebab", gc=False):
    """One file of a page, as stated (PEP 691, "Project Detail"; PEP 700; PEP 714); unused fields are left out."""

    filename: str
    url: str
    hashes: dict[str, str] | None = None
    requires_python: str | None = None
    size: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)] | None = None
    upload_time: str | None = None
    yanked: bool | str | None = None
    core_metadata: bool | dict[str, str] | None = None
    dist_info_metadata: bool | dict[str, str] | None = None


class Named(Protocol):
    """What is known of a file before it is read."""

    @property
    def filename(self) -> str:
        """Its name."""

    @property
    def requires_python(self) -> str | None:
        """The specifier of the Python that it requires, as spelled; None or empty where there is none."""


Keep = Callable[[Iterable[Named]], list[bool]]
"""Which of the files of a page are wanted."""


def keep_all(files: Iterable[Named]) -> list[bool]:
    """Want every file."""
    return [True for _ in files]


def read_entries(entries: Iterable[Entry], links: Links) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """Return the files that entries describe, and the names of those that are spoilt."""
    files: list[File] = []
    skipped: list[str] = []
    for entry in entries:
        file = _read(entry, links)
        if file is not None:
            files.append(file)
        elif len(skipped) < _MOST_SKIPPED:
            skipped.append(clean(entry.filename, 100) or clean(entry.url, 100))
    return tuple(files), tuple(skipped)


def check_count(count: int, url: str) -> None:
    """Stop at a page with more links than any real one.

    :raises IndexFailure: ``bad-listing``.
    """
    if count > MOST_FILES:
        raise bad_listing(url, f"it has more than {MOST_FILES:,} links")


def bad_listing(url: str, why: str) -> IndexFailure:
    """Return the error for a page that cannot be read as a listing."""
    return IndexFailure(
        "bad-listing",
        f"The listing at {mask(url)} cannot be read: {clean(why, 200)}",
        hint="Check that the URL is that of a simple index; if it is, report this to whoever runs it.",
    )


def clean(text: str, limit: int) -> str:
    """Return a text for people: one line, nothing that a terminal would obey, cut where it goes on too long."""
    text = text[: 4 * limit]
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _read(entry: Entry, links: Links) -> File | None:
    reference, _, fragment = entry.url.partition("#")
    url = links.resolve(reference)
    hashes = _checked(entry.hashes or {})
    if fragment:
        hashes = _merge(hashes, fragment)
    if url is None or hashes is None or not is_file_name(entry.filename):
        return None
    return File(
        entry.filename,
        url,
        hashes,
        _text(entry.requires_python),
        _reason(entry.yanked),
        entry.size,
        _text(entry.upload_time),
        _sidecar(entry.dist_info_metadata if entry.core_metadata is None else entry.core_metadata),
    )


def _text(text: str | None) -> str:
    if not text:
        return ""
    return text if len(text) < 500 and text.isprintable() else clean(text, 500)


def _reason(yanked: bool | str | None) -> str | None:
    """Return why a file is yanked (PEP 592), None where it is not."""
    if isinstance(yanked, str):
        return _text(yanked)
    return "" if yanked else None


def _sidecar(stated: bool | dict[str, str] | None) -> dict[str, str] | None:
    """Return the sidecar's hashes; one with hashes that are none is no sidecar: the wheel itself will tell."""
    if isinstance(stated, dict):
        return _checked(stated)
    return {} if stated else None


def _merge(hashes: dict[str, str] | None, fragment: str) -> dict[str, str] | None:
    """Return the hashes of a file with those in its link's fragment (PEP 503); None where they contradict."""
    pairs = [part.partition("=") for part in fragment.split("&")]
    linked = _checked({name: digest for name, _, digest in pairs if name.lower() in _DIGITS})
    if not hashes or linked is None:
        return linked if hashes is not None else None
    if any(hashes.get(name, digest) != digest for name, digest in linked.items()):
        return None
    return {**linked, **hashes}


def _checked(stated: dict[str, str]) -> dict[str, str] | None:
    """Return hashes in lower case, or None if one of a known algorithm is not what it could produce.

    Digests become names in the cache: what is not hexadecimal must not get that far.
    """
    if len(stated) == 1 and len(digest := stated.get("sha256", "")) == 64 and not digest.strip(_HEX):
        return stated  # as nearly every file has it
    hashes: dict[str, str] = {}
    for name, digest in stated.items():
        if not _is_digest(digest, _DIGITS.get(name, len(digest))):
            if name.lower() in _DIGITS:
                return None
            continue
        hashes[name.lower()] = digest.lower()
    return hashes


def _is_digest(text: str, length: int) -> bool:
    try:
        return len(text) == length and 2 * len(bytes.fromhex(text)) == length
    except ValueError:
        return False
