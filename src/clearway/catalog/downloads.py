"""The plain GET of an archive: the only verdict on it, its proof, and its download (DESIGN 4.5, 4.6).

A file that an index refuses, does not have or holds for too long is an :class:`Absence`, a value. Anything else that
is not the file stops the run: no other release is taken for a credential that is wrong, a page that came in place of an
archive, or bytes that are not those that were listed. A download that breaks off goes on where it ended, if the server
lets it and the file has not changed (RFC 9110, sections 13.1.5 and 14.2). Plain functions, called in workers.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.arriving import NOBODY, Arriving, Watcher, check_start, is_page
from clearway.catalog.faults import lost, stopped
from clearway.catalog.secrecy import spare, without_secrets
from clearway.errors import IndexFailure, IntegrityError
from clearway.policy.absence import Absence
from clearway.policy.answers import Meaning, meaning
from clearway.ports import Request

if TYPE_CHECKING:
    from clearway.catalog.habits import Habits
    from clearway.catalog.located import FileKey, Located
    from clearway.catalog.proofs import Proofs
    from clearway.index.records import Index
    from clearway.ports import Archives, Fetcher, Response, Spool

SMALL = 192 << 10
"""Bytes: an archive up to this size is read to its end sooner than two further round trips take."""
HEAD = 16 << 10
"""Bytes: an archive up to this size is read to its end sooner than a connection that was given up is replaced."""
REASON_LIMIT = 16 << 10
"""Bytes of the body of a refusal that are read for its reason."""
REASON_PATIENCE = 5.0
"""Seconds after which what has come of a refusal is all that is read of it: some servers let it trickle."""
_FIRST = 1024


class Downloads:
    """Downloads and proves archives.

    :param retries: how often a download that breaks off is begun again, or gone on with.
    :ivar tags: the strong entity tags of what came, by file.
    """

    def __init__(self, fetcher: Fetcher, archives: Archives, habits: Habits, proofs: Proofs, retries: int) -> None:
        self._fetcher = fetcher
        self._archives = archives
        self._habits = habits
        self._proofs = proofs
        self._retries = retries
        self.tags: dict[FileKey, str] = {}

    def download(self, located: Located, watcher: Watcher = NOBODY) -> Spool | Absence:
        """Download an archive whole and check its hash.

        :raises IndexFailure: when the answer must stop the run.
        :raises IntegrityError: ``hash-mismatch``.
        """
        arriving = Arriving(located, self._archives, watcher)
        try:
            for tries_left in range(self._retries, -1, -1):
                resumed = bool(arriving.written)
                try:
                    absence = self._receive(located, arriving, watcher)
                    if absence is not None:
                        return absence
                    return arriving.take()
                except IndexFailure as failure:
                    if failure.code != "connection-lost" or not tries_left:
                        raise
                    if not arriving.can_go_on:
                        arriving.begin()
                except IntegrityError:
                    if not resumed or not tries_left:
                        raise
                    arriving.begin()  # the two parts were of two files: once more from the start
            raise AssertionError  # the last try returns or raises
        finally:
            arriving.close()

    def prove(self, located: Located, *, longest: int = HEAD, keep_rangeless: bool = False) -> Absence | Spool | None:
        """Find out whether an archive is handed out, by the request that would install it (DESIGN 4.5).

        :param longest: bytes up to which an archive is read to its end.
        :param keep_rangeless: read to its end what no part can be asked of, because a part is wanted next.
        :returns: why not; or the archive, if it was read to its end; or None.
        """
        if located.file.size is not None and located.file.size <= longest:
            return self.download(located)
        try:
            with self._fetcher.open(request_of(located)) as response:
                absence = self._verdict(located, response)
                if absence is not None:
                    return absence
                length = response.header("Content-Length")
                small = length.isdecimal() and int(length[:18]) <= longest
                rangeless = keep_rangeless and response.header("Accept-Ranges").strip().lower() != "bytes"
                if (small or rangeless) and not is_page(response):
                    return self.keep(located, response)
                check_start(located, response, _start_of(response))
                self._proofs.keep(located)
                return None
        except IndexFailure as failure:
            return self.held(located, failure)

    def confirm(self, located: Located, etag: str) -> Absence | Spool | None:
        """Ask whether an archive is still the one with an entity tag.

        :returns: None if it is; else why it is not handed out, or what it is now.
        """
        try:
            with self._fetcher.open(msgspec.structs.replace(request_of(located), etag=etag)) as response:
                if response.status == 304:
                    self._habits.handed_out(located)
                    return None
                absence = self._verdict(located, response)
                return self.keep(located, response) if absence is None else absence
        except IndexFailure as failure:
            return self.download(located) if failure.code == "connection-lost" else self.held(located, failure)

    def keep(self, located: Located, response: Response) -> Spool:
        """Read the rest of an answer that turned out to be the whole archive, and check its hash.

        :raises IntegrityError: ``hash-mismatch``.
        """
        arriving = Arriving(located, self._archives, NOBODY)
        try:
            arriving.pour(response)
            self._came(located, arriving)
            return arriving.take()
        finally:
            arriving.close()

    def refuses(self, located: Located, response: Response) -> bool:
        """Whether an answer reads like a refusal, to whatever part of a file it was."""
        return meaning("file", response.status, located.index.rules) is Meaning.REFUSED

    def refusal(self, located: Located, response: Response) -> Absence | None:
        """Return the refusal that an answer is."""
        return self._verdict(located, response)

    def phrase(self, located: Located) -> str:
        """Ask for the reason phrase of a refusal that gave no other reason; empty where there is none."""
        from clearway.policy.reasons import read_reason  # late: most runs meet no refusal

        phrase = without_secrets(located.index)(self._fetcher.phrase(request_of(located)))
        return read_reason(0, phrase, _no_header, b"")

    def held(self, located: Located, failure: IndexFailure) -> Absence:
        """Return the absence of a file that was held for too long; raise any other failure."""
        spare(failure, located.index)
        if failure.code != "held":
            raise failure
        self._habits.not_handed_out(located)
        return Absence("pending", 0, located.index.name, located.file.filename, next(iter(failure.context), ""))

    def _receive(self, located: Located, arriving: Arriving, watcher: Watcher) -> Absence | None:
        """Send the request once, from where the last one ended; return why the file is not handed out."""
        try:
            with self._fetcher.open(request_of(located, arriving.span, arriving.validator)) as response:
                absence = self._verdict(located, response)
                if absence is not None:
                    return absence
                if not arriving.fits(response):
                    if response.status == 206:  # a part that nobody asked for: the next request is for the whole
                        arriving.begin()
                        raise lost(located)
                    arriving.begin()
                watcher.handed_out()
                arriving.pour(response)
                self._came(located, arriving)
                return None
        except IndexFailure as failure:
            return self.held(located, failure)

    def _came(self, located: Located, arriving: Arriving) -> None:
        """Learn that a file has come, whole."""
        self._habits.came(located, arriving.written)
        self.tags[located.key] = arriving.tag
        self._proofs.keep(located)

    def _verdict(self, located: Located, response: Response) -> Absence | None:
        """Return why an answer to a plain GET of a file is not the file, or None if it is.

        :raises IndexFailure: when the answer must stop the run.
        """
        file, index = located.file, located.index
        match meaning("file", response.status, index.rules):
            case Meaning.HERE:
                self._habits.handed_out(located)
                return None
            case Meaning.REFUSED:
                absence = Absence("refused", response.status, index.name, file.filename, reason_of(response, index))
            case Meaning.GONE:
                source = index.credential.source if index.credential else ""
                absence = Absence("gone", response.status, index.name, file.filename, credential=source)
            case _:
                raise stopped(located, response, reason_of(response, index))
        self._habits.not_handed_out(located)
        return absence


def request_of(located: Located, span: str = "", validator: str = "") -> Request:
    """Return the GET of an archive, or of a part of it."""
    rules = located.index.rules
    return Request(
        url=located.file.url,
        index=located.index,
        span=span,
        validator=validator,
        identity=True,
        patience=float("inf") if rules.on_pending == "wait" else rules.first_byte_timeout,
        answers=rules.refusal_status,
    )


def reason_of(response: Response, index: Index | None = None) -> str:
    """Return what a server says about its refusal, read from as much of the answer as that takes.

    :param index: whose answer it is: its credential is not shown, should the server say it back.
    """
    start, until = b"", monotonic() + REASON_PATIENCE
    try:
        for chunk in response.chunks():
            start += chunk
            if len(start) >= REASON_LIMIT or monotonic() > until:
                break
    except IndexFailure:  # it broke off: what came may say enough
        pass
    from clearway.policy.reasons import read_reason  # late: most runs meet no refusal

    hide = without_secrets(index)
    phrase, body = hide(response.phrase), hide(start[:REASON_LIMIT].decode("latin-1")).encode("latin-1")
    return hide(read_reason(response.status, phrase, lambda name: hide(response.header(name)), body))


def _start_of(response: Response) -> bytes:
    """Return the first bytes of a body, in however small pieces they come."""
    start = b""
    for chunk in response.chunks(_FIRST):
        start += chunk
        if len(start) >= _FIRST:
            break
    return start


def _no_header(_name: str) -> str:
    return ""
