"""How a file of the cache becomes a file of an environment: cloned, hard linked, symbolically linked or copied.

``auto`` takes the first that works: a clone (a copy that shares its blocks until one of the two is written; ``FICLONE``
of btrfs, xfs and others), else a hard link, else a copy. A way that a file system does not offer at all is given up for
the rest of the run, with one warning where it was asked for or costs space; one that merely does not work for one
file, because it has too many links, is given up for that file.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Literal

from clearway.site.files import NEW, copy_new

if TYPE_CHECKING:
    from collections.abc import Callable

    Way = Callable[[str, str, int], None]

LinkMode = Literal["auto", "clone", "hardlink", "symlink", "copy"]

_FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)
_UNSUPPORTED = frozenset(
    (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTTY, errno.EINVAL)
)
_NAMES: dict[LinkMode, str] = {"clone": "cloned", "hardlink": "hard linked", "symlink": "linked"}


class Linker:
    """Places files of the cache in an environment.

    :param warn: told once when files take space that they need not take.
    """

    def __init__(self, mode: LinkMode, warn: Callable[[str], None]) -> None:
        self._asked = mode
        self._warn = warn
        self._ways: list[LinkMode] = ["clone", "hardlink", "copy"] if mode == "auto" else [mode, "copy"]

    def place(self, source: str, destination: str, mode: int) -> None:
        """Place one file.

        :param mode: of a file that has to be made, before the process's mask.
        :raises FileExistsError: something is there.
        :raises OSError: the file system refuses for another reason than not knowing the way.
        """
        way = self._ways[0]
        try:
            _WAYS[way](source, destination, mode)
        except OSError as error:
            if way != "copy" and error.errno == errno.EMLINK:
                copy_new(source, destination, mode)
            elif way == "copy" or error.errno not in _UNSUPPORTED:
                raise
            else:
                self._give_up(way, error)
                self.place(source, destination, mode)

    def _give_up(self, way: LinkMode, error: OSError) -> None:
        self._ways = self._ways[1:]
        if self._ways == ["copy"]:
            self._warn(
                f"Files cannot be {_NAMES[way]} from the cache ({error.strerror}) and are copied; a cache on the same "
                "file system as the environment saves time and space, --link-mode copy this warning"
            )


def _clone(source: str, destination: str, mode: int) -> None:
    if sys.platform != "linux":
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP), destination)
    from fcntl import ioctl  # late: not on Windows

    origin = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        target = os.open(destination, NEW, mode)
        try:
            ioctl(target, _FICLONE, origin)
        except OSError:
            os.unlink(destination)
            raise
        finally:
            os.close(target)
    finally:
        os.close(origin)


def _hardlink(source: str, destination: str, _mode: int) -> None:
    os.link(source, destination)


def _symlink(source: str, destination: str, _mode: int) -> None:
    os.symlink(source, destination)


_WAYS: dict[LinkMode, Way] = {"clone": _clone, "hardlink": _hardlink, "symlink": _symlink, "copy": copy_new}
