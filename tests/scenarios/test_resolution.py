"""Resolution, case by case: each file in ``resolution/`` is an index, a question and the expected answer.

``[releases]`` maps "name version" to what the wheel says (``requires``, ``extras``, ``requires_python``, ``tags``,
``yanked``) and does (``refuse`` = status of its archive; ``sidecar = false``). ``[expect]`` gives the pins, or the
error's code and words in it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from clearway.cache.store import MemoryStore
from clearway.commands.events import Silent
from clearway.commands.install import Installer, Order
from clearway.errors import ClearwayError
from clearway.index.routing import make_index, route
from clearway.model.inputs import Stated
from clearway.model.names import normalize
from clearway.model.requirements import parse_requirement
from clearway.resolution.problem import Wishes
from clearway.settings.formats import Formats
from support.jobs import Bench, RecordingSite, make_installed, metadata_of
from support.simulator import Answer, IndexSimulator
from support.wheels import make_wheel

CASES = sorted((Path(__file__).parent / "resolution").glob("*.toml"))
MADE = ("requires", "extras", "requires_python", "tags", "build")


def publish(simulator: IndexSimulator, releases: dict[str, dict[str, Any]]) -> None:
    for release, facts in releases.items():
        name, version = release.split()[:2]
        wheel = make_wheel(name, version, **{key: facts[key] for key in MADE if key in facts})
        simulator.repository(facts.get("index", "")).add(
            wheel, yanked=facts.get("yanked"), sidecar=facts.get("sidecar", True)
        )
        if "refuse" in facts:
            simulator.on(Answer(facts["refuse"], facts.get("reason", "")), stage="file", filename=wheel.filename)


def stated(texts: list[str], origin: str) -> tuple[Stated, ...]:
    return tuple(Stated(parse_requirement(text), origin) for text in texts)


def solve(simulator: IndexSimulator, case: dict[str, Any]) -> dict[str, str]:
    indexes = [make_index(simulator.repository(name).url) for name in case.get("indexes", [""])]
    no_binary = frozenset(normalize(name) for name in case.get("no_binary", []))
    turns = route(indexes[-1], indexes[:-1], case.get("strategy", "first-index"))
    bench = Bench(turns, MemoryStore(), Formats(no_binary))
    installed = case.get("installed", {})
    requires = {one: facts.get("requires", []) for one, facts in case.get("releases", {}).items()}
    installer = Installer(bench.catalog, bench.crew, make_installed(installed), metadata_of(requires), Silent())
    order = Order(
        stated(case["requirements"], "command line"),
        stated(case.get("constraints", []), "-c constraints.txt, line 1"),
        Wishes(**case.get("wishes", {})),
    )
    site = RecordingSite()
    try:
        outcome = installer.run(order, site)
    finally:
        bench.close()
    assert [one.requested for one in outcome.resolution.pins] == [
        pin.name in {one.requirement.name for one in order.requirements} for pin in outcome.resolution.pins
    ]
    assert len(site.changes) == (1 if outcome.plan.steps else 0)
    return {str(pin.name): pin.version for pin in outcome.resolution.pins}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, simulator: IndexSimulator) -> None:
    case = tomllib.loads(path.read_text())
    publish(simulator, case.get("releases", {}))
    expected = case["expect"]
    if "pins" in expected:
        assert solve(simulator, case) == expected["pins"]
    else:
        with pytest.raises(ClearwayError) as caught:
            solve(simulator, case)
        told = "\n".join((caught.value.message, *caught.value.context, caught.value.hint))
        assert caught.value.code == expected["error"], told
        for words in expected.get("says", []):
            assert words in told
    if "requests" in expected:
        assert len(simulator.seen()) == expected["requests"]
