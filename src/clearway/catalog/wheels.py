"""One wheel: its metadata by the cheapest way, its archive once, its unpacked tree (DESIGN 4.4).

Metadata: the sidecar when the listing has one; else a small wheel is simply downloaded, since it will be installed
anyway; else one suffix range, where 206 gives the end of the archive and 200 *is* the archive. An archive that was
read for its metadata is the archive that is installed. Plain functions, called in workers.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import IndexFailure, IntegrityError
from clearway.model.hashes import best, identity
from clearway.model.metadata import Metadata, parse_metadata
from clearway.model.urls import mask
from clearway.policy.absence import Absence
from clearway.policy.answers import Meaning, meaning
from clearway.ports import Request
from clearway.wheel.contents import check_agreement, read_metadata
from clearway.wheel.tail import metadata_in_spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.errors import ClearwayError
    from clearway.index.records import File, Index
    from clearway.ports import Archives, Fetcher, Response, Spool, Store, Tree

SMALL = 192 << 10
"""Bytes: a wheel up to this size costs less as a whole than two round trips for its end."""
TAIL = 32 << 10
"""Bytes of the suffix range: holds the central directory and the metadata of nearly every wheel."""
LONGEST_TAIL = 1 << 20
"""Bytes: what a project's releases need beyond :data:`TAIL` is asked for at once, up to this."""
SIDECAR_LIMIT = 16 << 20
"""Bytes: no METADATA is larger; what is, is not one."""
ARCHIVE_LIMIT = 8 << 30
"""Bytes: no wheel is larger; what comes without an announced size ends here at the latest."""
_ZIP = b"PK"
_TABLE = "metadata-1"


class Located(msgspec.Struct, frozen=True):
    """A file at the index that listed it.

    :param allowed: the hashes that the person allows for it, ``algorithm:hex``; empty for any.
    """

    file: File
    index: Index
    allowed: frozenset[str] = frozenset()


class Read(msgspec.Struct):
    """What reading metadata gave: the metadata, and the archive when it came along."""

    metadata: Metadata
    spool: Spool | None = None


