"""Reading a zip archive, as far as wheels use the format (APPNOTE 6.3.10, sections 4.3 to 4.5).

A local header that disagrees with the central directory, members that overlap, a second end record or bytes outside
the archive are refused, because two programs would read two archives out of such a file. Nothing is allocated on the
word of a header alone: sizes are held against what the archive can contain before a byte is unpacked.
"""

from __future__ import annotations

import zlib
from operator import attrgetter
from struct import Struct
from typing import TYPE_CHECKING

from deflate import DeflateError, crc32, deflate_decompress

from clearway.wheel.directory import DEFLATED, STORED, UNREADABLE, End, Member, read_end, read_members
from clearway.wheel.faults import bad_archive, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = 16 << 20
"""Bytes: a larger member is unpacked piece by piece (:func:`stream_member`)."""

_LOCAL = Struct("<4s5H3L2H")
_LENGTHS = Struct("<2H")
LOCAL_HEADER = _LOCAL.size
"""Bytes of a local header without its name and extra field."""

_DESCRIPTOR = 0x8  # sizes and checksum follow the data
_FULL32 = 0xFFFFFFFF
_PIECE = 1 << 20


def read_directory(view: memoryview, source: str) -> tuple[Member, ...]:
    """Return the files of an archive, in the directory's order, after every check that needs no unpacking.

    :param source: what errors name: the archive's file name.
    :raises IntegrityError: ``bad-archive``.
    """
    end = read_end(view, len(view), source)
    members = read_members(bytes(view[end.start : end.stop]), end, source)
    _check_layout(view, members, end, source)
    return tuple(member for member in members if not member.name.endswith("/"))


def _check_layout(view: memoryview, members: list[Member], end: End, source: str) -> None:
    """Hold every local header against the directory, and refuse members that share bytes."""
    free = 0
    for member in sorted(members, key=attrgetter("offset")):
        if member.offset < free or member.offset + LOCAL_HEADER > end.start:
            raise bad_archive(source, "its members overlap", f"member: {shown(member.name)}")
        free = check_local(view, member, source)
    if free > end.start:
        raise bad_archive(source, "its members overlap the directory")


def check_local(view: memoryview, member: Member, source: str) -> int:
    """Check a member's local header against the directory; return where its data ends.

    :raises IntegrityError: ``bad-archive``.
    """
    if len(view) - member.offset < LOCAL_HEADER:
        raise bad_archive(source, "a member lies outside of the archive", f"member: {shown(member.name)}")
    signature, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack_from(
        view, member.offset
    )
    name_at = member.offset + LOCAL_HEADER
    agrees = (
        signature == b"PK\x03\x04"
        and method == member.method
        and not flags & UNREADABLE
        and view[name_at : name_at + name_length] == member.name.encode()
        and (flags & _DESCRIPTOR or (crc == member.crc and packed in (member.packed, _FULL32)))
        and (flags & _DESCRIPTOR or size in (member.size, _FULL32))
    )
    if not agrees:
        raise bad_archive(source, "a member's two headers disagree", f"member: {shown(member.name)}")
    return int(name_at + name_length + extra_length) + member.packed


def read_member(view: memoryview, member: Member, source: str) -> bytes | bytearray | memoryview:
    """Return the unpacked bytes of a member, checked against its size and checksum.

    :param view: the archive; a stored member is a part of it, not a copy.
    :raises IntegrityError: ``bad-archive``.
    """
    packed = _packed(view, member)
    data: bytearray | memoryview = packed
    if member.method == DEFLATED:
        try:
            data = deflate_decompress(packed, member.size)
        except DeflateError:
            raise bad_archive(source, "a member cannot be unpacked", f"member: {shown(member.name)}") from None
    if len(data) != member.size or crc32(data) != member.crc:
        raise bad_archive(source, "a member is damaged", f"member: {shown(member.name)}")
    return data


def stream_member(view: memoryview, member: Member, source: str) -> Iterator[bytes | memoryview]:
    """Yield the unpacked bytes of a large member piece by piece; the last piece comes only if all of them were sound.

    :raises IntegrityError: ``bad-archive``.
    """
    crc, size, last = 0, 0, b"" if member.method == DEFLATED else memoryview(b"")
    for piece in _pieces(_packed(view, member), member, source):
        if last:
            yield last
        crc, size, last = crc32(piece, crc), size + len(piece), piece
        if size > member.size:
            break
    if size != member.size or crc != member.crc:
        raise bad_archive(source, "a member is damaged", f"member: {shown(member.name)}")
    yield last


def _pieces(packed: memoryview, member: Member, source: str) -> Iterator[bytes | memoryview]:
    if member.method == STORED:
        for at in range(0, len(packed), _PIECE):
            yield packed[at : at + _PIECE]
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(0, len(packed), _PIECE):
            rest: bytes | memoryview = packed[at : at + _PIECE]
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise bad_archive(source, "a member cannot be unpacked", f"member: {shown(member.name)}") from None


def _packed(view: memoryview, member: Member) -> memoryview:
    name_length, extra_length = _LENGTHS.unpack_from(view, member.offset + 26)
    start = member.offset + LOCAL_HEADER + name_length + extra_length
    return view[start : start + member.packed]
