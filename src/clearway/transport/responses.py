"""An answer behind the port's protocol: its body bounded in length and in slowness.

A body that breaks off is lost, and never taken for whole - but for that of an error: there the status is the answer,
and the body only words about it. A server that keeps a body from ending by a byte now and then is given up, because
each of those bytes is in time.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from clearway.errors import IndexFailure
from clearway.model.urls import mask
from clearway.transport.sender import BrokenConnection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.transport.sender import Answer

CHUNK = 65_536
WINDOW = 60.0
"""Seconds spent on waiting for a body, after which it is looked at how much has come in them."""
SLOWEST = 256
"""Bytes a second: what comes more slowly has not come in any time that somebody waits, not even a listing."""
REASON_PATIENCE = 5.0
"""Seconds for the words of an error that is about to be told."""


class BodyResponse:
    """Implements :class:`clearway.ports.Response`.

    :param url: where the answer came from, after redirects.
    """

    __slots__ = ("_answer", "phrase", "status", "url")

    def __init__(self, answer: Answer, url: str) -> None:
        self.status = answer.status
        self.phrase = answer.phrase
        self.url = url
        self._answer = answer

    def header(self, name: str) -> str:
        """Return a header's value, or an empty text."""
        return self._answer.header(name)

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """Yield the body as it comes (see :class:`clearway.ports.Response`)."""
        waited, came, why = 0.0, 0, ""
        while not why:
            begun = monotonic()
            try:
                chunk = self._answer.read(size)
            except BrokenConnection as broken:
                why = broken.reason
                break
            waited, came = waited + monotonic() - begun, came + len(chunk)
            if not chunk:
                return
            yield chunk
            if waited >= WINDOW:
                why = f"only {came:,} bytes came in {waited:.0f} seconds" if came < waited * SLOWEST else ""
                waited, came = 0.0, 0
        if self.status < 400:
            raise IndexFailure(
                "connection-lost",
                f"The connection broke before {mask(self.url)} was whole: {why}",
                hint="Run the command again; what is already in the cache is kept.",
            )

    def read(self, limit: int) -> bytes:
        """Return the whole body (see :class:`clearway.ports.Response`)."""
        parts, size = [], 0
        for chunk in self.chunks():
            size += len(chunk)
            if size > limit:
                raise IndexFailure(
                    "endless-answer",
                    f"The answer of {mask(self.url)} is longer than {limit:,} bytes",
                    hint="This is not a page of a package index; check the index's URL.",
                )
            parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def reason(self) -> str:
        """Return why the server says that it answers with an error; empty where it does not say."""
        from clearway.policy.reasons import START, read_reason  # late: most runs meet no error

        start, until = b"", monotonic() + REASON_PATIENCE
        for chunk in self.chunks():
            start += chunk
            if len(start) >= START or monotonic() > until:
                break
        return read_reason(self.status, self.phrase, self.header, start)
