"""Errors of the file system, told as errors of the environment (DESIGN 4.11)."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clearway.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def translated(prefix: str) -> Iterator[None]:
    """Turn what the file system refuses inside into an error about an environment.

    :raises TargetError: ``disk-full``, ``environment-unwritable``.
    """
    try:
        yield
    except OSError as error:
        raise _fault(prefix, error) from None


def _fault(prefix: str, error: OSError) -> TargetError:
    where = (f"file: {error.filename}",) if error.filename else ()
    if error.errno in FULL:
        return TargetError(
            "disk-full",
            f"There is no space left for the environment {prefix}",
            context=where,
            hint="The environment is as it was. Make space, then run the command again.",
        )
    return TargetError(
        "environment-unwritable",
        f"The environment {prefix} cannot be changed: {error.strerror or error}",
        context=where,
        hint="The environment is as it was. Run as its owner, or make a virtual environment and install into that.",
    )


def file_conflict(path: str, what: str, advice: str = "Move it elsewhere, then run the command again.") -> TargetError:
    """Return the error for something in the environment that is not ours to replace."""
    return TargetError(
        "file-conflict",
        f"{path} is in the way: {what}",
        hint=f"The environment is as it was. {advice}",
    )


def wheel_conflict(filename: str, path: str) -> TargetError:
    """Return the error for two wheels of one change that cannot be installed into one environment."""
    return TargetError(
        "file-conflict",
        f"{filename} has a file where another wheel that is to be installed has a folder",
        context=(f"path: {path}",),
        hint="The environment is as it was. Leave one of the two out; report it to their publishers.",
    )


def no_record(name: str, info: str, reason: str, advice: str) -> TargetError:
    """Return the error for a distribution whose files nobody knows."""
    return TargetError(
        "no-record",
        f"The installed {name} cannot be removed: {reason}",
        context=(f"found: {info}",),
        hint=advice,
    )
