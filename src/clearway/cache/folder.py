"""The cache folder: where it is, who may use it, what lies in it (XDG Base Directory; Cache Directory Tagging).

::

    <cache>/               mode 0700
        CACHEDIR.TAG       backup programs leave it out
        trees-1/           unpacked wheels, one folder each, named by the hash of the archive
        temporary-1/       what is on its way into trees-1
        store-1.sqlite3    small values

Each part carries the version of its layout in its name: a new layout begins anew beside the old one.

What is in the cache is linked into environments without another look at where it came from, so it must not be
anybody's to write but its owner's. A folder of somebody else is refused even to root, who could read and write it:
under ``sudo`` with the HOME of the person, and in a container with a volume of another user, it would either run what
that user put there, or leave files behind that the user cannot change. Both cases have a better answer: another
``--cache-dir``.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache made by clearway; it may be deleted.\n"
_OWN = ("trees-", "temporary-", "store-")
_ADVICE = "Name another folder with --cache-dir, or none with --no-cache-dir."


class CacheFolder(msgspec.Struct, frozen=True):
    """A cache folder that is there and ours; made by :func:`open_folder`."""

    root: str

    @property
    def trees(self) -> str:
        """The folder of unpacked wheels."""
        return os.path.join(self.root, "trees-1")

    @property
    def temporary(self) -> str:
        """The folder of what is not complete."""
        return os.path.join(self.root, "temporary-1")

    @property
    def store(self) -> str:
        """The file of small values."""
        return os.path.join(self.root, "store-1.sqlite3")


class Info(msgspec.Struct, frozen=True):
    """What a cache folder holds: a number, and sizes in bytes."""

    root: str
    wheels: int
    wheel_bytes: int
    store_bytes: int
    temporary_bytes: int


def default_root(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """Return where the cache of a user is, as the conventions of the platform have it.

    :param environ: the environment variables.
    :raises TargetError: ``no-cache-folder`` when they do not tell where the user's files are.
    """
    home = environ.get("USERPROFILE" if platform == "win32" else "HOME", "")
    if platform == "win32":
        base = environ.get("LOCALAPPDATA", "") or (os.path.join(home, "AppData", "Local") if home else "")
    elif platform == "darwin":
        base = os.path.join(home, "Library", "Caches") if home else ""
    else:
        base = environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # relative ones are invalid and ignored (XDG Base Directory)
            base = os.path.join(home, ".cache") if home else ""
    if not base:
        raise TargetError("no-cache-folder", "There is no home folder to keep a cache in", hint=_ADVICE)
    return os.path.join(base, "clearway", "cache") if platform == "win32" else os.path.join(base, "clearway")


def open_folder(root: str) -> CacheFolder:
    """Return the cache folder at a path, made if it is not there.

    :raises TargetError: ``cache-unwritable`` when it cannot be made or written; ``cache-not-private`` when it is
        somebody else's or open to everybody.
    """
    folder = CacheFolder(os.path.abspath(root))
    try:
        os.makedirs(os.path.dirname(folder.root), exist_ok=True)
        with suppress(FileExistsError):
            os.mkdir(folder.root, 0o700)
        _check_privacy(folder.root, os.stat(folder.root))
        for part in (folder.trees, folder.temporary):
            try:
                os.mkdir(part, 0o700)
            except FileExistsError:
                _check_folder(part, os.stat(part))
            else:
                _write_tag(folder.root)
    except OSError as error:
        raise TargetError(
            "cache-unwritable", f"The cache folder {folder.root} cannot be used: {error.strerror}", hint=_ADVICE
        ) from None
    return folder


def _check_privacy(root: str, status: os.stat_result) -> None:
    _check_folder(root, status)
    if sys.platform == "win32":
        return  # below the profile of the user, where Windows keeps others out
    if status.st_uid != os.geteuid():
        raise TargetError(
            "cache-not-private",
            f"The cache folder {root} belongs to another user",
            context=(f"its owner: {status.st_uid}, running as: {os.geteuid()}",),
            hint=_ADVICE,
        )
    if status.st_mode & stat.S_IWOTH:
        raise TargetError(
            "cache-not-private",
            f"Everybody may write to the cache folder {root}",
            hint=f"Take that right away with: chmod go-w {root}",
        )


def _check_folder(path: str, status: os.stat_result) -> None:
    if not stat.S_ISDIR(status.st_mode):
        raise TargetError("cache-unwritable", f"The cache folder {path} is not a folder", hint=_ADVICE)


def _write_tag(root: str) -> None:
    with suppress(FileExistsError), open(os.path.join(root, "CACHEDIR.TAG"), "x", encoding="ascii") as tag:
        tag.write(_TAG)


def info(folder: CacheFolder) -> Info:
    """Measure what a cache folder holds."""
    return Info(
        root=folder.root,
        wheels=sum(1 for _ in _entries(folder.trees)),
        wheel_bytes=_size(folder.trees),
        store_bytes=sum(_size(entry.path) for entry in _entries(folder.root) if entry.name.startswith("store-")),
        temporary_bytes=_size(folder.temporary),
    )


def purge(folder: CacheFolder) -> None:
    """Delete everything that was kept, and nothing that is not ours: the folder itself may be anybody's.

    :raises TargetError: ``cache-unwritable``.
    """
    from shutil import rmtree  # late: 9 ms

    try:
        for entry in list(_entries(folder.root)):
            if entry.name.startswith(_OWN):
                if entry.is_dir(follow_symlinks=False):
                    rmtree(entry.path)
                else:
                    os.unlink(entry.path)
    except OSError as error:
        raise TargetError(
            "cache-unwritable",
            f"The cache folder {folder.root} could not be emptied: {error.strerror}",
            context=(f"file: {error.filename}",) if error.filename else (),
            hint="Another process may be using it: try again when it has ended, or delete the folder yourself.",
        ) from None


def _entries(path: str) -> Iterator[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(path) as entries:
        yield from entries


def _size(path: str) -> int:
    """Return the size of a file, or of all files below a folder. What cannot be looked into counts nothing."""
    with suppress(OSError):
        status = os.lstat(path)
        if stat.S_ISDIR(status.st_mode):
            return sum(_size(entry.path) for entry in _entries(path))
        return status.st_size
    return 0
