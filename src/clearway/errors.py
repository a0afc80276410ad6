"""The error tree: every way in which a command can fail that is not our bug.

::

    ClearwayError
    |-- InputError        2   what was asked is malformed: an option, a requirement, a file, a setting
    |-- ResolutionError   1   no set of releases satisfies what was asked
    |-- IndexFailure      3   an index cannot be reached or answers something that we must not step around
    |   `-- CredentialWanted  it wants a credential, or another one: a person or a keyring may have it
    |-- IntegrityError    4   bytes are not what was promised: a hash, an archive, its metadata
    |-- TargetError       5   the target environment or the cache cannot be read or changed
    |-- BuildError        6   a source tree cannot be built: it is no project, or its build backend failed
    `-- Interrupted     130   the person pressed Ctrl-C; 143 and 129 for the signals TERM and HUP

The number is the exit status of the process (``docs/reference/exit-codes.md``). All of them have one shape: a
``code`` that scripts can match, a ``message`` that says what happened and where, ``context`` lines with the
particulars, and a ``hint`` that says what to do next. None of these four ever holds a secret: a URL that goes in has
been masked by :func:`clearway.model.urls.mask`.

Expected absence (refused, gone, no wheel for this target) is a value and not an exception.
"""

from __future__ import annotations


class ClearwayError(Exception):
    """A failure with one cause, told in one shape.

    :param code: a stable slug such as ``"hash-mismatch"``.
    :param message: one sentence, no full stop: what happened and where.
    :param context: further lines, each one fact.
    :param hint: what to do next; empty when there is nothing to advise.
    """

    exit_status: int = 1

    def __init__(self, code: str, message: str, *, context: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.context = context
        self.hint = hint


class InputError(ClearwayError):
    """What was asked is malformed: an option, a requirement, a file, a setting."""

    exit_status = 2


class ResolutionError(ClearwayError):
    """No set of releases satisfies what was asked."""

    exit_status = 1


class IndexFailure(ClearwayError):
    """An index cannot be reached, or answers something that must not be stepped around."""

    exit_status = 3


class CredentialWanted(IndexFailure):
    """An index answered 401: it wants a credential, or another one than it was given.

    :param index: what the index is called.
    :param url: where it is, without user info.
    :param username: who it was asked for; empty where nobody was named.
    """

    def __init__(
        self, message: str, *, index: str, url: str, username: str = "", context: tuple[str, ...] = (), hint: str = ""
    ) -> None:
        super().__init__("credential", message, context=context, hint=hint)
        self.index = index
        self.url = url
        self.username = username


class IntegrityError(ClearwayError):
    """Bytes are not what was promised: nothing is installed and nothing is kept."""

    exit_status = 4


class TargetError(ClearwayError):
    """The target environment or the cache cannot be read or changed."""

    exit_status = 5


class BuildError(ClearwayError):
    """A source tree cannot be built: it is no project, or its build backend failed."""

    exit_status = 6


class Interrupted(ClearwayError):
    """The run was asked to stop: by Ctrl-C, or by a signal that ends programs.

    :param signal: its name; empty for Ctrl-C.
    :param number: its number; the exit status is 128 more, as shells have it.
    """

    exit_status = 130

    def __init__(self, signal: str = "", number: int = 2) -> None:
        super().__init__(
            "interrupted",
            f"Interrupted by {signal}" if signal else "Interrupted",
            hint="Nothing was left half done; run the command again.",
        )
        self.exit_status = 128 + number
