"""Listings as pages, in both kinds (PEP 503, 691, 700, 592, 714, 792).

The law: what is rendered parses back to the same listing - in JSON all of it, in HTML all that HTML can say: one hash a
file, neither size nor upload time.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import msgspec

from clearway.model.files import parse_sdist_name, parse_wheel_name
from clearway.model.hashes import best

if TYPE_CHECKING:
    from clearway.index.records import File, Listing


def render_json(listing: Listing) -> bytes:
    """Return the JSON page of a project.

    It is of version 1.4 where every file's size is known (PEP 700 makes sizes mandatory), else of version 1.0.
    """
    sized = all(file.size is not None for file in listing.files)
    page: dict[str, object] = {"meta": {"api-version": "1.4" if sized else "1.0"}, "name": listing.name}
    if listing.status != "active":
        page["project-status"] = {"status": listing.status, "reason": listing.status_reason}
    page["versions"] = sorted({version for file in listing.files if (version := _version(listing, file))})
    page["files"] = [_file(file) for file in listing.files]
    return msgspec.json.encode(page)


def render_html(listing: Listing) -> bytes:
    """Return the HTML page of a project."""
    title = f"Links for {listing.name}"
    metas = [("pypi:repository-version", "1.4")]
    if listing.status != "active":
        metas += [("pypi:project-status", listing.status), ("pypi:project-status-reason", listing.status_reason)]
    head = [f'<meta name="{name}" content="{escape(content)}">' for name, content in metas]
    anchors = [f"{_anchor(file)}<br>" for file in listing.files]
    lines = ["<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">', *head]
    lines += [f"<title>{title}</title>", "</head>", "<body>", f"<h1>{title}</h1>", *anchors, "</body>", "</html>", ""]
    return "\n".join(lines).encode()


def _version(listing: Listing, file: File) -> str | None:
    wheel = parse_wheel_name(file.filename)
    return wheel.version if wheel is not None else parse_sdist_name(file.filename, listing.name)


def _file(file: File) -> dict[str, object]:
    entry: dict[str, object] = {"filename": file.filename, "url": file.url, "hashes": file.hashes}
    if file.requires_python:
        entry["requires-python"] = file.requires_python
    if file.size is not None:
        entry["size"] = file.size
    if file.upload_time:
        entry["upload-time"] = file.upload_time
    if file.yanked is not None:
        entry["yanked"] = file.yanked or True
    if file.sidecar is not None:
        entry["core-metadata"] = entry["dist-info-metadata"] = file.sidecar or True
    return entry


def _anchor(file: File) -> str:
    digest = best(file.hashes)
    attributes = {"href": f"{file.url}#{digest[0]}={digest[1]}" if digest else file.url}
    if file.requires_python:
        attributes["data-requires-python"] = file.requires_python
    if file.yanked is not None:
        attributes["data-yanked"] = file.yanked
    if file.sidecar is not None:
        known = best(file.sidecar)
        value = f"{known[0]}={known[1]}" if known else "true"
        attributes |= {"data-core-metadata": value, "data-dist-info-metadata": value}
    text = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<a {text}>{escape(file.filename)}</a>"
