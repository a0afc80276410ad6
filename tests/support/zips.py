"""A zip writer that also lies: any field of any header can be set; what is not set is the truth (APPNOTE 6.3.10).

Bytes are deterministic: no clock, no random order, one compression level.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

STORED, DEFLATED = 0, 8
ENCRYPTED, DESCRIPTOR, UTF8 = 0x1, 0x8, 0x800
_DATE = 0x21  # 1 January 1980
_NO_SIZE = 0xFFFFFFFF


@dataclass(frozen=True)
class Member:
    """One member as it is written.

    :param name: as in the central directory; bytes for what is not even UTF-8.
    :param mode: the Unix mode with its file type, as in ``st_mode``.
    :param method: what the headers claim; ``raw`` is what was really written.
    :param flags: ``ENCRYPTED``, ``DESCRIPTOR`` (sizes follow the data); ``UTF8`` is set where the name needs it.
    :param crc: claimed instead of the content's own.
    :param size: claimed instead of the content's own.
    :param compressed_size: claimed instead of the data's own.
    :param raw: the compressed data as it is, instead of the content's.
    :param zip64: sizes and offset move to the zip64 extra field.
    :param local_name: the name in the local header, where it differs.
    :param offset: claimed position of the local header.
    """

    name: str | bytes
    content: bytes = b""
    mode: int = 0o100644
    method: int = DEFLATED
    flags: int = 0
    crc: int | None = None
    size: int | None = None
    compressed_size: int | None = None
    raw: bytes | None = None
    zip64: bool = False
    local_name: str | bytes | None = None
    offset: int | None = None


def symlink(name: str, target: str) -> Member:
    """Return a member that unpacks to a symbolic link where an unpacker honours Unix modes."""
    return Member(name, target.encode(), mode=0o120777, method=STORED)


def bomb(name: str, size: int, *, claimed: int | None = None) -> Member:
    """Return a member of ``size`` zero bytes that takes a thousandth of it; ``claimed`` is the size it admits to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = bytes(1 << 20)
    crc, packed = 0, []
    for start in range(0, size, len(piece)):
        part = piece[: size - start]
        crc = zlib.crc32(part, crc)
        packed.append(packer.compress(part))
    packed.append(packer.flush())
    return Member(name, raw=b"".join(packed), crc=crc, size=size if claimed is None else claimed)


def write_zip(members: Iterable[Member], *, prefix: bytes = b"", comment: bytes = b"", zip64: bool = False) -> bytes:
    """Return an archive with these members in this order; names may repeat.

    :param prefix: bytes before the first local header, which every offset counts.
    :param zip64: write a zip64 end record even though nothing needs it.
    """
    body, directory, count = [prefix], [], 0
    position = len(prefix)
    for member in members:
        local, central = _headers(member, position)
        body.append(local)
        directory.append(central)
        position += len(local)
        count += 1
    index = b"".join(directory)
    return b"".join(body) + index + _end(count, len(index), position, comment, zip64)


def _bytes(name: str | bytes) -> bytes:
    return name.encode() if isinstance(name, str) else name


def _headers(member: Member, position: int) -> tuple[bytes, bytes]:
    """Return the local header with its data, and the central header."""
    data = member.raw if member.raw is not None else _pack(member.content, member.method)
    crc = zlib.crc32(member.content) if member.crc is None else member.crc
    size = len(member.content) if member.size is None else member.size
    packed = len(data) if member.compressed_size is None else member.compressed_size
    offset = position if member.offset is None else member.offset
    flags = member.flags | (UTF8 if isinstance(member.name, str) and not member.name.isascii() else 0)
    version = 45 if member.zip64 else 20

    late = bool(flags & DESCRIPTOR)
    local_extra = struct.pack("<HHQQ", 1, 16, size, packed) if member.zip64 else b""
    local_sizes = (_NO_SIZE, _NO_SIZE) if member.zip64 else (packed, size)
    local_name = _bytes(member.name if member.local_name is None else member.local_name)
    fields = (flags, member.method, 0, _DATE, 0 if late else crc, *((0, 0) if late else local_sizes))
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, version, *fields, len(local_name), len(local_extra))
    descriptor = struct.pack("<IIII", 0x08074B50, crc, packed, size) if late else b""

    name = _bytes(member.name)
    extra = struct.pack("<HHQQQ", 1, 24, size, packed, offset) if member.zip64 else b""
    sizes = (_NO_SIZE, _NO_SIZE) if member.zip64 else (packed, size)
    head = (0x02014B50, 3 << 8 | version, version, flags, member.method, 0, _DATE, crc, *sizes, len(name), len(extra))
    where = _NO_SIZE if member.zip64 else offset
    central = struct.pack("<IHHHHHHIIIHHHHHII", *head, 0, 0, 0, member.mode << 16, where)
    return local + local_name + local_extra + data + descriptor, central + name + extra


def _pack(content: bytes, method: int) -> bytes:
    if method != DEFLATED:
        return content
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _end(count: int, size: int, position: int, comment: bytes, zip64: bool) -> bytes:
    """Return the end of central directory record, with its zip64 forerunners where asked for."""
    fields = (0xFFFF, 0xFFFF, _NO_SIZE, _NO_SIZE) if zip64 else (count, count, size, position)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, *fields, len(comment)) + comment
    if not zip64:
        return end
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, position)
    return record + struct.pack("<IIQI", 0x07064B50, 0, position + size, 1) + end
