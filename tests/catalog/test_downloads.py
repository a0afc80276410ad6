"""The plain GET of an archive: what is a verdict, what goes on, what stops the run, and when it is noticed."""

from __future__ import annotations

import hashlib
import threading
from itertools import count, cycle
from typing import TYPE_CHECKING

import msgspec
import pytest

from clearway.cache.store import MemoryStore
from clearway.catalog.arriving import Watcher
from clearway.catalog.downloads import SMALL, Downloads, reason_of
from clearway.catalog.habits import Habits
from clearway.catalog.keys import Keys
from clearway.catalog.located import Located
from clearway.catalog.proofs import Proofs
from clearway.errors import IndexFailure, IntegrityError
from clearway.index.records import File
from clearway.index.routing import make_index
from clearway.policy.absence import Absence
from clearway.policy.rules import Rules
from support.exchange import Answer, login_page
from support.jobs import Bench
from support.wheels import Wheel, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.ports import Spool
    from support.simulator import IndexSimulator

NOISE = bytes(range(256)) * 2000
LARGE = make_wheel("large", "1.0", files={"large.bin": NOISE}, method=0)
TINY = make_wheel("tiny", "1.0")
NAME = LARGE.filename


class Trickling:
    """A refusal without end that comes in small pieces (see :class:`clearway.ports.Response`)."""

    status, phrase, url = 403, "", "http://example.com/"
    read_so_far = 0

    def header(self, name: str) -> str:
        return "text/plain" if name == "Content-Type" else ""

    def chunks(self, _amount: int = 0) -> Iterator[bytes]:
        for piece in cycle(b"held by the house: ".split(b" ")):
            self.read_so_far += 1
            yield piece + b" " if piece else b""

    def read(self, _limit: int) -> bytes:
        raise AssertionError


class Place:
    """Downloads over real sockets, and what is known afterwards."""

    def __init__(self, simulator: IndexSimulator) -> None:
        self.simulator = simulator
        self.bench = Bench((), MemoryStore())
        self.habits = Habits()
        store = MemoryStore()
        self.proofs = Proofs(store, Keys(store))
        self.downloads = Downloads(self.bench.fetcher, self.bench.archives, self.habits, self.proofs, retries=3)
        for wheel in (LARGE, TINY):
            simulator.add(wheel)

    def located(self, wheel: Wheel = LARGE, rules: Rules | None = None, **facts: object) -> Located:
        """Return a file as its listing tells of it; facts that are not told are stated."""
        told = {"hashes": {"sha256": wheel.sha256}, "size": len(wheel.content), **facts}
        index = make_index(self.simulator.url, name="corp", rules=rules or Rules())
        return Located(File(wheel.filename, self.simulator.default.file_url(wheel), **told), index)  # type: ignore[arg-type]

    def spans(self) -> list[tuple[int, str]]:
        """Return status and range of each request for a file."""
        return [(seen.status, seen.headers.get("range", "")) for seen in self.simulator.seen(stage="file")]


@pytest.fixture
def place(simulator: IndexSimulator) -> Iterator[Place]:
    found = Place(simulator)
    yield found
    found.bench.close()


def content(spool: Spool | Absence | None) -> bytes:
    assert spool is not None
    assert not isinstance(spool, Absence)
    return bytes(spool.view())


# -- what breaks off ---------------------------------------------------------------------------------------------------


def test_a_download_goes_on_where_it_ended(place: Place) -> None:
    place.simulator.on(Answer(drop_after=200_000), stage="file", times=2)
    assert content(place.downloads.download(place.located())) == LARGE.content
    first, second, third = place.spans()
    assert first == (200, "")
    assert second[0] == third[0] == 206
    assert 0 < int(second[1][6:-1]) < int(third[1][6:-1]) <= 400_000
    etags = {seen.headers.get("if-range") for seen in place.simulator.seen(stage="file")}
    assert len(etags) == 2
    assert None in etags


def test_without_ranges_it_begins_anew(place: Place) -> None:
    place.simulator.default.ranges = False
    place.simulator.on(Answer(drop_after=200_000), stage="file", times=1)
    assert content(place.downloads.download(place.located())) == LARGE.content
    assert [status for status, _ in place.spans()] == [200, 200]


def test_it_does_not_go_on_where_a_change_would_not_be_noticed(place: Place) -> None:
    place.simulator.default.etags = False
    place.simulator.on(Answer(drop_after=200_000), stage="file", times=1)
    assert content(place.downloads.download(place.located(hashes={}))) == LARGE.content
    assert place.spans() == [(200, ""), (200, "")]


def test_a_file_that_has_changed_meanwhile_is_begun_anew(place: Place) -> None:
    other = Answer(body=bytes(len(LARGE.content)), headers={"ETag": '"other"'}, drop_after=200_000)
    place.simulator.on(other, stage="file", times=1)
    assert content(place.downloads.download(place.located())) == LARGE.content
    assert place.spans()[-1] == (200, "")


