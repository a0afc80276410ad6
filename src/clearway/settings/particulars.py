"""What an ``[[index]]`` table says about its credential, its certificate and the projects that it is asked for.

A project's file may say none of what is run, trusted or sent with on somebody's machine (DESIGN 4.7): no command, no
keyring, no certificate, no further origin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from clearway.errors import InputError
from clearway.model.urls import mask
from clearway.settings.documents import beside, spell
from clearway.settings.settings import Particulars

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clearway.settings.documents import Document

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PATTERN = r"[A-Za-z0-9*](?:[A-Za-z0-9._*-]*[A-Za-z0-9*])?"
_ORIGIN = r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/?|https?://\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?/?"
_USERS_ALONE = frozenset({"password-command", "credential-helper", "keyring", "client-cert", "client-key", "origins"})
_CREDENTIAL = frozenset({"username", "password-command", "credential-helper", "keyring", "client-cert", "origins"})


def read_particulars(keys: Mapping[str, Any], label: str, document: Document) -> dict[str, Any]:
    """Read those keys of a table that are in :data:`KEYS`; return the fields of ``Particulars`` that they fill.

    :param label: the file and the index, for people.
    :raises InputError: ``malformed-configuration``, ``option-not-for-files``.
    """
    read = {}
    for key, value in keys.items():
        where = f"{label}, {key}"
        if key in _USERS_ALONE and document.owner == "project":
            raise InputError(
                "option-not-for-files",
                f"{where} is not for a project's file: it is for you to say what is run, and what is sent to whom",
                hint=f"Put a table of that name, with url and {key}, into your own configuration file.",
            )
        read[key.replace("-", "_")] = KEYS[key](value, where, document.folder)
    if {"password_command", "credential_helper"} <= read.keys():
        raise _malformed(f"{label} has both password-command and credential-helper", "Keep one of the two.")
    return read


def make_particulars(read: Mapping[str, Any], label: str) -> Particulars:
    """Return what follows from the keys of one table, or of two of one name.

    :raises InputError: ``malformed-configuration`` when they do not go together.
    """
    made = Particulars(**read)
    if made.client_key and not made.client_cert:
        raise _malformed(f"{label} has a client-key, but no client-cert", "Name the certificate that the key is for.")
    if made.explicit and not made.packages:
        raise _malformed(
            f"{label} is explicit, but claims no packages: it would never be asked",
            'Say which: packages = ["corp-*"].',
        )
    return made


def gives_credential(read: Mapping[str, Any]) -> bool:
    """Whether the keys of a table say what is sent to the index, or on whose behalf."""
    return any(read.get(key.replace("-", "_")) for key in _CREDENTIAL)


def _text(value: object, where: str, _folder: str = "") -> str:
    if isinstance(value, str) and value.strip() and not _CONTROL.search(value):
        return value
    # a text is not shown: it may be a token
    found = _shown(value) if not isinstance(value, str) else "one with control characters" if value.strip() else "empty"
    raise _malformed(f"{where} is {found}, but it takes a text", "Correct the value, or leave it out.")


def _username(value: object, where: str, _folder: str) -> str:
    text = _text(value, where)
    if ":" in text:
        raise _malformed(f"{where} has a colon in it, which no user name has (RFC 7617)", "Correct the value.")
    return text


def _flag(value: object, where: str, _folder: str) -> bool:
    if not isinstance(value, bool):
        raise _malformed(f"{where} is {_shown(value)}, but it takes true or false", "Correct the value.")
    return value


def _command(value: object, where: str, folder: str) -> tuple[str, ...]:
    """Read a command: its words, or one text that is split as a shell would, but that no shell sees."""
    if isinstance(value, str):
        from shlex import split  # late: 3 ms, and hardly any table has a command

        try:
            words = split(_text(value, where))
        except ValueError as error:
            raise _malformed(f"{where} cannot be split into words: {error}", "Write it as an array.") from None
    else:
        words = list(_texts(value, where, folder))
    if not words:
        raise _malformed(f"{where} is empty", 'Write it as an array: ["program", "argument"].')
    return (beside(words[0], folder) if words[0].startswith(".") else words[0], *words[1:])


def _texts(value: object, where: str, _folder: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _malformed(f"{where} is {_shown(value)}, but it takes an array of texts", "Correct the value.")
    return tuple(_text(item, where) for item in value)


def _patterns(value: object, where: str, folder: str) -> tuple[str, ...]:
    """Read patterns of project names, as they are once normalized (PEP 503)."""
    patterns = _texts(value, where, folder)
    for pattern in patterns:
        if not re.fullmatch(_PATTERN, pattern):
            raise _malformed(
                f"{where}: {mask(pattern)[:80]!r} is no pattern of a project's name", 'Write names such as "corp-*".'
            )
    return tuple(re.sub(r"[-_.]+", "-", pattern).lower() for pattern in patterns)


def _origins(value: object, where: str, folder: str) -> tuple[str, ...]:
    origins = _texts(value, where, folder)
    for one in origins:
        if not re.fullmatch(_ORIGIN, one):
            raise _malformed(
                f"{where}: {mask(one)[:80]!r} is no origin", "Write scheme and host: https://files.example.com"
            )
    return tuple(one.rstrip("/") for one in origins)


def _forwarded(value: object, where: str, _folder: str) -> Literal["last", "refuse"]:
    if value == "last":
        return "last"
    if value == "refuse":
        return "refuse"
    raise _malformed(f"{where} is {_shown(value)}, but it takes last or refuse", "Correct the value.")


def _path(value: object, where: str, folder: str) -> str:
    return beside(_text(value, where), folder)


def _shown(value: object) -> str:
    return repr(mask(spell(value))[:80])


def _malformed(message: str, hint: str) -> InputError:
    return InputError("malformed-configuration", message, hint=hint)


KEYS: dict[str, Callable[[Any, str, str], object]] = {
    "username": _username,
    "password-command": _command,
    "credential-helper": _command,
    "keyring": _flag,
    "anonymous": _flag,
    "packages": _patterns,
    "explicit": _flag,
    "origins": _origins,
    "forwarded": _forwarded,
    "client-cert": _path,
    "client-key": _path,
}
"""How each key is read: from its value, where it stands, and the folder of the file."""
