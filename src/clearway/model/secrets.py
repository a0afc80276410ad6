"""Secrets that cannot be printed by accident, and the credential that an index is given (DESIGN 4.7)."""

from __future__ import annotations

from typing import Literal


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
    """What is sent to one index, and where it came from (told to people; never the secret itself).

    Two of them are equal when they send the same, wherever they came from.

    :ivar scheme: ``basic``: a user name and a password (RFC 7617); ``bearer``: a token alone (RFC 6750).
    """

    __slots__ = ("password", "scheme", "source", "username")

    def __init__(
        self, username: str, password: Secret, source: str, scheme: Literal["basic", "bearer"] = "basic"
    ) -> None:
        self.username = username
        self.password = password
        self.source = source
        self.scheme = scheme

    def __repr__(self) -> str:
        return f"Credential(****, from {self.source})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Credential) and other._sent() == self._sent()

    def __hash__(self) -> int:
        return hash(self._sent())

    def __reduce__(self) -> str:
        message = "a credential is not written anywhere"
        raise TypeError(message)

    def _sent(self) -> tuple[str, str, Secret]:
        return self.scheme, self.username, self.password