def test_a_part_that_nobody_asked_for_is_not_taken(place: Place) -> None:
    size = len(LARGE.content)
    place.simulator.on(Answer(drop_after=200_000), stage="file", times=1)
    wrong = Answer(206, body=NOISE[:100], headers={"Content-Range": f"bytes 0-99/{size}"})
    place.simulator.on(wrong, stage="file", ranged=True, times=1)
    assert content(place.downloads.download(place.located())) == LARGE.content
    assert [status for status, _ in place.spans()] == [200, 206, 200]


@pytest.mark.parametrize("size", ["9" * 5000, "²", "٣", "-1", ""])
def test_a_part_of_no_size_is_not_taken(place: Place, size: str) -> None:
    wrong = Answer(206, body=NOISE[:100], headers={"Content-Range": f"bytes 0-99/{size}"})
    place.simulator.on(wrong, stage="file", times=1)
    assert content(place.downloads.download(place.located())) == LARGE.content


def test_it_is_given_up_at_last(place: Place) -> None:
    place.simulator.on(Answer(drop_after=100), stage="file")
    with pytest.raises(IndexFailure):
        place.downloads.download(place.located())
    assert not place.proofs.has(place.located())


def test_what_is_refused_half_way_is_refused(place: Place) -> None:
    place.simulator.on(Answer(drop_after=200_000), stage="file", times=1)
    place.simulator.on(Answer(403, "withdrawn after a report"), stage="file")
    found = place.downloads.download(place.located())
    assert found == Absence("refused", 403, "corp", NAME, "withdrawn after a report")


# -- what is not the file ----------------------------------------------------------------------------------------------


def test_bytes_that_were_not_listed_are_no_file(place: Place) -> None:
    place.simulator.on(Answer(body=bytes(len(LARGE.content))), stage="file")
    with pytest.raises(IntegrityError, match="not the file that was promised") as caught:
        place.downloads.download(place.located())
    assert caught.value.code == "hash-mismatch"
    assert len(place.spans()) == 1
    assert not place.proofs.has(place.located())


def test_the_hash_by_which_the_cache_goes_is_checked_too(place: Place) -> None:
    """A stronger one that is true does not make another file's sha256 this file's."""
    hashes = {"sha512": hashlib.sha512(LARGE.content).hexdigest(), "sha256": TINY.sha256}
    with pytest.raises(IntegrityError, match="its sha256 does not match"):
        place.downloads.download(place.located(hashes=hashes))


@pytest.mark.parametrize("endless", [True, False])
def test_no_more_is_read_than_was_listed(place: Place, *, endless: bool) -> None:
    place.simulator.on(Answer(body=LARGE.content + b"more", endless=endless), stage="file")
    with pytest.raises(IntegrityError, match="is longer than the"):
        place.downloads.download(place.located())


@pytest.mark.parametrize("wheel", [LARGE, TINY], ids=["large", "tiny"])
@pytest.mark.parametrize("facts", [{}, {"size": None}, {"size": None, "hashes": {}}], ids=["all", "no size", "nothing"])
def test_a_page_is_not_an_archive(place: Place, wheel: Wheel, facts: dict[str, object]) -> None:
    place.simulator.on(login_page("Sign in to Corp"), stage="file")
    for ask in (place.downloads.download, place.downloads.prove):
        with pytest.raises(IndexFailure, match="Sign in to Corp") as caught:
            ask(place.located(wheel, **facts))
        assert caught.value.code == "not-an-archive"


@pytest.mark.parametrize(
    ("status", "rules", "code"),
    [
        (400, Rules(), "file-refused"),
        (401, Rules(), "credential"),
        (407, Rules(refusal_status=frozenset({407})), "credential"),
        (403, Rules(refusal_status=frozenset({451})), "file-refused"),
        (500, Rules(), "unreachable"),
        (501, Rules(), "file-refused"),
    ],
)
def test_what_is_no_refusal_stops_the_run(place: Place, status: int, rules: Rules, code: str) -> None:
    place.simulator.on(Answer(status), stage="file")
    for ask in (place.downloads.download, place.downloads.prove):
        with pytest.raises(IndexFailure) as caught:
            ask(place.located(rules=rules))
        assert caught.value.code == code
        assert caught.value.hint


# -- what is not handed out --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "rules", "kind"),
    [
        (403, Rules(), "refused"),
        (409, Rules(), "refused"),
        (423, Rules(), "refused"),
        (451, Rules(), "refused"),
        (404, Rules(), "gone"),
        (410, Rules(), "gone"),
        (404, Rules(refusal_status=frozenset({404})), "refused"),
        (503, Rules(refusal_status=frozenset({503})), "refused"),
    ],
)
def test_absence_is_a_value(place: Place, status: int, rules: Rules, kind: str) -> None:
    place.simulator.on(Answer(status, "held: not yet scanned"), stage="file")
    reason = "held: not yet scanned" if kind == "refused" else ""
    located = place.located(rules=rules)
    for ask in (place.downloads.download, place.downloads.prove):
        assert ask(located) == Absence(kind, status, "corp", NAME, reason)  # type: ignore[arg-type]
    assert len(place.spans()) == 2
    assert place.habits.is_watched(located)
    assert not place.proofs.has(located)


