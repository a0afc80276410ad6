"""``clearway index check``: looks at indexes as an installation would, with a few requests each (DESIGN 4.4 to 4.8).

What is asked is what an installation asks: listings with the credential that goes along with them, a metadata file, a
part of an archive. Redirects of listings to another origin are not followed, and a project that another index claims is
not asked for. Nothing is kept, and no archive is read beyond its first bytes.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.arriving import is_page, span_of
from clearway.catalog.downloads import reason_of
from clearway.catalog.listings import PAGE_LIMIT
from clearway.catalog.secrecy import without_secrets
from clearway.catalog.ways import SIDECAR_LIMIT
from clearway.commands.index_findings import Answer, Findings, Handed, Root, Seen, Unknown
from clearway.errors import IndexFailure
from clearway.index.links import Links
from clearway.index.negotiation import ACCEPT, parse_listing
from clearway.index.records import Listing
from clearway.index.root_page import is_json, read_names
from clearway.index.routing import claims, listing_url, may_carry_credential
from clearway.model.hashes import best
from clearway.model.names import normalize
from clearway.model.urls import origin
from clearway.ports import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clearway.crew import Crew
    from clearway.index.records import File, Index
    from clearway.model.names import NormalizedName
    from clearway.ports import Fetcher, Response

ROOT_LIMIT = 1 << 20
"""Bytes of a root page that are read; those of the largest mirrors have thirty times as many."""
COMMON = ("pip", "requests")
"""Projects that an index with public ones nearly always has."""
_MOST_NAMES = 3
_SPAN = 256
_EVERY_STATUS = frozenset(range(400, 600))
"""None is tried again: how often it fails is no question here."""
_DEFAULT_PORTS = {"http": 80, "https": 443}

_Page = tuple[Answer, bytes, str, str]
"""An answer, the body of one that is a page, its content type and its validator."""


def check_indexes(
    fetcher: Fetcher,
    crew: Crew,
    indexes: Sequence[Index],
    order: Sequence[Index],
    wanted: Sequence[NormalizedName] = (),
    *,
    patience: float = 15.0,
) -> tuple[Findings, ...]:
    """Look at some indexes, all at once.

    :param order: all indexes that there are: what one of them claims the others are not asked for.
    :param wanted: projects to ask for, instead of those that the index lists itself.
    :param patience: seconds until an answer has to begin.
    :raises InputError: a client certificate cannot be used.
    """
    tasks = [_Inspection(fetcher, index, order, wanted, patience).run for index in indexes]
    slots = [crew.start("page", task) for task in tasks]
    return tuple(crew.wait(slot) for slot in slots)


class _Inspection:
    """Looks at one index; runs in a worker."""

    def __init__(
        self,
        fetcher: Fetcher,
        index: Index,
        order: Sequence[Index],
        wanted: Sequence[NormalizedName],
        patience: float,
    ) -> None:
        self._patience = patience
        self._fetcher = fetcher
        self._index = index
        self._order = order
        self._wanted = wanted
        self._hide = without_secrets(index)
        self._stranger = msgspec.structs.replace(index, credential=None, client_cert="", client_key="")
        self._is_private = self._stranger != index and not index.url.startswith("file:")
        self._times: list[float] = []

    def run(self) -> Findings:
        root, names = self._look_at_root()
        if root.answer.failure is not None and root.answer.status == 0:
            return Findings(self._index, root)
        unknown = self._look_for_nobody()
        asked, found = self._find_project(names)
        seen = file = None
        if found is not None:
            listing, page = found
            seen = self._look_at_listing(listing, page)
            file = self._look_at_file(listing)
        return Findings(self._index, root, unknown, asked, seen, file, self._round_trip())

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _look_at_root(self) -> tuple[Root, tuple[NormalizedName, ...]]:
        answer, content, kind, _ = self._read_page(self._index.url, ROOT_LIMIT)
        anonymous = self._answer_to_stranger(self._index.url) if self._is_private and _came(answer) else None
        if answer.status != 200:
            return Root(answer, anonymous), ()
        if answer.failure is not None:
            return Root(answer, anonymous, is_large=answer.failure.code == "endless-answer"), ()
        names = read_names(content, kind)
        if names is None:
            from clearway.policy.reasons import page_title  # late: a mistake somewhere, nearly never met

            return Root(answer, anonymous, title=self._hide(page_title(content))), ()
        return Root(answer, anonymous, len(names)), names

    def _look_for_nobody(self) -> Unknown:
        name = normalize(f"clearway-index-check-{os.urandom(8).hex()}")
        answer, listing, _ = self._read_listing(name)
        return Unknown(name, answer, None if listing is None else len(listing.files))

    def _find_project(
        self, listed: Sequence[NormalizedName]
    ) -> tuple[tuple[tuple[NormalizedName, Answer], ...], tuple[Listing, _Page] | None]:
        """Ask for a few projects until the index has one with wheels, or at least with files."""
        asked = []
        found: tuple[Listing, _Page] | None = None
        for name in self._candidates(listed)[:_MOST_NAMES]:
            answer, listing, page = self._read_listing(name)
            asked.append((name, answer))
            if listing is not None and (found is None or not found[0].files):
                found = listing, page
            if listing is not None and any(file.filename.endswith(".whl") for file in listing.files):
                found = listing, page
                break
        return tuple(asked), found

    def _candidates(self, listed: Sequence[NormalizedName]) -> list[NormalizedName]:
        """Return the names to ask for: those that are wanted, else what the index has as far as anybody knows."""
        if self._wanted:
            return [name for name in self._wanted if self._may_be_told(name)]
        claimed = [normalize(pattern) for pattern in self._index.claims if "*" not in pattern]
        common = [normalize(name) for name in COMMON]
        return list(dict.fromkeys((*claimed, *(listed or [name for name in common if self._may_be_told(name)]))))

    def _may_be_told(self, name: NormalizedName) -> bool:
        return claims(self._index, name) or not any(claims(index, name) for index in self._order)

    def _look_at_listing(self, listing: Listing, page: _Page) -> Seen:
        _, content, kind, etag = page
        url = listing_url(self._index, listing.name)
        anonymous, is_public = None, False
        if self._is_private:
            anonymous, same, _, _ = self._read_page(url, PAGE_LIMIT, anonymous=True)
            is_public = anonymous.status == 200 and same == content
        files = listing.files
        wheels = [file for file in files if file.filename.endswith(".whl")]
        return Seen(
            name=listing.name,
            anonymous=anonymous,
            is_public=is_public,
            form="json" if is_json(kind) else "html",
            status=listing.status,
            files=len(files),
            wheels=len(wheels),
            sidecars=sum(file.sidecar is not None for file in wheels),
            hashes=sum(bool(file.hashes) for file in files),
            sizes=sum(file.size is not None for file in files),
            upload_times=sum(bool(file.upload_time) for file in files),
            yanked=sum(file.yanked is not None for file in files),
            skipped=len(listing.skipped),
            etag=bool(etag),
            revalidated=bool(etag) and self._read_page(url, PAGE_LIMIT, etag=etag)[0].status == 304,
            elsewhere=tuple(dict.fromkeys(place for file in files if (place := self._elsewhere(file)))),
        )

    # -- a file --------------------------------------------------------------------------------------------------------

    def _look_at_file(self, listing: Listing) -> Handed | None:
        file = _choose(listing.files)
        if file is None:
            return None
        answer, ranged, page = self._ask_for_file(file, f"bytes=-{_SPAN}")
        if answer.status not in {200, 206} and _came(answer):  # only the file itself is a verdict
            answer, _, page = self._ask_for_file(file)
        sidecar, agrees = self._ask_for_sidecar(file) if file.sidecar is not None else (None, True)
        return Handed(file.filename, answer, page, ranged, sidecar, agrees, self._elsewhere(file))

    def _ask_for_file(self, file: File, span: str = "") -> tuple[Answer, bool, bool]:
        """Ask for a file or a part of it; whether the part came, and whether it is a page."""
        try:
            with self._ask(
                Request(file.url, self._index, span=span, identity=True, patience=self._patience)
            ) as response:
                ranged = response.status == 206 and _is_end(response)
                return self._answer(response), ranged, response.status == 200 and is_page(response)
        except IndexFailure as failure:
            return self._failed(failure), False, False

    def _ask_for_sidecar(self, file: File) -> tuple[Answer, bool]:
        """Ask for a metadata file; whether it is the one that is listed (PEP 658)."""
        try:
            with self._ask(Request(f"{file.url}.metadata", self._index, patience=self._patience)) as response:
                answer = self._answer(response)
                content = response.read(SIDECAR_LIMIT) if response.status == 200 else b""
        except IndexFailure as failure:
            return self._failed(failure), True
        expected = best(file.sidecar or {})
        if answer.status != 200 or expected is None:
            return answer, True
        return answer, hashlib.new(expected[0], content, usedforsecurity=False).hexdigest() == expected[1]

    def _elsewhere(self, file: File) -> str:
        """Return the origin of a file to which the credential does not go; empty where it goes along."""
        return "" if may_carry_credential(self._index, file.url) else _origin(file.url)

    # -- requests ------------------------------------------------------------------------------------------------------

    def _read_listing(self, name: NormalizedName) -> tuple[Answer, Listing | None, _Page]:
        page = self._read_page(listing_url(self._index, name), PAGE_LIMIT)
        answer, content, kind, _ = page
        if answer.status != 200 or answer.failure is not None:
            return answer, None, page
        try:
            return answer, parse_listing(content, kind, listing_url(self._index, name), name), page
        except IndexFailure as failure:
            return self._failed(failure, 200), None, page

    def _read_page(self, url: str, limit: int, *, etag: str = "", anonymous: bool = False) -> _Page:
        """Return the answer to a request for a page, and what it holds."""
        index = self._stranger if anonymous else self._index
        answer = Answer()
        try:
            request = Request(url, index, ACCEPT, etag=etag, stays=True, patience=self._patience)
            with self._ask(request) as response:
                answer = self._answer(response)
                content = response.read(limit) if answer.status == 200 else b""
                return answer, content, response.header("Content-Type"), response.header("ETag")
        except IndexFailure as failure:
            return self._failed(failure, answer.status), b"", "", ""

    def _answer_to_stranger(self, url: str) -> Answer:
        """Return what is answered without the credential; the page itself is left alone."""
        request = Request(url, self._stranger, ACCEPT, stays=True, patience=self._patience)
        try:
            with self._ask(request) as response:
                return self._answer(response)
        except IndexFailure as failure:
            return self._failed(failure)

    @contextmanager
    def _ask(self, request: Request) -> Iterator[Response]:
        begun = perf_counter()
        with self._fetcher.open(msgspec.structs.replace(request, answers=_EVERY_STATUS)) as response:
            self._times.append(perf_counter() - begun)
            yield response

    def _answer(self, response: Response) -> Answer:
        """Return what an answer says; of the body of a refusal the start is read."""
        reason = reason_of(response, self._index) if response.status >= 400 else ""
        location = response.header("Location") if 300 <= response.status < 400 else ""
        leads = _origin(Links(response.url).resolve(location) or "") if location else ""
        return Answer(response.status, reason, self._hide(leads))

    def _failed(self, failure: IndexFailure, status: int = 0) -> Answer:
        """Return that there is no answer, or none that can be read; a message may hold what the server said."""
        message, hint = self._hide(failure.message), failure.hint
        return Answer(status, failure=IndexFailure(failure.code, message, hint=hint))

    def _round_trip(self) -> float | None:
        """Return the median, without the request that opened the first connection."""
        times = sorted(self._times[1:] or self._times)
        return times[len(times) // 2] if times else None


def _came(answer: Answer) -> bool:
    return answer.status != 0


def _is_end(response: Response) -> bool:
    """Whether a partial answer is the end of the file that was asked for (RFC 9110, section 14.4)."""
    span = span_of(response)
    return span is not None and span[1] == span[2] - 1 and span[0] == max(0, span[2] - _SPAN)


def _choose(files: Sequence[File]) -> File | None:
    """Return the file to look at: a wheel rather than an archive of sources, one with a metadata file, the oldest."""
    ranked = sorted(files, key=lambda file: (not file.filename.endswith(".whl"), file.sidecar is None))
    return ranked[0] if ranked else None


def _origin(url: str) -> str:
    """Return the origin of a URL as people write it."""
    try:
        scheme, host, port = origin(url)
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" + (f":{port}" if port != _DEFAULT_PORTS.get(scheme, 0) else "") if scheme else ""
