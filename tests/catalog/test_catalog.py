"""One file, asked for once: whatever it is wanted for, and whatever was answered."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from clearway.cache.store import MemoryStore
from clearway.catalog.located import Located
from clearway.index.routing import make_index
from clearway.model.names import normalize
from clearway.policy.absence import Absence
from support.jobs import Bench
from support.simulator import Answer
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.simulator import IndexSimulator

WAYS = ("metadata", "proof", "tree", "verdict")
ORDERS = list(permutations(WAYS, 3))


@pytest.fixture(params=[True, False], ids=["install", "dry-run"])
def bench(simulator: IndexSimulator, request: pytest.FixtureRequest) -> Iterator[Bench]:
    simulator.add(make_wheel("demo", "1.0"), sidecar=False)
    found = Bench([(make_index(simulator.url, name="corp"),)], MemoryStore(), whole=request.param)
    yield found
    found.close()


def located(bench: Bench) -> Located:
    (source,) = bench.crew.wait(bench.catalog.sources(normalize("demo")))
    return Located(source.offer.files(1)[0], source.index)


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_what_is_refused_once_is_refused(bench: Bench, simulator: IndexSimulator, order: tuple[str, ...]) -> None:
    simulator.on(Answer(403, "held: not yet scanned"), stage="file")
    file = located(bench)
    for way in order:
        found = bench.crew.wait(getattr(bench.catalog, way)(file))
        assert found == Absence("refused", 403, "corp", file.file.filename, "held: not yet scanned")
    assert len(simulator.seen(stage="file")) == 1


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_what_has_come_once_is_here(bench: Bench, simulator: IndexSimulator, order: tuple[str, ...]) -> None:
    file = located(bench)
    for way in order:
        assert not isinstance(bench.crew.wait(getattr(bench.catalog, way)(file)), Absence)
    assert len(simulator.seen(stage="file")) == 1