def test_a_reason_is_read_from_the_start_of_an_endless_page(place: Place) -> None:
    place.simulator.on(Answer(403, body=b"held: not yet scanned\n" * 3000, endless=True), stage="file")
    found = place.downloads.download(place.located())
    assert found == Absence("refused", 403, "corp", NAME, "held: not yet scanned")


def test_a_reason_that_breaks_off_is_still_a_refusal(place: Place) -> None:
    place.simulator.on(Answer(403, body=b"held: not yet scanned\n" * 9000, drop_after=150_000), stage="file")
    found = place.downloads.download(place.located())
    assert found == Absence("refused", 403, "corp", NAME, "held: not yet scanned")


def test_a_reason_that_trickles_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count()
    monkeypatch.setattr("clearway.catalog.downloads.monotonic", lambda: next(clock))
    answer = Trickling()
    assert reason_of(answer).startswith("held by the house:")
    assert answer.read_so_far < 10


def test_what_is_held_for_too_long_is_pending(place: Place) -> None:
    place.simulator.on(Answer(hold=threading.Event()), stage="file")
    for ask in (place.downloads.download, place.downloads.prove):
        found = ask(place.located(rules=Rules(first_byte_timeout=0.1)))
        assert found == Absence("pending", 0, "corp", NAME, "no byte of an answer in 0.1 seconds")
    assert len(place.spans()) == 2


def test_with_patience_it_is_waited_for(place: Place) -> None:
    let_go = threading.Event()
    place.simulator.on(Answer(hold=let_go), stage="file")
    found: list[Spool | Absence] = []
    rules = Rules(first_byte_timeout=0.05, on_pending="wait")
    waiting = threading.Thread(target=lambda: found.append(place.downloads.download(place.located(rules=rules))))
    waiting.start()
    place.simulator.wait_for(stage="file")
    waiting.join(0.2)
    assert waiting.is_alive()
    let_go.set()
    waiting.join(10)
    assert content(found[0]) == LARGE.content


# -- proofs ------------------------------------------------------------------------------------------------------------


def test_the_proof_of_a_large_file_ends_after_its_beginning(place: Place) -> None:
    assert len(LARGE.content) > 2 * SMALL
    let_go = threading.Event()
    place.simulator.on(Answer(hold=let_go, hold_after=SMALL), stage="file")
    assert place.downloads.prove(place.located()) is None
    assert place.proofs.has(place.located())
    let_go.set()
    assert [seen.sent < len(LARGE.content) for seen in place.simulator.seen(stage="file")] == [True]


def test_the_beginning_of_a_file_may_come_in_pieces(place: Place) -> None:
    later = threading.Event()
    place.simulator.on(Answer(hold=later, hold_after=1), stage="file")
    timer = threading.Timer(0.2, later.set)
    timer.start()
    assert place.downloads.prove(place.located()) is None
    timer.join()


@pytest.mark.parametrize("facts", [{}, {"size": None}], ids=["size", "no size"])
def test_a_small_file_that_is_proven_is_kept(place: Place, facts: dict[str, object]) -> None:
    located = place.located(TINY, **facts)
    assert content(place.downloads.prove(located)) == TINY.content
    assert place.proofs.has(located)
    assert place.downloads.prove(located, longest=0) is None


def test_a_proof_speaks_for_its_file_alone(place: Place) -> None:
    place.downloads.download(place.located(TINY))
    assert place.habits.is_generous(place.located().index)
    assert not place.proofs.has(place.located())


# -- who hears of it ---------------------------------------------------------------------------------------------------


def test_it_is_told_that_a_file_comes_before_it_has_come(place: Place) -> None:
    let_go, told = threading.Event(), threading.Event()
    counts: list[int] = []

    class Ear(Watcher):
        def handed_out(self) -> None:
            told.set()

        def received(self, count: int) -> None:
            counts.append(count)

    place.simulator.on(Answer(hold=let_go, hold_after=100_000), stage="file")
    coming = threading.Thread(target=lambda: place.downloads.download(place.located(), Ear()))
    coming.start()
    assert told.wait(10)
    assert sum(counts) <= 100_000
    let_go.set()
    coming.join(10)
    assert sum(counts) == len(LARGE.content)


def test_nobody_is_told_that_a_refused_file_comes(place: Place) -> None:
    class Ear(Watcher):
        def handed_out(self) -> None:
            raise AssertionError

    place.simulator.on(Answer(403), stage="file")
    assert isinstance(place.downloads.download(place.located(), Ear()), Absence)


def test_the_hashes_that_a_person_gave_are_held_against_the_bytes(place: Place) -> None:
    allowed = frozenset({"sha256:" + "0" * 64})
    with pytest.raises(IntegrityError) as caught:
        place.downloads.download(msgspec.structs.replace(place.located(hashes={}), allowed=allowed))
    assert caught.value.code == "hash-mismatch"
