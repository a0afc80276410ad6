"""One HTTP/1.1 exchange from the server's side: the request as read, the answer as data, how it is sent (RFC 9112)."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    import threading
    from collections.abc import Iterator, Mapping
    from io import BufferedReader

_PIECE = 1 << 16


@dataclass
class Seen:
    """One request as it was asked, where it led, and what was sent back; header names are lower case.

    :param stage: ``root``, ``listing``, ``sidecar``, ``file``, ``page`` (put there by ``serve``) or ``unknown``.
    :param filename: the file; for a sidecar the file that it describes.
    :param connection: a number that requests on one connection share.
    :param sent: bytes of body that went out; the last 64 KiB perhaps in part, where the connection broke.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    connection: int = 0
    repository: str = ""
    stage: str = "unknown"
    project: str = ""
    filename: str = ""
    status: int = 0
    sent: int = 0


@dataclass(frozen=True)
class Reply:
    """What goes back, before any rule: status, headers and body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """How an answer differs from the natural one; what is not stated stays.

    :param status: with another status than 2xx the natural body goes, and the reason takes its place.
    :param reason: the reason phrase.
    :param headers: added or replaced; an empty value takes one away. A Content-Length given here may lie.
    :param body: replaces the body.
    :param delay: seconds before the first byte.
    :param hold: waited for before the first byte, or after ``hold_after`` bytes of body.
    :param drop_after: the connection breaks after so many bytes of body; -1: before the status line.
    :param endless: the body repeats until the client goes away.
    :param chunked: the body is sent chunked, without a length.
    :param gzip: the body is sent with that Content-Encoding.
    """

    status: int | None = None
    reason: str = ""
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    hold: threading.Event | None = None
    hold_after: int = 0
    drop_after: int | None = None
    endless: bool = False
    chunked: bool = False
    gzip: bool = False

    def change(self, natural: Reply) -> Reply:
        """Return the reply that goes out."""
        status = natural.status if self.status is None else self.status
        headers, body = dict(natural.headers), natural.body
        if self.status is not None and not 200 <= self.status < 300:
            headers, body = {"Content-Type": "text/plain; charset=utf-8"}, self.reason.encode()
        if self.body is not None:
            body = self.body
        if self.gzip:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, mtime=0)
        for name, value in self.headers.items():
            headers.pop(next((known for known in headers if known.lower() == name.lower()), ""), None)
            headers |= {name: value} if value else {}
        return replace(natural, status=status, headers=headers, body=body)


NATURAL = Answer()


def redirect(url: str, status: int = 302) -> Answer:
    """Return an answer that leads elsewhere."""
    return Answer(status, headers={"Location": url})


def login_page(title: str = "Sign in") -> Answer:
    """Return the answer of a proxy that wants to see a person: status 200 and a form."""
    form = '<form method="post"><input name="user"><input type="password" name="password"></form>'
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{form}</body></html>"
    return Answer(200, body=page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def read_request(stream: BufferedReader) -> Seen | None:
    """Read one request, or return None when the client has gone."""
    line = stream.readline(_PIECE).decode("latin-1").split()
    if len(line) != 3:
        return None
    path, _, query = line[1].partition("?")
    seen = Seen(line[0], path, query, {})
    while (header := stream.readline(_PIECE).decode("latin-1")).strip():
        name, _, value = header.partition(":")
        seen.headers[name.strip().lower()] = value.strip()
    seen.body = stream.read(int(seen.headers.get("content-length", 0)))
    return seen


def send(connection: socket.socket, seen: Seen, reply: Reply, answer: Answer, stopping: threading.Event) -> bool:
    """Send a reply as the answer says, and return whether the connection can be used again."""
    seen.status = reply.status
    stopping.wait(answer.delay) if answer.delay else None
    if answer.hold and not answer.hold_after:
        answer.hold.wait()
    if answer.drop_after == -1:
        return False
    named = {name.lower() for name in reply.headers}
    measured = not (answer.endless or answer.chunked or "content-length" in named)
    closing = answer.endless or answer.drop_after is not None or "content-length" in named
    headers = dict(reply.headers)
    if measured and reply.status != 304:
        headers["Content-Length"] = str(len(reply.body))
    headers |= {"Transfer-Encoding": "chunked"} if answer.chunked else {}
    headers |= {"Connection": "close"} if closing else {}
    head = _head(reply.status, answer.reason, headers)
    if seen.method == "HEAD" or reply.status in {204, 304}:
        connection.sendall(head)
        return not closing
    for piece in _pieces(reply.body, answer, stopping):
        seen.sent += len(piece)
        connection.sendall(head + (b"%x\r\n%s\r\n" % (len(piece), piece) if answer.chunked else piece))
        head = b""
    connection.sendall(head + (b"0\r\n\r\n" if answer.chunked and not closing else b""))
    return not closing and seen.headers.get("connection", "").lower() != "close"


def _head(status: int, reason: str, headers: Mapping[str, str]) -> bytes:
    known = {one.value: one.phrase for one in HTTPStatus}
    lines = [f"HTTP/1.1 {status} {reason or known.get(status, '')}", *(f"{name}: {headers[name]}" for name in headers)]
    return "\r\n".join([*lines, "", ""]).encode()


def _pieces(body: bytes, answer: Answer, stopping: threading.Event) -> Iterator[bytes]:
    """Yield the body in the pieces that the answer asks for; none of them is empty."""
    end = len(body) if answer.drop_after is None else min(answer.drop_after, len(body))
    start = min(answer.hold_after, end)
    if start:
        yield body[:start]
        if answer.hold:
            answer.hold.wait()
    for at in range(start, end, _PIECE):
        yield body[at : min(at + _PIECE, end)]
    while answer.endless and not stopping.is_set():
        yield body or bytes(_PIECE)
