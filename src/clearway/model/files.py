"""File names of distributions: wheels (PEP 427, "File name convention") and source archives (PEP 625)."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import msgspec

from clearway.model.names import NormalizedName, normalize
from clearway.model.versions import parse_version

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._]*[A-Za-z0-9])?", re.ASCII)
_BUILD = re.compile(r"(\d+)(.*)", re.ASCII | re.DOTALL)
SDIST_SUFFIXES = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar")


class WheelName(msgspec.Struct, frozen=True):
    """A wheel's file name, taken apart.

    :param version: as spelled in the name; not yet checked to be a version.
    :param build: the build number and its suffix, ``()`` where there is none; orders wheels of one version.
    :param tags: the compressed tag set as spelled, ``py2.py3-none-any``.
    """

    name: NormalizedName
    version: str
    build: tuple[()] | tuple[int, str]
    tags: str


def is_file_name(text: str) -> bool:
    """Whether a text of somebody else's is the name of a file, and leads to no other folder where one is written."""
    return 0 < len(text) <= 255 and text.isprintable() and not ("/" in text or "\\" in text) and text not in {".", ".."}


def parse_wheel_name(filename: str) -> WheelName | None:
    """Take a wheel's file name apart, or return None if it is not one."""
    if filename[-4:].lower() != ".whl":
        return None
    parts = filename[:-4].split("-")
    name = _project(parts[0])
    if len(parts) not in (5, 6) or name is None:
        return None
    build: tuple[()] | tuple[int, str] = ()
    if len(parts) == 6:
        number = _BUILD.fullmatch(parts[2])
        if number is None:
            return None
        build = (int(number[1]), number[2])
    return WheelName(name, parts[1].replace("_", "-"), build, "-".join(parts[-3:]).lower())


@cache
def _project(text: str) -> NormalizedName | None:
    return normalize(text) if _NAME.fullmatch(text) else None


def expand_tags(tags: str) -> tuple[str, ...]:
    """Expand a compressed tag set into single tags (PEP 425, "Compressed Tag Sets")."""
    if "." not in tags:
        return (tags,)
    return tuple("-".join(triple) for triple in product(*(part.split(".") for part in tags.split("-"))))


def parse_sdist_name(filename: str, project: NormalizedName) -> str | None:
    """Return the version that a source archive's name spells for a project, or None if it is not one of that project.

    Old names may carry ``-`` in the project's name (before PEP 625), so the project has to be known.
    """
    suffix = next((suffix for suffix in SDIST_SUFFIXES if filename.endswith(suffix)), None)
    if suffix is None:
        return None
    stem = filename[: -len(suffix)]
    for cut in (i for i, letter in enumerate(stem) if letter == "-"):
        if normalize(stem[:cut]) == project and parse_version(stem[cut + 1 :]) is not None:
            return stem[cut + 1 :]
    return None