class Wheels:
    """Reads wheels of one run.

    :param retries: how often a download that breaks off is begun again.
    """

    def __init__(self, fetcher: Fetcher, store: Store, archives: Archives, *, retries: int = 3) -> None:
        self._fetcher = fetcher
        self._store = store
        self._archives = archives
        self._retries = retries
        self._rangeless: set[str] = set()
        self._tails: dict[str, int] = {}

    def kept_metadata(self, file: File) -> Metadata | None:
        """Return the metadata that the store holds for a file. Never touches the network."""
        key = identity(file.hashes)
        row = self._store.get(_TABLE, key) if key else None
        try:
            return msgspec.msgpack.decode(row, type=Metadata) if row is not None else None
        except msgspec.DecodeError:
            return None

    def forget_metadata(self, file: File) -> None:
        """Let the store forget a file's metadata: it was not the truth."""
        if key := identity(file.hashes):
            self._store.put(_TABLE, key, b"")

    def kept_tree(self, file: File) -> Tree | None:
        """Return the unpacked wheel that the cache holds for a file. Never touches the network."""
        key = identity(file.hashes)
        return self._archives.find(key) if key else None

    def holds(self, file: File) -> bool:
        """Whether the cache has a file's wheel, unpacked. Never touches the network."""
        key = identity(file.hashes)
        return bool(key) and self._archives.has(key)

    def needs_archive(self, located: Located) -> bool:
        """Whether reading the metadata will download the whole archive: no sidecar, and small or no ranges."""
        file = located.file
        return file.sidecar is None and (located.index.url in self._rangeless or (file.size or TAIL) <= SMALL)

    def read_metadata(self, located: Located) -> Read | Absence:
        """Read a wheel's metadata.

        :raises IndexFailure: when an answer must stop the run.
        :raises IntegrityError: when what came is not what was listed.
        """
        read: Read | Absence | None = self._sidecar(located)
        if read is None and not self.needs_archive(located):
            read = self._ranged(located)
        if read is None:
            spool = self.download(located)
            if isinstance(spool, Absence):
                return spool
            read = Read(read_metadata(spool.view(), located.file.filename), spool)
        if isinstance(read, Absence):
            return read
        check_agreement(read.metadata, located.file.filename)
        if key := identity(located.file.hashes):
            self._store.put(_TABLE, key, msgspec.msgpack.encode(read.metadata))
        return read

    def download(self, located: Located, progress: Callable[[int], None] | None = None) -> Spool | Absence:
        """Download an archive whole and check its hash.

        :param progress: called with the number of bytes of each chunk, in the worker.
        :raises IntegrityError: ``hash-mismatch``.
        """
        for tries_left in range(self._retries, -1, -1):
            try:
                with self._fetcher.open(self._request(located)) as response:
                    if (absence := _absence(located, response)) is not None:
                        return absence
                    return self._spooled(located, response, progress)
            except IndexFailure as failure:
                if failure.code != "connection-lost" or not tries_left:
                    raise
        raise AssertionError  # the last try returns or raises

    def prove(self, located: Located) -> Absence | Spool | None:
        """Find out whether an archive is handed out, by the request that would install it (DESIGN 4.5).

        :returns: why not; or the archive, if it is so small that it was read to its end; or None.
        """
        if (located.file.size or TAIL) <= SMALL:
            return self.download(located)
        with self._fetcher.open(self._request(located)) as response:
            absence = _absence(located, response)
            if absence is None:
                start = next(response.chunks(), b"")
                if not start.startswith(_ZIP) and _is_page(response):
                    raise _page(located, response.url)
            return absence

    def unpack(self, spool: Spool, located: Located) -> Tree:
        """Unpack a downloaded archive into the cache and forget its bytes."""
        try:
            return self._archives.unpack(spool, located.file.filename)
        finally:
            spool.close()

    def _request(self, located: Located, span: str = "") -> Request:
        return Request(url=located.file.url, index=located.index, span=span, identity=True)

    def _sidecar(self, located: Located) -> Read | None:
        """Read the sidecar; None when there is none to be had (any failure: the wheel decides, DESIGN 4.6)."""
        hashes = located.file.sidecar
        if hashes is None:
            return None
        name = f"{located.file.filename}.metadata"
        try:
            with self._fetcher.open(Request(url=f"{located.file.url}.metadata", index=located.index)) as response:
                if meaning("sidecar", response.status) is not Meaning.HERE:
                    return None
                content = response.read(SIDECAR_LIMIT)
        except IndexFailure:
            return None
        if (expected := best(hashes)) is not None:
            found = hashlib.new(expected[0], content, usedforsecurity=False).hexdigest()
            if found != expected[1]:
                raise _mismatch(name, located, expected, found)
        return Read(parse_metadata(content, name))

    def _ranged(self, located: Located) -> Read | Absence | None:
        """Read the end of the archive; None when ranges do not work at this index, remembered."""
        length = self._tails.get(_project(located), TAIL)
        with self._fetcher.open(self._request(located, f"bytes=-{length}")) as response:
            if response.status == 206 and (span := _span(response)) is not None:
                first, last, size = span
                if last == size - 1 and first == max(0, size - length):
                    return self._from_tail(located, response.read(length), size)
            if response.status == 200:
                self._rangeless.add(located.index.url)
                spool = self._spooled(located, response, None)
                return Read(read_metadata(spool.view(), located.file.filename), spool)
        self._rangeless.add(located.index.url)
        return None

    def _from_tail(self, located: Located, tail: bytes, size: int) -> Read | None:
        """Read METADATA out of the archive's end, with one more range for each part of it that lies before that."""
        spans = [(size - len(tail), tail)]
        while not isinstance(found := metadata_in_spans(spans, size, located.file.filename), Metadata):
            wanted = (found.start, found.stop - 1, size)
            with self._fetcher.open(self._request(located, f"bytes={wanted[0]}-{wanted[1]}")) as response:
                if response.status != 206 or _span(response) != wanted:
                    return None
                spans.append((found.start, response.read(found.stop - found.start)))
        needed = size - min(start for start, _ in spans)
        if len(spans) > 1 and needed <= LONGEST_TAIL:  # the project's other releases will be laid out alike
            self._tails[_project(located)] = needed + needed // 8
        return Read(found)

    def _spooled(self, located: Located, response: Response, progress: Callable[[int], None] | None) -> Spool:
        size = located.file.size
        spool = self._archives.spool(size)
        try:
            _pour(response, spool, size, progress, located)
            self._check_hashes(located, spool)
        except BaseException as error:
            spool.close()
            if isinstance(error, IntegrityError) and _is_page(response):
                raise _page(located, response.url) from None
            raise
        return spool

    def _check_hashes(self, located: Located, spool: Spool) -> None:
        if (expected := best(located.file.hashes)) is not None:
            found = spool.digest(expected[0])
            if found != expected[1]:
                raise _mismatch(located.file.filename, located, expected, found)
        if located.allowed:
            algorithms = sorted({allowed.partition(":")[0] for allowed in located.allowed})
            found_all = [f"{algorithm}:{spool.digest(algorithm)}" for algorithm in algorithms]
            if not located.allowed.intersection(found_all):
                algorithm, _, wanted = sorted(located.allowed)[0].partition(":")
                raise _mismatch(located.file.filename, located, (algorithm, wanted), spool.digest(algorithm))


