"""HTTP/1.1 as far as a mirror for installers needs it: request heads, content negotiation, byte ranges, answers.

Nothing here opens a socket or a file. Follows RFC 9110 (semantics) and RFC 9112 (messages); requests have no body,
because installers only ask.
"""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from functools import lru_cache
from typing import NamedTuple

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPE = "text/html"

_REASONS = {
    200: "OK",
    206: "Partial Content",
    304: "Not Modified",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    416: "Range Not Satisfiable",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Request(NamedTuple):
    """A request head; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def closes(self) -> bool:
        """Whether the client wants the connection closed after the answer."""
        return self.headers.get("connection", "").lower() == "close"


class Answer(NamedTuple):
    """An answer that is ready to be sent.

    :param kind: what was asked for, for the counters: ``listing``, ``sidecar``, ``file``, ``range`` ...
    :param head: status line and header fields, with the empty line.
    :param content: the body, or its beginning, from memory.
    :param path: the file that holds the rest of the body; empty when there is none.
    :param start: where the rest begins in the file.
    :param size: the length of the rest.
    """

    kind: str
    head: bytes
    content: bytes = b""
    path: str = ""
    start: int = 0
    size: int = 0


def parse(head: bytes) -> Request:
    """Read a request head.

    :param head: everything before the empty line.
    :raises ValueError: when it is not HTTP.
    """
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _version = first.split(" ")
    fields = (line.partition(":") for line in lines)
    return Request(method, path, {name.lower(): value.strip() for name, _colon, value in fields})


@lru_cache(maxsize=64)
def prefers_json(accept: str) -> bool:
    """Tell whether an Accept header ranks the JSON listing (PEP 691) above HTML; a wildcard alone means HTML."""
    ranks = {JSON_TYPE: 0.0, HTML_TYPE: 0.0}
    for part in accept.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        if media in ranks:
            quality = next((float(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
            ranks[media] = quality
    return ranks[JSON_TYPE] > ranks[HTML_TYPE]


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Read a Range header with one range.

    :returns: first byte and length; a length of 0 means that it cannot be satisfied; None that the header is not for
        us.
    """
    match = _RANGE.fullmatch(header)
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return size - length, length
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    return start, max(0, end - start + 1)


def head(status: int, fields: bytes, length: int | None) -> bytes:
    """Write an answer's head.

    :param fields: further header lines, each with its line end.
    :param length: the Content-Length; None for an answer that has none.
    """
    size = b"" if length is None else b"Content-Length: %d\r\n" % length
    return b"HTTP/1.1 %d %s\r\nDate: %s\r\n%s%s\r\n" % (status, _REASONS[status].encode(), _date(), size, fields)


def _date() -> bytes:
    """Return the time for a Date field."""
    return _date_at(int(time.time()))


@lru_cache(maxsize=1)
def _date_at(second: int) -> bytes:
    """Render a second once."""
    return formatdate(second, usegmt=True).encode()
