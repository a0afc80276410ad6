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
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from clearway.index.records import Index
    from clearway.model.targets import Environment


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

    def chunks(self, size: int = 65_536) -> Iterator[bytes]:
        """Yield the body as it comes, up to ``size`` bytes at a time.

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


class Observer(Protocol):
    """Sees requests go by, in the threads that send them: for people who want to know, and for logs.

    Nothing depends on it, and it never raises.
    """

    def asking(self, request: Request) -> None:
        """A request is about to be sent."""

    def answered(self, request: Request, url: str, status: int, header: Callable[[str], str]) -> None:
        """An answer has come, of whatever status: a redirect or a passing failure is one, too.

        :param url: what was asked on this hop, without user info.
        :param header: reads a header of the answer.
        """

    def waiting(self, request: Request, reason: str, seconds: float) -> None:
        """The request is about to be sent again after so many seconds: what was wrong."""

    def received(self, request: Request, count: int) -> None:
        """So many further bytes of the answer have come."""

    def done(self, request: Request) -> None:
        """Nobody waits for the request any longer: its answer was read, or there is none."""


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

    def unpack(self, spool: Spool, filename: str, *, passing: bool = False) -> Tree:
        """Check a spooled wheel, unpack it beside its final place and move it there whole.

        :param passing: nobody will ask for it again: unless it is there already it stays beside, for this run alone,
            until :meth:`forget`.
        :raises IntegrityError: ``bad-archive``, ``bad-record``, ``bad-metadata``, ``wrong-wheel``.
        :raises TargetError: ``disk-full``, ``cache-unwritable``.
        """

    def forget(self, tree: Tree) -> None:
        """Delete an unpacked wheel that was passing; any other stays."""


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


class Source(msgspec.Struct, frozen=True):
    """A source tree, and how it is to be built (PEP 517, PEP 660).

    :param path: its folder: an unpacked archive, a checkout, or a folder of the person's, which is built in place.
    :param label: what errors and output call it; no secret in it.
    :param subdirectory: the project's folder below ``path``, with ``/``; empty where that is the project.
    :param name: the normalized name that it must have; empty for any.
    :param version: the version that it must have; empty for any.
    :param settings: PEP 517's config settings as stated; a key may come again.
    :param isolated: in an environment of its own, which :class:`Provision` fills; else in the target environment.
    :param editable: the wheel refers to the tree.
    :param sdist: ``path`` is an unpacked sdist: what its PKG-INFO says holds (PEP 643).
    """

    path: str
    label: str
    subdirectory: str = ""
    name: str = ""
    version: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    isolated: bool = True
    editable: bool = False
    sdist: bool = False

    def key(self, identity: str, tags: tuple[str, ...], constraints: tuple[str, ...] = ()) -> str:
        """Return the key under which the wheel built from this may be kept.

        It tells apart whatever the wheel may depend on and the index or the person can name. What an environment
        without isolation has installed is not part of it, and the folders of persons change: keep neither.

        :param identity: what identifies the tree: the hash of its archive, or its repository and commit.
        :param tags: those of the interpreter, best first.
        :param constraints: what else decides about the build environment.
        """
        from hashlib import sha256  # late: only sources have keys

        stated = (1, identity, self.subdirectory, self.settings, self.isolated, self.editable, tags, constraints)
        return f"sha256:{sha256(msgspec.msgpack.encode(stated)).hexdigest()}"


class Checkout(msgspec.Struct, frozen=True):
    """A commit of a repository, checked out (PEP 610, ``vcs_info``).

    :param path: the folder of the whole tree; its subdirectory was seen to be there.
    :param url: the repository, without ``git+`` and without user info.
    :param commit: the full id of what was checked out.
    :param requested: the branch, tag or commit that was asked for; empty for the repository's own choice.
    """

    path: str
    url: str
    commit: str
    requested: str = ""
    subdirectory: str = ""


class Builder(Protocol):
    """Makes wheels out of source trees for one target. Any thread may call it; one tree is built once at a time."""

    def unpack(self, archive: memoryview | str, filename: str) -> str:
        """Unpack a source archive, from its bytes or a path; return the folder of its tree.

        :raises IntegrityError: ``bad-archive``.
        :raises InputError: ``unreadable-archive``.
        :raises TargetError: ``disk-full``, ``build-folder-unwritable``.
        """

    def checkout(self, url: str, *, lasting: bool = False) -> Checkout:
        """Check out what ``git+https://host/path@ref#subdirectory=folder`` names.

        :param lasting: it is the person's from then on: it goes to their folder for checkouts, and stays.
        :raises InputError: ``unsupported-repository``, ``bad-repository``, ``no-such-ref``, ``no-subdirectory``,
            ``checkout-in-the-way``, ``checkout-changed``.
        :raises IndexFailure: ``repository-failed`` when it cannot be had.
        :raises BuildError: ``no-git``.
        """

    def metadata(self, source: Source, *, wanted: bool = False) -> Metadata:
        """Return the metadata of the wheel that a tree becomes; nothing is run where the tree states it.

        :param wanted: the wheel will be asked for, too: where something has to be run it is built at once.
        :raises BuildError: ``not-a-project``, ``bad-pyproject``, ``no-backend``, ``build-failed``, ``bad-answer``,
            ``no-editable``.
        :raises IntegrityError: ``wrong-source`` when it is not of ``source.name`` and ``source.version``;
            ``bad-metadata``.
        :raises InputError: ``no-subdirectory``.
        :raises Interrupted: :meth:`stop` was called.
        """

    def wheel(self, source: Source) -> str:
        """Build a wheel, check it, and return where it is; it is there until :meth:`release`.

        :raises BuildError: as :meth:`metadata`; ``wrong-platform`` when the target cannot use it.
        :raises IntegrityError: as :meth:`metadata`; ``bad-archive``, ``bad-record``, ``wrong-wheel``.
        """

    def release(self, source: Source) -> None:
        """Delete what building a tree has left, and the tree itself if it was unpacked or checked out here."""

    def stop(self) -> None:
        """End all builds, with all their processes; what is called later raises ``Interrupted``."""

    def close(self) -> None:
        """Stop, and delete everything, the wheels too."""


class Provision(Protocol):
    """Fills environments for builds with what the builds require (PEP 518)."""

    def provide(self, requirements: tuple[str, ...], environment: Environment, source: Source) -> None:
        """Resolve requirements, by the rules of the run, and install them into a new environment for one build.

        Called from the thread of the build. Called again for the same environment when its backend asks for more, with
        the requirements of before named again: the environment must then fit all of them.

        :param requirements: as spelled (PEP 508).
        :param environment: the target's interpreter with folders of its own; what lies in it was put there by this.
        :param source: what is being built.
        :raises ClearwayError: whatever stands against it; the build fails with that.
        """

    def check(self, requirements: tuple[str, ...], environment: Environment, source: Source) -> None:
        """See that what a build requires is installed where it runs without isolation, if anybody wants to know.

        :raises BuildError: ``missing-requirements``.
        """

    def stop(self) -> None:
        """Have whatever is being provided end with ``Interrupted``, soon. Called from the main thread."""
