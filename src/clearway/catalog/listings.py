"""Listings, fetched and kept: one index, one project, one target (PEP 503, 691; RFC 9111 for how long an answer holds).

What is kept is the offer, not the page: a page of the index is ten times the size, and only another target would need
it again. The key holds the index *and* its credential (``keys``).
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.downloads import reason_of
from clearway.catalog.offers import Offer, Sieve, make_offer
from clearway.catalog.secrecy import spare
from clearway.errors import CredentialWanted, IndexFailure
from clearway.index.links import Links
from clearway.index.negotiation import ACCEPT, parse_listing
from clearway.index.records import Index
from clearway.index.routing import listing_url
from clearway.model.urls import mask
from clearway.policy.answers import Meaning, meaning
from clearway.ports import Request
from clearway.settings.choices import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clearway.catalog.keys import Keys
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Target
    from clearway.ports import Fetcher, Response, Store
    from clearway.settings.formats import Use

PAGE_LIMIT = 256 << 20
"""Bytes: the largest pages of real indexes are a tenth of this."""
LONGEST_FRESH = 600.0
"""Seconds: no index's word that a listing holds for longer is believed; releases must become visible."""
_TABLE = "offers-4"


class Kept(msgspec.Struct, array_like=True, frozen=True):
    """An offer as the cache keeps it.

    :param checked: when the index last confirmed it, seconds of the epoch.
    :param fresh_for: seconds after ``checked`` during which it need not be asked again.
    :param digest: of the offer: two rows with the same one say the same.
    """

    checked: float
    fresh_for: float
    etag: str
    digest: str
    offer: Offer


class Forbidden(msgspec.Struct, frozen=True):
    """A listing that an index without a credential will not show: refused, or a project that is not for everybody.

    :param failure: what is told if it counts as refused.
    """

    index: Index
    failure: IndexFailure


class Forwarded(msgspec.Struct, frozen=True):
    """A listing that an index does not have itself: it leads to another origin, which is not told the name yet.

    :param url: where that is.
    """

    index: Index
    url: str


class _Head(msgspec.Struct, array_like=True, frozen=True):
    """The same row, its offer not read."""

    checked: float
    fresh_for: float
    etag: str
    digest: str
    offer: msgspec.Raw


_encode = msgspec.msgpack.Encoder().encode
_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode = msgspec.msgpack.Decoder(Kept).decode


