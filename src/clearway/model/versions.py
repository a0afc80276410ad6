"""Versions (PEP 440): parsed once per spelling, through ``packaging``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version


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
