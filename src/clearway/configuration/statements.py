"""One requirement as people write it: a name with a specifier, ``name @ URL``, or the path or URL of a wheel alone.

The same for the command line and for requirement files. A wheel that is named by its place becomes a requirement by
URL, of the project that its file name tells (PEP 427); extras and markers may follow as pip reads them.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.model.files import parse_wheel_name
from clearway.model.hashes import STRONG
from clearway.model.inputs import Stated
from clearway.model.names import NormalizedName, is_name, normalize
from clearway.model.requirements import Requirement, is_marker, parse_requirement
from clearway.model.urls import file_name, file_url, mask

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):[/.]", re.IGNORECASE)  # one letter is a drive
_EXTRAS = re.compile(r"(.+?)\s*\[([^\[\]]*)\]", re.DOTALL)
_NAMED = re.compile(r"[^\[\]/\\:]+(?:\[[^\]]*\])?\s*@")
_HEX_LENGTH = {"sha256": 64, "sha384": 96, "sha512": 128}


def parse_statement(text: str, origin: str, hashes: Iterable[str] = ()) -> Stated:
    """Read one requirement.

    :param origin: where it stands, for people.
    :param hashes: the values of its ``--hash`` options.
    :raises InputError: ``malformed-requirement``, ``source-tree``, ``not-a-wheel``, ``no-such-file``,
        ``malformed-hash``.
    """
    text = text.strip()
    if origin == "command line" and text.lower().endswith((".txt", ".in")) and os.path.isfile(text):
        raise InputError(
            "looks-like-a-file",
            f"{text} is a file of requirements, and was named like a project",
            hint=f"Read it with -r {text}",
        )
    is_url = _SCHEME.match(text) is not None
    by_place = is_url or _is_path(text)
    requirement = _place(text, origin, is_url=is_url) if by_place else _named(text, origin)
    return Stated(requirement, origin, tuple(_hash(value, origin) for value in hashes))


def parse_constraint(text: str, origin: str, hashes: Iterable[str] = ()) -> Stated:
    """Read one constraint: a name with a specifier.

    :raises InputError: as :func:`parse_statement` does, and ``unusable-constraint``.
    """
    stated = parse_statement(text, origin, hashes)
    what = "an extra" if stated.requirement.extras else "a URL or path" if stated.requirement.url else ""
    if what:
        raise InputError(
            "unusable-constraint",
            f"A constraint cannot have {what}: {mask(text)} ({origin})",
            hint="State it as NAME with a specifier, and the rest as a requirement.",
        )
    return stated


def reject_editable(text: str, origin: str) -> InputError:
    """Return the error for ``-e``: it asks for a source tree."""
    return _source(f"-e {text}", origin)


def _named(text: str, origin: str) -> Requirement:
    try:
        requirement = parse_requirement(text)
    except InputError as error:
        raise InputError(error.code, f"{mask(error.message)} ({origin})", hint=error.hint) from None
    if not requirement.url:
        return requirement
    if not _SCHEME.match(requirement.url):
        raise InputError(
            "malformed-requirement",
            f"{mask(text)} has no URL after the @ ({origin})",
            hint="Write NAME @ https://... or name the path of the wheel alone.",
        )
    if not _is_wheel(requirement.url):
        raise _source(text, origin)
    return requirement


def _place(text: str, origin: str, *, is_url: bool) -> Requirement:
    """Return the requirement for a wheel that is named by its place alone."""
    place, _, marker = (part.strip() for part in text.partition("; " if is_url else ";"))
    extras = _EXTRAS.fullmatch(place)
    place = extras[1] if extras else place
    if not _is_wheel(place):
        raise _source(text, origin)
    name = parse_wheel_name(file_name(place) if is_url else os.path.basename(place))
    if name is None:
        raise InputError(
            "not-a-wheel",
            f"{mask(place)} is not named as a wheel is ({origin})",
            hint="A wheel's name says project, version and tags: name-1.0-py3-none-any.whl.",
        )
    if not is_url and not os.path.isfile(place):
        raise InputError("no-such-file", f"There is no file {place} ({origin})", hint="Correct the path.")
    if marker and not is_marker(marker):
        raise InputError("malformed-requirement", f"{marker!r} is not a marker ({origin})", hint="Correct it.")
    return Requirement(
        name=name.name,
        extras=_extras(extras[2] if extras else "", text, origin),
        marker=marker,
        url=place if is_url else file_url(place),
    )


def _extras(text: str, whole: str, origin: str) -> frozenset[NormalizedName]:
    extras = [extra.strip() for extra in text.split(",") if extra.strip()]
    if not all(map(is_name, extras)):
        raise InputError("malformed-requirement", f"{mask(whole)} has malformed extras ({origin})", hint="Correct it.")
    return frozenset(map(normalize, extras))


def _is_path(text: str) -> bool:
    """Whether a text names a file or folder: by a separator, a leading dot, or the suffix of a wheel."""
    if _NAMED.match(text):
        return False
    place = text.partition(";")[0].strip()
    extras = _EXTRAS.fullmatch(place)
    place = extras[1] if extras else place
    return place.startswith(".") or os.sep in place or (os.altsep or os.sep) in place or _is_wheel(place)


def _is_wheel(place: str) -> bool:
    """Whether a path, or a URL that no version control is asked for, ends as wheels do."""
    scheme = _SCHEME.match(place)
    if scheme is None:
        return place.lower().endswith(".whl")
    return "+" not in scheme[1] and file_name(place).lower().endswith(".whl")


def _hash(value: str, origin: str) -> str:
    algorithm, _, digest = value.lower().partition(":")
    if algorithm not in STRONG or not re.fullmatch(f"[0-9a-f]{{{_HEX_LENGTH[algorithm]}}}", digest):
        raise InputError(
            "malformed-hash",
            f"--hash={value[:90]} is not a hash ({origin})",
            hint=f"Write --hash=ALGORITHM:HEX with one of {', '.join(sorted(STRONG))}.",
        )
    return f"{algorithm}:{digest}"


def _source(text: str, origin: str) -> InputError:
    return InputError(
        "source-tree",
        f"{mask(text)} ({origin}) is not a wheel, and source trees cannot be installed by this version",
        hint="Build a wheel of it with `pip wheel --no-deps` and name that.",
    )
