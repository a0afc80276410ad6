"""One requirement as people write it: a name with a specifier, ``name @ URL``, or the path or URL of something alone.

The same for the command line and for requirement files. A wheel that is named by its place becomes a requirement by
URL, of the project that its file name tells (PEP 427), and so does what ``#egg=`` names; which project any other source
tree is, its metadata will tell. Extras and markers may follow all of them.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import msgspec

from clearway.configuration.places import check_name, find_place, is_place, is_url, read_extras, shown, split_extras
from clearway.errors import InputError
from clearway.model.hashes import STRONG
from clearway.model.inputs import Stated, Unnamed
from clearway.model.requirements import Requirement, is_marker, parse_requirement
from clearway.model.urls import file_url, mask

if TYPE_CHECKING:
    from clearway.configuration.places import Place

_HEX_LENGTH = {"sha256": 64, "sha384": 96, "sha512": 128}
_MARKERS = "Write a condition behind the semicolon: ; python_version < '3.12'"
_IN_PLACE = frozenset({"folder", "repository"})


class Particulars(msgspec.Struct, frozen=True):
    """What was said with a requirement, and not in it.

    :param hashes: the values of its ``--hash`` options.
    :param settings: those of its ``--config-settings``.
    :param editable: it stood behind ``-e``.
    """

    hashes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    editable: bool = False


_PLAIN = Particulars()


def parse_statement(text: str, origin: str, particulars: Particulars = _PLAIN) -> Stated | Unnamed:
    """Read one requirement.

    :param origin: where it stands, for people.
    :raises InputError: ``malformed-requirement``, ``malformed-hash``, ``malformed-options``, ``not-editable``, and as
        :func:`~clearway.configuration.places.find_place` does.
    """
    text = text.strip()
    editable = particulars.editable
    hashes = tuple(read_hash(value, origin) for value in particulars.hashes)
    settings = tuple(parse_setting(value, origin) for value in particulars.settings)
    if not is_place(text, editable=editable):
        check_name(text, origin)
        requirement = _named(text, origin, editable=editable)
        return Stated(requirement, origin, hashes, editable, settings)
    spelled, marker = (part.strip() for part in _cut_marker(text))
    spelled, in_brackets = split_extras(spelled)
    place = find_place(spelled, origin)
    if editable:
        _check_editable(place, text, origin)
    if marker and not is_marker(marker):
        raise InputError("malformed-requirement", f"{marker[:200]!r} is not a marker ({origin})", hint=_MARKERS)
    extras = place.extras | read_extras(in_brackets, text, origin)
    if place.name is None:
        return Unnamed(place.url, origin, extras, marker, hashes, editable, settings)
    requirement = Requirement(place.name, extras, marker=marker, url=place.url)
    return Stated(requirement, origin, hashes, editable, settings)


def parse_named(text: str, origin: str) -> Stated:
    """Read one requirement of the standard's own form (PEP 508), in which a place has a name.

    :raises InputError: as :func:`parse_statement` does.
    """
    return Stated(_named(text.strip(), origin), origin)


def parse_constraint(text: str, origin: str, particulars: Particulars = _PLAIN) -> Stated:
    """Read one constraint: a name with a specifier, or with the URL that the project has to come from.

    :raises InputError: as :func:`parse_statement` does, and ``unusable-constraint``.
    """
    stated = parse_statement(text, origin, particulars)
    if isinstance(stated, Stated) and not (stated.editable or stated.requirement.extras) and not is_place(text):
        return stated
    if isinstance(stated, Stated) and stated.requirement.extras:
        what = "have extras"
    else:
        what = "be editable" if particulars.editable else "be a place without a name"
    raise InputError(
        "unusable-constraint",
        f"A constraint cannot {what}: {shown(text)} ({origin})",
        hint="State it as NAME with a specifier, or NAME @ URL, and the rest as a requirement.",
    )


def _named(text: str, origin: str, *, editable: bool = False) -> Requirement:
    try:
        requirement = parse_requirement(text)
    except InputError as error:
        hint = _meant(text, origin) or error.hint
        raise InputError(error.code, f"{mask(error.message)} ({origin})", hint=hint) from None
    if not requirement.url:
        if editable:
            raise _not_editable(text, origin)
        return requirement
    if not is_url(requirement.url):
        raise _no_url(text, requirement.url, origin)
    place = find_place(requirement.url, origin)
    if editable:
        _check_editable(place, text, origin)
    return msgspec.structs.replace(requirement, url=place.url, extras=requirement.extras | place.extras)


def _meant(text: str, origin: str) -> str:
    from clearway.configuration.likely import likely  # late: for mistakes only

    return mask(likely(text, origin))


def _no_url(text: str, url: str, origin: str) -> InputError:
    path, _, _ = url.partition("#")
    hint = _meant(text, origin) or "Write NAME @ https://... or name the path alone."
    if os.path.exists(path):
        hint = f"Write {file_url(path)} there, or name the path alone."
    return InputError("malformed-requirement", f"{shown(text)} has no URL after the @ ({origin})", hint=hint)


def _cut_marker(text: str) -> tuple[str, str]:
    """Cut off what stands behind the semicolon; one that is part of a URL has no white space after it."""
    place, _, marker = text.partition("; " if is_url(text) else ";")
    return place, marker


def _check_editable(place: Place, text: str, origin: str) -> None:
    if place.kind not in _IN_PLACE:
        raise _not_editable(text, origin)


def _not_editable(text: str, origin: str) -> InputError:
    return InputError(
        "not-editable",
        f"{shown(text)} is neither a folder nor a repository, and cannot be installed in editable mode ({origin})",
        hint="Write -e PATH of a project's folder, or -e git+https://...; install anything else without -e.",
    )


def read_hash(value: str, origin: str) -> str:
    """Read a hash that allows a file.

    :raises InputError: ``malformed-hash``.
    """
    algorithm, _, digest = value.lower().partition(":")
    if algorithm not in STRONG or not re.fullmatch(f"[0-9a-f]{{{_HEX_LENGTH[algorithm]}}}", digest):
        raise InputError(
            "malformed-hash",
            f"{value[:90]!r} is not a hash ({origin})",
            hint=f"Write ALGORITHM:HEX with one of {', '.join(sorted(STRONG))}.",
        )
    return f"{algorithm}:{digest}"


def parse_setting(value: str, origin: str) -> tuple[str, str]:
    """Read one config setting (PEP 517).

    :raises InputError: ``malformed-options``.
    """
    key, equals, setting = value.partition("=")
    if not key or not equals:
        raise InputError(
            "malformed-options",
            f"--config-settings {mask(value)[:90]} has no key or no value ({origin})",
            hint="Write --config-settings KEY=VALUE.",
        )
    return key, setting
