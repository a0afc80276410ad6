"""The end of a zip archive and its central directory (APPNOTE 6.3.10, sections 4.3.12 to 4.5.3).

The central directory is the truth about an archive. It is parsed from its own bytes, so that it can be read without
the rest; what it says about each member and all of them is checked before anything is unpacked or allocated.
"""

from __future__ import annotations

from itertools import pairwise
from struct import Struct
from struct import error as StructError

import msgspec

from clearway.wheel.faults import bad_archive, shown
from clearway.wheel.paths import fault_of

STORED, DEFLATED = 0, 8
"""The methods by which members of wheels are packed."""

UNREADABLE = 0x2061
"""Flags of a member that nobody could unpack here: encrypted in one way or another, or patched data."""

_END = Struct("<4s4H2LH")
_END64_LOCATOR = Struct("<4sLQL")
_END64 = Struct("<4sQ2H2L4Q")
_CENTRAL = Struct("<4s6H3L5H2L")
_EXTRA = Struct("<2H")
_ENTRY_LENGTHS, _OFFSET = Struct("<3H"), Struct("<I")
_METADATA = b".dist-info/METADATA"
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_DEFLATE_RATIO = 1032  # what deflate can reach at most: 258 bytes out of two bits
_EXPANSION = 64  # what a whole archive may expand to, beyond a floor: real wheels stay below 20
_FLOOR = 1 << 30
_COMMENT = 0xFFFF
_FILE, _FOLDER = (0o100000, 0), 0o040000  # of a Unix mode; 0 where an archiver records none


class Member(msgspec.Struct, frozen=True):
    """One file of an archive, as the central directory describes it.

    :param packed: its size in the archive; ``size`` unpacked.
    :param mode: the Unix mode with its file type, 0 where none is recorded.
    :param offset: where its local header begins.
    """

    name: str
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    offset: int

    @property
    def executable(self) -> bool:
        """Whether anybody may execute it."""
        return self.mode & 0o170000 == 0o100000 and self.mode & 0o111 != 0


class End(msgspec.Struct, frozen=True):
    """The end record: where the central directory lies."""

    count: int
    start: int
    stop: int


def read_end(tail: memoryview, total: int, source: str) -> End:
    """Return the end record of an archive of ``total`` bytes whose last ones are ``tail``.

    :raises IntegrityError: ``bad-archive``.
    """
    at = _find_end(tail, total, source)
    _, disk, directory_disk, here, count, size, start, _ = _END.unpack_from(tail, at)
    stop = total - len(tail) + at
    if _FULL16 in (here, count) or _FULL32 in (size, start):
        locator = at - _END64_LOCATOR.size
        if locator >= 0 and bytes(tail[locator : locator + 4]) == b"PK\x06\x07":
            return _read_end64(tail, locator, total, source)
    if disk or directory_disk or here != count or start + size != stop:
        raise bad_archive(source, "its end record does not fit the file")
    return End(count, start, stop)


def _find_end(tail: memoryview, total: int, source: str) -> int:
    """Return where the end record begins in the tail. It must reach to the last byte."""
    at = len(tail) - _END.size
    if at >= 0 and bytes(tail[at : at + 4]) == b"PK\x05\x06" and bytes(tail[at + 20 :]) == b"\0\0":
        return at
    last = bytes(tail[-(_COMMENT + _END.size) :])
    found = last.rfind(b"PK\x05\x06", 0, max(len(last) - _END.size + 4, 0))
    if found < 0:
        raise bad_archive(source, _likeness(tail, total))
    comment = int.from_bytes(last[found + 20 : found + 22], "little")
    if len(last) - found - _END.size != comment:
        raise bad_archive(source, "there are bytes after the end of the archive, or it is cut off")
    return len(tail) - len(last) + found


