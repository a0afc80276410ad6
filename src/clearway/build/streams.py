"""The bytes of a compressed tar archive, unpacked as they are read: forwards only, and never more than a budget.

``tarfile`` reads a header's payload whole, on the word of the header, so a read beyond :data:`LONGEST_READ` is refused;
what comes out in all is held against :class:`Budget`, so that a small archive cannot fill a disk. RFC 1952 (gzip),
bzip2 and xz, each with any number of streams one after the other.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from clearway.build.faults import bad_source

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

MOST_BYTES = 4 << 30
"""What an archive may unpack to."""
MOST_MEMBERS = 250_000
LONGEST_READ = 16 << 20
_FREE = 128 << 20
_RATIO = 200  # source code packs to a fifth, generated tables to a fiftieth
_PIECE = 256 << 10
_XZ_MEMORY = 256 << 20

_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"


class Budget:
    """What an archive may become: bytes by its own size, and a number of members.

    :param source: what errors name.
    :param packed: bytes of the archive.
    """

    def __init__(self, source: str, packed: int) -> None:
        self.source = source
        self._bytes = min(MOST_BYTES, max(_FREE, packed * _RATIO))
        self._members = MOST_MEMBERS

    def take(self, count: int) -> None:
        """Count bytes.

        :raises IntegrityError: ``bad-archive``.
        """
        self._bytes -= count
        if self._bytes < 0:
            raise bad_source(self.source, "it unpacks to far more than an archive of its size should")

    def take_member(self) -> None:
        """Count a member.

        :raises IntegrityError: ``bad-archive``.
        """
        self._members -= 1
        if self._members < 0:
            raise bad_source(self.source, "it has too many members")


class Unpacked:
    """The unpacked bytes of an archive, as a file that is read once, from its beginning to its end.

    :param view: the archive.
    """

    def __init__(self, view: memoryview, budget: Budget) -> None:
        self._budget = budget
        self._pieces = _pieces(view, budget.source)
        self._ready = memoryview(b"")
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, fewer at the end only.

        :raises IntegrityError: ``bad-archive``.
        """
        if not 0 <= size <= LONGEST_READ:
            raise bad_source(self._budget.source, "a header is too long")
        parts: list[memoryview] = []
        while size and (self._ready or self._refill()):
            part, self._ready = self._ready[:size], self._ready[size:]
            parts.append(part)
            size -= len(part)
            self._position += len(part)
        return b"".join(parts)

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go forward to a place, or to the end if there is less.

        :raises IntegrityError: ``bad-archive`` when it lies behind.
        """
        if whence or offset < self._position:
            raise bad_source(self._budget.source, "its members are not in order")
        while self._position < offset and self.read(min(_PIECE, offset - self._position)):
            pass
        return self._position

    def _refill(self) -> bool:
        self._ready = memoryview(next(self._pieces, b""))
        self._budget.take(len(self._ready))
        return bool(self._ready)


def _pieces(view: memoryview, source: str) -> Iterator[bytes]:
    """Yield the unpacked bytes, no piece empty."""
    at = 0
    try:
        while (unpacker := _unpacker_for(bytes(view[at : at + 6]))) is not None:
            at = yield from _stream(view, at, unpacker)
            rest = bytes(view[at : at + _PIECE])  # padding may stand between streams, and after the last
            at += len(rest) - len(rest.lstrip(b"\0"))
    except _faults() as error:
        raise bad_source(source, f"it cannot be unpacked: {error}") from None
    if not at:
        yield from (bytes(view[at : at + _PIECE]) for at in range(0, len(view), _PIECE))


def _faults() -> tuple[type[Exception], ...]:
    """Return what decompressors raise; ImportError where this Python was built without one."""
    faults = (zlib.error, OSError, EOFError, ImportError)
    try:
        from lzma import LZMAError  # late: 2 ms
    except ImportError:
        return faults
    return (*faults, LZMAError)


def _unpacker_for(magic: bytes) -> Any:
    """Return the decompressor for a stream that begins so, or None."""
    if magic.startswith(_GZIP):
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    if magic.startswith(_BZIP2):
        from bz2 import BZ2Decompressor  # late: rare, and not in every build of Python

        return BZ2Decompressor()
    if magic.startswith(_XZ):
        from lzma import LZMADecompressor  # late: as above

        return LZMADecompressor(memlimit=_XZ_MEMORY)
    return None


def _stream(view: memoryview, at: int, unpacker: Any) -> Generator[bytes, None, int]:
    """Unpack one stream piece by piece; return where it ends.

    :raises EOFError: the archive ends before.
    """
    while not unpacker.eof:
        kept = _kept(unpacker)
        data = bytes(view[at : at + _PIECE]) if kept is None else kept
        if kept is None:
            at += len(data)
        piece = unpacker.decompress(data, _PIECE)
        if piece:
            yield piece
        elif kept is None and not data and not unpacker.eof:
            message = "it ends before it is whole"
            raise EOFError(message)
    return at - len(unpacker.unused_data)


def _kept(unpacker: Any) -> bytes | None:
    """Return what a decompressor has to be given again; None when it wants the next bytes of the archive."""
    if hasattr(unpacker, "needs_input"):
        return None if unpacker.needs_input else b""
    return unpacker.unconsumed_tail or None
