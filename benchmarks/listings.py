"""Listings as the mirror serves them, made from what the real index said.

What an index on the way here may have dropped is put back, so that tools meet what the public index of the Python
world sends: sidecars are announced in both spellings (PEP 658, PEP 714), with the sidecar's hash when it was
recorded. File URLs become relative ones of the mirror's own (PEP 503 and 691 allow them), of the same shape and about
the same length as the real ones.
"""

from __future__ import annotations

import hashlib
import html
import json
from typing import Any


def file_path(file: dict[str, Any]) -> str:
    """Return the mirror's path of a listed file, from its sha256, or from its URL where the index gives none."""
    digest = file["hashes"].get("sha256") or hashlib.sha256(file["url"].encode()).hexdigest()
    return f"/files/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{file['filename']}"


def announced(file: dict[str, Any], sidecars: dict[str, str], *, recording: bool) -> Any:
    """Return what a listing says about a wheel's sidecar: ``{"sha256": ...}``, True, or False for none.

    :param sidecars: what is known by path: the hash of a recorded sidecar, empty for one that the real index does not
        have.
    :param recording: announce what is not known yet without a hash, so that tools ask. Once frozen nobody should ask
        for it any more, and a hash that belongs to nothing keeps the listing as long as a real one.
    """
    path = file_path(file)
    if not file["filename"].endswith(".whl") or sidecars.get(path) == "":
        return False
    if path in sidecars:
        return {"sha256": sidecars[path]}
    return True if recording else {"sha256": hashlib.sha256(path.encode()).hexdigest()}


def prepare(listing: dict[str, Any], sidecars: dict[str, str], *, recording: bool) -> dict[str, Any]:
    """Return a listing with the mirror's URLs and announced sidecars."""
    files = []
    for file in listing["files"]:
        sidecar = announced(file, sidecars, recording=recording)
        kept = {key: value for key, value in file.items() if key not in {"core-metadata", "data-dist-info-metadata"}}
        files.append(
            {"core-metadata": sidecar, "data-dist-info-metadata": sidecar, **kept, "url": f"../..{file_path(file)}"}
        )
    return {**listing, "files": files}


def render_json(listing: dict[str, Any]) -> bytes:
    """Render a prepared listing as PEP 691 has it."""
    return json.dumps(listing, separators=(",", ":"), ensure_ascii=False).encode()


def render_html(listing: dict[str, Any]) -> bytes:
    """Render a prepared listing as PEP 503 has it."""
    name = html.escape(listing["name"])
    lines = [
        "<!DOCTYPE html>",
        "<html>",
        f'<head><meta name="pypi:repository-version" content="1.1"><title>Links for {name}</title></head>',
        f"<body><h1>Links for {name}</h1>",
    ]
    lines.extend(_anchor(file) for file in listing["files"])
    lines.append("</body></html>")
    return "\n".join(lines).encode()


def _anchor(file: dict[str, Any]) -> str:
    """Render one file."""
    sha256 = file["hashes"].get("sha256")
    attributes = {"href": file["url"] + (f"#sha256={sha256}" if sha256 else "")}
    if file.get("requires-python"):
        attributes["data-requires-python"] = file["requires-python"]
    if sidecar := file["core-metadata"]:
        value = "true" if sidecar is True else f"sha256={sidecar['sha256']}"
        attributes["data-dist-info-metadata"] = attributes["data-core-metadata"] = value
    if yanked := file.get("yanked"):
        attributes["data-yanked"] = "" if yanked is True else yanked
    written = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<a {written}>{html.escape(file['filename'])}</a><br />"
