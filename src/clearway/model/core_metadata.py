"""Core metadata with all of its fields, for those who show it (Core metadata specification; JSON form: PEP 566).

A resolution reads a few fields and has :mod:`clearway.model.metadata` for them. Here a METADATA or PKG-INFO file keeps
every header, in its order, and its body, which is the description.
"""

from __future__ import annotations

import re

import msgspec

_HEADER = re.compile(r"[!-9;-~]+:|[ \t]")  # RFC 5322, section 2.2: what a line of the head begins with
_BREAK = re.compile(r"\r\n|\r")

# The fields in the order in which the JSON form has them; True: it may be there several times.
_FIELDS = {
    "metadata-version": False,
    "name": False,
    "version": False,
    "dynamic": True,
    "platform": True,
    "supported-platform": True,
    "summary": False,
    "description": False,
    "description-content-type": False,
    "keywords": False,
    "home-page": False,
    "download-url": False,
    "author": False,
    "author-email": False,
    "maintainer": False,
    "maintainer-email": False,
    "license": False,
    "license-expression": False,
    "license-file": True,
    "classifier": True,
    "requires-dist": True,
    "requires-python": False,
    "requires-external": True,
    "project-url": True,
    "provides-extra": True,
    "provides-dist": True,
    "obsoletes-dist": True,
}


class CoreMetadata(msgspec.Struct, frozen=True):
    """The headers of a metadata file by their names in lower case, each with its values in order, and its body."""

    headers: dict[str, list[str]]
    body: str = ""

    def get(self, field: str) -> str:
        """Return the first value of a field, empty where there is none."""
        values = self.headers.get(field.lower())
        return values[0] if values else ""

    def all(self, field: str) -> list[str]:
        """Return every value of a field."""
        return self.headers.get(field.lower(), [])

    def as_json(self) -> dict[str, object]:
        """Return the JSON form (PEP 566, "JSON-compatible Metadata")."""
        found: dict[str, object] = {}
        for field, several in _FIELDS.items():
            values = [self.body] if field == "description" and self.body else self.all(field)
            if values:
                found[field.replace("-", "_")] = values if several else values[0]
        if "keywords" in found:
            found["keywords"] = _keywords(self.get("keywords"))
        return found


def parse_core_metadata(content: bytes) -> CoreMetadata:
    """Split a METADATA or PKG-INFO file; whatever bytes it holds, something comes out."""
    text = content.decode("utf-8", "replace").lstrip("\ufeff")
    if "\r" in text:
        text = _BREAK.sub("\n", text)
    headers: dict[str, list[str]] = {}
    values: list[str] = []
    at = 0
    while at < len(text) and _HEADER.match(text, at):
        end = text.find("\n", at)
        line = text[at : end if end >= 0 else len(text)]
        at += len(line) + 1
        if line[0] in " \t":
            if values:
                values[-1] += f"\n{line}"
            continue
        name, _, value = line.partition(":")
        values = headers.setdefault(name.lower(), [])
        values.append(value.lstrip(" \t"))
    if at < len(text) and text[at] == "\n":  # the empty line between head and body
        at += 1
    for folded in headers.values():
        folded[:] = [_dedented(value) if "\n" in value else value for value in folded]
    return CoreMetadata(headers, text[at:])


def _dedented(value: str) -> str:
    """Return a value of several lines without the indentation that folding gave them."""
    from textwrap import dedent  # late: few fields have several lines

    return dedent(f"{' ' * 8}{value}").lstrip(" \t")


def _keywords(value: str) -> list[str]:
    """Return keywords one by one: separated by commas, as is agreed, or by spaces, as they once were."""
    return [word.strip() for word in value.split(",")] if "," in value else value.split()