def _likeness(tail: memoryview, total: int) -> str:
    """Say what a file without an end record looks like."""
    if total == 0:
        return "the file is empty"
    head = bytes(tail[:512]).lstrip().lower() if len(tail) == total else b""
    if head.startswith((b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body")):
        return "it is an HTML page, as login and block pages are"
    if head.startswith((b"{", b"[")):
        return "it is JSON, as error messages are"
    if head.startswith(b"\x1f\x8b"):
        return "it is a gzip file"
    if head.startswith(b"pk\x03\x04"):
        return "the archive is cut off"
    return "it is not a zip archive"


def _read_end64(tail: memoryview, locator: int, total: int, source: str) -> End:
    """Read the zip64 end record, which must lie right before its locator."""
    _, disk, offset, disks = _END64_LOCATOR.unpack_from(tail, locator)
    at = locator - _END64.size
    stop = total - len(tail) + at
    if at < 0 or disk or disks > 1 or offset != stop or bytes(tail[at : at + 4]) != b"PK\x06\x06":
        raise bad_archive(source, "its zip64 end record does not fit the file")
    _, length, _, _, disk, directory_disk, here, count, size, start = _END64.unpack_from(tail, at)
    if length != _END64.size - 12 or disk or directory_disk or here != count or start + size != stop:
        raise bad_archive(source, "its zip64 end record does not fit the file")
    return End(count, start, stop)


def read_members(directory: bytes, end: End, source: str) -> list[Member]:
    """Parse a central directory, folders included, and check what it says about each member and all of them.

    :raises IntegrityError: ``bad-archive``.
    """
    if end.count * _CENTRAL.size > len(directory):
        raise bad_archive(source, "its directory is shorter than its number of files")
    members: list[Member] = []
    at = 0
    try:
        for _ in range(end.count):
            member, at = read_entry(directory, at, source)
            members.append(member)
    except (StructError, IndexError):
        raise bad_archive(source, "its directory is cut off") from None
    if at != len(directory):
        raise bad_archive(source, "its directory is longer than its number of files")
    _check_names(members, source)
    limit = max(_FLOOR, _EXPANSION * end.stop)
    if (total := sum(member.size for member in members)) > limit:
        raise bad_archive(source, f"it would unpack to {total:,} bytes, too many for an archive of {end.stop:,}")
    return members


def read_entry(directory: bytes, at: int, source: str) -> tuple[Member, int]:
    """Read one entry of the central directory; return it and where the next one begins.

    :raises IntegrityError: ``bad-archive``.
    """
    (signature, _, _, flags, method, _, _, crc, packed, size, name_length, extra_length, comment_length, disk, _,
     attributes, offset) = _CENTRAL.unpack_from(directory, at)  # fmt: skip
    extra_at = at + _CENTRAL.size + name_length
    following = extra_at + extra_length + comment_length
    if signature != b"PK\x01\x02" or following > len(directory):
        raise bad_archive(source, "its directory is damaged")
    try:
        name = directory[at + _CENTRAL.size : extra_at].decode()
    except UnicodeDecodeError:
        raise bad_archive(source, "a path is not UTF-8") from None
    if _FULL32 in (packed, size, offset):
        extra = directory[extra_at : extra_at + extra_length]
        size, packed, offset = _widen(extra, (size, packed, offset), source)
    member = Member(name, method, crc, packed, size, attributes >> 16, offset)
    if reason := _fault_of(member, flags, disk):
        raise bad_archive(source, reason, f"member: {shown(name)}")
    return member, following


def _widen(extra: bytes, values: tuple[int, int, int], source: str) -> tuple[int, int, int]:
    """Replace the values that do not fit 32 bits by those of the zip64 extra field (APPNOTE 4.5.3)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            wide = iter([int.from_bytes(field[i : i + 8], "little") for i in range(0, len(field) - 7, 8)])
            size, packed, offset = (next(wide, -1) if value == _FULL32 else value for value in values)
            if min(size, packed, offset) >= 0:
                return size, packed, offset
        at += 4 + length
    raise bad_archive(source, "a zip64 field is missing")


def _fault_of(member: Member, flags: int, disk: int) -> str:
    """Say why a member cannot be unpacked, whatever the other members are; empty if it can."""
    if reason := fault_of(member.name):
        return reason
    if flags & UNREADABLE:
        return "a member is encrypted"
    if disk:
        return "it is one part of several"
    kind = member.mode & 0o170000
    if kind not in _FILE and not (kind == _FOLDER and member.name.endswith("/")):
        return "a member is a link or a device, not a file"
    if member.method == STORED:
        return "" if member.packed == member.size else "the sizes of a member do not agree"
    if member.method != DEFLATED:
        return f"a member is packed by the unknown method {member.method}"
    if member.size > member.packed * _DEFLATE_RATIO:
        return f"a member claims {member.size:,} bytes, more than its {member.packed:,} can hold"
    return ""


def _check_names(members: list[Member], source: str) -> None:
    """Refuse a name that is there twice, as a file or as a file and a folder.

    Sorted with a ``/`` at its end, a file stands right before what lies below it, and beside what has its name.
    """
    folders = {member.name for member in members if member.name.endswith("/")}
    files = [f"{member.name}/" for member in members if not member.name.endswith("/")]
    for name, following in pairwise(sorted([*files, *folders])):
        if following == name and name not in folders:
            raise bad_archive(source, "a path is there twice", f"member: {shown(name[:-1])}")
        if following.startswith(name) and (following == name or name not in folders):
            raise bad_archive(source, "a path is a file and a folder", f"member: {shown(name[:-1])}")


def skim(directory: bytes, end: End, source: str) -> tuple[list[tuple[str, int]], list[int]]:
    """Return the paths that end in ``.dist-info/METADATA`` with the places of their entries, and all members' offsets.

    For who wants the metadata alone, in a tenth of the time of :func:`read_members`, which checks everything.

    :raises IntegrityError: ``bad-archive``.
    """
    found: list[tuple[str, int]] = []
    offsets: list[int] = []
    at = 0
    try:
        for _ in range(end.count):
            name_length, extra_length, comment_length = _ENTRY_LENGTHS.unpack_from(directory, at + 28)
            name_at = at + _CENTRAL.size
            if directory.endswith(_METADATA, name_at, name_at + name_length):
                found.append((directory[name_at : name_at + name_length].decode("utf-8", "replace"), at))
            offsets.append(_OFFSET.unpack_from(directory, at + 42)[0])
            at = name_at + name_length + extra_length + comment_length
    except StructError:
        raise bad_archive(source, "its directory is cut off") from None
    return found, offsets
