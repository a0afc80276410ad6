"""Metadata out of an archive that was not downloaded: from its last bytes, and at most two more spans (DESIGN 4.4).

The end record lies at the end, the central directory before it, METADATA anywhere. Whoever reads asks with what he
has, is told which span is missing, and asks again with that too; after the end, the directory and the member there is
nothing left to ask for. Only the whole archive can be checked whole: that is done before it is unpacked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.model.metadata import Metadata, parse_metadata
from clearway.wheel.archive import LARGE, LOCAL_HEADER, check_local, read_member
from clearway.wheel.contents import check_agreement, find_info
from clearway.wheel.directory import End, Member, read_end, read_entry, skim
from clearway.wheel.faults import bad_archive, bad_metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

_LARGEST_DIRECTORY = 64 << 20


class Span(msgspec.Struct, frozen=True):
    """Bytes of an archive: from ``start`` up to, not including, ``stop``."""

    start: int
    stop: int


def metadata_in_spans(spans: Sequence[tuple[int, bytes | memoryview]], total: int, filename: str) -> Metadata | Span:
    """Return the metadata of a wheel, or the span of its archive that is still needed for that.

    :param spans: what is there, as offsets and bytes: the end of the archive first, then what was asked for.
    :param total: the size of the archive.
    :raises IntegrityError: ``bad-archive``, ``bad-metadata``, ``wrong-wheel``.
    """
    end = read_end(memoryview(spans[0][1]), total, filename)
    if end.stop - end.start > _LARGEST_DIRECTORY:
        raise bad_archive(filename, "its directory is too large")
    directory = _bytes_of(spans, end.start, end.stop)
    if directory is None:
        return Span(end.start, end.stop)
    member, stop = _find_metadata(bytes(directory), end, filename)
    content = _bytes_of(spans, member.offset, stop)
    if content is None:
        return Span(member.offset, stop)
    member = msgspec.structs.replace(member, offset=0)
    if check_local(content, member, filename) > len(content):
        raise bad_archive(filename, "its METADATA is cut off")
    metadata = parse_metadata(bytes(read_member(content, member, filename)), f"{filename}, {member.name}")
    check_agreement(metadata, filename)
    return metadata


def _bytes_of(spans: Sequence[tuple[int, bytes | memoryview]], start: int, stop: int) -> memoryview | None:
    """Return the bytes from ``start`` to ``stop`` if one of the spans holds them all."""
    for offset, content in spans:
        if offset <= start and stop <= offset + len(content):
            return memoryview(content)[start - offset : stop - offset]
    return None


def _find_metadata(directory: bytes, end: End, filename: str) -> tuple[Member, int]:
    """Return the entry of METADATA, and where its data ends at the latest: its local header may be longer than told."""
    found, offsets = skim(directory, end, filename)
    if not found:
        raise bad_metadata(filename, "it has no METADATA in a .dist-info folder")
    info = find_info((name for name, _ in found), filename)
    place = next((at for name, at in found if name == f"{info}/METADATA"), None)
    if place is None:
        raise bad_metadata(filename, "its .dist-info has no METADATA")
    member = read_entry(directory, place, filename)[0]
    if max(member.size, member.packed) > LARGE:
        raise bad_metadata(filename, "its METADATA is too large")
    following = min((offset for offset in offsets if offset > member.offset), default=end.start)
    longest = member.offset + LOCAL_HEADER + len(member.name.encode()) + 0xFFFF + member.packed
    return member, min(following, longest, end.start)
