"""The face of the catalog: offers, metadata and archives, each asked for once, each on its way at most once.

It lives on the main thread. What the store holds is answered at once, without a worker; the rest goes to the crew and
arrives in a slot. Indexes are asked in their order and the first that lists a project owns it (DESIGN 4.8); links
join the owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clearway.catalog.links import linked_listing, read_links
from clearway.catalog.listings import Listings
from clearway.catalog.offers import Offer, Sieve, make_offer
from clearway.catalog.wheels import Located, Wheels
from clearway.crew import Slot
from clearway.model.hashes import identity
from clearway.policy.absence import Absence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from clearway.catalog.links import Linked
    from clearway.catalog.wheels import Read
    from clearway.crew import Crew, Lane
    from clearway.index.records import File, Index
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Target
    from clearway.ports import Archives, Fetcher, Spool, Store, Tree
    from clearway.settings.formats import Formats


class Source(msgspec.Struct, frozen=True):
    """An offer and the index that made it."""

    index: Index
    offer: Offer


class Edges(NamedTuple):
    """The ports that the catalog reaches, and the crew that waits on them."""

    crew: Crew
    fetcher: Fetcher
    store: Store
    archives: Archives
    retries: int = 3
    """How often an answer that breaks off in its middle is begun again."""


class Catalog:
    """What the configured indexes offer to one target.

    :param turns: the indexes in the order in which they are asked; the first turn in which any has a project owns it.
    :param links: pages and folders of links; they join the owner.
    :param progress: told of bytes as they arrive, on the main thread.
    """

    def __init__(
        self,
        edges: Edges,
        turns: Sequence[Sequence[Index]],
        links: Sequence[Index],
        target: Target,
        formats: Formats,
        progress: Callable[[File, int], None] | None = None,
    ) -> None:
        self._crew = edges.crew
        self._listings = Listings(edges.fetcher, edges.store, target, edges.retries)
        self._wheels = Wheels(edges.fetcher, edges.store, edges.archives, retries=edges.retries)
        self._turns = turns
        self._indexes = [index for turn in turns for index in turn]
        self._fetcher = edges.fetcher
        self.target = target
        self._links = links
        self._linked: Slot[Linked] | None = None
        self._formats = formats
        self._progress = progress
        self._sources: dict[NormalizedName, Slot[tuple[Source, ...]]] = {}
        self._metadata: dict[str, Slot[Metadata | Absence]] = {}
        self._spools: dict[str, Slot[Spool | Absence]] = {}
        self._trees: dict[str, Slot[Tree | Absence]] = {}
        self._proofs: dict[str, Slot[Absence | None]] = {}

    def sources(self, name: NormalizedName) -> Slot[tuple[Source, ...]]:
        """Return who offers a project, and what; empty if nobody has it.

        That is its owner, after any links; where a turn has several indexes, all of them that list it.
        """
        slot = self._sources.get(name)
        if slot is None:
            kept = self._kept_sources(name)
            slot = self._sources[name] = Slot() if kept is None else Slot.of(kept)
            if kept is None:
                self._links_slot().then(lambda linked: self._ask(linked, name))
        return slot

    def metadata(self, located: Located) -> Slot[Metadata | Absence]:
        """Return a wheel's metadata, or why it cannot be had."""
        slot = self._metadata.get(located.file.url)
        if slot is None:
            slot = self._metadata[located.file.url] = self._begin_metadata(located)
        return slot

    def forget_metadata(self, located: Located) -> None:
        """Forget what was told of a wheel, in this run and beyond: the wheel itself says something else."""
        self._wheels.forget_metadata(located.file)

    def costs_archive(self, located: Located) -> bool:
        """Whether asking for this wheel's metadata now would download the whole archive."""
        url = located.file.url
        return (
            url not in self._metadata
            and self._wheels.kept_metadata(located.file) is None
            and self._wheels.needs_archive(located)
        )

    def tree(self, located: Located) -> Slot[Tree | Absence]:
        """Return a wheel downloaded, checked and unpacked, or why it cannot be had."""
        url = located.file.url
        slot = self._trees.get(url)
        if slot is None:
            slot = awaited = self._trees[url] = Slot()
            if self._wheels.holds(located.file):
                looking = self._crew.start("disk", lambda: self._wheels.kept_tree(located.file))
                looking.then(lambda found: self._take_kept(found, located, awaited))
            else:
                self._spool(located).then(lambda spool: self._unpack(spool, located, awaited))
        return slot

    def _take_kept(self, found: Slot[Tree | None], located: Located, slot: Slot[Tree | Absence]) -> None:
        """Take the tree that the cache has, if it is whole and allowed; else fetch the archive after all."""
        tree = None if found.failed else found.result()
        if tree is not None and _is_allowed(tree, located):
            slot.deliver(tree)
        else:
            self._spool(located).then(lambda spool: self._unpack(spool, located, slot))

    def forget_unwanted(self, wanted: Iterable[Located]) -> None:
        """Let downloads that have not begun be left out, except these."""
        urls = {located.file.url for located in wanted}
        for url in [url for url, slot in self._spools.items() if url not in urls and not slot.arrived]:
            self._spools.pop(url).unwanted = True
            self._trees.pop(url, None)

    def proof(self, located: Located) -> Slot[Absence | None]:
        """Return whether an archive is handed out: None if it is, without unpacking it (DESIGN 4.5)."""
        url = located.file.url
        slot = self._proofs.get(url)
        if slot is None:
            slot = self._proofs[url] = Slot()
            self._begin_proof(located, slot)
        return slot

    def _begin_proof(self, located: Located, slot: Slot[Absence | None]) -> None:
        url = located.file.url
        known: Slot[Spool | Absence] | Slot[Tree | Absence] | None = self._trees.get(url) or self._spools.get(url)
        if known is not None:
            known.then(lambda arrived: slot.follow(arrived, _as_proof))
        elif self._wheels.holds(located.file):
            slot.deliver(None)
        else:
            proving = self._crew.start("archive", lambda: self._wheels.prove(located))
            proving.then(lambda arrived: self._file_proof(arrived, slot, url))

    def identity(self) -> str:
        """Return a text that differs where the indexes, their order, their credentials or the target differ."""
        return " | ".join(" ".join(self._listings.prefix(index) for index in turn) for turn in self._turns)

    def evidence(self) -> dict[str, str] | None:
        """Return what :meth:`still_holds` needs to speak for everything that was read; None if it cannot."""
        return dict(self._listings.evidence) if self._listings.checkable and not self._links else None

    def still_holds(self, evidence: Mapping[str, str]) -> bool:
        """Whether listings that were read once are still fresh and say the same. Never touches the network."""
        return not self._links and self._listings.still_hold(evidence)

    def kept_metadata(self, file: File) -> Metadata | None:
        """Return a wheel's metadata if the store has it. Never touches the network."""
        return self._wheels.kept_metadata(file)

    def names(self) -> list[str]:
        """Return what the indexes, pages and folders are called, in their order."""
        return [index.name for index in (*self._links, *self._indexes)]

    def place_of(self, index: Index) -> int:
        """Return the place of an index in the order."""
        return next(place for place, one in enumerate(self._indexes) if one is index)

    def index_at(self, place: int) -> Index:
        """Return the index at a place in the order."""
        return self._indexes[place]

    def _kept_sources(self, name: NormalizedName) -> tuple[Source, ...] | None:
        """Return the sources if the first index's fresh offer settles them without asking anybody."""
        if self._links or not self._turns or len(self._turns[0]) != 1:
            return None
        index = self._turns[0][0]
        offer = self._listings.kept(index, name, wheels=self._formats.wheels(name))
        return None if offer is None else (Source(index, offer),)

    def _links_slot(self) -> Slot[Linked]:
        """Return the files of all links, read once and before any listing is asked for."""
        if self._linked is None:
            reading = (lambda: read_links(self._fetcher, self._links)) if self._links else None
            self._linked = Slot.of(()) if reading is None else self._crew.start("page", reading)
        return self._linked

    def _ask(self, linked: Slot[Linked], name: NormalizedName) -> None:
        slot = self._sources[name]
        if linked.failed:
            slot.follow(linked, lambda _: ())
            return
        asking = self._crew.start("page", lambda: self._read_sources(name, linked.result()))
        asking.then(lambda arrived: slot.follow(arrived, lambda sources: sources))

    def _read_sources(self, name: NormalizedName, linked: Linked) -> tuple[Source, ...]:
        """Ask the indexes in their order. Runs in a worker."""
        wheels = self._formats.wheels(name)
        found = []
        for index, files in linked:
            listing = linked_listing(files, name)
            if listing.files:
                found.append(Source(index, make_offer(listing, Sieve(name, self.target, wheels=wheels))))
        for turn in self._turns:
            offers = [(index, self._listings.read(index, name, wheels=wheels)) for index in turn]
            owners = [Source(index, offer) for index, offer in offers if offer is not None]
            if owners:
                return (*found, *owners)
        return tuple(found)

    def _begin_metadata(self, located: Located) -> Slot[Metadata | Absence]:
        kept = self._wheels.kept_metadata(located.file)
        if kept is not None:
            return Slot.of(kept)
        lane: Lane = "archive" if self._wheels.needs_archive(located) else "page"
        reading = self._crew.start(lane, lambda: self._wheels.read_metadata(located))
        slot: Slot[Metadata | Absence] = Slot()
        reading.then(lambda arrived: self._file_metadata(arrived, slot, located))
        return slot

    def _file_metadata(self, arrived: Slot[Read | Absence], slot: Slot[Metadata | Absence], located: Located) -> None:
        """Put what came where it belongs: the archive that came along is the archive that will be installed."""
        if not arrived.failed:
            read = arrived.result()
            if not isinstance(read, Absence) and read.spool is not None:
                self._spools.setdefault(located.file.url, Slot.of(read.spool))
        slot.follow(arrived, lambda read: read if isinstance(read, Absence) else read.metadata)

    def _file_proof(self, arrived: Slot[Absence | Spool | None], proof: Slot[Absence | None], url: str) -> None:
        """Settle a proof; a small archive that was read to its end is kept for an installation."""
        if not arrived.failed and (value := arrived.result()) is not None:
            self._spools.setdefault(url, Slot.of(value))
        proof.follow(arrived, lambda value: value if isinstance(value, Absence) else None)

    def _spool(self, located: Located) -> Slot[Spool | Absence]:
        url = located.file.url
        if url not in self._spools:
            self._spools[url] = self._crew.start(
                "archive", lambda: self._wheels.download(located, self._report(located))
            )
        return self._spools[url]

    def _unpack(self, arrived: Slot[Spool | Absence], located: Located, slot: Slot[Tree | Absence]) -> None:
        spool = None if arrived.failed else arrived.result()
        if spool is None or isinstance(spool, Absence):
            slot.follow(arrived, _as_absence)
        elif self._trees.get(located.file.url) is not slot:  # forgotten while it was on its way
            spool.close()
        else:
            self._crew.start("disk", lambda: self._wheels.unpack(spool, located), located.file.size or 0).then(
                lambda unpacked: slot.follow(unpacked, lambda tree: tree)
            )

    def _report(self, located: Located) -> Callable[[int], None] | None:
        progress = self._progress
        if progress is None:
            return None
        return lambda count: self._crew.post(lambda: progress(located.file, count))


def _is_allowed(tree: Tree, located: Located) -> bool:
    """Whether a tree from the cache satisfies the hashes that the person gave, as far as its key can tell."""
    return not located.allowed or tree.key in located.allowed or identity(located.file.hashes) in located.allowed


def _as_proof(value: Spool | Tree | Absence) -> Absence | None:
    return value if isinstance(value, Absence) else None


def _as_absence(value: Spool | Absence) -> Absence:
    assert isinstance(value, Absence)
    return value
