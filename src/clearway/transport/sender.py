"""The small protocol below the fetcher: one request out, one answer back, nothing followed and nothing retried."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from clearway.errors import InputError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


_LONGEST = 200
"""Characters of a reason; a library may quote what a server sent."""


class BrokenConnection(Exception):
    """No answer, or only a part of one: refused, reset, timed out, name not found. Another try may help.

    :param reason: in the system's words, short.
    :param connected: whether the server was reached at all.
    :param held: it was reached, and sent nothing in the time that it had for the first byte of its answer.
    """

    def __init__(self, reason: str, *, connected: bool, held: bool = False) -> None:
        super().__init__(reason)
        shown = "".join(letter if letter.isprintable() else " " for letter in reason[:_LONGEST])  # a server's, in part
        self.reason = " ".join(shown.split())
        self.connected = connected
        self.held = held


class UnusableSender(Exception):
    """A sender that this machine cannot make, where another one may do: it has no certificates, or strange ones."""


class ProxyDenied(Exception):
    """A proxy on the way wants another credential than it was given (RFC 9110, section 15.5.8)."""


class UntrustedServer(Exception):
    """TLS could not be agreed on: an unknown authority, a wrong host name, an expired certificate."""


class Identity(NamedTuple):
    """A client certificate and its private key, for servers that ask for one (RFC 8446, section 4.3.2).

    :ivar certificate: a file in PEM format.
    :ivar key: a file in PEM format; empty where the key is in the same file.
    """

    certificate: str
    key: str = ""

    def read(self) -> bytes:
        """Return certificate and key as one text.

        :raises InputError: ``no-such-file``.
        """
        parts = []
        for path in filter(None, self):
            try:
                with open(path, "rb") as file:
                    parts.append(file.read())
            except OSError as error:
                raise InputError(
                    "no-such-file",
                    f"The client certificate or key {path} cannot be read: {error.strerror}",
                    hint="Correct --client-cert, or client-cert and client-key in the index's table.",
                ) from None
        return b"\n".join(parts)

    def unusable(self, reason: str) -> InputError:
        """Return the error for files that are there, but do not hold what they should."""
        return InputError(
            "not-a-certificate",
            f"The client certificate {self.certificate} cannot be used: {reason}",
            hint="It has to hold a certificate in PEM format, and its private key without a passphrase beside it or "
            "in a file of its own (client-key).",
        )


class Answer(Protocol):
    """One answer, its body unread."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def phrase(self) -> str:
        """The reason phrase of the status line; empty where it is not known."""

    def header(self, name: str) -> str:
        """Return the first value of a header, or an empty text."""

    def read(self, amount: int) -> bytes:
        """Return up to ``amount`` further bytes of the decoded body; empty at its end.

        :raises BrokenConnection: when the body ends before it is whole.
        """


class Sender(Protocol):
    """Sends one GET and gives its answer; the connection is free again, or closed, when the context ends."""

    def send(
        self, url: str, headers: dict[str, str], patience: float = 0.0, identity: Identity | None = None
    ) -> AbstractContextManager[Answer]:
        """Send a request.

        :param patience: seconds that the first byte of the answer may take; 0 for the sender's usual time limit.
        :param identity: what is shown to a server that asks who we are; None for the sender's usual one, if any.
        :raises InputError: ``no-such-file``, ``not-a-certificate``: the identity cannot be used; ``bad-proxy``.
        :raises BrokenConnection: when no answer came.
        :raises ProxyDenied: when a proxy did not open its tunnel for want of a credential.
        :raises UntrustedServer: when TLS failed.
        """

    def close(self) -> None:
        """Close what is kept open."""
