"""Versions (PEP 440): parsed once per spelling, through ``packaging``."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

_NUMBER = r"(?:0|[1-9]\d*)"
_NORMAL = re.compile(
    rf"{_NUMBER}(?:\.{_NUMBER})*(?:(?:a|b|rc){_NUMBER})?(?:\.post{_NUMBER})?(?:\.dev{_NUMBER})?", re.ASCII
)
"""Versions that need no import of ``packaging`` (25 ms) to be spelled as they should be."""


@cache
def parse_version(text: str) -> Version | None:
    """Return the version that a text spells, or None if it is not one (PEP 440, "Version scheme")."""
    from packaging.version import InvalidVersion, Version  # late: 25 ms

    try:
        return Version(text)
    except InvalidVersion:
        return None


@cache
def parse_specifier(text: str) -> SpecifierSet | None:
    """Return the specifier set that a text spells, or None if it is not one (PEP 440, "Version specifiers")."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # late: 25 ms

    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None


@cache
def admits(specifier: str, version: str) -> bool:
    """Whether a version lies in a specifier set, pre-releases counted as plain members.

    An unreadable specifier admits nothing: a release that asks for what nobody can read must not be chosen by accident.
    """
    if not specifier:
        return True
    parsed = parse_specifier(specifier)
    return parsed is not None and parsed.contains(version, prereleases=True)


def normal_version(text: str) -> str | None:
    """Return a version in its one normalized spelling (PEP 440, "Normalization"), or None if it is not a version."""
    if _NORMAL.fullmatch(text):
        return text
    parsed = parse_version(text)
    return None if parsed is None else str(parsed)
