"""The table of DESIGN 4.6: what a status means, by what was asked.

One place decides it, for transport (what is worth another try), for the catalog (what is absent, refused or an error)
and for the messages.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

Asked = Literal["listing", "file", "sidecar"]


class Meaning(Enum):
    """What an answer means for the question that was asked."""

    HERE = "here"  #: the body is the answer
    SAME = "same"  #: not modified: the stored body is still the answer (RFC 9110, section 15.4.5)
    ABSENT = "absent"  #: a listing: this index does not have the project; a sidecar: read the wheel instead
    REFUSED = "refused"  #: the index will not hand the file out, by policy
    GONE = "gone"  #: a listed file is not there
    CREDENTIAL = "credential"  #: the credential is missing or wrong: stop
    PASSING = "passing"  #: may be better in a moment: try again
    STOP = "stop"  #: nothing that may be stepped around: stop


REFUSALS = frozenset({403, 409, 423, 451})
"""Statuses by which a listed file is refused (RFC 9110 section 15.5.4, RFC 4918 section 11.3, RFC 7725)."""


def is_passing(status: int) -> bool:
    """Whether the same request may be answered differently in a moment; 501 and 505 say that it never will."""
    return status in {408, 429} or (status >= 500 and status not in {501, 505})


def meaning(asked: Asked, status: int) -> Meaning:
    """Return what a status means for what was asked."""
    if status in {200, 206}:
        return Meaning.HERE
    if status == 304:
        return Meaning.SAME
    if status in {401, 407}:
        return Meaning.CREDENTIAL
    if asked == "sidecar":
        return Meaning.ABSENT
    if is_passing(status):
        return Meaning.PASSING
    if asked == "listing":
        return Meaning.ABSENT if status in {404, 410} else Meaning.STOP
    if status in REFUSALS:
        return Meaning.REFUSED
    return Meaning.GONE if status in {404, 410} else Meaning.STOP
