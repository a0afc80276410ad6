"""The ``[[index]]`` tables of our own configuration files: what they say, and what comes of two tables of one name.

The project's table overrides the user's key by key. One thing it may not do: lead a name that the user's table gives a
credential, or a way to one, to another place (DESIGN 4.7). Names that differ in case or separators alone are one name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from clearway.errors import InputError
from clearway.model.inputs import Given
from clearway.model.names import normalize
from clearway.model.urls import mask, origin, split_user_info
from clearway.settings.documents import INDEX, beside, spell, spell_out, state
from clearway.settings.particulars import KEYS, gives_credential, make_particulars, read_particulars
from clearway.settings.rules import say, settle
from clearway.settings.settings import ConfiguredIndex
from clearway.settings.table import TABLE
from clearway.settings.values import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearway.settings.documents import Document
    from clearway.settings.rules import Said

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?", re.ASCII)
_RULES = {option.name: option for option in TABLE if option.per_index}
_KEYS = ("name", "url", "default", *KEYS, *_RULES)
_GUARDS = ("packages", "explicit", "forwarded", "anonymous")
"""What keeps names and credentials where they belong: what the user says of it, no project's file takes back."""


class Table(msgspec.Struct, frozen=True):
    """One table, or two of one name combined.

    :param label: the file and the name, for people.
    :param url: where it was given; None where a project's table only adds to the user's.
    :param default: whether it is the default index, and ``default_said_by`` whose file says so.
    :param rules: what it says about the index's rules.
    :param read: what else it says, by the field of ``Particulars``.
    :param vouched: the URL that the user's own file gives the name, empty if it does not.
    """

    name: str
    label: str
    url: Given | None
    default: bool
    default_said_by: str
    rules: Said
    read: dict[str, Any]
    vouched: str

    def configured(self, run: Said) -> ConfiguredIndex:
        """Return the index, with its rules settled.

        :param run: what is said about the rules of all indexes.
        """
        assert self.url is not None, "combine() has seen to it"
        particulars = make_particulars(self.read, self.label)
        return ConfiguredIndex(self.name, self.url, settle(run, self.rules), particulars, self.vouched)


def read_tables(document: Document) -> tuple[Table, ...]:
    """Read the tables of one file.

    :raises InputError: ``malformed-configuration``, ``unknown-option``, ``malformed-option``.
    """
    value = document.content.get(INDEX, [])
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise _malformed(f"{document.label}, index is not a list of tables", "Begin each of them with [[index]].")
    tables = tuple(_read(table, number, document) for number, table in enumerate(value, start=1))
    names: set[str] = set()
    for table in tables:
        if normalize(table.name) in names:
            raise _malformed(
                f"{document.label} has two tables for the index {table.name}", "Give each index a name of its own."
            )
        names.add(normalize(table.name))
    defaults = [f"index {table.name}" for table in tables if table.default]
    defaults += [key for key in ("index-url", "index_url") if defaults and key in document.content]
    if len(defaults) > 1:
        raise _malformed(f"{document.label} has two default indexes: {defaults[0]} and {defaults[1]}", "Keep one.")
    return tables


def combine(files: Sequence[Sequence[Table]]) -> tuple[Table, ...]:
    """Return the tables of all files as one list: those of the strongest file, which comes last, first.

    :raises InputError: ``malformed-configuration`` when there is no URL for a name; ``repointed-index``.
    """
    combined: dict[str, Table] = {}
    for tables in reversed(files):
        for table in tables:
            key = normalize(table.name)
            combined[key] = _override(combined[key], table) if key in combined else table
    for table in combined.values():
        if table.url is None:
            raise _malformed(f"{table.label} has no url", 'Say where it is: url = "https://HOST/PATH/simple/".')
    return tuple(combined.values())


def _read(table: dict[str, Any], number: int, document: Document) -> Table:
    label = f"{document.label}, index {number}"
    keys = spell_out(table, _KEYS, label)
    name = keys.pop("name", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _malformed(
            f"{label} has no name" if name is None else f"{label}: {mask(spell(name))[:80]!r} is no name for an index",
            "Name it by up to 64 letters, digits, '.', '_' and '-', with a letter or digit at both ends.",
        )
    label = f"{document.label}, index {name}"
    url, default = keys.pop("url", None), keys.pop("default", None)
    if url is not None and (not isinstance(url, str) or not url.strip()):
        raise _malformed(f"{label}: its url is no text", "Write it as https://HOST/PATH/simple/.")
    if not isinstance(default, bool | None):
        raise _malformed(f"{label}: default is neither true nor false", "Write default = true, or leave it out.")
    level = Level.USER_INDEX if document.owner == "user" else Level.PROJECT_INDEX
    rules: Said = {}
    read = read_particulars({key: keys.pop(key) for key in KEYS if key in keys}, label, document)
    if url is None and document.owner == "user" and gives_credential(read):
        raise _malformed(
            f"{label} says how to get a credential, but has no url", "Say which index it is for, by its url."
        )
    for key, value in keys.items():
        say(rules, state(_RULES[key], value, f"{label}, {key}", level, document.folder))
    given = None if url is None else Given(beside(url, document.folder) if url.startswith(".") else url, label)
    return Table(
        name=name,
        label=label,
        url=given,
        default=bool(default),
        default_said_by="" if default is None else document.owner,
        rules=rules,
        read=read,
        vouched=given.value if given is not None and document.owner == "user" else "",
    )


def _override(project: Table, user: Table) -> Table:
    """Return the user's table with what a project's table says about the same name."""
    says_default = project if project.default_said_by else user
    return Table(
        name=project.name,
        label=project.label,
        url=_overridden(project, user),
        default=says_default.default,
        default_said_by=says_default.default_said_by,
        rules=user.rules | {name: said for name, said in project.rules.items() if name != "absent-status"},
        read=user.read | project.read | {key: user.read[key] for key in _GUARDS if key in user.read},
        vouched=user.vouched,
    )


def _overridden(project: Table, user: Table) -> Given | None:
    """Return where an index is: where the project says, unless it would lead the user's credential or names astray."""
    if user.url is None or project.url is None:
        return project.url or user.url
    known, *secret = _split(user.url.value)
    stated, *other = _split(project.url.value)
    has_credential = any(secret) or gives_credential(user.read)
    if not has_credential and not user.read.get("packages"):
        return project.url
    if _place(known) != _place(stated):
        what = "has a credential" if has_credential else "claims names"
        raise InputError(
            "repointed-index",
            f"{project.label} names another URL for an index that {what} in your own configuration",
            context=(f"yours: {mask(known)}, from {user.label}", f"the project's: {mask(stated)}"),
            hint="If both are meant, give the project's index another name.",
        )
    return project.url if any(other) else user.url


def _split(url: str) -> tuple[str, str, str]:
    try:
        return split_user_info(url)
    except ValueError:  # no URL at all: it is told when the index is made
        return "", "", ""


def _place(url: str) -> tuple[object, str]:
    """Return what two spellings of one place share."""
    try:
        where = origin(url)
    except ValueError:
        return "", url
    return where, url.partition("://")[2].partition("/")[2].rstrip("/")


def _malformed(message: str, hint: str) -> InputError:
    return InputError("malformed-configuration", message, hint=hint)
