"""One change at a time: the lock of an environment, which is also where a change keeps its things.

The lock is on a file in ``<site-packages>/.clearway``. Whoever ends last deletes file and folder, so that an
environment that nobody changes holds nothing of ours; whoever waited for a file that was deleted meanwhile, waits for
the new one.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORK = ".clearway"
"""The folder's name; no wheel may hold a file in one (:mod:`clearway.wheel.paths`)."""


@contextmanager
def locked(site: str, warn: Callable[[str], None]) -> Iterator[str]:
    """Hold the lock of an environment and give the folder for what is under way.

    :param site: the ``purelib`` folder, which is there.
    :param warn: told once when another process holds the lock.
    """
    work = os.path.join(site, WORK)
    path = os.path.join(work, "lock")
    file = _acquire(work, path, lambda: warn(f"Another clearway is changing {site}: waiting for it to end"))
    try:
        yield work
    finally:
        _release(work, path, file)


def _acquire(work: str, path: str, busy: Callable[[], None]) -> int:
    while True:
        with suppress(FileExistsError):
            os.mkdir(work, 0o700)
        if os.path.islink(work):  # nobody makes one but to have things deleted elsewhere
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), work)
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except FileNotFoundError:  # whoever held it has just deleted the folder
            continue
        try:
            if not _lock(file, wait=False):
                busy()
                busy = _say_nothing
                _lock(file, wait=True)
            if _is_at(file, path):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _say_nothing() -> None:
    """Say it once is enough."""


def _is_at(file: int, path: str) -> bool:
    """Whether an open file is still the one that a path names."""
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(file), there)


def _release(work: str, path: str, file: int) -> None:
    """Delete the lock while it is held; the folder stays if a journal does."""
    try:
        with suppress(OSError):
            os.unlink(path)
    finally:
        os.close(file)
    if sys.platform == "win32":  # which keeps the name of an open file
        with suppress(OSError):
            os.unlink(path)
    with suppress(OSError):
        os.rmdir(work)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, *, wait: bool) -> bool:
        while True:
            try:
                os.lseek(file, 0, os.SEEK_SET)
                msvcrt.locking(file, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:  # LK_LOCK gives up after ten seconds
                if not wait:
                    return False
            else:
                return True
else:
    import fcntl

    def _lock(file: int, *, wait: bool) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError as error:  # some network file systems have no locks: then nobody is kept out
            if error.errno not in {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}:
                raise
        return True
