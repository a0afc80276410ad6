"""Writes one of our own configuration files anew: whole or not at all, with the mode and the owner that it had.

A link stays a link, the file that it leads to is replaced: people keep such files in repositories of their own.
"""

from __future__ import annotations

import os
from contextlib import suppress

from clearway.errors import TargetError

_PRIVATE = 0o600
"""The mode of a new file of the user's; a project's has what the process gives all files."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def write_configuration(path: str, content: bytes, *, private: bool) -> None:
    """Put a file in place of the one that is there, if there is one.

    :param private: a new one is for its owner's eyes alone.
    :raises TargetError: ``configuration-unwritable``.
    """
    path = os.path.realpath(path)
    temporary = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(temporary, _NEW, _PRIVATE if private else 0o666)
        try:
            with open(descriptor, "wb") as file:
                _take_after(path, file.fileno())
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise TargetError(
            "configuration-unwritable",
            f"The configuration file {path} cannot be written: {error.strerror}",
            hint="Nothing was changed. Correct the permissions of the file and its folder.",
        ) from None


def _take_after(path: str, descriptor: int) -> None:
    """Give a new file the mode of the one that it will replace, and its owner where that is allowed."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return
    if hasattr(os, "fchown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(OSError):
            os.fchown(descriptor, status.st_uid, status.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, status.st_mode & 0o7777)
