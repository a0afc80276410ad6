"""The table of DESIGN 4.6: what a status means, by what was asked.

One place decides it, for transport (what is worth another try), for the catalog (what is absent, refused or an error)
and for the messages.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from clearway.policy.rules import Rules

Asked = Literal["listing", "file", "sidecar"]


class Meaning(Enum):
    """What an answer means for the question that was asked."""

    HERE = "here"  #: the body is the answer
    SAME = "same"  #: not modified: the stored body is still the answer (RFC 9110, section 15.4.5)
    ABSENT = "absent"  #: a listing: this index does not have the project; a sidecar: read the wheel instead
    REFUSED = "refused"  #: the index will not hand the file out, by policy
    GONE = "gone"  #: a listed file is not there
    CREDENTIAL = "credential"  #: the credential is missing or wrong: stop
    FORBIDDEN = "forbidden"  #: a listing: refused, or a project that this index does not show
    FORWARDED = "forwarded"  #: a listing: another origin has it
    PASSING = "passing"  #: may be better in a moment: try again
    STOP = "stop"  #: nothing that may be stepped around: stop


REFUSALS = frozenset({403, 409, 423, 451})
"""Statuses by which a listed file is refused (RFC 9110 section 15.5.4, RFC 4918 section 11.3, RFC 7725)."""


REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Redirects that are followed (RFC 9110, section 15.4)."""


def is_passing(status: int) -> bool:
    """Whether the same request may be answered differently in a moment; 501 and 505 say that it never will."""
    return status in {408, 429} or (status >= 500 and status not in {501, 505})


def meaning(asked: Asked, status: int, rules: Rules) -> Meaning:
    """Return what a status means for what was asked, at an index with these rules."""
    if status in {200, 206}:
        return Meaning.HERE
    if status == 304:
        return Meaning.SAME
    if status in {401, 407}:
        return Meaning.CREDENTIAL
    if asked == "sidecar":
        return Meaning.ABSENT
    if asked == "listing" and status in REDIRECTS:
        return Meaning.FORWARDED
    if asked == "file" and status in rules.refusal_status:
        return Meaning.REFUSED
    if asked == "listing" and status in {404, 410, *rules.absent_status}:
        return Meaning.ABSENT
    if is_passing(status):
        return Meaning.PASSING
    if asked == "listing":
        return Meaning.FORBIDDEN if status == 403 else Meaning.STOP
    return Meaning.GONE if status in {404, 410} else Meaning.STOP
