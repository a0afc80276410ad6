"""Metadata must be of the file that it came with (PEP 427, "File name convention"; core metadata, Name and Version)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import IntegrityError
from clearway.model.files import parse_wheel_name
from clearway.model.names import normalize
from clearway.model.versions import parse_version

if TYPE_CHECKING:
    from clearway.model.metadata import Metadata


def check_agreement(metadata: Metadata, filename: str, source: str) -> None:
    """Check that metadata names the project and version of its wheel's file name.

    :raises IntegrityError: ``wrong-wheel``.
    """
    name = parse_wheel_name(filename)
    if (
        name is not None
        and normalize(metadata.name) == name.name
        and parse_version(metadata.version) == parse_version(name.version)
    ):
        return
    raise IntegrityError(
        "wrong-wheel",
        f"{filename} from {source} says that it is {metadata.name[:80]} {metadata.version[:80]}",
        hint="The file is not what its name says; report it to its publisher or to whoever runs the index.",
    )
