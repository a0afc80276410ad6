"""The hosts whose certificates are not checked (``--trusted-host``), each for itself alone.

The decision is made for each request anew, by the host that it goes to: a redirect to another host is checked as
usual, and so is a proxy on the way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.model.urls import origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.model.inputs import Given

_PLACE = r"([\w.-]+|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?::(\d{1,5}))?"
"""Compiled where it is used: hardly any run trusts a host."""


class TrustedHosts:
    """Hosts that are believed without a valid certificate; without a port, at each of theirs.

    :raises InputError: ``malformed-option``.
    """

    def __init__(self, stated: Iterable[Given] = ()) -> None:
        self._places = {_read(one): None for one in stated}

    def __bool__(self) -> bool:
        return bool(self._places)

    def __str__(self) -> str:
        return ", ".join(f"{host}:{port}" if port else host for host, port in self._places)

    def covers(self, url: str) -> bool:
        """Whether the certificate of the server of a URL is not checked."""
        if not self._places:
            return False
        _, host, port = origin(url)
        return (host, 0) in self._places or (host, port) in self._places


def _read(stated: Given) -> tuple[str, int]:
    """Return host and port, 0 for any."""
    text = stated.value.strip()
    match = re.fullmatch(_PLACE, text, re.ASCII)
    if match is None or int(match[2] or 1) not in range(1, 65_536):
        raise InputError(
            "malformed-option",
            f"{stated.origin} is {text.rpartition('@')[2][:80]!r}, but --trusted-host takes a host, or HOST:PORT",
            hint="Name the host alone: --trusted-host packages.example.com",
        )
    return match[1].strip("[]").lower(), int(match[2] or 0)
