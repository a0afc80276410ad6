"""Refusals, case by case (DESIGN 4.6): each file in ``refusals/`` says what an index refuses, and what comes of it.

What a file may say stands in :mod:`support.cases`. Each case is played at indexes of several shapes, which must make no
difference to its result, and as a dry run. ``shapes`` and ``modes`` of a case name other ones, ``[expect.at.SHAPE]``
and ``[expect.at.dry-run]`` add what is particular to one.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.cases import Play

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.simulator import IndexSimulator

SHAPES: dict[str, dict[str, object]] = {
    "sidecars": {},
    "html": {"formats": ["html"]},
    "ranges": {"sidecars": False, "bulk": 200_000},
    "sizes": {"sidecars": False},
    "pages": {"formats": ["html"], "sidecars": False, "ranges": False},
}
"""Sidecars, in JSON and HTML; large wheels without, so that ranges are used; small ones; a mirror with pages only."""
CASES = {path.stem: tomllib.loads(path.read_text()) for path in (Path(__file__).parent / "refusals").glob("*.toml")}


def plays() -> Iterator[Any]:
    """Yield every case at every shape that it is for, and as a dry run at the first of them."""
    for name in sorted(CASES):
        modes = CASES[name].get("modes", ["install", "dry-run"])
        shapes = CASES[name].get("shapes", ["sidecars", "ranges", "pages"])
        for shape in shapes:
            for mode in modes if shape == shapes[0] else modes[:1]:
                yield pytest.param(name, shape, mode, id=f"{name}-{shape}-{mode}")


@pytest.mark.parametrize(("name", "shape", "mode"), list(plays()))
def test_case(name: str, shape: str, mode: str, simulator: IndexSimulator) -> None:
    case = CASES[name] | {"repository": SHAPES[shape] | CASES[name].get("repository", {})}
    play = Play(simulator, case)
    play.run(dry_run=mode == "dry-run").check(expected(case["expect"], shape, mode))
    for then in case.get("then", ()):
        play.change(then)
        play.run(dry_run=mode == "dry-run").check(expected(then["expect"], shape, mode))


def expected(stated: Mapping[str, Any], *particular: str) -> dict[str, Any]:
    """Return what is expected in general, and in particular."""
    found = dict(stated)
    for one in particular:
        for key, value in stated.get("at", {}).get(one, {}).items():
            found[key] = {**found.get(key, {}), **value} if isinstance(value, dict) else value
    return found
