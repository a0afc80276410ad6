"""The ways to a wheel's metadata, the cheapest first (DESIGN 4.4, 4.5).

The sidecar when the listing has one; else a small wheel is simply downloaded, since it will be installed anyway; else
one suffix range, where 206 gives the end of the archive and 200 *is* the archive. An archive that was read for its
metadata is the archive that is installed. Sidecars and ranges are shortcuts and never verdicts: whatever they answer,
the plain GET decides. Of a project of which a file was not handed out, the next ones are asked for themselves at once,
so that no release is resolved with that cannot be had. Plain functions, called in workers.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.catalog.arriving import is_page, span_of
from clearway.catalog.downloads import SMALL, Downloads, request_of
from clearway.catalog.faults import mismatch
from clearway.errors import IndexFailure, IntegrityError
from clearway.model.hashes import best
from clearway.model.metadata import Metadata, parse_metadata
from clearway.policy.absence import Absence
from clearway.policy.answers import Meaning, meaning
from clearway.ports import Request, Spool
from clearway.wheel.tail import metadata_in_spans

if TYPE_CHECKING:
    from clearway.catalog.habits import Habits
    from clearway.catalog.located import FileKey, Located
    from clearway.index.records import Index
    from clearway.ports import Fetcher

TAIL = 32 << 10
"""Bytes of the suffix range: holds the central directory and the metadata of nearly every wheel."""
LONGEST_TAIL = 1 << 20
"""Bytes: what a project's releases need beyond :data:`TAIL` is asked for at once, up to this."""
SIDECAR_LIMIT = 16 << 20
"""Bytes: no METADATA is larger; what is, is not one."""
WATCHED_LIMIT = 64 << 20
"""Bytes: an archive up to this size is downloaded for its metadata where an older release is all that may be left."""
Way = Literal["sidecar", "archive", "range"]
"""How metadata is had first; what fails there ends at the archive."""


class Read(msgspec.Struct):
    """What reading metadata gave.

    :param spool: the archive, when it came along.
    :param proven: whether the archive was handed out on the way.
    """

    metadata: Metadata
    spool: Spool | None = None
    proven: bool = False


