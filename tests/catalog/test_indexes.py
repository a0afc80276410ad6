"""Who owns a project when listings are forbidden, credentials see nothing, and the cache is older than a refusal."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from clearway.cache.store import MemoryStore
from clearway.errors import IndexFailure
from clearway.index.routing import make_index
from clearway.model.names import normalize
from clearway.policy.rules import Rules
from support.jobs import Bench
from support.simulator import Answer
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.index.records import Index
    from support.simulator import IndexSimulator


class Place:
    """Two indexes, and benches over one store."""

    def __init__(self, simulator: IndexSimulator) -> None:
        self.simulator = simulator
        self.store = MemoryStore()
        self.first = simulator.repository("first")
        self.second = simulator.repository("second")
        self._benches: list[Bench] = []

    def bench(self, *indexes: Index) -> Bench:
        """Begin a run."""
        turns = [(index,) for index in indexes or (self.index("first"), self.index("second"))]
        self._benches.append(Bench(turns, self.store))
        return self._benches[-1]

    def index(self, name: str, credential: str = "", rules: Rules | None = None) -> Index:
        """Return one of the indexes, with a credential or without."""
        url = self.simulator.repository(name).url
        url = url.replace("://", f"://{credential}@") if credential else url
        return make_index(url, name=name, source="the test", rules=rules or Rules())

    def forbid(self, *names: str, status: int = 403) -> None:
        """Have the first index refuse the listings of some projects."""
        for name in names:
            self.simulator.on(Answer(status, "who are you"), stage="listing", project=name, repository="first")

    def close(self) -> None:
        for bench in self._benches:
            bench.close()


@pytest.fixture
def place(simulator: IndexSimulator) -> Iterator[Place]:
    found = Place(simulator)
    yield found
    found.close()


def owners(bench: Bench, name: str) -> list[str]:
    return [source.index.name for source in bench.crew.wait(bench.catalog.sources(normalize(name)))]


def test_a_forbidden_listing_waits_for_what_else_was_asked(place: Place) -> None:
    let_go = threading.Event()
    place.first.add(make_wheel("shown", "1.0"))
    place.second.add(make_wheel("hidden", "1.0"))
    place.forbid("hidden")
    place.simulator.on(Answer(hold=let_go), stage="listing", project="shown")
    bench = place.bench()
    hidden = bench.catalog.sources(normalize("hidden"))
    shown = bench.catalog.sources(normalize("shown"))
    place.simulator.wait_for(2, stage="listing")
    assert not hidden.arrived
    let_go.set()
    assert [source.index.name for source in bench.crew.wait(hidden)] == ["second"]
    assert [source.index.name for source in bench.crew.wait(shown)] == ["first"]
    assert len(bench.catalog.indexes.warnings) == 1


def test_one_that_shows_nothing_is_not_stepped_around(place: Place) -> None:
    place.second.add(make_wheel("hidden", "1.0"))
    place.forbid("hidden", "other")
    bench = place.bench()
    slots = [bench.catalog.sources(normalize(name)) for name in ("hidden", "other")]
    for slot in slots:
        with pytest.raises(IndexFailure, match="first answered 403") as caught:
            bench.crew.wait(slot)
        assert caught.value.code == "listing-refused"
        assert "who are you" in "\n".join(caught.value.context)
        assert "--absent-status 403" in caught.value.hint
    assert place.simulator.seen(repository="second") == []


def test_a_listing_from_the_cache_counts_as_shown(place: Place) -> None:
    place.first.add(make_wheel("shown", "1.0"))
    place.second.add(make_wheel("hidden", "1.0"))
    assert owners(place.bench(), "shown") == ["first"]
    place.forbid("hidden")
    bench = place.bench()
    assert owners(bench, "shown") == ["first"]
    assert owners(bench, "hidden") == ["second"]
    assert len(place.simulator.seen(project="shown")) == 1


@pytest.mark.parametrize("status", [401, 407, 400, 451])
def test_other_statuses_stop_whoever_has_shown_what(place: Place, status: int) -> None:
    place.first.add(make_wheel("shown", "1.0"))
    place.second.add(make_wheel("hidden", "1.0"))
    place.forbid("hidden", status=status)
    bench = place.bench()
    assert owners(bench, "shown") == ["first"]
    with pytest.raises(IndexFailure) as caught:
        owners(bench, "hidden")
    assert caught.value.code == ("credential" if status in {401, 407} else "listing-refused")


@pytest.mark.parametrize("status", [401, 403, 451])
def test_absent_status_is_for_the_person_to_say(place: Place, status: int) -> None:
    place.second.add(make_wheel("hidden", "1.0"))
    place.forbid("hidden", status=status)
    rules = Rules(absent_status=frozenset({status}))
    bench = place.bench(place.index("first", "ann:token", rules), place.index("second"))
    if status == 401:  # never anything but the credential
        with pytest.raises(IndexFailure):
            owners(bench, "hidden")
    else:
        assert owners(bench, "hidden") == ["second"]


# -- credentials that see nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_index_that_lacks_everything_is_looked_at(place: Place, status: int) -> None:
    place.second.add(make_wheel("demo", "1.0"))
    place.simulator.on(Answer(status), stage="root", repository="first")
    bench = place.bench(place.index("first", "ann:s3cret"), place.index("second"))
    assert owners(bench, "demo") == ["second"]
    (suspect,) = bench.catalog.indexes.suspects()
    with pytest.raises(IndexFailure, match="first shows nothing to the credential from the test") as caught:
        bench.crew.wait(suspect)
    assert "s3cret" not in "".join((caught.value.message, *caught.value.context, caught.value.hint))


@pytest.mark.parametrize("answer", [Answer(), Answer(405), Answer(400)], ids=["shown", "no such method", "bad"])
def test_any_other_root_page_is_no_reason_to_stop(place: Place, answer: Answer) -> None:
    place.second.add(make_wheel("demo", "1.0"))
    place.simulator.on(answer, stage="root", repository="first")
    bench = place.bench(place.index("first", "ann:token"), place.index("second"))
    assert owners(bench, "demo") == ["second"]
    assert [bench.crew.wait(suspect) for suspect in bench.catalog.indexes.suspects()] == [None]


def test_nobody_is_suspected_without_a_credential_or_with_a_project(place: Place) -> None:
    place.first.add(make_wheel("own", "1.0"))
    place.second.add(make_wheel("demo", "1.0"))
    bare = place.bench()
    assert owners(bare, "demo") == ["second"]
    assert bare.catalog.indexes.suspects() == []
    bench = place.bench(place.index("first", "ann:token"), place.index("second"))
    assert (owners(bench, "demo"), owners(bench, "own")) == (["second"], ["first"])
    assert bench.catalog.indexes.suspects() == []


# -- listings that are older than a refusal ----------------------------------------------------------------------------


def refreshed(bench: Bench, name: str) -> bool:
    return bench.crew.wait(bench.catalog.indexes.refresh(normalize(name)))


def test_a_listing_from_the_cache_is_asked_for_once_more(place: Place) -> None:
    place.first.add(make_wheel("demo", "1.0"))
    assert owners(place.bench(), "demo") == ["first"]
    bench = place.bench()
    assert owners(bench, "demo") == ["first"]
    assert [refreshed(bench, "demo"), refreshed(bench, "demo")] == [False, False]
    assert [seen.status for seen in place.simulator.seen(stage="listing")] == [200, 304]


def test_what_has_changed_meanwhile_is_seen(place: Place) -> None:
    place.first.add(make_wheel("demo", "1.0"))
    owners(place.bench(), "demo")
    bench = place.bench()
    owners(bench, "demo")
    place.first.add(make_wheel("demo", "2.0"))
    assert refreshed(bench, "demo")
    (source,) = bench.crew.wait(bench.catalog.sources(normalize("demo")))
    assert source.offer.versions == ("1.0", "2.0")


def test_what_was_asked_for_in_this_run_is_not_asked_for_again(place: Place) -> None:
    place.first.add(make_wheel("demo", "1.0"))
    bench = place.bench()
    owners(bench, "demo")
    place.first.add(make_wheel("demo", "2.0"))
    assert not refreshed(bench, "demo")
    assert not refreshed(bench, "never-asked-for")
    assert len(place.simulator.seen()) == 1


def test_a_project_that_its_index_lists_no_more_is_that_of_the_next_one(place: Place) -> None:
    place.first.add(make_wheel("demo", "1.0"))
    place.second.add(make_wheel("demo", "9.0"))
    owners(place.bench(), "demo")
    place.forbid("demo", status=404)
    bench = place.bench()
    assert owners(bench, "demo") == ["first"]
    assert refreshed(bench, "demo")
    assert owners(bench, "demo") == ["second"]
