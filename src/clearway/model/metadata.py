"""Core metadata, as much of it as an installer reads (Core metadata specification; PEP 566, 643, 658, 685).

A METADATA file is a block of RFC 822 headers. It is split here, in a twentieth of the time that a full parse by
``packaging.metadata`` takes; the few fields that matter are checked where they are used.
"""

from __future__ import annotations

import re

import msgspec

from clearway.errors import IntegrityError
from clearway.model.names import NormalizedName, is_name, normalize
from clearway.model.versions import parse_version

_PLAIN = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
"""Versions that need no import of ``packaging`` (25 ms) to be recognised."""


class Metadata(msgspec.Struct, frozen=True):
    """The digest of a METADATA file.

    :param name: the project's name as spelled.
    :param version: the version as spelled.
    :param requires_dist: requirements as spelled.
    :param provides_extra: normalized names of the extras (PEP 685).
    :param requires_python: a specifier, empty where there is none.
    """

    name: str
    version: str
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[NormalizedName, ...] = ()
    requires_python: str = ""


def parse_metadata(content: bytes, source: str) -> Metadata:
    """Parse a METADATA or PKG-INFO file.

    :param source: what is named in the error: a file name.
    :raises IntegrityError: ``bad-metadata`` when name or version is missing or malformed.
    """
    fields: dict[str, list[str]] = {}
    for line in _headers(content):
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip().lower(), []).append(value.strip())
    name, version = fields.get("name", [""])[0], fields.get("version", [""])[0]
    if not is_name(name) or not (_PLAIN.fullmatch(version) or parse_version(version)):
        raise IntegrityError(
            "bad-metadata",
            f"The metadata of {source} has no valid name and version",
            context=(f"Name: {name[:80]!r}", f"Version: {version[:80]!r}"),
            hint="The release is broken; report it to its publisher or choose another version.",
        )
    return Metadata(
        name=name,
        version=version,
        requires_dist=tuple(fields.get("requires-dist", ())),
        provides_extra=tuple(normalize(extra) for extra in fields.get("provides-extra", ())),
        requires_python=fields.get("requires-python", [""])[0],
    )


def _headers(content: bytes) -> list[str]:
    """Return the header lines, unfolded: everything before the first empty line (RFC 5322, section 2.2)."""
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    head = text.lstrip("\ufeff\n").partition("\n\n")[0]
    lines: list[str] = []
    for line in head.split("\n"):
        if line[:1] in {" ", "\t"} and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return lines
