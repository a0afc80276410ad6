"""The face of the catalog: offers, metadata, proofs and archives, each asked for once, each on its way at most once.

It lives on one thread, the main one in a run. What the store holds is answered at once, without a worker; the rest
goes to the crew and arrives in a slot. A file that was not handed out is not asked for again in the run, whatever it is
wanted for. What is no wheel is built: the face is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from clearway.catalog.arriving import Watcher
from clearway.catalog.builds import Builds
from clearway.catalog.direct import locate
from clearway.catalog.indexes import Indexes
from clearway.catalog.keys import Keys
from clearway.catalog.located import Located
from clearway.catalog.proofs import Proofs
from clearway.catalog.terms import Terms
from clearway.catalog.wheels import Wheels
from clearway.crew import Slot
from clearway.model.hashes import identity
from clearway.policy.absence import Absence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clearway.catalog.indexes import Edges, Source
    from clearway.catalog.located import FileKey
    from clearway.catalog.ways import Read
    from clearway.crew import Crew, Lane
    from clearway.index.records import Index
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Target
    from clearway.policy.rules import Rules
    from clearway.ports import Spool, Tree

T = TypeVar("T")
_NO_TERMS = Terms()


class Catalog:
    """What the configured indexes offer to one target.

    :param edges: the ports, and the crew.
    :param turns: the indexes in the order in which they are asked.
    :param links: pages and folders of links.
    :param terms: which files count, and how what is no wheel is built.
    :param rules: how the answers to direct URLs are read; an index has its own.
    :param whole: whether archives are wanted in the end, and not only proofs of them.
    """

    def __init__(
        self,
        edges: Edges,
        turns: Sequence[Sequence[Index]],
        links: Sequence[Index],
        target: Target,
        terms: Terms = _NO_TERMS,
        *,
        rules: Rules,
        whole: bool = True,
    ) -> None:
        keys = Keys(edges.store)
        self.indexes = Indexes(edges, keys, turns, links, target, terms)
        self.target = target
        self.rules = rules
        self._crew: Crew = edges.crew
        self._proven = Proofs(edges.store, keys)
        self._wheels = Wheels(edges, self._proven, keys, whole=whole)
        self._terms = terms
        self.builds = Builds(edges, target, terms, whole=whole)
        self._progress = edges.progress
        self._complete = edges.complete
        self._metadata: dict[FileKey, Slot[Metadata | Absence]] = {}
        self._spools: dict[FileKey, Slot[Spool | Absence]] = {}
        self._trees: dict[FileKey, Slot[Tree | Absence]] = {}
        self._proofs: dict[FileKey, Slot[Absence | None]] = {}
        self._verdicts: dict[FileKey, Slot[Absence | None]] = {}
        self._cached: set[FileKey] = set()
        self._behind: set[FileKey] = set()

    def sources(self, name: NormalizedName) -> Slot[tuple[Source, ...]]:
        """Return who offers a project, and what; empty if nobody has it."""
        return self.indexes.sources(name)

    def builds_nothing_of(self, name: NormalizedName) -> bool:
        """Whether only wheels of a project may be used."""
        return self._terms.formats.use(name) == "wheels"

    def direct(self, url: str, allowed: frozenset[str]) -> Located:
        """Return what is at a URL; the server is an index of its own (DESIGN 4.7).

        :raises InputError: as :func:`clearway.catalog.direct.locate` does.
        """
        located = locate(url, allowed, self.target, self.rules, self._terms)
        if not located.fetched or self._complete is None:
            return located
        return msgspec.structs.replace(located, index=self._complete(located.index))

    def metadata(self, located: Located) -> Slot[Metadata | Absence]:
        """Return the metadata of a wheel, or of what a source becomes, or why it cannot be had."""
        slot = self._metadata.get(located.key)
        if slot is None:
            slot = self._metadata[located.key] = self._begin_metadata(located)
        return slot

    def kept_metadata(self, located: Located) -> Metadata | None:
        """Return metadata if the store has it. Never touches the network."""
        return self._kept(located).kept_metadata(located)

    def forget_metadata(self, located: Located) -> None:
        """Forget what was told of a wheel, in this run and beyond: the wheel itself says something else."""
        self._wheels.forget_metadata(located)

    def may_cost_archive(self, located: Located) -> bool:
        """Whether asking for this file's metadata now may download the whole archive."""
        return (
            located.key not in self._metadata and self.kept_metadata(located) is None and self.reads_archives(located)
        )

    def reads_archives(self, located: Located) -> bool:
        """Whether the metadata of a file like this one is read out of the whole archive."""
        return located.recipe is not None or self._wheels.ways.may_cost_archive(located)

    def received(self) -> tuple[int, int]:
        """Return how many archives have come so far, and their bytes."""
        return self._wheels.habits.received()

    def expected_size(self, located: Located) -> int:
        """Return how many bytes an archive will probably have."""
        return self._wheels.habits.expected_size(located)

    def is_generous(self, index: Index) -> bool:
        """Whether an index has handed out any file in this run."""
        return self._wheels.habits.is_generous(index)

    def digest(self, located: Located) -> str:
        """Return the sha256 of an archive that this run has read whole, else an empty text."""
        if located.recipe is not None:
            return self.builds.digest(located)
        slot = self._spools.get(located.key)
        spool = slot.result() if slot is not None and slot.arrived and not slot.failed else None
        return "" if spool is None or isinstance(spool, Absence) else spool.digest("sha256")

    def phrase(self, located: Located) -> Slot[str]:
        """Ask for the reason phrase of a refusal that gave no other reason."""
        return self._crew.start("page", lambda: self._wheels.phrase(located))

    def tree(self, located: Located) -> Slot[Tree | Absence]:
        """Return a wheel, downloaded or built, checked and unpacked, or why it cannot be had."""
        key = located.key
        slot = self._trees.get(key)
        if slot is None:
            slot = awaited = self._trees[key] = Slot()
            if not self._kept(located).holds(located):
                self._bytes(located).then(lambda spool: self._unpack(spool, located, awaited))
                return slot
            self._cached.add(key)
            if self._is_proven(located):
                self._look(located, awaited)
            else:
                self.proof(located).then(lambda proof: self._look_if(proof, located, awaited))
        return slot

    def comes_from_cache(self, located: Located) -> bool:
        """Whether the cache has a wheel, or had it when it was asked for."""
        return located.key in self._cached if located.key in self._trees else self._kept(located).holds(located)

    def archive(self, located: Located) -> Slot[Spool | Absence]:
        """Return the bytes of one file, checked, or why they cannot be had; they stay until the run ends."""
        return self._spool(located)

    def wheel(self, located: Located) -> Slot[str | Absence]:
        """Return where the wheel is that a source becomes, or why it cannot be had."""
        slot: Slot[str | Absence] = Slot()
        self._bytes(located).then(lambda came: self._build(came, slot, lambda spool: self.builds.wheel(located, spool)))
        return slot

    def verdict(self, located: Located) -> Slot[Absence | None]:
        """Return whether a wheel that :meth:`tree` was asked for is handed out: known before all of it has come."""
        key = located.key
        slot = self._verdicts.setdefault(key, Slot())
        if not slot.arrived:
            self.tree(located).then(lambda tree: _settle(slot, tree))
        return slot

    def forget_unwanted(self, wanted: Iterable[Located]) -> None:
        """Let downloads that have not begun be left out, except these; what has begun is kept, but not unpacked."""
        wanted_keys = {located.key for located in wanted}
        for key in [key for key, slot in self._spools.items() if key not in wanted_keys and not slot.arrived]:
            self._trees.pop(key, None)
            if key in self._behind:  # its metadata would have come with what is left out now
                self._behind.discard(key)
                _drop_pending(self._metadata, key)
            if key not in self._verdicts or not self._verdicts[key].arrived:
                self._spools.pop(key).unwanted = True
                self._verdicts.pop(key, None)
                _drop_pending(self._proofs, key)

    def proof(self, located: Located) -> Slot[Absence | None]:
        """Return whether an archive is handed out: None if it is, without unpacking it (DESIGN 4.5)."""
        key = located.key
        slot = self._proofs.get(key)
        if slot is None:
            slot = self._proofs[key] = Slot()
            self._begin_proof(located, slot)
        return slot

    def _is_proven(self, located: Located) -> bool:
        """Whether an archive was handed out lately enough; if so, it counts as handed out in this run."""
        proven = self._proven.has(located)
        if proven:
            self._wheels.habits.handed_out(located)
        return proven

    def _look(self, located: Located, slot: Slot[Tree | Absence]) -> None:
        """Take the tree that the cache has, if it is whole and allowed; else fetch the archive after all."""
        looking = self._crew.start("disk", lambda: self._kept(located).kept_tree(located))
        looking.then(lambda found: self._take_kept(found, located, slot))

    def _look_if(self, proof: Slot[Absence | None], located: Located, slot: Slot[Tree | Absence]) -> None:
        """Take the tree that the cache has if the index hands the archive out to this credential, too."""
        absence = None if proof.failed else proof.result()
        if proof.failed or absence is not None:
            slot.follow(proof, _as_absence)
        else:
            self._look(located, slot)

    def _take_kept(self, found: Slot[Tree | None], located: Located, slot: Slot[Tree | Absence]) -> None:
        tree = None if found.failed else found.result()
        if tree is not None and _is_allowed(tree, located):
            slot.deliver(tree)
        else:
            self._bytes(located).then(lambda spool: self._unpack(spool, located, slot))

    def _begin_proof(self, located: Located, slot: Slot[Absence | None]) -> None:
        key = located.key
        known: Slot[Spool | Absence] | Slot[Tree | Absence] | None = self._spools.get(key)
        if known is not None:
            known.then(lambda arrived: slot.follow(arrived, _as_proof))
        elif not located.fetched or (self._kept(located).holds(located) and self._is_proven(located)):
            slot.deliver(None)
        else:
            proving = self._crew.start("archive", lambda: self._wheels.prove(located))
            proving.then(lambda arrived: self._file_proof(arrived, slot, key))

    def _begin_metadata(self, located: Located) -> Slot[Metadata | Absence]:
        kept = self.kept_metadata(located)
        if kept is not None:
            return Slot.of(kept)
        slot: Slot[Metadata | Absence] = Slot()
        if located.recipe is not None or located.key in self._trees:
            self._behind.add(located.key)
        if (tree := self._trees.get(located.key)) is not None:
            tree.then(lambda arrived: slot.follow(arrived, _as_metadata))
            return slot
        if located.recipe is not None:
            tell = self.builds.metadata
            self._bytes(located).then(lambda came: self._build(came, slot, lambda spool: tell(located, spool)))
            return slot
        came = self._spools.get(located.key)
        spool = came.result() if came is not None and came.arrived and not came.failed else None
        if isinstance(spool, Absence):
            return Slot.of(spool)
        if spool is not None:  # a proof has brought the archive
            reading = self._crew.start("disk", lambda: self._wheels.metadata_in(spool, located))
        else:
            lane: Lane = "archive" if self._wheels.ways.way(located) == "archive" else "page"
            reading = self._crew.start(lane, lambda: self._wheels.read_metadata(located))
        reading.then(lambda arrived: self._file_metadata(arrived, slot, located))
        return slot

    def _build(
        self, arrived: Slot[Spool | Absence | None], slot: Slot[T | Absence], task: Callable[[Spool | None], T]
    ) -> None:
        """Have something done by the builds with a source, now that it is here."""
        spool = None if arrived.failed else arrived.result()
        if arrived.failed or isinstance(spool, Absence):
            slot.follow(arrived, _as_absence)
        else:
            building = self._crew.start("build", lambda: task(spool))
            building.then(lambda done: slot.follow(done, lambda value: value))

    def _file_metadata(self, arrived: Slot[Read | Absence], slot: Slot[Metadata | Absence], located: Located) -> None:
        """Put what came where it belongs: the archive that came along is the archive that will be installed."""
        if not arrived.failed:
            read, key = arrived.result(), located.key
            if isinstance(read, Absence):
                self._spools.setdefault(key, Slot.of(read))
            elif read.spool is not None:
                self._spools.setdefault(key, Slot.of(read.spool))
            elif read.proven:
                self._proofs.setdefault(key, Slot.of(None))
        slot.follow(arrived, lambda read: read if isinstance(read, Absence) else read.metadata)

    def _file_proof(self, arrived: Slot[Absence | Spool | None], proof: Slot[Absence | None], key: FileKey) -> None:
        """Settle a proof; a small archive that was read to its end is kept for an installation."""
        if not arrived.failed and (value := arrived.result()) is not None:
            self._spools.setdefault(key, Slot.of(value))
        proof.follow(arrived, _as_proof)

    def _kept(self, located: Located) -> Wheels | Builds:
        """Return who knows what the cache has of a file."""
        return self._wheels if located.recipe is None else self.builds

    def _bytes(self, located: Located) -> Slot[Spool | Absence | None]:
        """Return an archive's bytes, or why they cannot be had; None for what is no single file."""
        slot: Slot[Spool | Absence | None] = Slot()
        if located.fetched:
            self._spool(located).then(lambda arrived: slot.follow(arrived, lambda spool: spool))
        else:
            slot.deliver(None)
        return slot

    def _spool(self, located: Located) -> Slot[Spool | Absence]:
        """Return an archive's bytes, on their way or here."""
        key = located.key
        if key not in self._spools:
            watcher = _Courier(self, located)
            self._spools[key] = self._crew.start("archive", lambda: self._wheels.download(located, watcher))
        return self._spools[key]

    def _unpack(self, arrived: Slot[Spool | Absence | None], located: Located, slot: Slot[Tree | Absence]) -> None:
        """Unpack what has arrived, or build it."""
        spool = None if arrived.failed else arrived.result()
        if arrived.failed or isinstance(spool, Absence):
            slot.follow(arrived, _as_absence)
        elif self._trees.get(located.key) is slot:  # else it was forgotten while it was on its way
            self._handed_out(located)
            if located.recipe is not None:
                unpacking = self._crew.start("build", lambda: self.builds.tree(located, spool))
            else:
                assert spool is not None
                wheel = spool
                size = located.file.size or 0
                unpacking = self._crew.start("disk", lambda: self._wheels.unpack(wheel, located), size)
            unpacking.then(lambda unpacked: slot.follow(unpacked, lambda tree: tree))

    def _handed_out(self, located: Located) -> None:
        """Settle a verdict: the archive is coming."""
        slot = self._verdicts.setdefault(located.key, Slot())
        if not slot.arrived:
            slot.deliver(None)

    def _received(self, located: Located, count: int) -> None:
        if self._progress is not None:
            self._progress(located.file, count)