class Ways:
    """Reads metadata of wheels in one run.

    :param whole: whether whole archives are wanted in the end, and not only proofs of them.
    """

    def __init__(self, fetcher: Fetcher, downloads: Downloads, habits: Habits, *, whole: bool) -> None:
        self._fetcher = fetcher
        self._downloads = downloads
        self._habits = habits
        self._whole = whole
        self._tails: dict[str, int] = {}
        self._downloaded: set[tuple[Index, str]] = set()
        self._doubted: set[FileKey] = set()

    def way(self, located: Located) -> Way:
        """Return how a wheel's metadata is had first, if the store does not have it."""
        if self._whole and self._habits.is_watched(located) and (located.file.size or 0) <= WATCHED_LIMIT:
            return "archive"
        return "sidecar" if self._habits.may_have_sidecar(located) else self._way_into_archive(located)

    def may_cost_archive(self, located: Located) -> bool:
        """Whether reading the metadata may download the whole archive, as far as is known."""
        way = self.way(located)
        return way == "archive" or (way == "range" and not self._habits.has_ranges(located.index))

    def read(self, located: Located) -> Read | Absence:
        """Read metadata by the cheapest way that works.

        :raises IndexFailure: when an answer must stop the run.
        :raises IntegrityError: when what came is not what was listed.
        """
        way = first = self.way(located)
        if not self._whole and (way == "range" or self._habits.is_watched(located)):
            return self._read_proven(located)
        read: Read | Absence | None = None
        if first == "sidecar":
            if (read := self._sidecar(located)) is not None:
                return read
            way = self._way_into_archive(located)
        if way == "range":
            read = self._ranged(located)
        if read is None:
            read = self.read_archive(located)
            if way == "range" and not isinstance(read, Absence):
                self._habits.range_missing(located.index)
            elif located.key in self._doubted and isinstance(read, Absence) and read.kind == "refused":
                self._habits.range_refused(located.index)
        if first == "sidecar" and not isinstance(read, Absence):
            self._habits.sidecar_missing(located.index)
        return read

    def _read_proven(self, located: Located) -> Read | Absence:
        """Read metadata where no more than a proof is wanted of the archive: the proof comes first."""
        proof = self._downloads.prove(located, longest=SMALL, keep_rangeless=self.way(located) != "sidecar")
        if isinstance(proof, Absence):
            return proof
        if proof is not None:
            return Read(metadata_in(proof, located), proof)
        read = self._sidecar(located) if self._habits.may_have_sidecar(located) else None
        found = read or self._ranged(located)
        if found is None:
            found = self.read_archive(located)
            if not isinstance(found, Absence):
                self._habits.range_missing(located.index)
        if not isinstance(found, Absence):
            found.proven = True
        return found

    def _way_into_archive(self, located: Located) -> Way:
        """Return how metadata is read out of the archive itself.

        One of unknown size is downloaded if it may be wanted; not a second one of its project, because then the solver
        searches.
        """
        size, index = located.file.size, located.index
        first = self._whole and (index, located.project) not in self._downloaded
        small = first if size is None else size <= SMALL
        return "archive" if small or not self._habits.may_have_ranges(index) else "range"

    def read_archive(self, located: Located) -> Read | Absence:
        """Read metadata out of the archive, downloaded."""
        spool = self._downloads.download(located)
        if isinstance(spool, Absence):
            return spool
        self._downloaded.add((located.index, located.project))
        return Read(metadata_in(spool, located), spool)

    def _sidecar(self, located: Located) -> Read | None:
        """Read the sidecar; None when there is none to be had (any failure: the wheel decides, DESIGN 4.6)."""
        name, rules = f"{located.file.filename}.metadata", located.index.rules
        request = Request(url=f"{located.file.url}.metadata", index=located.index, patience=rules.first_byte_timeout)
        try:
            with self._fetcher.open(request) as response:
                if meaning("sidecar", response.status, rules) is not Meaning.HERE or is_page(response):
                    return None
                content = response.read(SIDECAR_LIMIT)
        except IndexFailure:
            return None
        expected = best(located.file.sidecar or {})
        if expected is not None:
            found = hashlib.new(expected[0], content, usedforsecurity=False).hexdigest()
            if found != expected[1]:
                raise mismatch(name, located, expected, found)
        try:
            metadata = parse_metadata(content, name)
        except IntegrityError:
            if expected is not None:
                raise
            return None  # nobody promised what it would be: an error message with status 200, say
        self._habits.sidecar_came(located.index)
        return Read(metadata)

    def _ranged(self, located: Located) -> Read | Absence | None:
        """Read the end of the archive; None when it did not come: then the archive itself is asked for."""
        length = self._tails.get(located.project, TAIL)
        try:
            with self._fetcher.open(request_of(located, f"bytes=-{length}")) as response:
                if response.status == 206 and (span := span_of(response)) is not None:
                    first, last, size = span
                    if last == size - 1 and first == max(0, size - length):
                        tail = response.read(length)
                        return self._from_tail(located, tail, size) if len(tail) == size - first else None
                if self._downloads.refuses(located, response):
                    if self._habits.refuses_ranges(located.index):
                        return self._downloads.refusal(located, response)
                    self._doubted.add(located.key)
                if response.status == 200:
                    self._habits.range_missing(located.index)
                    spool = self._downloads.keep(located, response)
                    return Read(metadata_in(spool, located), spool)
        except IndexFailure as failure:
            if failure.code in {"connection-lost", "unreachable"}:  # the file itself may come
                return None
            return self._downloads.held(located, failure)
        return None

    def _from_tail(self, located: Located, tail: bytes, size: int) -> Read | None:
        """Read METADATA out of the archive's end, with one more range for each part of it that lies before that."""
        spans = [(size - len(tail), tail)]
        while not isinstance(found := metadata_in_spans(spans, size, located.file.filename), Metadata):
            wanted = (found.start, found.stop - 1, size)
            with self._fetcher.open(request_of(located, f"bytes={wanted[0]}-{wanted[1]}")) as response:
                if response.status != 206 or span_of(response) != wanted:
                    return None
                spans.append((found.start, response.read(found.stop - found.start)))
        self._habits.range_came(located.index)
        needed = size - min(start for start, _ in spans)
        if len(spans) > 1 and needed <= LONGEST_TAIL:  # the project's other releases will be laid out alike
            self._tails[located.project] = needed + needed // 8
        return Read(found)


def metadata_in(spool: Spool, located: Located) -> Metadata:
    """Read the metadata of an archive that is here; whoever unpacks it checks it whole."""
    view = spool.view()
    metadata = metadata_in_spans([(0, view)], len(view), located.file.filename)
    assert isinstance(metadata, Metadata), "nothing is missing"
    return metadata
