"""What is done to files and folders everywhere here: write anew, move, delete.

Each function may be killed at any call and run again: it then does the rest.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""How a file is opened that must not be there yet."""

_PIECE = 1 << 20
_NOTHING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)


def write_new(path: str, content: bytes, mode: int = 0o666) -> None:
    """Write a file that must not be there yet.

    :param mode: before the process's mask.
    """
    file = os.open(path, NEW, mode)
    try:
        written = os.write(file, content)
        while written < len(content):
            written += os.write(file, memoryview(content)[written:])
    finally:
        os.close(file)


def copy_new(source: str, destination: str, mode: int = 0o666) -> None:
    """Copy the content of a file to one that must not be there yet."""
    target = os.open(destination, NEW, mode)
    try:
        with open(source, "rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                written = os.write(target, piece)
                while written < len(piece):
                    written += os.write(target, memoryview(piece)[written:])
    finally:
        os.close(target)


def kind_of(path: str) -> int:
    """Return the file type of what is at a path, links not followed; 0 if nothing is there, or can be."""
    try:
        return stat.S_IFMT(os.lstat(path).st_mode)
    except OSError as error:
        if error.errno not in _NOTHING:
            raise
        return 0


def move(source: str, destination: str) -> None:
    """Rename a file or folder, or do what comes to the same where the file system has no such rename.

    An overlay refuses to rename a folder that is in one of its lower layers (as in a container's image), but not the
    files in it; what lies on another device is copied. A folder that is partly at its destination already, because
    that was killed, is moved on; a file that is there already stays.
    """
    kind = kind_of(source)
    if not kind:
        return
    if kind_of(destination) == 0:
        try:
            os.rename(source, destination)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return
    if kind == stat.S_IFDIR:
        _move_entries(source, destination)
    elif kind_of(destination) == 0:
        _copy_over(source, destination, kind)
        os.unlink(source)


def _move_entries(source: str, destination: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(destination, stat.S_IMODE(os.lstat(source).st_mode))
    for name in os.listdir(source):
        move(os.path.join(source, name), os.path.join(destination, name))
    with suppress(OSError):  # a file that was there already stays behind, and so its folder
        os.rmdir(source)


def _copy_over(source: str, destination: str, kind: int) -> None:
    """Copy to another device, under another name first: nobody may take half of it for the whole."""
    part = f"{destination}.clearway"
    with suppress(FileNotFoundError):
        os.unlink(part)
    if kind == stat.S_IFLNK:
        os.symlink(os.readlink(source), part)
    else:
        copy_new(source, part)
        status = os.lstat(source)
        os.chmod(part, stat.S_IMODE(status.st_mode))
        os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.rename(part, destination)


def remove_tree(path: str) -> None:
    """Delete a file, or a folder and what is in it; links are deleted, not followed. Nothing there is fine.

    A folder that its owner may not write is made writable first: it was to go, and has been moved away already.
    """
    try:
        os.unlink(path)
        return
    except FileNotFoundError:
        return
    except OSError:
        if kind_of(path) != stat.S_IFDIR:
            raise
    if os.lstat(path).st_mode & stat.S_IRWXU != stat.S_IRWXU:
        os.chmod(path, stat.S_IRWXU)
    with os.scandir(path) as entries:
        found = list(entries)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            remove_tree(entry.path)
        else:
            os.unlink(entry.path)
    os.rmdir(path)
