"""One build at a time in a folder, whoever runs it: backends write into the tree that they build, and know no locks."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def alone_in(folder: str) -> Iterator[None]:
    """Wait until no other run of clearway builds in a folder, and keep others out.

    The folder itself is locked (``flock``), so that nothing has to be written into it; where that cannot be had
    (Windows, some network file systems) builds go on as those of every other tool do.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl  # late: few runs build

    descriptor = -1
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if descriptor >= 0:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)
