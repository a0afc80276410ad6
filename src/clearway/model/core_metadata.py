"""Core metadata with all of its fields, for those who show it (Core metadata specification; JSON form: PEP 566).

A resolution reads a few fields and has :mod:`clearway.model.metadata` for them. Here a METADATA or PKG-INFO file keeps
every header, in its order, and its body, which is the description.
"""

from __future__ import annotations

import re

import msgspec

_NAME = re.compile(r"[!-9;-~]+")  # RFC 5322, section 2.2
_BREAK = re.compile(rb"\r\n|\r")

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
    """The headers of a metadata file by their names in lower case, each with its values in order, and its body.

    :param rest: the body as bytes: most listings never look at it, and it is most of the file.
    """

    headers: dict[str, list[str]]
    rest: bytes = b""

    @property
    def body(self) -> str:
        """The text behind the headers."""
        return self.rest.decode("utf-8", "replace")

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
            values = [self.body] if field == "description" and self.rest else self.all(field)
            if values:
                found[field.replace("-", "_")] = values if several else values[0]
        if "keywords" in found:
            found["keywords"] = _keywords(self.get("keywords"))
        return found


def parse_core_metadata(content: bytes) -> CoreMetadata:
    """Split a METADATA or PKG-INFO file; whatever bytes it holds, something comes out."""
    if b"\r" in content:
        content = _BREAK.sub(b"\n", content)
    head, _, rest = content.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").lstrip("\ufeff").split("\n")
    headers: dict[str, list[str]] = {}
    values: list[str] = []
    for number, line in enumerate(lines):
        if line[:1] in {" ", "\t"}:
            if values:
                values[-1] += f"\n{line}"
            continue
        name, colon, value = line.partition(":")
        if not colon or _NAME.fullmatch(name) is None:  # the head ends too early
            left = "\n".join(lines[number:]).encode("utf-8", "replace")
            rest = b"\n\n".join(filter(None, (left, rest)))
            break
        values = headers.setdefault(name.lower(), [])
        values.append(value.lstrip(" \t"))
    for folded in headers.values():
        folded[:] = [_dedented(value) if "\n" in value else value for value in folded]
    return CoreMetadata(headers, rest)


def _dedented(value: str) -> str:
    """Return a value of several lines without the indentation that folding gave them."""
    from textwrap import dedent  # late: few fields have several lines

    return dedent(f"{' ' * 8}{value}").lstrip(" \t")


def _keywords(value: str) -> list[str]:
    """Return keywords one by one: separated by commas, as is agreed, or by spaces, as they once were."""
    return [word.strip() for word in value.split(",")] if "," in value else value.split()
