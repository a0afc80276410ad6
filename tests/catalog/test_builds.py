"""What is kept of builds, under what, and for whom; with a builder that runs nothing (support.builders)."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Timer
from typing import TYPE_CHECKING

import msgspec
import pytest

from clearway.cache.store import MemoryStore
from clearway.catalog.located import Located, locate_listed
from clearway.catalog.terms import Terms
from clearway.crew import WIDTHS, Slot
from clearway.errors import BuildError, IntegrityError
from clearway.index.routing import make_index
from clearway.model.names import normalize
from clearway.policy.absence import Absence
from support.jobs import Bench, MemoryArchives
from support.simulator import Answer
from support.sources import stated_sdist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.ports import Tree
    from support.simulator import IndexSimulator
    from support.wheels import Wheel

DEMO = stated_sdist("demo", "1.0", requires=["other>=2"])


@dataclass
class Shop:
    """Runs over one cache."""

    simulator: IndexSimulator
    store: MemoryStore
    archives: MemoryArchives
    benches: list[Bench]

    def run(self, **terms: object) -> Bench:
        """Return a new run."""
        index = make_index(self.simulator.url, name="corp")
        stated = Terms(**terms)  # type: ignore[arg-type]
        self.benches.append(Bench([(index,)], self.store, archives=self.archives, terms=stated))
        return self.benches[-1]

    def located(self, archive: Wheel = DEMO, name: str = "demo", version: str = "1.0", **changes: object) -> Located:
        """Return an archive as its listing tells of it."""
        (found,) = [
            file
            for bench in [self.run()]
            for source in bench.crew.wait(bench.catalog.sources(normalize(name)))
            for number in range(1, len(source.offer.versions) + 1)
            for file in source.offer.files(number)
            if file.filename == archive.filename
        ]
        located = locate_listed(found, make_index(self.simulator.url, name="corp"), name, version)
        assert located.recipe is not None
        recipe = msgspec.structs.replace(located.recipe, **changes)  # type: ignore[arg-type]
        return msgspec.structs.replace(located, recipe=recipe)


@pytest.fixture
def shop(simulator: IndexSimulator) -> Iterator[Shop]:
    simulator.add(DEMO)
    found = Shop(simulator, MemoryStore(), MemoryArchives(), [])
    yield found
    for bench in found.benches:
        bench.close()


def tree(bench: Bench, located: Located) -> Tree:
    found = bench.crew.wait(bench.catalog.tree(located))
    assert not isinstance(found, Absence)
    return found


def test_metadata_and_wheel_are_kept(shop: Shop) -> None:
    located, first, second = shop.located(), shop.run(), shop.run()
    assert first.catalog.kept_metadata(located) is None
    assert first.catalog.may_cost_archive(located)
    built = tree(first, located)
    assert first.builder.built == ["demo 1.0"]
    metadata = first.crew.wait(first.catalog.metadata(located))
    assert not isinstance(metadata, Absence)
    assert metadata.requires_dist == ("other>=2",)
    first.catalog.builds.close()
    assert second.catalog.comes_from_cache(located)
    assert tree(second, located) == built
    assert second.builder.built == []
    assert len(shop.simulator.seen(stage="file")) == 1


def test_metadata_alone_build_nothing(shop: Shop) -> None:
    located, first, second = shop.located(), shop.run(), shop.run()
    first.crew.wait(first.catalog.metadata(located))
    assert second.catalog.kept_metadata(located) is not None
    assert not second.catalog.may_cost_archive(located)
    assert first.builder.built == []


def test_each_is_built_once_whoever_asks(shop: Shop) -> None:
    located, bench = shop.located(), shop.run()
    slots = [bench.catalog.metadata(located), bench.catalog.tree(located), bench.catalog.tree(located)]
    for slot in slots:
        bench.crew.wait(slot)  # type: ignore[arg-type]
    assert bench.builder.built == ["demo 1.0"]
    assert bench.catalog.digest(located) == DEMO.sha256


@pytest.mark.parametrize(
    "terms",
    [
        {"settings": (("a", "1"),)},
        {"own": {"demo": (("a", "1"),)}},
        {"constraints": ("toy<2",)},
        {"isolated": False},
    ],
    ids=str,
)
def test_what_it_depends_on_is_told_apart(shop: Shop, terms: dict[str, object]) -> None:
    located = shop.located()
    tree(shop.run(), located)
    bench = shop.run(**terms)
    assert not bench.catalog.builds.holds(located)
    tree(bench, located)
    assert bench.builder.built == ["demo 1.0"]
    assert not shop.run().catalog.builds.holds(shop.located(subdirectory="deep"))


@pytest.mark.parametrize(("terms", "changes"), [({"isolated": False}, {}), ({}, {"editable": True})])
def test_what_is_not_kept_leaves_the_cache(shop: Shop, terms: dict[str, object], changes: dict[str, object]) -> None:
    located = shop.located(**changes)
    for _ in range(2):
        bench = shop.run(**terms)
        key = tree(bench, located).key
        assert bench.builder.built == ["demo 1.0"]
        assert list(shop.archives.passing) == [key]
        bench.catalog.builds.close()
        assert not shop.archives.passing
        assert not shop.archives.has(key)


def test_what_is_kept_for_others_stays(shop: Shop) -> None:
    """A build that is not kept may come to the very wheel that is: environments may be linked to it."""
    kept = tree(shop.run(), shop.located())
    bench = shop.run(isolated=False)
    assert tree(bench, shop.located()).key == kept.key
    bench.catalog.builds.close()
    assert shop.archives.has(kept.key)


def test_what_is_linked_to_stays(shop: Shop) -> None:
    bench = shop.run(isolated=False, fleeting=False)
    key = tree(bench, shop.located()).key
    bench.catalog.builds.close()
    assert shop.archives.has(key)


def test_an_archive_without_a_hash_is_known_when_it_has_come(shop: Shop, simulator: IndexSimulator) -> None:
    other = stated_sdist("other", "1.0")
    simulator.add(other, entry={"hashes": {}})
    located = shop.located(other, "other")
    for built in (["other 1.0"], []):
        bench = shop.run()
        tree(bench, located)
        assert bench.builder.built == built


def test_the_hash_of_another_project_gives_nothing(shop: Shop, simulator: IndexSimulator) -> None:
    """Any index may list the hash of any archive: what is kept is looked at before it is used."""
    others = [("other", "1.0"), ("demo", "2.0")]
    for name, version in others:
        simulator.add(stated_sdist(name, version), entry={"hashes": {"sha256": DEMO.sha256}})
    tree(shop.run(), shop.located())
    for name, version in others:
        located = shop.located(stated_sdist(name, version), name, version)
        bench = shop.run()
        assert bench.catalog.kept_metadata(located) is None
        with pytest.raises(IntegrityError) as caught:
            tree(bench, located)
        assert caught.value.code == "hash-mismatch"


def test_a_damaged_row_counts_as_none(shop: Shop) -> None:
    located = shop.located()
    tree(shop.run(), located)
    store = shop.store
    for table, key in [place for place in store._values if place[1].startswith("metadata/")]:
        store.put(table, key, b"\xc1")
    assert shop.run().catalog.kept_metadata(located) is None


def test_a_wheel_that_has_left_the_cache_is_built_again(shop: Shop) -> None:
    located = shop.located()
    del shop.archives.trees[tree(shop.run(), located).key]
    bench = shop.run()
    assert not bench.catalog.comes_from_cache(located)
    tree(bench, located)
    assert bench.builder.built == ["demo 1.0"]


@pytest.mark.parametrize("way", ["metadata", "tree", "proof", "verdict"])
def test_a_refused_archive_is_asked_for_once(shop: Shop, simulator: IndexSimulator, way: str) -> None:
    simulator.on(Answer(403, "held: not yet scanned"), stage="file")
    located, bench = shop.located(), shop.run()
    expected = Absence("refused", 403, "corp", DEMO.filename, "held: not yet scanned")
    assert bench.crew.wait(getattr(bench.catalog, way)(located)) == expected
    for other in ("metadata", "tree", "proof", "verdict"):
        assert bench.crew.wait(getattr(bench.catalog, other)(located)) == expected
    assert len(simulator.seen(stage="file")) == 1


def test_a_build_that_needs_itself(shop: Shop) -> None:
    bench = shop.run(above=("top", "demo", "helper"))
    with pytest.raises(BuildError) as caught:
        bench.crew.wait(bench.catalog.metadata(shop.located()))
    assert caught.value.code == "build-cycle"
    assert caught.value.context == ("to be built, demo needs helper needs demo",)


def test_builds_one_in_another_have_an_end(shop: Shop) -> None:
    bench = shop.run(above=tuple(f"x{number}" for number in range(16)))
    with pytest.raises(BuildError) as caught:
        bench.crew.wait(bench.catalog.metadata(shop.located()))
    assert caught.value.code == "build-too-deep"
    fine = shop.run(above=tuple(f"x{number}" for number in range(15)))
    assert fine.crew.wait(fine.catalog.metadata(shop.located()))


@pytest.mark.parametrize("first", ["metadata", "tree"])
def test_what_was_left_out_can_be_asked_for_again(shop: Shop, first: str) -> None:
    """A round of solving ends while an archive waits for its turn: nobody may wait for what was left out."""
    located, bench, busy = shop.located(), shop.run(), Event()
    for _ in range(WIDTHS["archive"]):
        bench.crew.start("archive", lambda: busy.wait(20))
    getattr(bench.catalog, first)(located)
    bench.catalog.metadata(located)
    bench.catalog.proof(located)
    bench.catalog.forget_unwanted([])
    metadata = bench.catalog.metadata(located)
    busy.set()
    over: Slot[None] = Slot()
    timer = Timer(20, lambda: bench.crew.post(lambda: over.deliver(None)))
    timer.start()
    while not (metadata.arrived or over.arrived):
        bench.crew.take()
    timer.cancel()
    assert metadata.arrived
    assert bench.crew.wait(bench.catalog.proof(located)) is None
    tree(bench, located)