class _Courier(Watcher):
    """Carries what happens to a download from its worker to the main thread."""

    def __init__(self, catalog: Catalog, located: Located) -> None:
        self._catalog = catalog
        self._located = located

    def handed_out(self) -> None:
        catalog, located = self._catalog, self._located
        catalog._crew.post(lambda: catalog._handed_out(located))

    def received(self, count: int) -> None:
        catalog, located = self._catalog, self._located
        if catalog._progress is not None:
            catalog._crew.post(lambda: catalog._received(located, count))


def _drop_pending(slots: dict[FileKey, Slot[T]], key: FileKey) -> None:
    """Forget a slot in which nothing will arrive, so that whoever asks next gets another one."""
    slot = slots.get(key)
    if slot is not None and not slot.arrived:
        del slots[key]


def _settle(verdict: Slot[Absence | None], tree: Slot[Tree | Absence]) -> None:
    """Let a verdict follow from a tree, unless it was known before."""
    if not verdict.arrived:
        verdict.follow(tree, _as_proof)


def _is_allowed(tree: Tree, located: Located) -> bool:
    """Whether a tree from the cache satisfies the hashes that the person gave, as far as its key can tell."""
    return not located.allowed or tree.key in located.allowed or identity(located.file.hashes) in located.allowed


def _as_proof(value: Spool | Tree | Absence | None) -> Absence | None:
    return value if isinstance(value, Absence) else None


def _as_metadata(value: Tree | Absence) -> Metadata | Absence:
    return value if isinstance(value, Absence) else value.metadata


def _as_absence(value: object) -> Absence:
    assert isinstance(value, Absence)
    return value
