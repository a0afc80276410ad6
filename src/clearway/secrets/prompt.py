"""Asks the person at the terminal who they are, and whether that is to be kept. The questions go to standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from clearway.model.secrets import Secret
from clearway.model.urls import mask

if TYPE_CHECKING:
    from clearway.index.records import Index


class Person(Protocol):
    """Somebody who can be asked."""

    def ask(self, index: Index, username: str) -> tuple[str, Secret] | None:
        """Return a user name and a password for an index, or None if there is none to give.

        :param username: who it is for, if that is known; only the password is asked for then.
        """

    def agrees_to_save(self) -> bool:
        """Whether the keyring shall keep it."""


class Terminal:
    """The person at the terminal (see :class:`Person`)."""

    def ask(self, index: Index, username: str) -> tuple[str, Secret] | None:
        """Ask for user name and password; no answer, or the end of the input, is none to give.

        A user name that is known is not shown: where there is no password, it may be a token.
        """
        from getpass import getpass  # late: only where somebody is asked

        url = mask(index.url)
        which = f"The index {index.name} ({url})" if index.name != index.url else f"The index {url}"
        sys.stderr.write(f"{which} wants a {'password' if username else 'user name and a password'}.\n")
        try:
            username = username or _answer("User name: ")
            if not username:
                return None
            return username, Secret(getpass("Password: ", sys.stderr))
        except EOFError:
            sys.stderr.write("\n")
            return None

    def agrees_to_save(self) -> bool:
        """Ask; the answer is no unless it is yes."""
        return _answer("Save it in the keyring [y/N]: ").lower() in {"y", "yes"}


def find_person(*, no_input: bool) -> Terminal | None:
    """Return who can be asked: nobody without a terminal at both ends."""
    ends = (sys.stdin, sys.stderr)
    return None if no_input or any(end is None or not end.isatty() for end in ends) else Terminal()


def _answer(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
