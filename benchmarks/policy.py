"""Which releases the policed mirror refuses.

A third of the projects that the workloads install is chosen by a hash of their names. Of each of them the release that
an installer takes when nothing is refused is refused, and every newer one: whoever wants to install the workload has
to step back. A project of which no older release fits this interpreter is never chosen.

The choice is made once, while recording, and kept with the frozen data: a measurement reads it (see policed.py).
"""

from __future__ import annotations

import hashlib
import json
import platform
from typing import TYPE_CHECKING, Any

from listings import file_path
from packaging.specifiers import SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TAGS = frozenset(sys_tags())
_PYTHON = platform.python_version()


def write(root: Path, picks: dict[str, str]) -> list[str]:
    """Choose what is refused and keep it below a frozen folder.

    :param picks: the versions that are installed when nothing is refused, by normalized name.
    :returns: the names of the chosen projects.
    """
    files = {name: _files(root, name) for name in picks}
    able = [name for name, version in picks.items() if _has_older(files[name], Version(version))]
    able.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
    chosen = {}
    for name in able[: len(picks) // 3]:
        first = Version(picks[name])
        refused = {file_path(file): str(version) for version, file in files[name] if version >= first}
        chosen[name] = {"from": str(first), "refused": refused}
    (root / "policed.json").write_text(json.dumps(chosen, indent=1, sort_keys=True))
    return sorted(chosen)


def _files(root: Path, name: str) -> list[tuple[Version, dict[str, Any]]]:
    """Return the files of a recorded project with their versions."""
    listing = json.loads((root / "projects" / f"{name}.json").read_bytes())
    return list(_versioned(listing["files"]))


def _versioned(files: list[dict[str, Any]]) -> Iterator[tuple[Version, dict[str, Any]]]:
    """Pair files with their versions; what is neither a wheel nor a source archive is left out."""
    for file in files:
        filename = file["filename"]
        try:
            parsed = parse_wheel_filename(filename) if filename.endswith(".whl") else parse_sdist_filename(filename)
        except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
            continue
        yield parsed[1], file


def _has_older(files: list[tuple[Version, dict[str, Any]]], version: Version) -> bool:
    """Tell whether an older final release has a wheel that fits this interpreter."""
    return any(older < version and not older.is_prerelease and _fits(file) for older, file in files)


def _fits(file: dict[str, Any]) -> bool:
    """Tell whether a file is a wheel that this interpreter can use."""
    if not file["filename"].endswith(".whl") or file.get("yanked"):
        return False
    tags = parse_wheel_filename(file["filename"])[3]
    return not _TAGS.isdisjoint(tags) and SpecifierSet(file.get("requires-python") or "").contains(_PYTHON)
