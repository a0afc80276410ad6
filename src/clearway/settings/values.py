"""Reads the value of one option, from a flag, a variable or a file; an error names the place that it came from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.model.urls import mask

if TYPE_CHECKING:
    from clearway.settings.table import Option

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
_FALSE = frozenset({"n", "no", "f", "false", "off", "0"})
_SECONDS = re.compile(r"\d{1,6}(?:\.\d+)?", re.ASCII)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)


def read_boolean(text: str, option: Option, origin: str) -> bool:
    """Read a boolean as pip spells them.

    :raises InputError: ``malformed-option``.
    """
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise _malformed(text, option, origin, "yes or no")


def read_count(text: str, option: Option, origin: str) -> int:
    """Read a count: a whole number, or a boolean for one and none.

    :raises InputError: ``malformed-option``.
    """
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return int(word in _TRUE)
    return read_whole(text, option, origin)


def read_whole(text: str, option: Option, origin: str) -> int:
    """Read a whole number.

    :raises InputError: ``malformed-option``.
    """
    if not _WHOLE.fullmatch(text.strip()):
        raise _malformed(text, option, origin, "a whole number")
    return int(text)


def read_seconds(text: str, option: Option, origin: str) -> float:
    """Read a duration in seconds, more than none.

    :raises InputError: ``malformed-option``.
    """
    if not _SECONDS.fullmatch(text.strip()) or not float(text):
        raise _malformed(text, option, origin, "a number of seconds above 0")
    return float(text)


def read_choice(text: str, option: Option, origin: str) -> str:
    """Read one of the option's choices.

    :raises InputError: ``malformed-option``.
    """
    if text.strip() not in option.choices:
        raise _malformed(text, option, origin, f"one of {', '.join(option.choices)}")
    return text.strip()


def _malformed(text: str, option: Option, origin: str, wanted: str) -> InputError:
    return InputError(
        "malformed-option",
        f"{origin} is {mask(text)[:80]!r}, but --{option.name} takes {wanted}",
        hint="Correct the value, or leave it out.",
    )
