"""The protocols through which the jobs reach the edges.

Jobs (``commands``, ``resolution``, ``catalog``) speak to these; ``cli/wiring.py`` plugs the adapters in;
``tests/support/fakes``
holds a fake for each, and a fake passes the same contract test as the real adapter. Everything here is called from
worker threads unless it says otherwise, and nothing here knows the solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from clearway.model.installed import Installed
from clearway.model.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from clearway.index.records import Index


class Request(msgspec.Struct, frozen=True):
    """One GET.

    :param url: without user info; ``http``, ``https`` or ``file``.
    :param index: the index that the request belongs to: its credential goes along where DESIGN 4.7 lets it.
    :param accept: the Accept header; empty for none.
    :param span: the Range header, ``bytes=-16384``; empty for none.
    :param etag: sent as If-None-Match; empty for none.
    :param identity: ask for the bytes as they are, without content encoding: an archive or a range of one.
    :param validator: sent as If-Range with a span: the part is wanted of this very file only; empty for none.
    :param stays: a redirect to another origin is not followed; it is the answer.
    :param answers: statuses that are answers here, though they usually pass and are tried again.
    :param patience: seconds that the answer may be held before its first byte comes; 0 for the usual time limit.
    """

    url: str
    index: Index | None = None
    accept: str = ""
    span: str = ""
    etag: str = ""
    identity: bool = False
    patience: float = 0.0
    validator: str = ""
    stays: bool = False
    answers: frozenset[int] = frozenset()


class Response(Protocol):
    """An answer whose body has not been read. Valid inside the context that :meth:`Fetcher.open` gives."""

    @property
    def status(self) -> int:
        """The HTTP status; 200 or 404 for ``file:``."""

    @property
    def url(self) -> str:
        """The URL that answered, after redirects, without user info."""

    @property
    def phrase(self) -> str:
        """The reason phrase of the status line (RFC 9112, section 4); empty where it is not known."""

    def header(self, name: str) -> str:
        """Return a header's value, or an empty text."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it comes.

        :raises IndexFailure: ``connection-lost`` when it ends before it is whole.
        """

    def read(self, limit: int) -> bytes:
        """Return the whole body.

        :raises IndexFailure: ``endless-answer`` when it is longer than ``limit`` bytes.
        """


class Fetcher(Protocol):
    """Sends requests: redirects followed, passing failures retried, credentials attached, proxies and TLS applied."""

    def open(self, request: Request) -> AbstractContextManager[Response]:
        """Send a request and give its answer, whatever its status.

        :raises IndexFailure: ``unreachable`` when no answer could be had, ``redirect-loop``, ``bad-certificate``;
            ``held`` when ``request.patience`` is set and the server was reached, but held the answer for longer, or
            asks (Retry-After) to be left alone for longer than anybody waits.
        """

    def phrase(self, request: Request) -> str:
        """Ask for the reason phrase alone (by HEAD), where :attr:`Response.phrase` could not tell it.

        Sent once, nothing retried; empty where there is none, whatever the cause.
        """


class Store(Protocol):
    """Small values by table and key, shared by processes, kept until they are purged (DESIGN 4.9)."""

    def get(self, table: str, key: str) -> bytes | None:
        """Return a value, or None if it is not there. Any damage counts as not there."""

    def get_many(self, table: str, keys: list[str]) -> dict[str, bytes]:
        """Return those of the values that are there."""

    def put(self, table: str, key: str, value: bytes) -> None:
        """Keep a value; written at the latest by :meth:`flush`."""

    def flush(self) -> None:
        """Write what was put, in one transaction."""


class Tree(msgspec.Struct, frozen=True):
    """A wheel, unpacked and verified, in the cache.

    :param path: the folder that holds the wheel's files as the archive names them.
    :param key: ``sha256:...`` of the archive.
    :param filename: the wheel's file name.
    :param metadata: the digest of its METADATA.
    """

    path: str
    key: str
    filename: str
    metadata: Metadata


class Spool(Protocol):
    """Bytes of one archive on their way in: small ones stay in memory, large ones go to a file of the cache."""

    def write(self, chunk: bytes) -> None:
        """Append."""

    def view(self) -> memoryview:
        """Return all that was written; valid until :meth:`close`."""

    def digest(self, algorithm: str) -> str:
        """Return the hex digest of all that was written; sha256 is computed while writing."""

    def close(self) -> None:
        """Forget the bytes."""


class Archives(Protocol):
    """Unpacked wheels by the hash of their archive, shared by processes (DESIGN 4.9)."""

    def find(self, key: str) -> Tree | None:
        """Return the unpacked wheel if it is there and complete."""

    def has(self, key: str) -> bool:
        """Whether an unpacked wheel is there, without a look at its files."""

    def spool(self, size: int | None) -> Spool:
        """Open a spool for an archive of about this many bytes."""

    def unpack(self, spool: Spool, filename: str) -> Tree:
        """Check a spooled wheel, unpack it beside its final place and move it there whole.

        :raises IntegrityError: ``bad-archive``, ``bad-record``, ``bad-metadata``, ``wrong-wheel``.
        :raises TargetError: ``disk-full``, ``cache-unwritable``.
        """


class Installation(msgspec.Struct, frozen=True):
    """One wheel that a plan writes.

    :param requested: the person asked for it by name (PEP 376, REQUESTED).
    :param direct_url: the text of direct_url.json (PEP 610), empty where the wheel came from an index.
    """

    tree: Tree
    requested: bool
    direct_url: str = ""


class Change(msgspec.Struct, frozen=True):
    """All that one run does to an environment: ``remove`` first, then ``install``, as one change.

    :param install: gone through once; a wheel is made ready as soon as it comes, so it may wait for the next one. What
        it raises ends the change before it has begun.
    """

    remove: tuple[Installed, ...]
    install: Iterable[Installation]


class Site(Protocol):
    """Writes one environment. Called from the main thread only."""

    def recover(self) -> str:
        """Finish or roll back what a killed run left behind; return a sentence about it, or an empty text."""

    def apply(self, change: Change) -> None:
        """Make a change, whole or not at all.

        :raises TargetError: ``environment-unwritable``, ``disk-full``, ``file-conflict``, ``no-record``.
        """
