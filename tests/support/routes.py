"""Which credentials went where, and who was told which names: read off the requests that a server has seen."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.exchange import Seen

NOBODY = ""
"""What stands for a request without a credential."""


def credential_of(seen: Seen) -> str:
    """Return the ``user:password`` of a request, or :data:`NOBODY`; a bearer token as it stands."""
    scheme, _, value = seen.headers.get("authorization", "").partition(" ")
    return base64.b64decode(value).decode() if scheme == "Basic" else value


def sent_to(place: str, requests: Iterable[Seen]) -> list[str]:
    """Return the credentials that a place was sent: a repository, a path (with what is below), or ``ELSEWHERE``."""
    return sorted({credential_of(seen) for seen in requests if _is_at(place, seen)})


def names_told(place: str, requests: Iterable[Seen]) -> list[str]:
    """Return the projects that a place was asked for."""
    return sorted({seen.project for seen in requests if _is_at(place, seen) and seen.project})


def _is_at(place: str, seen: Seen) -> bool:
    elsewhere = seen.headers.get("host", "").startswith("localhost")
    if place == "ELSEWHERE":
        return elsewhere
    if place.startswith("/"):
        return seen.path.startswith(place)
    return seen.repository == place and not elsewhere
