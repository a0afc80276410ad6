"""What the ``.dist-info`` or ``.egg-info`` of an installed distribution holds, for those who show it (PEP 376, 627).

Nothing in it is to be trusted: what is missing, unreadable or not text comes as nothing or with replacements, and
whoever wants to know what is broken asks :mod:`clearway.interpreter.installed`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from clearway.model.core_metadata import CoreMetadata, parse_core_metadata

if TYPE_CHECKING:
    from clearway.model.installed import Installed

_MOST = 1 << 26


def read_text(distribution: Installed, name: str) -> str | None:
    """Return the text of a file beside the metadata, or None if there is none that can be read."""
    content = _read(os.path.join(distribution.info, name))
    return None if content is None else content.decode("utf-8", "replace")


def read_core_metadata(distribution: Installed) -> CoreMetadata:
    """Return the metadata with all of its fields; without any where it cannot be read."""
    info = distribution.info
    if info.endswith(".dist-info"):
        return parse_core_metadata(_read(os.path.join(info, "METADATA")) or b"")
    content = _read(os.path.join(info, "PKG-INFO"))
    told = parse_core_metadata((content if content is not None else _read(info)) or b"")
    if "requires-dist" not in told.headers and (text := read_text(distribution, "requires.txt")):
        from clearway.interpreter.egg_info import parse_requires_txt  # late: a format of the past

        requirements, extras = parse_requires_txt(text)
        told.headers["requires-dist"] = list(requirements)
        told.headers.setdefault("provides-extra", list(extras))
    return told


def declared_files(distribution: Installed) -> list[str] | None:
    """Return the files of a distribution, relative to where it is, or None where nothing says which they are.

    RECORD says it (PEP 376), or ``installed-files.txt`` of the time before, which is relative to the ``.egg-info``.
    """
    record = read_text(distribution, "RECORD")
    if record is not None:
        return _paths(record)
    legacy = read_text(distribution, "installed-files.txt")
    if legacy is None:
        return None
    own = os.path.basename(distribution.info)
    return [os.path.normpath(os.path.join(own, line)) for line in legacy.splitlines() if line]


def _paths(record: str) -> list[str] | None:
    """Return the paths of a RECORD, each in its shortest spelling; None where it cannot be read."""
    import csv  # late, as the next: both cost more than most listings
    from pathlib import PurePath

    try:
        return [str(PurePath(row[0])) for row in csv.reader(record.replace("\0", "\ufffd").splitlines()) if row]
    except csv.Error:
        return None


def _read(path: str) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:  # as long as it says it is: a pipe or a device is never waited for
            return os.read(descriptor, min(os.fstat(descriptor).st_size, _MOST))
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return None
