"""The frozen index behind a firewall: what a policed mirror answers.

::

    .frozen/policed.json            what is refused, written while recording (see policy.py)
    .frozen/served-policed/NAME.*   listings as this manner serves them

Listings are HTML only (PEP 503) and announce no sidecars; a sidecar that is asked for all the same is absent. A Range
header is passed over, which RFC 9110 section 14.2 leaves to a server. Everything needs the one credential, by HTTP
Basic authentication (RFC 7617). A refused release stays in its listing, and its files answer 403 to every method with
problem details (RFC 9457).
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import listings
from frozen import FOR_FILES, Frozen, missing
from http1 import Answer, Request, head

if TYPE_CHECKING:
    from pathlib import Path

USER, PASSWORD = "reader", "of-the-mirror"
_AUTHORIZATION = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
_LEFT_OUT = frozenset({"range", "if-range", "accept"})


class Policed(Frozen):
    """What was recorded below a folder, behind a firewall."""

    SERVED = "served-policed"
    FILE_FIELDS = FOR_FILES

    def __init__(self, root: Path, *, recording: bool = False) -> None:
        self._refused: dict[str, bytes] = {}
        super().__init__(root, recording=recording)

    def reload(self) -> None:
        """Forget what is known about the folder, and read what is refused."""
        super().reload()
        kept = json.loads((self.root / "policed.json").read_bytes())
        self._refused = {
            path: _problem(name, version)
            for name, project in kept.items()
            for path, version in project["refused"].items()
        }

    def answer(self, request: Request) -> Answer | None:
        """Return the answer to a request, or None for a hole."""
        if request.headers.get("authorization") != _AUTHORIZATION:
            challenge = b'WWW-Authenticate: Basic realm="mirror"\r\nContent-Type: text/plain\r\n'
            return Answer("unauthorized", head(401, challenge, 0))
        if problem := self._refused.get(request.path):
            opening = head(403, b"Content-Type: application/problem+json\r\nCache-Control: no-store\r\n", len(problem))
            return Answer("refused", opening, b"" if request.method == "HEAD" else problem)
        if request.path.endswith(".metadata"):
            return missing("absent")
        kept = {name: value for name, value in request.headers.items() if name not in _LEFT_OUT}
        return super().answer(request._replace(headers=kept))

    def _render(self, raw: dict[str, Any], sidecars: dict[str, str]) -> dict[str, bytes]:  # noqa: ARG002 - none here
        """Return the one representation of a listing."""
        none = {listings.file_path(file): "" for file in raw["files"]}
        return {"html": listings.render_html(listings.prepare(raw, none, recording=False))}


def _problem(name: str, version: str) -> bytes:
    """Say why a file is refused."""
    problem = {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": f"held: {name} {version} has not been scanned yet",
    }
    return json.dumps(problem).encode()
