"""The loop that turns an archive into files: one pass over its bytes, three calls of the system a file.

Each file is unpacked, hashed and held against RECORD in memory, then opened with its final mode, written and closed.
Folders are made once, before.
"""

from __future__ import annotations

import os
from hashlib import sha256
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from clearway.wheel.archive import LARGE, read_member, stream_member
from clearway.wheel.contents import check_hash, read_contents
from clearway.wheel.faults import bad_archive, shown
from clearway.wheel.manifest import FILES, MANIFEST, Manifest, encode_manifest
from clearway.wheel.paths import folders_of
from clearway.wheel.record import encode_digest

if TYPE_CHECKING:
    from clearway.model.metadata import Metadata
    from clearway.wheel.contents import Contents
    from clearway.wheel.directory import Member

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_HEAVY = 2 << 20
_heavy_members = BoundedSemaphore(2)
"""Members beyond ``_HEAVY`` bytes are held in memory two at a time, however many wheels are unpacked at once."""


def unpack_archive(view: memoryview, filename: str, key: str, work: str) -> Metadata:
    """Check a wheel and unpack it: a folder of its files, and its manifest.

    :param key: ``sha256:...`` of the archive.
    :param work: a folder that is there, empty, and the caller's to delete if this fails.
    :raises IntegrityError: ``bad-archive``, ``bad-record``, ``bad-metadata``, ``wrong-wheel``.
    :raises OSError: what the file system refuses.
    """
    contents = read_contents(view, filename)
    members = contents.members
    files = f"{work}/{FILES}"
    hashes = _write_files(view, contents, files)
    first, last = (os.lstat(f"{files}/{members[at].name}").st_mtime_ns for at in (0, -1))
    manifest = Manifest(
        key=key,
        filename=filename,
        metadata=contents.metadata,
        info=contents.info,
        purelib=contents.purelib,
        entry_points=contents.entry_points,
        window=(first, last),
        paths=[member.name for member in members],
        sizes=[member.size for member in members],
        hashes=hashes,
        executable=[member.executable for member in members],
    )
    with open(f"{work}/{MANIFEST}", "xb") as file:
        file.write(encode_manifest(manifest))
    return contents.metadata


def _write_files(view: memoryview, contents: Contents, folder: str) -> list[str]:
    """Unpack the files of a wheel into a new folder; return the sha256 of each in RECORD's spelling."""
    os.mkdir(folder)
    for inner in folders_of(member.name for member in contents.members):
        try:
            os.mkdir(f"{folder}/{inner}")
        except FileExistsError:  # another spelling of it, where letters have no case
            continue
    try:
        return [_write_member(view, member, contents, folder) for member in contents.members]
    except FileExistsError as error:
        raise bad_archive(
            contents.filename, "two paths are one file on this system", shown(str(error.filename))
        ) from None


def _write_member(view: memoryview, member: Member, contents: Contents, folder: str) -> str:
    if member.size <= _HEAVY:
        return _write_whole(view, member, contents, folder)
    with _heavy_members:
        if member.size <= LARGE:
            return _write_whole(view, member, contents, folder)
        return _write_pieces(view, member, contents, folder)


def _write_whole(view: memoryview, member: Member, contents: Contents, folder: str) -> str:
    data = read_member(view, member, contents.filename)
    digest = encode_digest(sha256(data).digest())
    if contents.record[member.name].hash != f"sha256={digest}":
        check_hash(contents, member.name, digest, (data,))
    file = os.open(f"{folder}/{member.name}", _NEW, 0o777 if member.executable else 0o666)
    try:
        _write(file, data)
    finally:
        os.close(file)
    return digest


def _write_pieces(view: memoryview, member: Member, contents: Contents, folder: str) -> str:
    hasher = sha256()
    file = os.open(f"{folder}/{member.name}", _NEW, 0o777 if member.executable else 0o666)
    try:
        for piece in stream_member(view, member, contents.filename):
            hasher.update(piece)
            _write(file, piece)
    finally:
        os.close(file)
    digest = encode_digest(hasher.digest())
    check_hash(contents, member.name, digest, stream_member(view, member, contents.filename))
    return digest


def _write(file: int, data: bytes | bytearray | memoryview) -> None:
    written = os.write(file, data)
    while written < len(data):  # cut short, as before a full disk: the next call says why
        written += os.write(file, memoryview(data)[written:])