class Listings:
    """Reads offers of one target, through the store.

    :param retries: how often a listing that breaks off in the middle is begun again.
    :param tell: told in words what was taken from the store without a request.
    :param refresh: projects that are asked for again, though what is kept of them is still fresh.
    :ivar evidence: the digests of the offers that were read, by their keys.
    :ivar checkable: whether :meth:`still_hold` can speak for everything that was read.
    :ivar answered: the indexes that have shown any listing, in this run or to an earlier one whose cache holds it.
    :ivar admitted: those of them that were asked for it in this run.
    :ivar lacking: the indexes that have said of any project that they do not have it.
    :ivar forwarding: the indexes that have forwarded any project.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        store: Store,
        keys: Keys,
        target: Target,
        retries: int = 3,
        tell: Callable[[str], None] | None = None,
        refresh: frozenset[str] = frozenset(),
    ) -> None:
        self._refresh = refresh
        self._retries = retries
        self._tell = tell
        self._fetcher = fetcher
        self._store = store
        self._target = target
        self._keys = keys
        self._fingerprint = hashlib.blake2s(target.identity.encode()).hexdigest()[:16]
        self._unasked: set[NormalizedName] = set()
        self.evidence: dict[str, str] = {}
        self.checkable = True
        self.answered: set[Index] = set()
        self.admitted: set[Index] = set()
        self.lacking: set[Index] = set()
        self.forwarding: set[Index] = set()

    def kept(self, index: Index, name: NormalizedName, use: Use = "either") -> Offer | None:
        """Return the offer that the store holds and that is still fresh, or None. Never touches the network."""
        kept = self._load(self._key(index, name, use))
        return self._unasked_offer(index, name, kept) if kept is not None and self._counts(kept, name) else None

    def still_hold(self, evidence: Mapping[str, str]) -> bool:
        """Whether each of some offers is still fresh and still says the same. Never touches the network."""
        if self._refresh:
            return False
        rows = self._store.get_many(_TABLE, list(evidence))
        try:
            heads = {key: _decode_head(row) for key, row in rows.items()}
        except msgspec.DecodeError:
            return False
        return all(
            key in heads and heads[key].digest == digest and _is_fresh(heads[key]) for key, digest in evidence.items()
        )

    def was_unasked(self, name: NormalizedName) -> bool:
        """Whether anything that was read of a project is from the cache alone."""
        return name in self._unasked

    def read(
        self, index: Index, name: NormalizedName, url: str = "", *, use: Use = "either", ask: bool = False
    ) -> Offer | Forbidden | Forwarded | None:
        """Return what an index offers of a project, or None if it does not have it.

        :param url: where the listing is, if not where the index keeps its listings; it may lead anywhere then.
        :param ask: ask the index even if the store's offer is fresh.
        :raises IndexFailure: ``credential``, ``listing-refused``, ``unreachable``, ``not-a-listing`` ...
        """
        key = self._key(index, name, use)
        kept = self._load(key)
        if kept is not None and self._counts(kept, name) and not ask:
            return self._unasked_offer(index, name, kept)
        if ask:
            self._unasked.discard(name)  # once is enough, however many of its files are refused
        request = Request(
            url=url or listing_url(index, name),
            index=index,
            accept=ACCEPT,
            etag=kept.etag if kept is not None else "",
            stays=not url,
        )
        for tries_left in range(self._retries, -1, -1):
            try:
                return self._ask(request, kept, key, name, use)
            except IndexFailure as failure:
                if failure.code != "connection-lost" or not tries_left:
                    raise spare(failure, index) from None
        raise AssertionError  # the last try returns or raises

    def _counts(self, kept: Kept, name: NormalizedName) -> bool:
        """Whether what is kept of a project need not be asked for again."""
        return _is_fresh(kept) and not names(self._refresh, name)

    def _unasked_offer(self, index: Index, name: NormalizedName, kept: Kept) -> Offer:
        if self._tell is not None and name not in self._unasked:
            self._tell(f"The listing of {name} at {index.name} is in the cache, and still fresh")
        self._unasked.add(name)
        self.answered.add(index)
        return kept.offer

    def _ask(
        self, request: Request, kept: Kept | None, key: str, name: NormalizedName, use: Use
    ) -> Offer | Forbidden | Forwarded | None:
        """Send a request for a listing, and keep what comes."""
        index = request.index
        assert index is not None
        with self._fetcher.open(request) as response:
            match meaning("listing", response.status, index.rules):
                case Meaning.HERE:
                    offer = self._parse(response, name, wanted_of(index, use))
                case Meaning.SAME if kept is not None:
                    offer = kept.offer
                case Meaning.ABSENT:
                    self.checkable = False  # nothing is kept of an absence
                    self.lacking.add(index)
                    return None
                case Meaning.FORWARDED if hop := _hop(response):
                    self.checkable = False  # whether the index has the project itself by now is to be asked each time
                    self.forwarding.add(index)
                    return Forwarded(index, hop)
                case Meaning.FORBIDDEN if index.credential is None:
                    self.checkable = False
                    return Forbidden(index, _stopped(index, name, response))
                case _:
                    raise _stopped(index, name, response)
            self.answered.add(index)
            self.admitted.add(index)
            self._keep(key, response, offer)
            return offer

    def _parse(self, response: Response, name: NormalizedName, use: Use) -> Offer:
        content = response.read(PAGE_LIMIT)
        sieve = Sieve(name, self._target, use)
        listing = parse_listing(content, response.header("Content-Type"), response.url, name, sieve)
        return make_offer(listing, sieve)

    def _keep(self, key: str, response: Response, offer: Offer) -> None:
        control = response.header("Cache-Control").lower()
        etag = response.header("ETag")
        fresh_for = _max_age(control)
        if "no-store" in control or not (etag or fresh_for) or response.url.startswith("file:"):
            self.checkable = False
            return
        digest = hashlib.blake2s(_encode(offer), digest_size=12).hexdigest()
        self.evidence[key] = digest
        self._store.put(_TABLE, key, _encode(Kept(time.time(), fresh_for, etag, digest, offer)))

    def _load(self, key: str) -> Kept | None:
        row = self._store.get(_TABLE, key)
        if row is None:
            return None
        try:
            kept = _decode(row)
        except msgspec.DecodeError:
            return None
        self.evidence[key] = kept.digest
        return kept

    def prefix(self, index: Index) -> str:
        """Return what the keys of an index begin with: its identity, its credential and the target."""
        return f"{self._keys.of(index)}/{self._fingerprint}/"

    def _key(self, index: Index, name: NormalizedName, use: Use) -> str:
        return f"{self.prefix(index)}{name}/{wanted_of(index, use)}"


def wanted_of(index: Index, use: Use) -> Use:
    """Return which files of an index are wanted.

    By its rules a source archive may take the place of a wheel: of one that is refused, or that was uploaded too late.
    """
    rules = index.rules
    both = rules.on_refusal == "next-file-or-sdist" or rules.uploaded_prior_to is not None
    return "both" if use == "either" and both else use


def _hop(response: Response) -> str:
    """Return where a redirect leads, or an empty text if that is nowhere."""
    location = response.header("Location")
    return (Links(response.url).resolve(location) if location else None) or ""


def _is_fresh(kept: Kept | _Head) -> bool:
    return 0 <= time.time() - kept.checked < kept.fresh_for


def _max_age(control: str) -> float:
    """Return the seconds that a Cache-Control header (lower case) lets an answer hold (RFC 9111, section 5.2.2)."""
    if "no-cache" in control or "no-store" in control:
        return 0.0
    for directive in control.split(","):
        key, _, value = directive.strip().partition("=")
        if key == "max-age" and value.strip('"').isdecimal():
            return min(float(value.strip('"')[:9]), LONGEST_FRESH)
    return 0.0


def _stopped(index: Index, name: NormalizedName, response: Response) -> IndexFailure:
    """Return the error for an answer that must not be stepped around."""
    reason = reason_of(response, index)
    said = (f"it says: {reason}",) if reason else ()
    source = index.credential.source if index.credential else ""
    fate = "not accepted" if response.status in {401, 407} else "sent"
    given = f"the credential from {source} was {fate}" if source else "no credential was given for it"
    if response.status == 401:
        return CredentialWanted(
            f"The index {index.name} wants a valid credential for {name}: it answered 401",
            index=index.name,
            url=index.url,
            username=index.credential.username if index.credential else "",
            context=(given, f"asked: {mask(response.url)}", *said),
            hint="Check the user name and the token, and that the token may read packages.",
        )
    if response.status == 407:
        return IndexFailure(
            "credential",
            f"The proxy before the index {index.name} wants a valid credential: it answered 407",
            context=(f"asked: {mask(response.url)}", *said),
            hint="Put user name and password into the proxy's URL: https_proxy, http_proxy.",
        )
    hint = "Check the index's URL and whether this machine and this credential may read it; no other index is asked."
    return IndexFailure(
        "listing-refused",
        f"The index {index.name} answered {response.status} to the listing of {name}",
        context=(given, f"asked: {mask(response.url)}", *said),
        hint=f"{hint} If this is how it says that it lacks a project: --absent-status {response.status}",
    )
