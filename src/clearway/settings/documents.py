"""Reads the content of our own configuration files, TOML 1.0 once it is parsed: options by name, tables of indexes.

A key is an option's long name; underscores do for dashes. Its value has TOML's own type: ``true``, ``50``, ``"24h"``,
``["https://a.example.com/"]``. A relative path is relative to the file. A key or a type that is not understood is an
error, with the nearest key that is.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from clearway.errors import InputError
from clearway.model.urls import mask
from clearway.settings.table import BY_NAME
from clearway.settings.values import Level, Statement, malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clearway.settings.option import Kind, Option

INDEX = "index"
_ADDRESS = re.compile(r"~|[A-Za-z][A-Za-z0-9+.-]+:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAMED = frozenset({"index-url", "extra-index-url", "python", "proxy", "trusted-host"})
"""Options whose value may be a name or a host, so that a relative path has to begin with a dot to be taken for one."""
_WANTED = {
    "flag": "true or false",
    "count": "a whole number",
    "whole": "a whole number",
    "wait": 'seconds as a number, or a text such as "90s"',
    "age": 'seconds as a number, or a text such as "24h"',
    "statuses": "an array of statuses, such as [403, 451]",
    "moment": 'a date, a date and time, or a text such as "P3D"',
    "list": "an array of texts",
    "names": "an array of texts",
}


class Document(msgspec.Struct, frozen=True):
    """One configuration file, parsed.

    :param label: the file, and the table inside it where that is not the whole file; for people.
    :param folder: where it is.
    :param owner: whose it is: the user's own, or brought along by a project.
    :param text: the whole file; ``prefix`` the table inside it that is meant: what tells the line of an error.
    """

    label: str
    folder: str
    owner: Literal["user", "project"]
    content: dict[str, Any]
    text: str = ""
    prefix: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """How strong it is in what it says for all indexes."""
        return Level.USER_FILE if self.owner == "user" else Level.PROJECT_FILE


def read_options(document: Document) -> tuple[Statement, ...]:
    """Return what a file says for the run; its tables of indexes are :mod:`clearway.settings.indexes`'s.

    :raises InputError: ``malformed-configuration``, ``unknown-option``, ``option-not-for-files``, ``malformed-option``.
    """
    label = document.label
    known = [name for name, option in BY_NAME.items() if _allowed(option, document.owner)]
    keys = spell_out(document.content, (INDEX, *BY_NAME), label, (INDEX, *known))
    statements = []
    for key, value in keys.items():
        if key == INDEX:
            continue
        option = BY_NAME[key]
        if not _allowed(option, document.owner):
            raise _forbidden(option, f"{label}, {key}")
        statements.append(state(option, value, f"{label}, {key}", document.level, document.folder))
    return tuple(statements)


def spell_out(
    table: Mapping[str, Any], known: Iterable[str], label: str, offered: Iterable[str] = ()
) -> dict[str, Any]:
    """Return a table with its keys spelled as options are.

    :param offered: of the known keys those that may be proposed, where not all of them fit.
    :raises InputError: ``unknown-option``; ``malformed-configuration`` for a key that is there twice.
    """
    keys = set(known)
    spelled: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("_", "-")
        if name not in keys:
            raise _unknown(key, name, label, tuple(offered) or tuple(keys))
        if name in spelled:
            raise InputError("malformed-configuration", f"{label} sets {name} twice", hint="Keep one of the two.")
        spelled[name] = value
    return spelled


def state(option: Option, value: object, origin: str, level: Level, folder: str) -> Statement:
    """Return the statement that a key makes.

    :param folder: what a relative path in it is relative to.
    :raises InputError: ``malformed-option`` when the value has the wrong type.
    """
    kind = option.kind
    if kind == "flag" and isinstance(value, bool):
        return Statement(option, "yes" if value else "no", origin, level)
    if _is_number(value, kind):
        return Statement(option, str(value), origin, level)
    if kind in {"list", "names", "statuses"} and isinstance(value, list):
        items = tuple(_item(option, item, origin, folder) for item in value)
        return Statement(option, ",".join(items), origin, level, None if kind == "names" else items)
    if kind == "moment" and (isoformat := getattr(value, "isoformat", None)) is not None:  # a date of TOML
        return Statement(option, isoformat(), origin, level)
    if isinstance(value, str) and kind in {"wait", "age", "moment", "choice", "url", "path"}:
        return Statement(option, _placed(option, _plain(option, value, origin), folder), origin, level)
    raise malformed(spell(value), option, origin, _WANTED.get(kind, "a text"))


def beside(text: str, folder: str) -> str:
    """Return a path relative to a folder as an absolute one; anything else as it is."""
    return text if _ADDRESS.match(text) else os.path.join(folder, text)


def spell(value: object) -> str:
    """Return a value as a message may show it: what it holds only where it is a single thing."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    return "an array" if isinstance(value, list) else "a table" if isinstance(value, dict) else "a date or time"


def _is_number(value: object, kind: Kind) -> bool:
    """Whether a value is a number as a kind of option takes it; a boolean is none."""
    if isinstance(value, float):
        return kind in {"wait", "age"}
    return isinstance(value, int) and not isinstance(value, bool) and kind in {"count", "whole", "wait", "age"}


def _item(option: Option, item: object, origin: str, folder: str) -> str:
    """Return one element of an array as text."""
    if option.kind == "statuses" and isinstance(item, int) and not isinstance(item, bool):
        return str(item)
    if option.kind != "statuses" and isinstance(item, str):
        return _placed(option, _plain(option, item, origin), folder)
    raise malformed(spell(item), option, origin, _WANTED[option.kind])


def _plain(option: Option, text: str, origin: str) -> str:
    """Return a text that no system call stumbles over; a flag or a variable cannot hold another."""
    if _CONTROL.search(text):
        raise malformed(text, option, origin, "a text without control characters")
    return text


def _placed(option: Option, text: str, folder: str) -> str:
    if option.kind not in {"url", "path", "list"} or not text.strip():
        return text
    return text if option.name in _NAMED and not text.startswith(".") else beside(text, folder)


def _allowed(option: Option, owner: str) -> bool:
    return option.files in {"any", owner}


def _unknown(key: str, name: str, label: str, known: tuple[str, ...]) -> InputError:
    from difflib import get_close_matches  # late: only for who has made a mistake

    near = get_close_matches(name[:80], known, 1)
    shown = mask(key if key.isprintable() else repr(key))
    return InputError(
        "unknown-option",
        f"{label} sets {shown[:80]}, which is no option",
        hint=f"Did you mean {near[0]}?" if near else "See what there is: clearway install --help",
    )


def _forbidden(option: Option, origin: str) -> InputError:
    if option.files == "user":
        why = "is not for a project's file: it is for you to say what is run, trusted or overwritten on your machine"
        hint = f"Put {option.name} into your own configuration file, a variable or the command line."
    else:
        why = "belongs to a single run, not into a configuration file"
        hint = f"Give --{option.name} on the command line."
    return InputError("option-not-for-files", f"{origin} {why}", hint=hint)
