"""Listings and pages of links in HTML (PEP 503; PEP 592, 629, 658/714, 792 for what their tags carry).

A page of links (``--find-links``) is a listing that knows no project: every archive on it counts. Anchors that lead to
no archive are navigation, and a page without a single one is taken for a listing only if it says that it is one:
otherwise it is the login page of a proxy, and reading it as "no releases" would hide that.
"""

from __future__ import annotations

import re
from itertools import compress
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from clearway.errors import IndexFailure
from clearway.index.entries import Entry, Keep, bad_listing, check_count, clean, keep_all, read_entries
from clearway.index.json_page import STATUSES, check_version
from clearway.index.links import Links
from clearway.index.markup import decode, start_tags, unescape
from clearway.index.records import Listing
from clearway.model.files import SDIST_SUFFIXES
from clearway.model.names import NormalizedName, normalize
from clearway.model.urls import mask

if TYPE_CHECKING:
    from clearway.index.records import File

_ARCHIVES = (".whl", ".egg", ".exe", *SDIST_SUFFIXES)
_READ = frozenset({"a", "base", "input", "meta", "title"})
_LARGEST = 32 << 20
_LISTING_TITLE = re.compile(r"\b(links|index|simple|listing)\b", re.IGNORECASE)


class _Page(msgspec.Struct):
    """What the tags of a page say.

    :param asks: whether it has a field for a password.
    """

    anchors: list[dict[str, str]] = []
    metas: dict[str, str] = {}
    base: str = ""
    title: str = ""
    asks: bool = False


def parse_html(content: bytes, url: str, name: NormalizedName, keep: Keep = keep_all) -> Listing:
    """Read the HTML page of one project.

    :param keep: which files are wanted; the others are left out.
    :param url: where the page came from, after redirects: relative links start there.
    :raises IndexFailure: ``not-a-listing``, ``bad-listing``, ``unsupported-listing``.
    """
    page = _read(content, url)
    entries = _entries(page)
    wanted = compress(entries, keep(entries))
    files, skipped = read_entries(wanted, Links(url, page.base))
    version = page.metas.get("pypi:repository-version", "")
    if version:
        check_version(version, url)
    if not (entries or version) and not _is_listing(page, name):
        raise not_a_listing(url, page.title)
    status = page.metas.get("pypi:project-status", "")
    return Listing(
        name=name,
        files=files,
        status=status if status in STATUSES else "active",
        status_reason=clean(page.metas.get("pypi:project-status-reason", ""), 500),
        skipped=skipped,
    )


def parse_links(content: bytes, url: str) -> tuple[File, ...]:
    """Read every archive that a page links to, of whatever project.

    :raises IndexFailure: ``not-a-listing``, ``bad-listing``.
    """
    page = _read(content, url)
    files, _ = read_entries(_entries(page), Links(url, page.base))
    if page.asks and not files:
        raise not_a_listing(url, page.title)
    return files


def not_a_listing(url: str, title: str, kind: str = "") -> IndexFailure:
    """Return the error for an answer that is something else, such as a proxy's login page.

    :param title: the page's own; ``kind``: its content type, where that is what is wrong.
    """
    shown = (f"Title of the page: {clean(title, 120)}",) if title.strip() else ()
    told = (f"Content type: {clean(kind, 80)}",) if kind else ()
    return IndexFailure(
        "not-a-listing",
        f"{mask(url)} answered with something else than a listing of files",
        context=(*shown, *told),
        hint="Open the URL in a browser: a proxy or a login page may stand before the index, or it is not an index.",
    )


def _read(content: bytes, url: str) -> _Page:
    if len(content) > _LARGEST:
        raise bad_listing(url, f"it is larger than {_LARGEST >> 20} MiB")
    page = _Page()
    for name, attributes, text in start_tags(decode(content), _READ):
        if name == "a":
            page.anchors.append(attributes)
            check_count(len(page.anchors), url)
        elif name == "meta":
            page.metas.setdefault(attributes.get("name", "").lower(), unescape(attributes.get("content", "")).strip())
        elif name == "base":
            page.base = page.base or unescape(attributes.get("href", ""))
        elif name == "title":
            page.title = page.title or unescape(text)
        elif name == "input" and attributes.get("type", "").lower() == "password":
            page.asks = True
    return page


def _entries(page: _Page) -> list[Entry]:
    """Return what a page's anchors say of archives."""
    return [entry for anchor in page.anchors if (entry := _entry(anchor)) is not None]


def _entry(anchor: dict[str, str]) -> Entry | None:
    """Return what an anchor says of an archive, or None if it leads to something else."""
    href = unescape(anchor.get("href", "")).strip()
    filename = unquote(href.partition("#")[0].partition("?")[0].rpartition("/")[2])
    if not filename.endswith(_ARCHIVES):
        return None
    core, old = (_metadata(anchor.get(key)) for key in ("data-core-metadata", "data-dist-info-metadata"))
    yanked = anchor.get("data-yanked")
    return Entry(
        filename,
        href,
        requires_python=unescape(anchor.get("data-requires-python", "")),
        yanked=None if yanked is None else unescape(yanked),
        core_metadata=core,
        dist_info_metadata=old,
    )


def _metadata(value: str | None) -> bool | dict[str, str] | None:
    """Read ``true``, ``false`` or ``sha256=...`` (PEP 658; PEP 714)."""
    if value is None:
        return None
    algorithm, equals, digest = value.strip().partition("=")
    return {algorithm: digest} if equals else value.strip().lower() != "false"


def _is_listing(page: _Page, name: NormalizedName) -> bool:
    """Whether a page without archives still says that it is a listing: its title does, and it asks for no password."""
    title = page.title.strip().strip("/")
    return not page.asks and (normalize(title.rpartition("/")[2]) == name or bool(_LISTING_TITLE.search(title)))
