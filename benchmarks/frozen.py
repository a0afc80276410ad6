"""The frozen part of an index on disk, and the answers that come from it.

::

    .frozen/projects/NAME.json      what the real index said, untouched
    .frozen/files/aa/bb/.../NAME    files and their sidecars (NAME.metadata), by the path under which they are served
    .frozen/absent.json             paths that the real index does not have either
    .frozen/served/NAME.*           listings as they are served: JSON and HTML, plain and compressed; made by
    :meth:`Frozen.bake`, again where they are missing

Answers carry the caching headers of the public index: listings may be used for ten minutes, files for ever. A path
that is neither held nor known to be absent is a *hole*: it is answered 404 and reported, because a measurement that
met one measures nothing.

An index of another manner is a class below this one, with an ``answer`` of its own (see policed.py).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import listings
from http1 import HTML_TYPE, JSON_TYPE, Answer, Request, byte_range, head, prefers_json

_LISTING = re.compile(r"/simple/([a-z0-9]+(?:-[a-z0-9]+)*)/")
_FILE = re.compile(r"/files/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{60}/[^/]+")
_SMALL = 64 * 1024  # bodies up to this size are sent from memory
_FOR_LISTINGS = b"Cache-Control: max-age=600, public\r\nVary: Accept, Accept-Encoding\r\n"
FOR_FILES = b"Cache-Control: max-age=365000000, immutable, public\r\n"


class Body(NamedTuple):
    """One representation on disk.

    :param fields: its header lines, apart from length and range.
    :param content: its bytes when it is small.
    """

    path: str
    size: int
    etag: str
    fields: bytes
    content: bytes | None


class Frozen:
    """What was recorded below a folder.

    :param recording: listings are about to grow: sidecars that are not known yet are announced, and nothing is served
        from an older bake.
    """

    SERVED = "served"
    FILE_FIELDS = FOR_FILES + b"Accept-Ranges: bytes\r\n"

    def __init__(self, root: Path, *, recording: bool = False) -> None:
        self.root = root
        self.recording = recording
        self.absent: set[str] = set()
        self._bodies: dict[str, Body] = {}
        (root / "projects").mkdir(parents=True, exist_ok=True)
        (root / self.SERVED).mkdir(exist_ok=True)
        self.reload()

    def reload(self) -> None:
        """Forget what is known about the folder, because someone else has added to it."""
        self._bodies.clear()
        if (self.root / "absent.json").is_file():
            self.absent.update(json.loads((self.root / "absent.json").read_bytes()))
        if unserved := self._unserved():
            sidecars = self.sidecars()
            for name in unserved:
                self.bake(name, sidecars)

    def answer(self, request: Request) -> Answer | None:
        """Return the answer to a request, or None for a hole."""
        if request.path in self.absent:
            return missing("absent")
        if match := _LISTING.fullmatch(request.path):
            body = self._listing(match[1], request)
        elif _FILE.fullmatch(request.path) and ".." not in request.path:
            body = self._file(request.path)
        else:
            return missing("absent")
        if body is None:
            return None
        return _conditional(request, body) or _partial(request, body) or _whole(request, body)

    def bake(self, name: str, sidecars: dict[str, str] | None = None) -> None:
        """Write a project's listing as it is served.

        :param sidecars: see :func:`listings.announced`; read from the disk when not given.
        """
        raw = json.loads((self.root / "projects" / f"{name}.json").read_bytes())
        known = self.sidecars() if sidecars is None else sidecars
        for suffix, content in self._render(raw, known).items():
            for path, data in (
                (f"{name}.{suffix}", content),
                (f"{name}.{suffix}.gz", gzip.compress(content, 6, mtime=0)),
            ):
                (self.root / self.SERVED / path).write_bytes(data)
                self._bodies.pop(path, None)

    def bake_all(self) -> int:
        """Write every listing as it is served, and return their number."""
        sidecars = self.sidecars()
        names = [path.stem for path in (self.root / "projects").glob("*.json")]
        for name in names:
            self.bake(name, sidecars)
        return len(names)

    def sidecars(self) -> dict[str, str]:
        """Return what is known about sidecars: the hash by the path of the wheel, empty where there is none."""
        known = {path.removesuffix(".metadata"): "" for path in self.absent if path.endswith(".metadata")}
        for path in (self.root / "files").glob("*/*/*/*.metadata"):
            url = f"/{path.relative_to(self.root).as_posix()}"
            known[url.removesuffix(".metadata")] = hashlib.sha256(path.read_bytes()).hexdigest()
        return known

    def _render(self, raw: dict[str, Any], sidecars: dict[str, str]) -> dict[str, bytes]:
        """Return the representations of a listing by suffix."""
        listing = listings.prepare(raw, sidecars, recording=self.recording)
        return {"json": listings.render_json(listing), "html": listings.render_html(listing)}

    def _unserved(self) -> list[str]:
        """Return the projects of which a listing is held but no HTML, the representation that every manner has."""
        served = {path.stem for path in (self.root / self.SERVED).glob("*.html")}
        return [path.stem for path in (self.root / "projects").glob("*.json") if path.stem not in served]

    def _listing(self, name: str, request: Request) -> Body | None:
        """Return the representation of a listing that the request asks for."""
        as_json = prefers_json(request.headers.get("accept", ""))
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        path = f"{name}.{'json' if as_json else 'html'}{'.gz' if zipped else ''}"
        if path not in self._bodies:
            media = (JSON_TYPE if as_json else f"{HTML_TYPE}; charset=UTF-8").encode()
            coding = b"Content-Encoding: gzip\r\n" if zipped else b""
            fields = b"Content-Type: %s\r\n%s%s" % (media, coding, _FOR_LISTINGS)
            return self._remember(path, self.root / self.SERVED / path, fields)
        return self._bodies[path]

    def _file(self, path: str) -> Body | None:
        """Return a file or a sidecar."""
        if path not in self._bodies:
            fields = b"Content-Type: application/octet-stream\r\n%s" % self.FILE_FIELDS
            return self._remember(path, self.root / path[1:], fields)
        return self._bodies[path]

    def _remember(self, key: str, path: Path, fields: bytes) -> Body | None:
        """Describe a representation when it is first asked for."""
        if not path.is_file():
            return None
        size = path.stat().st_size
        content = path.read_bytes() if size <= _SMALL else None
        named = key.startswith("/files/")  # a file's path holds its hash already
        etag = f'"{hashlib.sha256(key.encode() if named else path.read_bytes()).hexdigest()[:32]}"'
        tagged = b"%sETag: %s\r\n" % (fields, etag.encode())
        self._bodies[key] = Body(str(path), size, etag, tagged, content)
        return self._bodies[key]


def missing(kind: str) -> Answer:
    """Answer 404."""
    return Answer(kind, head(404, b"Content-Type: text/plain\r\n", 0))


def _kind(request: Request) -> str:
    """Name what a request asks for."""
    if request.path.startswith("/simple/"):
        return "listing"
    return "sidecar" if request.path.endswith(".metadata") else "file"


def _conditional(request: Request, body: Body) -> Answer | None:
    """Answer 304 where the client has the representation already."""
    if body.etag in request.headers.get("if-none-match", "").split(", "):
        return Answer("unchanged", head(304, body.fields, None))
    return None


def _partial(request: Request, body: Body) -> Answer | None:
    """Answer a byte range of a file."""
    wanted = request.headers.get("range")
    if wanted is None or request.method != "GET" or not request.path.startswith("/files/"):
        return None
    span = byte_range(wanted, body.size)
    if span is None:
        return None
    start, length = span
    if length == 0:
        return Answer("range", head(416, b"Content-Range: bytes */%d\r\n" % body.size, 0))
    fields = b"%sContent-Range: bytes %d-%d/%d\r\n" % (body.fields, start, start + length - 1, body.size)
    return _send(Answer("range", head(206, fields, length)), body, start, length)


def _whole(request: Request, body: Body) -> Answer:
    """Answer all of a representation, or only its head."""
    opening = head(200, body.fields, body.size)
    if request.method == "HEAD":
        return Answer("head", opening)
    return _send(Answer(_kind(request), opening), body, 0, body.size)


def _send(answer: Answer, body: Body, start: int, length: int) -> Answer:
    """Add the bytes of a body to an answer: from memory when it is small."""
    if body.content is not None:
        return answer._replace(content=body.content[start : start + length])
    return answer._replace(path=body.path, start=start, size=length)
