"""What refusals cost: how many archives are asked for, how many rounds it takes, and who waits for whom."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from clearway.resolution.driver import Driver
from support.cases import Outcome, Play
from support.exchange import Answer

if TYPE_CHECKING:
    from support.simulator import IndexSimulator

HANDFUL = 6
SHAPES: dict[str, dict[str, Any]] = {
    "sidecars": {},
    "sidecars, no ranges": {"ranges": False},
    "ranges": {"sidecars": False, "bulk": 200_000},
    "ranges, no sizes": {"sidecars": False, "bulk": 200_000, "sizes": False},
    "no ranges": {"sidecars": False, "bulk": 200_000, "ranges": False},
    "small": {"sidecars": False},
    "pages": {"formats": ["html"], "sidecars": False, "ranges": False},
    "pages with sidecars": {"formats": ["html"]},
}


@pytest.mark.parametrize("dry_run", [False, True], ids=["install", "dry-run"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_thirty_refused_releases_cost_thirty_requests(
    simulator: IndexSimulator, shape: dict[str, Any], *, dry_run: bool
) -> None:
    releases = {f"a {number}.0": {"refuse": 403} for number in range(3, 33)} | {"a 1.0": {}, "a 2.0": {}}
    outcome = Play(simulator, {"requirements": ["a"], "repository": shape, "releases": releases}).run(dry_run=dry_run)
    assert outcome.pins == {"a": "2.0"}
    assert {one.status for one in simulator.seen(stage="file", ranged=False, method="GET")} == {200, 403}
    assert 31 <= outcome.count("file whole") <= 31 + HANDFUL
    assert outcome.count("file ranged") <= HANDFUL
    assert outcome.count("sidecar") <= HANDFUL
    assert outcome.count("listing") == 1


@pytest.mark.parametrize("dry_run", [False, True], ids=["install", "dry-run"])
def test_a_chain_that_is_refused_at_its_files_costs_one_more_round(
    simulator: IndexSimulator, monkeypatch: pytest.MonkeyPatch, *, dry_run: bool
) -> None:
    releases: dict[str, dict[str, Any]] = {}
    for place in range(8):
        needs = {"requires": [f"p{place + 1}"]} if place < 7 else {}
        releases |= {f"p{place} 1.0": needs, f"p{place} 2.0": {**needs, "refuse": 403}}
    rounds = []
    resolve = Driver.resolve
    monkeypatch.setattr(Driver, "resolve", lambda driver: (rounds.append(driver), resolve(driver))[1])
    outcome = Play(simulator, {"requirements": ["p0"], "releases": releases}).run(dry_run=dry_run)
    assert outcome.pins == {f"p{place}": "1.0" for place in range(8)}
    assert len(rounds) == 2
    assert outcome.count("file whole") == 16


def test_files_that_are_held_delay_nothing_else(simulator: IndexSimulator) -> None:
    held, others = [f"held{number}" for number in range(4)], [f"other{number}" for number in range(24)]
    play = Play(simulator, {"requirements": [*held, *others], "releases": {f"{one} 1.0": {} for one in held + others}})
    let_go = threading.Event()
    for name in held:
        simulator.on(Answer(hold=let_go), stage="file", project=name)
    outcomes: list[Outcome] = []
    running = threading.Thread(target=lambda: outcomes.append(play.run()))
    running.start()
    for name in [*held, *others]:
        simulator.wait_for(stage="file", project=name)
    assert not outcomes
    let_go.set()
    running.join(10)
    assert outcomes[0].pins == dict.fromkeys([*held, *others], "1.0")
    assert outcomes[0].passed == []


def test_what_is_refused_while_others_arrive_is_resolved_again_at_once(simulator: IndexSimulator) -> None:
    releases = {"large 1.0": {"bulk": 400_000}, "a 1.0": {}, "a 2.0": {"refuse": 403}}
    play = Play(simulator, {"requirements": ["large", "a"], "releases": releases})
    let_go = threading.Event()
    simulator.on(Answer(hold=let_go, hold_after=70_000), stage="file", project="large")
    outcomes: list[Outcome] = []
    running = threading.Thread(target=lambda: outcomes.append(play.run()))
    running.start()
    simulator.wait_for(stage="file", filename="a-1.0-py3-none-any.whl")
    assert not outcomes
    let_go.set()
    running.join(10)
    assert outcomes[0].pins == {"a": "1.0", "large": "1.0"}
    assert outcomes[0].count("file large") == 1


def test_a_round_of_refusals_revalidates_each_listing_once(simulator: IndexSimulator) -> None:
    names = ["a", "b", "c"]
    releases = {f"{name} {version}.0": {} for name in names for version in (1, 2, 3, 4)}
    play = Play(simulator, {"requirements": [f"{name}<2" for name in names], "releases": releases})
    assert play.run().pins == dict.fromkeys(names, "1.0")
    refused = [{"file": f"{name} {version}.0", "status": 403} for name in names for version in (3, 4)]
    play.change({"requirements": names, "answers": refused})
    outcome = play.run()
    assert outcome.pins == dict.fromkeys(names, "2.0")
    assert outcome.count("listing") == 3
    assert {one.status for one in outcome.seen if one.stage == "listing"} == {304}
