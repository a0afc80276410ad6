"""Environments that something else manages: the marker file EXTERNALLY-MANAGED (PEP 668, "Marking an interpreter")."""

from __future__ import annotations

from clearway.errors import InputError
from clearway.settings.ini import parse_ini

_UNEXPLAINED = "This interpreter's environment is managed by the operating system or another tool."


def message(content: str) -> str:
    """Return what a marker file says to people; a file that says nothing, or cannot be read, still marks."""
    try:
        entries = parse_ini(content, "EXTERNALLY-MANAGED")
    except InputError:
        return _UNEXPLAINED
    said = (entry.value for entry in entries if entry.section == "externally-managed" and entry.key == "error")
    return next(said, "") or _UNEXPLAINED
