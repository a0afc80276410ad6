"""Archives on their way in: in memory while they are few and small, else in a file without a name (DESIGN 4.9).

A spool that stays within its share, while all of them stay within theirs, never touches the disk. One that grows
beyond that moves to a file that has no name from the start or loses it at once, so that no kill leaves it behind, and
is mapped when it is read.
"""

from __future__ import annotations

import hashlib
import os
import sys
from threading import Lock

from clearway.cache.faults import translated

SHARE = 16 << 20
"""Bytes that one spool may keep in memory."""
BUDGET = 32 << 20
"""Bytes that all spools of a :class:`Memory` may keep in memory."""


class Memory:
    """The bytes that spools hold in memory, counted over all of them."""

    def __init__(self, budget: int = BUDGET, share: int = SHARE) -> None:
        self._lock = Lock()
        self._budget = budget
        self._share = share
        self._used = 0

    def take(self, count: int, size: int) -> bool:
        """Take bytes for a spool that is or will be of some size; return whether they were to be had."""
        with self._lock:
            if size > self._share or self._used + count > self._budget:
                return False
            self._used += count
            return True

    def give(self, count: int) -> None:
        """Give bytes back."""
        with self._lock:
            self._used -= count


class FileSpool:
    """Implements :class:`clearway.ports.Spool`. Used by one thread at a time.

    :param folder: where a file is made if one is needed.
    :param memory: what is counted; shared by all spools.
    :param expected: the size that was announced: what is too large for memory goes to a file at once.
    """

    def __init__(self, folder: str, memory: Memory, expected: int = 0) -> None:
        self._folder = folder
        self._memory = memory
        self._expected = expected
        self._held = 0
        self._bytes: bytearray | None = bytearray()
        self._file: int | None = None
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._view: memoryview | None = None

    def write(self, chunk: bytes) -> None:
        """Append.

        :raises TargetError: ``disk-full``, ``cache-unwritable``.
        """
        if not chunk:  # a file of nothing cannot be mapped
            return
        self._sha256.update(chunk)
        self._size += len(chunk)
        if self._file is None:
            assert self._bytes is not None
            if self._memory.take(len(chunk), max(self._size, self._expected)):
                self._held += len(chunk)
                self._bytes += chunk
                return
            self._move_to_file(self._bytes)
        self._append(chunk)

    def view(self) -> memoryview:
        """Return all that was written; valid until :meth:`close`."""
        if self._view is None:
            if self._file is None:
                self._view = memoryview(self._bytes or b"")
            else:
                from mmap import ACCESS_READ, mmap  # late: most archives stay in memory

                self._view = memoryview(mmap(self._file, self._size, access=ACCESS_READ))
        return self._view

    def digest(self, algorithm: str) -> str:
        """Return the hex digest of all that was written."""
        if algorithm == "sha256":
            return self._sha256.hexdigest()
        return hashlib.new(algorithm, self.view(), usedforsecurity=False).hexdigest()

    def close(self) -> None:
        """Forget the bytes: memory and mapping go with the last view."""
        self._view = self._bytes = None
        self._release_memory()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _move_to_file(self, held: bytearray) -> None:
        with translated(self._folder):
            self._file = _anonymous_file(self._folder)
        self._append(held)
        self._bytes = None
        self._release_memory()

    def _append(self, chunk: bytes | bytearray) -> None:
        assert self._file is not None
        with translated(self._folder):
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._file, rest) :]

    def _release_memory(self) -> None:
        self._memory.give(self._held)
        self._held = 0


def _anonymous_file(folder: str) -> int:
    """Open a new file that vanishes when it is closed, whatever happens to the process."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    path = os.path.join(folder, f"spool-{os.urandom(8).hex()}")
    if sys.platform == "win32":
        return os.open(path, flags | os.O_TEMPORARY | os.O_BINARY | os.O_NOINHERIT, 0o600)
    file = os.open(path, flags | os.O_CLOEXEC, 0o600)
    os.unlink(path)
    return file
