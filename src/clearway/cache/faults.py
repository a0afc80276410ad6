"""Errors of the file system, told as errors of the cache (DESIGN 4.11)."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clearway.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def translated(folder: str) -> Iterator[None]:
    """Turn what the file system refuses inside into an error about the cache.

    :raises TargetError: ``disk-full``, ``cache-unwritable``.
    """
    try:
        yield
    except OSError as error:
        raise cache_fault(folder, error) from None


def cache_fault(folder: str, error: OSError) -> TargetError:
    """Return the error for what the file system refused."""
    if error.errno in _FULL:
        return TargetError(
            "disk-full",
            f"There is no space left for the cache folder {folder}",
            hint="Make space, or empty the cache with: clearway cache purge",
        )
    return TargetError(
        "cache-unwritable",
        f"The cache folder {folder} cannot be written: {error.strerror or error}",
        hint="Name another folder with --cache-dir, or none with --no-cache-dir.",
    )
