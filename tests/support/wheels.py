"""Wheels and source archives, made in memory (PEP 427, 376, 625): sound by default, hostile on request.

``make_wheel("demo", "1.0")`` is a wheel that installs and imports. Each keyword changes one thing; ``record``,
``omit``, ``dist_info``, ``metadata`` and ``members`` are there to make wheels that lie. Bytes are deterministic.
"""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import re
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.zips import DEFLATED, ENCRYPTED, STORED, Member, bomb, symlink, write_zip

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    Content = bytes | str
    Row = tuple[str, str]

__all__ = [
    "DEFLATED",
    "ENCRYPTED",
    "STORED",
    "Member",
    "Wheel",
    "bomb",
    "make_metadata",
    "make_sdist",
    "make_wheel",
    "record_row",
    "symlink",
    "write_zip",
]


@dataclass(frozen=True)
class Wheel:
    """An archive and what an index says about it. ``metadata`` is what its sidecar would hold; empty for none."""

    name: str
    version: str
    filename: str
    content: bytes
    metadata: bytes
    requires_python: str = ""

    @property
    def sha256(self) -> str:
        """The hex digest of the archive."""
        return hashlib.sha256(self.content).hexdigest()

    def write(self, folder: Path) -> Path:
        """Write the archive into a folder and return its path."""
        path = folder / self.filename
        path.write_bytes(self.content)
        return path


def make_metadata(
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    requires_python: str = "",
    extra: str = "",
) -> bytes:
    """Return a METADATA file; ``extra`` are further header lines."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    if requires_python:
        lines.append(f"Requires-Python: {requires_python}")
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    for extra_name, requirements in (extras or {}).items():
        lines.append(f"Provides-Extra: {extra_name}")
        for requirement in requirements:
            what, _, marker = requirement.partition(";")
            condition = f"({marker.strip()}) and " if marker else ""
            lines.append(f'Requires-Dist: {what.strip()} ; {condition}extra == "{extra_name}"')
    lines += extra.splitlines()
    return "\n".join([*lines, "", f"About {name}.", ""]).encode()


def make_wheel(
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    requires_python: str = "",
    tags: str = "py3-none-any",
    build: str = "",
    files: Mapping[str, Content] | None = None,
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    scripts: Mapping[str, Content] | None = None,
    data: Mapping[str, Content] | None = None,
    metadata_extra: str = "",
    metadata: bytes | None = None,
    wheel_file: bytes | None = None,
    record: Mapping[str, Row | None] | bytes | None = None,
    omit: Collection[str] = (),
    members: Iterable[Member] = (),
    filename: str = "",
    dist_info: str = "",
    method: int = DEFLATED,
    prefix: bytes = b"",
    zip64: bool = False,
) -> Wheel:
    """Make a wheel.

    :param extras: requirements by the extra that asks for them.
    :param files: content by path, any path at all, each with a true row in RECORD; one importable module if not given.
    :param entry_points: reference by name by group, as in ``{"console_scripts": {"demo": "demo:main"}}``.
    :param scripts: content by name, below ``.data/scripts``; ``#!python`` first for one that is rewritten.
    :param data: content by path below ``.data/``, as in ``{"purelib/x.py": b""}``.
    :param metadata_extra: header lines added to METADATA; ``metadata`` replaces it whole.
    :param wheel_file: replaces WHEEL.
    :param record: rows that replace or join the true ones by path, None to leave one out; bytes replace RECORD whole.
    :param omit: paths, or names inside the .dist-info folder, that are neither in the archive nor in RECORD.
    :param members: raw members before RECORD, without a row.
    :param filename: replaces the file name; ``dist_info`` replaces the folder's (both without touching METADATA).
    :param method: ``STORED`` or ``DEFLATED``, for all members.
    """
    stem = f"{re.sub(r'[-_.]+', '_', name)}-{version.replace('-', '_')}"
    info = dist_info or f"{stem}.dist-info"
    if metadata is None:
        metadata = make_metadata(
            name, version, requires=requires, extras=extras, requires_python=requires_python, extra=metadata_extra
        )
    module = stem.partition("-")[0].lower()
    content = dict(files if files is not None else {f"{module}/__init__.py": f'__version__ = "{version}"\n'})
    content |= {f"{stem}.data/scripts/{path}": text for path, text in (scripts or {}).items()}
    content |= {f"{stem}.data/{path}": text for path, text in (data or {}).items()}
    content[f"{info}/METADATA"] = metadata
    content[f"{info}/WHEEL"] = _wheel_file(tags, build) if wheel_file is None else wheel_file
    if entry_points:
        content[f"{info}/entry_points.txt"] = _entry_points(entry_points)
    kept = {
        path: text.encode() if isinstance(text, str) else text
        for path, text in content.items()
        if path not in omit and path.removeprefix(f"{info}/") not in omit
    }
    packed = [Member(path, text, mode=_mode(path), method=method) for path, text in kept.items()]
    packed += members
    if "RECORD" not in omit:
        packed.append(Member(f"{info}/RECORD", _record(kept, f"{info}/RECORD", record), method=method))
    return Wheel(
        name=name,
        version=version,
        filename=filename or "-".join(part for part in (stem, build, tags) if part) + ".whl",
        content=write_zip(packed, prefix=prefix, zip64=zip64),
        metadata=metadata,
        requires_python=requires_python,
    )


def make_sdist(name: str, version: str, *, files: Mapping[str, Content] | None = None, filename: str = "") -> Wheel:
    """Make a source archive (PEP 625) with PKG-INFO and the given files; it has no sidecar."""
    stem = f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, text in {"PKG-INFO": make_metadata(name, version), **(files or {})}.items():
            content = text.encode() if isinstance(text, str) else text
            member = tarfile.TarInfo(f"{stem}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    content = gzip.compress(packed.getvalue(), mtime=0)
    return Wheel(name, version, filename or f"{stem}.tar.gz", content, b"")


def record_row(content: bytes, algorithm: str = "sha256") -> Row:
    """Return the true hash and size columns of RECORD for a content (PEP 376, PEP 427)."""
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
    return f"{algorithm}={digest}", str(len(content))


def _record(content: Mapping[str, bytes], own: str, lies: Mapping[str, Row | None] | bytes | None) -> bytes:
    if isinstance(lies, bytes):
        return lies
    rows: dict[str, Row | None] = {path: record_row(text) for path, text in content.items()}
    rows[own] = ("", "")
    rows |= lies or {}
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows((path, *row) for path, row in rows.items() if row is not None)
    return text.getvalue().encode()


def _wheel_file(tags: str, build: str) -> bytes:
    python, abi, platform = tags.split("-")
    lines = ["Wheel-Version: 1.0", "Generator: support", f"Root-Is-Purelib: {str(platform == 'any').lower()}"]
    lines += [f"Build: {build}"] if build else []
    lines += [
        f"Tag: {one}-{two}-{three}"
        for one in python.split(".")
        for two in abi.split(".")
        for three in platform.split(".")
    ]
    return "\n".join([*lines, ""]).encode()


def _entry_points(groups: Mapping[str, Mapping[str, str]]) -> str:
    return "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {reference}\n" for name, reference in points.items())
        for group, points in groups.items()
    )


def _mode(path: str) -> int:
    return 0o100755 if ".data/scripts/" in path else 0o100644
