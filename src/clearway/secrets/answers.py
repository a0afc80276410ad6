"""What the commands of an index's table answer: a password alone, or JSON with a credential and its expiry (RFC 8259).

``password-command`` prints the password. ``credential-helper`` prints an object with ``username`` and ``password``, or
with ``token``, and with ``expires`` if the credential does: a date and time (RFC 3339), or seconds from now.
"""

from __future__ import annotations

import time
from datetime import datetime

import msgspec

from clearway.model.secrets import Credential, Secret
from clearway.secrets.commands import CommandFault

MARGIN = 60.0
"""Seconds before its expiry in which a credential is no longer begun with: clocks differ, and requests take time."""


class Answer(msgspec.Struct, frozen=True):
    """A credential, and when it ends, in seconds of the epoch; 0 for never, or too soon to wait for it."""

    credential: Credential
    expires: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether another one should be asked for."""
        return bool(self.expires) and time.time() >= self.expires - MARGIN


class _Told(msgspec.Struct):
    """The helper's object; further members are left alone."""

    username: str = ""
    password: str = ""
    token: str = ""
    expires: datetime | float | None = None


def read_password(text: str, username: str, source: str) -> Answer:
    """Read what a ``password-command`` printed.

    :raises CommandFault: it is nothing, or more than a line.
    """
    if not text or "\n" in text or "\0" in text:
        message = "printed more than one line" if text else "printed nothing"
        raise CommandFault(message)
    return Answer(Credential(username, Secret(text), source))


def read_answer(text: str, username: str, source: str) -> Answer:
    """Read what a ``credential-helper`` printed.

    :param username: who it is for, where the answer does not say.
    :raises CommandFault: it is no such object, or there is no credential in it.
    """
    try:
        told = msgspec.json.decode(text, type=_Told)
    except (msgspec.DecodeError, UnicodeEncodeError):  # what it says of the text may be a part of the secret
        message = "printed something else than JSON with username and password, or with token"
        raise CommandFault(message) from None
    if bool(told.token) == bool(told.password):
        message = "answered with both a password and a token" if told.token else "answered without password and token"
        raise CommandFault(message)
    return Answer(make_credential(told.username or username, told.password, told.token, source), _end(told.expires))


def make_credential(username: str, password: str, token: str, source: str) -> Credential:
    """Make a credential of a password or a token. A token is sent alone, or as the password of a user that is known.

    :raises CommandFault: a token to be sent alone that no header can hold (RFC 6750, section 2.1).
    """
    if not token or username:
        return Credential(username, Secret(token or password), source)
    if not token.isascii() or not token.isprintable() or " " in token:
        message = "holds a token with spaces, control characters or letters beyond ASCII"
        raise CommandFault(message)
    return Credential("", Secret(token), source, "bearer")


def _end(expires: datetime | float | None) -> float:
    if expires is None:
        return 0.0
    now = time.time()
    if isinstance(expires, datetime) and expires.tzinfo is None:
        return 0.0  # without an offset it is no time at all
    end = expires.timestamp() if isinstance(expires, datetime) else now + expires
    return end if end - MARGIN > now else 0.0
