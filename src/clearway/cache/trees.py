"""Unpacked wheels by the hash of their archive (DESIGN 4.9).

A tree is unpacked under a temporary name and renamed into place whole: readers never see half of one, a kill leaves
only temporary names, which a later run sweeps when they are a day old, and of two processes that unpack the same wheel
the second one finds it done.

Environments hold hard links to the files of a tree, and so somebody may change them from there. Before a tree is used
again each file's size and time are looked at. No time is kept for each file: a manifest keeps those of the file that
was written first and of the one that was written last, taken from the file system's own clock, and what was changed
later lies outside of them. That costs one call of the system a file here, and none while unpacking.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from contextlib import suppress
from threading import Lock
from time import time
from typing import TYPE_CHECKING

from clearway.cache.faults import translated
from clearway.cache.helpers import Helpers
from clearway.cache.spool import SHARE, FileSpool, Memory
from clearway.cache.unpacking import unpack_archive
from clearway.ports import Tree
from clearway.wheel.manifest import FILES, MANIFEST, Manifest, decode_manifest

if TYPE_CHECKING:
    from clearway.cache.folder import CacheFolder
    from clearway.model.metadata import Metadata
    from clearway.ports import Spool

_KEY = re.compile(r"sha256:[0-9a-f]{64}")
_WORTH_HELP = 2 << 20  # bytes of archives; unpacking them takes longer than starting a process
_DAY = 24 * 60 * 60
_THERE = (errno.EEXIST, errno.ENOTEMPTY, errno.EACCES)
_KIND = 0o170000 if sys.platform == "win32" else 0o170000 | stat.S_IXUSR  # the bits of a mode that are looked at


class Trees:
    """Implements :class:`clearway.ports.Archives` on a cache folder. Any thread may call it.

    :param helpers: how many processes may help to unpack, if there turns out to be much of it.
    """

    def __init__(self, folder: CacheFolder, *, helpers: int = 0) -> None:
        self._trees = folder.trees
        self._temporary = folder.temporary
        self._memory = Memory()
        self._lock = Lock()
        self._swept = False
        self._announced = 0
        self._helpers = Helpers(helpers)

    def find(self, key: str) -> Tree | None:
        """Return the unpacked wheel if it is there and nobody has changed it; throw it away if somebody has."""
        folder = self._folder_of(key)
        content = _read(f"{folder}/{MANIFEST}") if folder else None
        if content is None:
            return None
        manifest = decode_manifest(content)
        if manifest is None or manifest.key != key or not _is_unchanged(manifest, f"{folder}/{FILES}"):
            self._discard(folder)
            return None
        return _tree(folder, key, manifest.filename, manifest.metadata)

    def has(self, key: str) -> bool:
        """Whether an unpacked wheel is there, without a look at its files."""
        folder = self._folder_of(key)
        return bool(folder) and os.path.exists(f"{folder}/{MANIFEST}")

    def spool(self, size: int | None) -> Spool:
        """Open a spool for an archive of about this many bytes."""
        with self._lock:
            self._announced += size or 0
        if self._announced > _WORTH_HELP:
            self._helpers.start()
        return FileSpool(self._temporary, self._memory, size or 0)

    def unpack(self, spool: Spool, filename: str, *, passing: bool = False) -> Tree:
        """Check a spooled wheel, unpack it beside its final place and move it there whole.

        :param passing: it stays beside, for this run alone, until :meth:`forget`.
        :raises IntegrityError: ``bad-archive``, ``bad-record``, ``bad-metadata``, ``wrong-wheel``.
        :raises TargetError: ``disk-full``, ``cache-unwritable``.
        """
        filename = filename.encode("utf-8", "replace").decode()  # a local file may have a name that is no text
        key = f"sha256:{spool.digest('sha256')}"
        if (tree := self.find(key)) is not None:
            return tree
        with translated(self._temporary):
            self._sweep()
            work = self._new_name()
            os.mkdir(work, 0o700)
            try:
                metadata = self._unpack(spool.view(), filename, key, work)
                return _tree(work, key, filename, metadata) if passing else self._place(work, key, filename, metadata)
            except BaseException:
                _remove(work)
                raise

    def forget(self, tree: Tree) -> None:
        """Delete an unpacked wheel that was passing; any other stays."""
        folder = os.path.dirname(tree.path)
        if os.path.dirname(folder) == self._temporary:
            _remove(folder)

    def close(self) -> None:
        """Let the helpers end."""
        self._helpers.close()

    def _unpack(self, view: memoryview, filename: str, key: str, work: str) -> Metadata:
        if len(view) <= SHARE:  # what is larger is mapped from a file, and would be copied
            metadata = self._helpers.unpack(view, filename, key, work)
            if metadata is not None:
                return metadata
            if os.path.lexists(f"{work}/{FILES}"):  # a helper died over it
                _remove(f"{work}/{FILES}")
        return unpack_archive(view, filename, key, work)

    def _folder_of(self, key: str) -> str:
        """Return where the tree of a key is or would be; empty for what is no key."""
        return f"{self._trees}/{key[7:]}" if _KEY.fullmatch(key) else ""

    def _place(self, work: str, key: str, filename: str, metadata: Metadata) -> Tree:
        folder = self._folder_of(key)
        try:
            os.rename(work, folder)
        except OSError as error:
            if error.errno not in _THERE:
                raise
            if (tree := self.find(key)) is not None:  # another process was first
                _remove(work)
                return tree
            self._discard(folder)
            os.rename(work, folder)
        return _tree(folder, key, filename, metadata)

    def _discard(self, folder: str) -> None:
        """Move a tree out of sight, then delete it: whoever reads it now sees all of it or nothing."""
        work = self._new_name()
        with suppress(OSError):
            os.rename(folder, work)
        _remove(work)

    def _new_name(self) -> str:
        return f"{self._temporary}/{os.urandom(8).hex()}"

    def _sweep(self) -> None:
        """Delete what killed runs left behind: whatever is temporary for more than a day."""
        with self._lock:
            swept, self._swept = self._swept, True
        if not swept:
            limit = time() - _DAY
            for name in os.listdir(self._temporary):
                path = f"{self._temporary}/{name}"
                with suppress(FileNotFoundError):  # it was moved into place just now
                    if os.lstat(path).st_mtime < limit:
                        _remove(path)


def _tree(folder: str, key: str, filename: str, metadata: Metadata) -> Tree:
    return Tree(path=f"{folder}/{FILES}", key=key, filename=filename, metadata=metadata)


def _is_unchanged(manifest: Manifest, files: str) -> bool:
    """Whether every file is there with its size and mode and was last written while the tree was unpacked."""
    first, last = manifest.window
    lstat = os.lstat
    kinds = stat.S_IFREG & _KIND, (stat.S_IFREG | stat.S_IXUSR) & _KIND
    try:
        for path, size, executable in zip(manifest.paths, manifest.sizes, manifest.executable, strict=True):
            status = lstat(f"{files}/{path}")
            if (
                status.st_size != size
                or not first <= status.st_mtime_ns <= last
                or status.st_mode & _KIND != kinds[executable]
            ):
                return False
    except OSError:
        return False
    return True


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:  # missing, or not ours to read: then it is not there, and unpacking it will say more
        return None


def _remove(path: str) -> None:
    """Delete a temporary file or folder; what cannot be deleted now is swept later."""
    from shutil import rmtree  # late: 9 ms, and only when something went wrong

    with suppress(OSError):
        os.unlink(path) if not os.path.isdir(path) else rmtree(path)
