"""A resolution is remembered for as long as every listing that it was drawn from is fresh and says the same."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from clearway.cache.store import MemoryStore
from clearway.commands.events import Silent
from clearway.commands.install import Installer
from clearway.commands.solving import Order, Solving
from clearway.index.routing import make_index
from clearway.model.inputs import Stated
from clearway.model.requirements import parse_requirement
from clearway.resolution.memo import Memo
from clearway.resolution.problem import Wishes
from support.jobs import Bench, RecordingSite, make_installed, metadata_of
from support.simulator import Answer, IndexSimulator
from support.wheels import make_wheel

if TYPE_CHECKING:
    from clearway.commands.install import Outcome


def run(simulator: IndexSimulator, store: MemoryStore, url: str = "", *, dry_run: bool = True) -> Outcome:
    bench = Bench([[make_index(url or simulator.url)]], store)
    memo = Memo(store, bench.catalog, "the question")
    installer = Installer(Solving(bench.catalog, bench.crew, make_installed({}), metadata_of({}), Silent(), memo))
    order = Order((Stated(parse_requirement("a"), "command line"),), (), Wishes(), dry_run)
    try:
        return installer.run(order, RecordingSite(), memo.recall(make_installed({})))
    finally:
        bench.close()


def versions(outcome: Outcome) -> dict[str, str]:
    return {str(pin.name): pin.version for pin in outcome.resolution.pins}


@pytest.fixture
def published(simulator: IndexSimulator) -> IndexSimulator:
    simulator.add(make_wheel("a", "1.0", requires=["b"]))
    simulator.add(make_wheel("b", "1.0"))
    return simulator


def test_the_same_question_is_answered_from_memory(published: IndexSimulator) -> None:
    store = MemoryStore()
    first = run(published, store)
    asked = len(published.seen(stage="listing")) + len(published.seen(stage="sidecar"))
    second = run(published, store)
    assert versions(second) == versions(first) == {"a": "1.0", "b": "1.0"}
    assert second.plan == first.plan or [step.pin.metadata for step in second.plan.steps] == [
        step.pin.metadata for step in first.plan.steps
    ]
    assert len(published.seen(stage="listing")) + len(published.seen(stage="sidecar")) == asked


def test_a_listing_that_is_no_longer_fresh_is_asked_again(
    published: IndexSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    run(published, store)
    published.add(make_wheel("b", "2.0"))
    assert versions(run(published, store)) == {"a": "1.0", "b": "1.0"}
    later = time.time() + 700
    monkeypatch.setattr(time, "time", lambda: later)
    assert versions(run(published, store)) == {"a": "1.0", "b": "2.0"}


def test_another_credential_is_another_question(published: IndexSimulator) -> None:
    store = MemoryStore()
    run(published, store)
    before = len(published.seen(stage="listing"))
    run(published, store, published.url.replace("://", "://ann:token@"))
    assert len(published.seen(stage="listing")) == before + 2


def test_what_a_refusal_had_a_say_in_is_not_remembered(published: IndexSimulator) -> None:
    store = MemoryStore()
    published.add(make_wheel("b", "2.0"))
    published.on(Answer(403, "Held"), stage="file", filename="b-2.0-py3-none-any.whl", times=1)
    assert versions(run(published, store)) == {"a": "1.0", "b": "1.0"}
    assert versions(run(published, store)) == {"a": "1.0", "b": "2.0"}


def test_a_remembered_file_that_is_refused_now_goes_back_to_the_solver(published: IndexSimulator) -> None:
    store = MemoryStore()
    published.add(make_wheel("b", "0.9"))
    assert versions(run(published, store)) == {"a": "1.0", "b": "1.0"}
    published.on(Answer(403, "Held"), stage="file", filename="b-1.0-py3-none-any.whl")
    assert versions(run(published, store)) == {"a": "1.0", "b": "0.9"}
