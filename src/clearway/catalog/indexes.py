"""The configured indexes: who of them owns a project, and what it offers (DESIGN 4.6, 4.8).

Indexes are asked in their order and the first that lists a project owns it; pages and folders of links join the owner.
A name that an index claims is asked nowhere else. Where an index forwards a listing to another origin, that is followed
only when every index has said that it does not have the project, and what comes is that origin's, not the index's:
private names are not told to strangers, and no credential goes along.
An index that answers 403 to a listing stops the run, but for one: without a credential, it counts as not having a
project if it has shown another one. That is decided when everything else that it was asked has been answered, so that
it does not depend on which answer comes first.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clearway.catalog.cutoffs import Cutoffs, is_moving
from clearway.catalog.links import linked_listing, read_links
from clearway.catalog.listings import Forbidden, Forwarded, Listings, wanted_of
from clearway.catalog.offers import Offer, Sieve, make_offer
from clearway.crew import Slot
from clearway.errors import IndexFailure
from clearway.index.records import File, Index
from clearway.index.routing import claims, forwarded_index, may_carry_credential, turns_for
from clearway.model.urls import mask
from clearway.ports import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clearway.catalog.keys import Keys
    from clearway.catalog.links import Linked
    from clearway.catalog.terms import Terms
    from clearway.crew import Crew
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Target
    from clearway.ports import Archives, Builder, Fetcher, Store
    from clearway.settings.formats import Use

_encode = msgspec.msgpack.Encoder().encode


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
    progress: Callable[[File, int], None] | None = None
    """Told of bytes as they arrive, on the main thread."""
    complete: Callable[[Index], Index] | None = None
    """Gives the server of a direct URL the credential that is kept for it."""
    builder: Builder | None = None
    """Makes wheels out of source trees; None for whoever asks for listings alone."""
    tell: Callable[[str], None] | None = None
    """Told in words, from any thread, what was taken from the cache without a request."""


class Indexes:
    """What the configured indexes offer to one target.

    :param turns: the indexes in the order in which they are asked; the first turn in which any has a project owns it.
    :param links: pages and folders of links; they join the owner.
    :param terms: which files count, and which listings are asked for again.
    :ivar warnings: sentences for people.
    """

    def __init__(
        self,
        edges: Edges,
        keys: Keys,
        turns: Sequence[Sequence[Index]],
        links: Sequence[Index],
        target: Target,
        terms: Terms,
    ) -> None:
        self._crew = edges.crew
        self._fetcher = edges.fetcher
        self._listings = Listings(edges.fetcher, edges.store, keys, target, edges.retries, edges.tell, terms.refresh)
        self._cutoffs = Cutoffs(time.time())
        self._turns = turns
        self._order = [index for turn in turns for index in turn]
        self._narrows = any(index.claims or index.explicit for index in self._order)
        self._strangers: dict[str, Index] = {}
        self._links = links
        self._linked: Slot[Linked] | None = None
        self._target = target
        self._formats = terms.formats
        self._sources: dict[NormalizedName, Slot[tuple[Source, ...]]] = {}
        self._asking = 0
        self._forbidden: list[tuple[NormalizedName, Forbidden, Slot[tuple[Source, ...]]]] = []
        self._passed: dict[NormalizedName, set[Index]] = {}
        self.warnings: dict[str, None] = {}

    def sources(self, name: NormalizedName) -> Slot[tuple[Source, ...]]:
        """Return who offers a project, and what; empty if nobody has it.

        That is its owner, after any links; where a turn has several indexes, all of them that list it.
        """
        slot = self._sources.get(name)
        if slot is None:
            kept = self._kept_sources(name)
            slot = self._sources[name] = Slot() if kept is None else Slot.of(kept)
            if kept is None:
                self._links_slot().then(lambda linked: self._begin(linked, name, slot))
        return slot

    def refresh(self, name: NormalizedName) -> Slot[bool]:
        """Ask again what was taken from the cache alone; tell whether anything else is offered now.

        Worth it when a file is not handed out: a listing that is minutes old may be out of date.
        """
        known = self._sources.get(name)
        if known is None or not known.arrived or known.failed or not self._listings.was_unasked(name):
            return Slot.of(False)
        fresh: Slot[tuple[Source, ...]] = Slot()
        changed: Slot[bool] = Slot()
        self._links_slot().then(lambda linked: self._begin(linked, name, fresh, ask=True))
        fresh.then(lambda arrived: changed.follow(arrived, lambda sources: self._replace(name, known, sources)))
        return changed

    def suspects(self) -> list[Slot[None]]:
        """Begin to check the credential of each index that had no project that it was asked for (DESIGN 4.6).

        A valid token that may see nothing looks like an empty index: its root page tells. A slot fails if it does.
        Listings from the cache alone say nothing for a token: it may have ended since.
        """
        listings = self._listings
        mute = (listings.lacking | listings.forwarding) - listings.admitted
        suspects = [index for index in self._order if index.credential and index in mute]
        return [self._crew.start("page", self._checking(index)) for index in suspects]

    def is_elsewhere(self, name: NormalizedName, url: str) -> bool:
        """Whether a name is claimed, and a URL is no place of an index that claims it."""
        if not self._is_claimed(name):
            return False
        return not any(may_carry_credential(index, url) for turn in self._turns_for(name) for index in turn)

    def identity(self) -> str:
        """Return a text that differs where the indexes, their order, their credentials or the target differ."""
        return " | ".join(" ".join(map(self._identity_of, turn)) for turn in self._turns)

    def evidence(self) -> dict[str, str] | None:
        """Return what :meth:`still_hold` needs to speak for everything that was read; None if it cannot."""
        moving = any(is_moving(index) for index in self._order)
        return dict(self._listings.evidence) if self._listings.checkable and not (self._links or moving) else None

    def still_hold(self, evidence: Mapping[str, str]) -> bool:
        """Whether listings that were read once are still fresh and say the same. Never touches the network."""
        return not self._links and self._listings.still_hold(evidence)

    def names(self) -> list[str]:
        """Return what the indexes, pages and folders are called, in their order."""
        return [index.name for index in (*self._links, *self._order)]

    def listed(self) -> list[Index]:
        """Return the indexes, in their order."""
        return list(self._order)

    def place_of(self, index: Index) -> int:
        """Return the place of an index in the order."""
        return next(place for place, one in enumerate(self._order) if one is index)

    def at(self, place: int) -> Index:
        """Return the index at a place in the order."""
        return self._order[place]

    def _identity_of(self, index: Index) -> str:
        """Return what stands for an index, with all that has a say in who owns a project."""
        absent = ",".join(map(str, sorted(index.rules.absent_status)))
        cutoff = self._cutoffs.identity(index)
        return (
            f"{self._listings.prefix(index)}{absent}/{','.join(index.claims)}/{index.lent:d}{index.explicit:d}{cutoff}"
        )

    def _kept_sources(self, name: NormalizedName) -> tuple[Source, ...] | None:
        """Return the sources if the first index's fresh offer settles them without asking anybody."""
        turns = self._turns_for(name)
        if self._links or not turns or len(turns[0]) != 1:
            return None
        index = turns[0][0]
        use = self._formats.use(name)
        offer = self._listings.kept(index, name, use)
        try:
            return None if offer is None else (self._source(index, offer, use),)
        except IndexFailure:  # a worker finds the same, and then it is told to who wants to know
            return None

    def _links_slot(self) -> Slot[Linked]:
        """Return the files of all links, read once and before any listing is asked for."""
        if self._linked is None:
            reading = (lambda: read_links(self._fetcher, self._links)) if self._links else None
            self._linked = Slot.of(()) if reading is None else self._crew.start("page", reading)
        return self._linked

    def _begin(
        self, linked: Slot[Linked], name: NormalizedName, slot: Slot[tuple[Source, ...]], *, ask: bool = False
    ) -> None:
        """Have the indexes asked for a project by a worker."""
        if linked.failed:
            slot.follow(linked, lambda _: ())
            return
        self._asking += 1
        passed = frozenset(self._passed.get(name, ()))
        asking = self._crew.start("page", lambda: self._read(name, linked.result(), passed, ask=ask))
        asking.then(lambda arrived: self._take(name, arrived, slot))

    def _take(
        self, name: NormalizedName, arrived: Slot[tuple[Source, ...] | Forbidden], slot: Slot[tuple[Source, ...]]
    ) -> None:
        """Take what a worker found; keep a 403 until it is known what to make of it."""
        self._asking -= 1
        found = () if arrived.failed else arrived.result()
        if isinstance(found, Forbidden):
            self._forbidden.append((name, found, slot))
        elif arrived.failed:
            slot.follow(arrived, lambda _: ())
        else:
            slot.deliver(found)
        if self._forbidden and not self._asking:
            waiting, self._forbidden = self._forbidden, []
            for other, forbidden, waiting_slot in waiting:
                self._judge(other, forbidden, waiting_slot)

    def _judge(self, name: NormalizedName, forbidden: Forbidden, slot: Slot[tuple[Source, ...]]) -> None:
        """Decide what a 403 on a listing means, now that everything else has been answered."""
        index, known = forbidden.index, self._sources.get(name)
        shown = known is not None and known.arrived and any(source.index == index for source in known.result())
        if shown or index not in self._listings.answered:  # what it has shown before it does not lack
            slot.settle(None, forbidden.failure)
            return
        self.warnings[f"The index {index.name} answers 403 for what it does not show: that counts as not having it"] = (
            None
        )
        self._passed.setdefault(name, set()).add(index)
        self._links_slot().then(lambda linked: self._begin(linked, name, slot))

    def _read(
        self, name: NormalizedName, linked: Linked, passed: frozenset[Index], *, ask: bool
    ) -> tuple[Source, ...] | Forbidden:
        """Ask the indexes in their order. Runs in a worker."""
        use = self._formats.use(name)
        found = []
        for index, files in linked:
            if self._is_claimed(name) and not index.url.startswith("file:"):
                continue
            listing = linked_listing(files, name)
            if listing.files:
                sieve = Sieve(name, self._target, wanted_of(index, use))
                found.append(self._source(index, make_offer(listing, sieve), use))
        elsewhere = []
        for turn in self._turns_for(name):
            owners = []
            for index in turn:
                offer = None if index in passed else self._listings.read(index, name, use=use, ask=ask)
                if isinstance(offer, Forbidden):
                    return offer
                if isinstance(offer, Forwarded):
                    elsewhere.append(offer)
                elif offer is not None:
                    owners.append(self._source(index, offer, use))
            if owners:
                return (*found, *owners)
        return (*found, *self._follow(name, elsewhere, use=use, ask=ask))

    def _follow(
        self, name: NormalizedName, elsewhere: Sequence[Forwarded], *, use: Use, ask: bool
    ) -> tuple[Source, ...]:
        """Ask where an index forwards to, now that every index has said that it does not have the project."""
        for forwarded in elsewhere:
            if forwarded.index.forwarded == "last" and not self._is_claimed(name):
                index = self._stranger(forwarded, name)
                offer = self._listings.read(index, name, forwarded.url, use=use, ask=ask)
                if isinstance(offer, Forbidden):
                    raise offer.failure
                if isinstance(offer, Offer):
                    return (self._source(index, offer, use),)
        return ()

    def _source(self, index: Index, offer: Offer, use: Use) -> Source:
        """Return what an index offers by its rules.

        :raises IndexFailure: ``no-upload-time``.
        """
        refused = use == "either" and index.rules.on_refusal == "next-file-or-sdist"
        return Source(index, self._cutoffs.cut(index, offer, "both" if refused else use))

    def _stranger(self, forwarded: Forwarded, name: NormalizedName) -> Index:
        """Return the index that really answers; the same one for all that is forwarded to one place."""
        index = forwarded_index(forwarded.index, forwarded.url, name)
        return self._strangers.setdefault(index.url, index)

    def _turns_for(self, name: NormalizedName) -> Sequence[Sequence[Index]]:
        return turns_for(name, self._turns) if self._narrows else self._turns

    def _is_claimed(self, name: NormalizedName) -> bool:
        return self._narrows and any(claims(index, name) for index in self._order)

    def _replace(self, name: NormalizedName, known: Slot[tuple[Source, ...]], sources: tuple[Source, ...]) -> bool:
        """Put what is offered now in the place of what was; tell whether that is something else."""
        if [(one.index, _encode(one.offer)) for one in known.result()] == [
            (one.index, _encode(one.offer)) for one in sources
        ]:
            return False
        self._sources[name] = Slot.of(sources)
        return True

    def _checking(self, index: Index) -> Callable[[], None]:
        """Return the task that looks at an index's root page."""

        def check() -> None:
            try:
                answer = self._fetcher.open(Request(url=index.url, index=index))
                with answer as response:
                    status = response.status
            except IndexFailure as failure:
                if failure.code != "unreachable":
                    raise
                self.warnings[f"{index.name} has none of the projects, and its root page cannot be had to see why"] = (
                    None
                )
            else:
                # one that forwards lets the credential in, and may have no root page
                if status in {401, 403, 407} or (status in {404, 410} and index in self._listings.lacking):
                    assert index.credential is not None
                    raise IndexFailure(
                        "credential",
                        f"The index {index.name} shows nothing to the credential from {index.credential.source}",
                        context=(
                            f"it answered {status} to {mask(index.url)}, and has shown nothing that it was asked for",
                        ),
                        hint="Check that the token is valid and may read packages here. Nothing was taken from another "
                        "index in its place.",
                    )

        return check
