"""What a solution consists of, as people read it: each project with the requirement that it is there for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import InputError
from clearway.model.requirements import Requirement, parse_requirement
from clearway.resolution.problem import Pin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from clearway.catalog.located import Located
    from clearway.model.inputs import Stated
    from clearway.model.names import NormalizedName
    from clearway.model.targets import MarkerEnvironment


class Collected(msgspec.Struct, frozen=True):
    """One project of a solution.

    :param requirement: the first that led to it, without its marker.
    :param by: who stated that: a project, or where the person did.
    :param asked: it was the person.
    :param cached: its wheel comes from the cache.
    """

    pin: Pin
    requirement: str
    by: str
    asked: bool
    cached: bool


def collect(
    asked: Iterable[Stated],
    pins: Sequence[Pin],
    environment: MarkerEnvironment,
    is_cached: Callable[[Located], bool],
) -> tuple[Collected, ...]:
    """Return the projects of a solution in the order of need: what was asked for, then what that needs, and so on.

    :param is_cached: whether a wheel comes from the cache.
    """
    by_name = {pin.name: pin for pin in pins}
    found: dict[NormalizedName, Collected] = {}

    def add(requirement: Requirement, by: str, *, stated: bool) -> None:
        pin = by_name.get(requirement.name)
        if pin is not None and pin.name not in found:
            cached = pin.located is not None and is_cached(pin.located)
            found[pin.name] = Collected(pin, _spelled(requirement), by, stated, cached)

    for one in asked:
        add(one.requirement, one.origin, stated=True)
    for collected in _growing(found):
        with suppress(InputError):  # a malformed one that nobody had to heed: there is --no-deps
            for requirement in needs_of(collected.pin, environment):
                add(requirement, str(collected.pin.name), stated=False)
    return tuple(found.values())


def needs_of(pin: Pin, environment: MarkerEnvironment) -> Iterator[Requirement]:
    """Yield what a chosen release requires of others, for the extras that are chosen of it."""
    for text in pin.metadata.requires_dist:
        requirement = parse_requirement(text)
        if requirement.applies(environment, ("", *pin.extras)):
            yield requirement


def _growing(found: dict[NormalizedName, Collected]) -> Iterator[Collected]:
    """Yield the values of a dictionary that grows meanwhile."""
    place = 0
    while place < len(found):
        waiting = list(found.values())[place:]
        place += len(waiting)
        yield from waiting


def _spelled(requirement: Requirement) -> str:
    return str(requirement).partition(" ; ")[0]
