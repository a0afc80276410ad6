"""Reads the value of one option, from a flag, a variable or a file; an error names the place that it came from.

A duration is a number of seconds (``90``, ``0.5``), a number with one unit (``s``, ``m``, ``h``, ``d`` or ``w``:
``90m``), or one of ISO 8601-1, section 5.5.2, without years and months (``PT24H``, ``P1DT12H``, ``P2W``).
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from clearway.errors import InputError
from clearway.model.urls import mask
from clearway.policy.cutoff import Cutoff

if TYPE_CHECKING:
    from clearway.settings.option import Option

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
_FALSE = frozenset({"n", "no", "f", "false", "off", "0"})
# The grammars, compiled where they are used: hardly any run says such a value, and compiling takes a millisecond.
_WHOLE = r"[0-9]{1,6}"
_SIMPLE = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhdw]?)"
_NUMBER = r"([0-9]{1,9})"
_ISO = rf"P(?=.)(?:{_NUMBER}W|(?:{_NUMBER}D)?(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)"
_STATUS = r"[45][0-9]{2}"
_RELEASE = r"([0-9])(?:([0-9]{1,3})|\.([0-9]{1,3})(\.[0-9]{1,3})?)?"
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_WAIT = 7 * 86_400  # a socket's time limit is kept in milliseconds, in 31 bits: 24 days
_LONGEST_AGE = 36_525 * 86_400
_EXCLUDED = {
    401: "it says that the credential is wrong or missing, and nothing may be installed around that",
    407: "it says that the proxy wants another credential, and nothing may be installed around that",
    404: "it says that the file is gone, which is stepped around too, but reported apart",
    410: "it says that the file is gone, which is stepped around too, but reported apart",
}


class Level(IntEnum):
    """How strong a statement is: the one of the highest level counts."""

    FALLBACK = 0  #: a variable of somebody else's, read when nothing else says anything
    PIP_FILE = 1
    USER_FILE = 2
    PROJECT_FILE = 3
    USER_INDEX = 4  #: the table of an index, in the user's file; beats what a file says for all indexes
    PROJECT_INDEX = 5
    PIP_VARIABLE = 6
    VARIABLE = 7
    FLAG = 8


class Statement(NamedTuple):
    """One value that was given.

    :ivar text: as spelled; ``yes`` for a flag that was given.
    :ivar origin: where it was given, for people.
    :ivar items: the parts of a value that came as an array, else None.
    """

    option: Option
    text: str
    origin: str
    level: Level
    items: tuple[str, ...] | None = None


def read_boolean(text: str, option: Option, origin: str) -> bool:
    """Read a boolean as pip spells them.

    :raises InputError: ``malformed-option``.
    """
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise malformed(text, option, origin, "yes or no")


def read_count(text: str, option: Option, origin: str) -> int:
    """Read a count: a whole number, or a boolean for one and none.

    :raises InputError: ``malformed-option``.
    """
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return int(word in _TRUE)
    return _read_whole(text, option, origin)


def read_value(statement: Statement) -> object:
    """Read a value that depends on nothing but its own statement.

    :raises InputError: ``malformed-option``.
    """
    option, text, origin, _, items = statement
    match option.kind:
        case "flag":
            return read_boolean(text, option, origin)
        case "choice":
            return read_choice(text, option, origin)
        case "whole":
            return _read_whole(text, option, origin)
        case "release":
            return _read_release(text, option, origin)
        case "wait" | "age":
            return _read_duration(text, option, origin)
        case "moment":
            return _read_moment(text, option, origin)
        case "statuses":
            parts = items if items is not None else tuple(text.replace(",", " ").split())
            return frozenset(_read_status(part, option, origin) for part in parts)
    return text.strip()


def read_choice(text: str, option: Option, origin: str) -> str:
    """Read one of the choices of an option.

    :raises InputError: ``malformed-option``.
    """
    if text.strip() not in option.choices:
        raise malformed(text, option, origin, f"one of {', '.join(option.choices)}")
    return text.strip()


def malformed(text: str, option: Option, origin: str, wanted: str) -> InputError:
    """Return the error that a value is not what its option takes."""
    return InputError(
        "malformed-option",
        f"{origin} is {mask(text)[:80]!r}, but --{option.name} takes {wanted}",
        hint="Correct the value, or leave it out.",
    )


def _read_whole(text: str, option: Option, origin: str) -> int:
    if not re.fullmatch(_WHOLE, text.strip()):
        raise malformed(text, option, origin, "a whole number")
    return int(text)


def _read_release(text: str, option: Option, origin: str) -> str:
    """Read a version of Python as pip takes it, ``39`` for ``3.9`` too; return it with dots."""
    parts = re.fullmatch(_RELEASE, text.strip())
    if parts is None:
        raise malformed(text, option, origin, "a version of Python, as 3, 3.12, 312 or 3.12.1")
    return ".".join(str(int(part)) for part in (parts[1], parts[2] or parts[3], (parts[4] or "")[1:]) if part)


def _read_duration(text: str, option: Option, origin: str) -> float:
    seconds = _seconds(text.strip())
    waits = option.kind == "wait"
    if seconds is None or seconds > (_LONGEST_WAIT if waits else _LONGEST_AGE) or (waits and not seconds):
        limits = "above 0 and up to 7 days, as 90, 1.5 or 2m" if waits else "as 90, 30m, 24h, 7d or PT24H"
        raise malformed(text, option, origin, f"a duration {limits}")
    return seconds


def _read_moment(text: str, option: Option, origin: str) -> Cutoff:
    """Read a date of ISO 8601, with a time or without, or an age with a unit; a number alone might be either."""
    cutoff = Cutoff(text.strip(), _seconds(text.strip()) if text.strip()[-1:].isalpha() else None)
    try:
        cutoff.moment(0)
    except (ValueError, OverflowError, OSError):
        readable = False
    else:
        readable = (cutoff.age or 0) <= _LONGEST_AGE
    if not readable:
        wanted = "a date or time, as 2026-11-01 or 2026-11-01T12:00:00Z, or an age, as P3D or 36h"
        raise malformed(text, option, origin, wanted)
    return cutoff


def _seconds(text: str) -> float | None:
    """Return a duration in seconds, or None for what is none."""
    if simple := re.fullmatch(_SIMPLE, text):
        return float(simple[1]) * _UNITS[simple[2]]
    parts = re.fullmatch(_ISO, text)
    if parts is None:
        return None
    return float(sum(int(number or 0) * _UNITS[unit] for number, unit in zip(parts.groups(), "wdhms", strict=True)))


def _read_status(text: str, option: Option, origin: str) -> int:
    if not re.fullmatch(_STATUS, text):
        raise malformed(text, option, origin, "statuses from 400 to 599, separated by commas")
    status = int(text)
    if status in option.excluded:
        raise malformed(text, option, origin, f"no {status}: {_EXCLUDED[status]}")
    return status
