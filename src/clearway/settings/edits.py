"""Changes of our own configuration files: what a name means, which value a person's words are, what the text becomes.

A change is made in the text (:mod:`clearway.settings.toml_text`) and in the parsed content, and the two have to agree
afterwards; where they do not, because the file is laid out in a way that is not understood, nothing is changed.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from clearway.errors import InputError
from clearway.model.names import normalize
from clearway.model.urls import mask
from clearway.settings.documents import INDEX
from clearway.settings.merge import merge
from clearway.settings.option import COMMANDS
from clearway.settings.particulars import KEYS
from clearway.settings.table import BY_NAME, TABLE
from clearway.settings.toml_text import add_table, outline, remove_key, remove_table, set_key, spell_value
from clearway.settings.values import Level, Statement, read_boolean, read_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearway.settings.documents import Document
    from clearway.settings.option import Option
    from clearway.settings.toml_text import Path

_RULES = {option.name: option for option in TABLE if option.per_index}
INDEX_KEYS = ("url", "default", *KEYS, *_RULES)
_FLAGS = frozenset({"default", "keyring", "anonymous", "explicit"})
_ARRAYS = frozenset({"packages", "origins"})
_WORDS = frozenset({"password-command", "credential-helper"})
_SECRETS = frozenset({"password", "token", "secret"})
_USER_INFO = re.compile(r"://\S*@")
"""User info, even where a slash in a password was not encoded, so that it looks like a path."""
_NO_SECRETS = (
    "Give it by the variable CLEARWAY_INDEX_<NAME>_PASSWORD or _TOKEN, keep it in a keyring or in netrc, or name a "
    "command that prints it: index.NAME.password-command (docs/explanation/credentials.md)."
)


class Name(NamedTuple):
    """What a name on the command line means.

    :ivar key: of an option, or of an index's table; empty for that whole table.
    :ivar of: the name of the index; empty for a key of the whole run.
    :ivar section: of pip's files, if one was named.
    """

    key: str
    of: str = ""
    section: str = ""

    @property
    def shown(self) -> str:
        """How it is written."""
        parts = (INDEX, self.of, self.key) if self.of else (self.section, self.key)
        return ".".join(filter(None, parts))


def read_name(text: str) -> Name:
    """Read ``timeout``, pip's ``global.timeout`` and ``install.timeout``, ``index.corp.url`` or ``index.corp``.

    :raises InputError: ``unknown-option``.
    """
    section, dot, rest = text.partition(".")
    if section == INDEX and rest:
        name, dot, key = rest.rpartition(".")
        key = key.replace("_", "-")
        if dot and key in {*INDEX_KEYS, "name", *_SECRETS}:
            return Name(key, name)
        if dot and not re.fullmatch(r"[a-z]", key) and _near(key, INDEX_KEYS):
            raise _unknown(text, f"{INDEX}.{name}.{_near(key, INDEX_KEYS)}")
        return Name("", rest)
    key = (rest if dot else text).removeprefix("--").replace("_", "-")
    if dot and section not in {"global", *COMMANDS}:
        raise _unknown(text, "")
    if key not in BY_NAME:
        near = _near(key, BY_NAME)
        raise _unknown(text, near and ".".join(filter(None, (section if dot else "", near))))
    return Name(BY_NAME[key].name, "", "" if section == "global" or not dot else section)


def read_words(name: Name, words: Sequence[str]) -> object:
    """Return the value that a person's words are, as TOML has it.

    :raises InputError: ``bad-arguments``, ``malformed-option``, ``secret-in-file``.
    """
    if name.key in _SECRETS or any(_USER_INFO.search(word) for word in words):
        raise InputError(
            "secret-in-file",
            f"{name.shown} would put a credential into a file, which clearway does not do",
            hint=_NO_SECRETS if name.of or name.key != "proxy" else "Give it by the variable CLEARWAY_PROXY.",
        )
    if name.section:
        raise InputError(
            "bad-arguments",
            f"{name.shown}: clearway's own files say what they say to all commands",
            hint=f"Set {name.key}, or write pip's file for one command alone.",
        )
    option = _RULES.get(name.key) if name.of else BY_NAME[name.key]
    several = (option is not None and option.kind in {"list", "names", "statuses"}) or name.key in _ARRAYS | _WORDS
    if len(words) != 1 and not (several and words):
        raise InputError(
            "bad-arguments",
            f"{name.shown} takes one value, but {len(words) or 'none'} {'were' if words else 'was'} given",
            hint="See: clearway config --help",
        )
    if option is not None:
        return _value(option, words, name.shown)
    if name.key in _ARRAYS:
        return [part for word in words for part in word.split()]
    if name.key in _FLAGS:
        return read_boolean(words[0], BY_NAME["isolated"], name.shown) if _is_boolean(words[0]) else words[0]
    return words[0] if len(words) == 1 else list(words)


def change(text: str, document: Document, prefix: tuple[str, ...], name: Name, value: object | None) -> str:
    """Return the text of a file in which a key has a value, or, where that is None, has gone.

    :param document: what the text says.
    :param prefix: the table that is ours.
    :raises InputError: ``not-set``; ``layout`` if the text is laid out in a way that is not understood.
    """
    content = deepcopy(document.content)
    table, number = _table(content, name, document.label, missing_ok=value is not None)
    spellings = [key for key in _spellings(name) if key in table]
    if value is None and name.key and not spellings:
        raise _not_set(name, document.label)
    at: Path = (*prefix, INDEX, number) if name.of else prefix
    try:
        if not name.key:
            text = remove_table(text, at)
            content[INDEX].remove(table)
            if not content[INDEX]:
                del content[INDEX]
        elif value is None:
            text = remove_key(text, (*at, spellings[0]))
            del table[spellings[0]]
        else:
            text = _with_key(text, at, table, name, spell_value(value))
            table[spellings[0] if spellings else name.key] = value
    except (KeyError, ValueError):
        raise _layout(document.label) from None
    _verify(text, prefix, content, document.label)
    return text


def check(documents: Sequence[Document]) -> None:
    """See that files say nothing that a command would stumble over.

    :raises InputError: as :func:`clearway.settings.merge.merge`.
    """
    for command in COMMANDS:
        merge(command, (), {}, (), documents)


def _with_key(text: str, at: Path, table: dict[str, Any], name: Name, value: str) -> str:
    """Return the text with a key; with the table that it stands in, if that is not there yet."""
    keys = [key for key in _spellings(name) if key in table] or [name.key]
    if not name.of:
        header = ".".join(map(str, at))
        if at and at not in outline(text).tables:
            return add_table(text, f"[{header}]", [f"{name.key} = {value}"])
        return set_key(text, at, keys, value)
    if table.keys() == {"name"} and at not in outline(text).tables:
        header = ".".join(part for part in at if isinstance(part, str))
        return add_table(text, f"[[{header}]]", [f"name = {spell_value(name.of)}", f"{name.key} = {value}"])
    return set_key(text, at, keys, value)


def _table(content: dict[str, Any], name: Name, label: str, *, missing_ok: bool) -> tuple[dict[str, Any], int]:
    """Return the table that a key stands in, and which of the indexes that is; a new one if there is none."""
    if not name.of:
        return content, 0
    tables = content.setdefault(INDEX, []) if missing_ok else content.get(INDEX, [])
    for number, table in enumerate(tables):
        if normalize(str(table.get("name", ""))) == normalize(name.of):
            return table, number
    if not missing_ok:
        raise _not_set(name, label)
    tables.append({"name": name.of})
    return tables[-1], len(tables) - 1


def _verify(text: str, prefix: tuple[str, ...], content: dict[str, Any], label: str) -> None:
    import tomllib  # late: 10 ms, and only for who changes a file

    try:
        parsed: Any = tomllib.loads(text.removeprefix("\ufeff"))
        for part in prefix:
            parsed = parsed[part]
    except (ValueError, KeyError):
        raise _layout(label) from None
    if parsed != content:
        raise _layout(label)


def _value(option: Option, words: Sequence[str], origin: str) -> object:
    """Return the value of an option; see that it is one."""
    text = words[0]
    if option.kind in {"list", "names", "statuses"}:
        parts = [part for word in words for part in word.replace(",", " ").split()]
        if option.kind == "statuses":
            read_value(Statement(option, ",".join(parts), origin, Level.FLAG))
            return sorted(map(int, parts))
        return [part for word in words for part in word.split()]
    if option.kind == "flag":
        return read_boolean(text, option, origin)
    read_value(Statement(option, text, origin, Level.FLAG))
    return int(text) if option.kind in {"count", "whole"} and text.strip().isdecimal() else text


def _is_boolean(text: str) -> bool:
    try:
        read_boolean(text, BY_NAME["isolated"], "")
    except InputError:
        return False
    return True


def _spellings(name: Name) -> tuple[str, ...]:
    names = (name.key,) if name.of or name.key not in BY_NAME else BY_NAME[name.key].names
    return tuple(dict.fromkeys(spelled for one in names for spelled in (one, one.replace("-", "_"))))


def _near(word: str, known: Sequence[str] | dict[str, Option]) -> str:
    from difflib import get_close_matches  # late: only for who has made a mistake

    return next(iter(get_close_matches(word[:80], list(known), 1)), "")


def _unknown(text: str, near: str) -> InputError:
    shown = mask(text if text.isprintable() else repr(text))[:80]
    hint = f"Did you mean {near}?" if near else "Names are those of options, as timeout, or index.NAME.KEY."
    return InputError("unknown-option", f"There is no setting {shown}", hint=hint)


def _not_set(name: Name, label: str) -> InputError:
    return InputError(
        "not-set", f"{label} does not set {name.shown}", hint="See where it is set: clearway config debug"
    )


def _layout(label: str) -> InputError:
    return InputError(
        "layout",
        f"{label} is laid out in a way that cannot be changed safely, so nothing was changed",
        hint="Change it yourself: clearway config edit",
    )
