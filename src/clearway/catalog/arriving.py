"""One archive on its way in, over one request or several: its bytes, its length, its hash.

No more is written than was announced; what goes on must go on where the last answer ended, and the whole must be what
was listed (RFC 9110, sections 13.1.5 and 14.4).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clearway.catalog.faults import ARCHIVE_LIMIT, mismatch, odd, page, too_long
from clearway.model.hashes import best, identity
from clearway.wheel.faults import bad_archive

if TYPE_CHECKING:
    from clearway.catalog.located import Located
    from clearway.ports import Archives, Response, Spool

START = 16 << 10
"""Bytes of a page in place of an archive that are looked at for its title."""
_ZIP = b"PK"
_PACKED = (_ZIP, b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_TAR = (257, b"ustar")
_NUMBER = re.compile(r"[0-9]{1,18}")


class Watcher:
    """Hears of one download, in the worker: that its file is handed out, and of its bytes."""

    def handed_out(self) -> None:
        """The server has begun to send the file."""

    def received(self, count: int) -> None:
        """So many further bytes have arrived."""


NOBODY = Watcher()


class Arriving:
    """An archive on its way in, over one request or several."""

    def __init__(self, located: Located, archives: Archives, watcher: Watcher) -> None:
        self._located = located
        self._archives = archives
        self._watcher = watcher
        self._spool: Spool | None = None
        self._total = located.file.size
        self.tag = ""
        self.written = 0

    @property
    def span(self) -> str:
        """The range that is still missing; empty for the whole."""
        return f"bytes={self.written}-" if self.written else ""

    @property
    def validator(self) -> str:
        """What a request for the rest is conditional on."""
        return self.tag if self.written else ""

    @property
    def can_go_on(self) -> bool:
        """Whether it would be noticed if the rest were of another file."""
        return bool(self.tag) or best(self._located.file.hashes) is not None

    def begin(self) -> None:
        """Forget what has arrived."""
        self.close()
        self.written, self.tag, self._total = 0, "", self._located.file.size

    def fits(self, response: Response) -> bool:
        """Whether an answer goes on where the last one ended."""
        if response.status != 206:
            return not self.written
        span = span_of(response)
        return (
            span is not None and span[0] == self.written and span[1] == span[2] - 1 and self._total in {None, span[2]}
        )

    def pour(self, response: Response) -> None:
        """Write a body, and no more of it than was announced.

        :raises IntegrityError: ``hash-mismatch``.
        """
        if self._spool is None:
            self._spool = self._archives.spool(self._located.file.size)
            tag = response.header("ETag")
            self.tag = tag if tag.startswith('"') else ""
        limit = ARCHIVE_LIMIT if self._total is None else self._total
        for chunk in response.chunks():
            self.written += len(chunk)
            if self.written > limit:
                raise too_long(self._located)
            self._spool.write(chunk)
            self._watcher.received(len(chunk))
        if is_page(response) or best(self._located.file.hashes) is None:
            check_start(self._located, response, bytes(self._spool.view()[:START]))
        _check_hashes(self._located, self._spool)

    def take(self) -> Spool:
        """Return what has arrived, whole and checked."""
        spool, self._spool = self._spool, None
        assert spool is not None
        return spool

    def close(self) -> None:
        """Forget the bytes, unless they were taken."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None


def is_page(response: Response) -> bool:
    """Whether an answer is an HTML page."""
    return response.header("Content-Type").lower().startswith("text/html")


def span_of(response: Response) -> tuple[int, int, int] | None:
    """Return first byte, last byte and size as a 206 states them (RFC 9110, section 14.4), or None."""
    unit, _, rest = response.header("Content-Range").partition(" ")
    span, _, size = rest.partition("/")
    first, _, last = span.partition("-")
    if unit != "bytes" or not all(_NUMBER.fullmatch(number) for number in (first, last, size)):
        return None
    return int(first), int(last), int(size)


def check_start(located: Located, response: Response, start: bytes) -> None:
    """Check that what comes is an archive, where no hash says so.

    :raises IndexFailure: ``not-an-archive`` for a page that came in its place.
    :raises IntegrityError: ``bad-archive``.
    """
    if located.recipe is None:
        sound = start.startswith(_ZIP)
    else:
        sound = start.startswith(_PACKED) or start.startswith(_TAR[1], _TAR[0])
    if not sound:
        if is_page(response):
            raise page(located, response.url, start)
        raise bad_archive(located.file.filename, "it is not a zip archive") if located.recipe is None else odd(located)


def _check_hashes(located: Located, spool: Spool) -> None:
    strongest = best(located.file.hashes)
    promised = {strongest} if strongest is not None else set()
    if key := identity(located.file.hashes):  # by this one the cache goes, however many stronger ones are listed
        promised.add(("sha256", key.removeprefix("sha256:")))
    for expected in promised:
        if (found := spool.digest(expected[0])) != expected[1]:
            raise mismatch(located.file.filename, located, expected, found)
    if located.allowed:
        algorithms = sorted({allowed.partition(":")[0] for allowed in located.allowed})
        found_all = [f"{algorithm}:{spool.digest(algorithm)}" for algorithm in algorithms]
        if not located.allowed.intersection(found_all):
            algorithm, _, wanted = sorted(located.allowed)[0].partition(":")
            raise mismatch(located.file.filename, located, (algorithm, wanted), spool.digest(algorithm))
