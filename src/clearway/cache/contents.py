"""The wheels that the cache holds, by their names: to list some, and to remove some (DESIGN 4.9)."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from typing import TYPE_CHECKING

import msgspec

from clearway.cache.faults import translated
from clearway.model.files import parse_wheel_name
from clearway.model.names import normalize
from clearway.wheel.manifest import MANIFEST, decode_manifest

if TYPE_CHECKING:
    from clearway.cache.folder import CacheFolder


class Kept(msgspec.Struct, frozen=True):
    """A wheel in the cache, unpacked.

    :param path: its folder.
    :param size: bytes of its files.
    """

    filename: str
    path: str
    size: int


def kept_wheels(folder: CacheFolder, pattern: str = "*") -> list[Kept]:
    """Return the wheels that a pattern names, ordered by name.

    :param pattern: the name of a project, or what a wheel's name begins with, with shell wildcards; as pip has it, one
        without a dash stands for a whole project name.
    """
    found = []
    with translated(folder.trees):
        names = os.listdir(folder.trees)
    for name in names:
        path = os.path.join(folder.trees, name)
        kept = _look(path)
        if kept is not None and _matches(kept.filename, pattern):
            found.append(kept)
    return sorted(found, key=lambda kept: (kept.filename, kept.path))


def remove_wheels(folder: CacheFolder, wheels: list[Kept]) -> None:
    """Delete wheels: each is out of sight at once, so that whoever reads it now sees all of it or nothing.

    :raises TargetError: ``cache-unwritable``.
    """
    from shutil import rmtree  # late: 9 ms

    for kept in wheels:
        with translated(folder.root):
            work = os.path.join(folder.temporary, os.urandom(8).hex())
            try:
                os.rename(kept.path, work)
            except FileNotFoundError:  # another process was first
                continue
            rmtree(work)


def _look(path: str) -> Kept | None:
    try:
        with open(os.path.join(path, MANIFEST), "rb") as file:
            manifest = decode_manifest(file.read())
    except OSError:
        return None
    return None if manifest is None else Kept(manifest.filename, path, sum(manifest.sizes))


def _matches(filename: str, pattern: str) -> bool:
    name = parse_wheel_name(filename)
    if name is not None and name.name == normalize(pattern):
        return True
    return fnmatch(filename, f"{pattern}*.whl" if "-" in pattern else f"{pattern}-*.whl")
