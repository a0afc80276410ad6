"""The shapes of indexes that a case is played at, which must make no difference to what comes of it.

``shapes`` and ``modes`` of a case name other ones, ``[expect.at.SHAPE]`` and ``[expect.at.dry-run]`` add what is
particular to one.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHAPES: dict[str, dict[str, object]] = {
    "sidecars": {},
    "html": {"formats": ["html"]},
    "ranges": {"sidecars": False, "bulk": 200_000},
    "sizes": {"sidecars": False},
    "pages": {"formats": ["html"], "sidecars": False, "ranges": False},
}
"""Sidecars, in JSON and HTML; large wheels without, so that ranges are used; small ones; a mirror with pages only."""


def read_cases(topic: str) -> dict[str, dict[str, Any]]:
    """Return the cases of a topic by their names."""
    return {path.stem: tomllib.loads(path.read_text()) for path in (Path(__file__).parent / topic).glob("*.toml")}


def plays(cases: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    """Yield every case at every shape that it is for, and as a dry run at the first of them."""
    for name in sorted(cases):
        modes = cases[name].get("modes", ["install", "dry-run"])
        shapes = cases[name].get("shapes", ["sidecars", "ranges", "pages"])
        for shape in shapes:
            for mode in modes if shape == shapes[0] else modes[:1]:
                yield pytest.param(name, shape, mode, id=f"{name}-{shape}-{mode}")


def shaped(case: Mapping[str, Any], shape: str) -> dict[str, Any]:
    """Return a case at an index of some shape."""
    return {**case, "repository": SHAPES[shape] | case.get("repository", {})}


def expected(stated: Mapping[str, Any], *particular: str) -> dict[str, Any]:
    """Return what is expected in general, and in particular."""
    found = dict(stated)
    for one in particular:
        for key, value in stated.get("at", {}).get(one, {}).items():
            found[key] = {**found.get(key, {}), **value} if isinstance(value, dict) else value
    return found
