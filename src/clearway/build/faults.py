"""The errors about source trees and their builds, in one shape each (DESIGN 4.11)."""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clearway.errors import BuildError, IntegrityError, TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = (errno.ENOSPC, errno.EDQUOT)
_SEQUENCES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_LONGEST = 300


def bad_source(source: str, reason: str, *context: str) -> IntegrityError:
    """Return the error for a source archive that cannot or must not be unpacked."""
    return IntegrityError(
        "bad-archive",
        f"{source} is not a sound source archive: {reason}",
        context=context,
        hint="Nothing of it was kept. Report it to its publisher or to whoever runs the index, "
        "or choose another version.",
    )


def bad_project(label: str, reason: str, *context: str) -> BuildError:
    """Return the error for a pyproject.toml that does not say how to build its project."""
    return BuildError(
        "bad-pyproject",
        f"{label} cannot be built: {reason}",
        context=context,
        hint="Correct its pyproject.toml (PEP 517, PEP 518), or report it to its publisher.",
    )


@contextmanager
def translated(folder: str) -> Iterator[None]:
    """Turn what the file system refuses inside into an error about the folder for builds.

    :raises TargetError: ``disk-full``, ``build-folder-unwritable``.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise TargetError(
                "disk-full",
                f"There is no space left for building in {folder}",
                hint="Make space, or name a folder on another disk with the environment variable TMPDIR.",
            ) from None
        raise TargetError(
            "build-folder-unwritable",
            f"The folder for builds {folder} cannot be written: {error.strerror or error}",
            hint="Name another folder with the environment variable TMPDIR.",
        ) from None


def shown(name: str) -> str:
    """Return a name out of an archive or a tree as it may be shown to people."""
    return ascii(name if len(name) <= 120 else f"{name[:120]}...")


def harmless(line: str) -> str:
    """Return a line that a process printed as it may be shown: no terminal sequences, not endless."""
    plain = _SEQUENCES.sub("", line).expandtabs(4).rstrip()
    plain = plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."
    return plain if plain.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in plain)