def _pour(
    response: Response, spool: Spool, size: int | None, progress: Callable[[int], None] | None, located: Located
) -> None:
    """Write a body into a spool, and no more of it than the listing announced."""
    written = 0
    for chunk in response.chunks():
        written += len(chunk)
        if written > (ARCHIVE_LIMIT if size is None else size):
            raise _too_long(located)
        spool.write(chunk)
        if progress is not None:
            progress(len(chunk))


def _absence(located: Located, response: Response) -> Absence | None:
    """Return why an answer to a plain GET of a file is not the file, or None if it is.

    :raises IndexFailure: when the answer must stop the run.
    """
    match meaning("file", response.status):
        case Meaning.HERE:
            return None
        case Meaning.REFUSED:
            return Absence("refused", response.status, located.index.name, located.file.filename)
        case Meaning.GONE:
            return Absence("gone", response.status, located.index.name, located.file.filename)
    source = located.index.credential.source if located.index.credential else ""
    raise IndexFailure(
        "credential" if response.status in {401, 407} else "file-refused",
        f"The index {located.index.name} answered {response.status} to {located.file.filename}",
        context=(f"asked: {mask(response.url)}", f"credential: {source or 'none was given for this index'}"),
        hint="Check the index's URL and its credential; this answer is not a policy refusal and is not stepped around.",
    )


def _project(located: Located) -> str:
    return located.file.filename.partition("-")[0].lower()


def _span(response: Response) -> tuple[int, int, int] | None:
    """Return first byte, last byte and size as a 206 states them (RFC 9110, section 14.4), or None."""
    unit, _, rest = response.header("Content-Range").partition(" ")
    span, _, size = rest.partition("/")
    first, _, last = span.partition("-")
    if unit != "bytes" or not (first.isdecimal() and last.isdecimal() and size.isdecimal()):
        return None
    return int(first), int(last), int(size)


def _is_page(response: Response) -> bool:
    return response.header("Content-Type").lower().startswith("text/html")


def _page(located: Located, url: str) -> IndexFailure:
    """Return the error for a page that came in place of an archive."""
    return IndexFailure(
        "not-an-archive",
        f"An HTML page came in place of {located.file.filename} from {located.index.name}",
        context=(f"asked: {mask(url)}",),
        hint="Open the URL in a browser: a proxy or a login page may stand before the index.",
    )


def _too_long(located: Located) -> ClearwayError:
    """Return the error for an archive that goes on after its end."""
    name, size = f"{located.file.filename} from {located.index.name}", located.file.size
    if size is None:
        return IndexFailure(
            "endless-answer",
            f"{name} is longer than any wheel: {ARCHIVE_LIMIT:,} bytes were read, and there is no end",
            hint="Nothing was installed. Check the file's URL, or report it to whoever runs the index.",
        )
    return IntegrityError(
        "hash-mismatch",
        f"{name} is longer than the {size:,} bytes that were listed",
        hint="Nothing was installed. Report it to whoever runs the index.",
    )


def _mismatch(filename: str, located: Located, expected: tuple[str, str], found: str) -> IntegrityError:
    algorithm, digest = expected
    return IntegrityError(
        "hash-mismatch",
        f"{filename} from {located.index.name} is not the file that was promised: its {algorithm} does not match",
        context=(f"expected {algorithm}: {digest}", f"got      {algorithm}: {found}"),
        hint="Nothing was installed. If the hash came from a requirement file, compare it with the index; "
        "else report it to whoever runs the index.",
    )
