"""Secrets that cannot be printed by accident, and the credential that an index is given (DESIGN 4.7)."""

from __future__ import annotations


class Secret:
    """A text that shows as ``****`` wherever it is printed, formatted, compared in a failure or pickled into a log.

    Only :meth:`reveal` gives it out, and only ``transport`` calls that.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the text itself, for the one request header it was given for."""
        return self.__text

    def __repr__(self) -> str:
        return "****"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "****"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __reduce__(self) -> str:
        message = "a secret is not written anywhere"
        raise TypeError(message)


class Credential:
    """A user name and a password for one index, and where they came from (told to people; never the secret itself)."""

    __slots__ = ("password", "source", "username")

    def __init__(self, username: str, password: Secret, source: str) -> None:
        self.username = username
        self.password = password
        self.source = source

    def __repr__(self) -> str:
        return f"Credential({self.username!r}, ****, from {self.source})"
