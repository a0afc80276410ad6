"""Why a release of one project is chosen, and others are not: values only, for people and programs alike."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.commands.collected import needs_of
from clearway.errors import ClearwayError
from clearway.model.installed import Installed
from clearway.model.names import NormalizedName
from clearway.model.requirements import Requirement, parse_requirement
from clearway.policy.absence import Absence
from clearway.resolution.problem import Pin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from clearway.commands.solving import Order
    from clearway.index.records import Index
    from clearway.model.metadata import Metadata
    from clearway.model.targets import MarkerEnvironment
    from clearway.resolution.projects import Project

Kind = Literal[
    "requirement",
    "target",
    "late",
    "prerelease",
    "yanked",
    "refused",
    "gone",
    "pending",
    "hash",
    "conflict",
    "fault",
    "open",
    "unseen",
]
"""What keeps a release from being chosen: a requirement, the Python or platform, when it was uploaded, being a
pre-release or yanked, the index, a hash that was given, what it depends on, something that nobody may step around
(``fault``); nothing (``open``: it is handed out); nobody knows (``unseen``)."""


class Demand(msgspec.Struct, frozen=True):
    """A requirement on the project.

    :param by: the project whose release states it; empty where the person asked for it.
    :param origin: where the person stated it.
    :param constraint: the person only limits what may be chosen.
    :param through: the projects that lead to ``by``, from what was asked for on; ``by`` itself is not among them.
    """

    requirement: Requirement
    by: str = ""
    version: str = ""
    origin: str = ""
    constraint: bool = False
    through: tuple[str, ...] = ()


class Release(msgspec.Struct, frozen=True):
    """A release that is not chosen, and what it has against it.

    :param reason: in words that fit one release or several.
    :param absence: what the index answered, for one that it did not hand out.
    :param details: sentences that explain further.
    """

    version: str
    kind: Kind
    reason: str
    absence: Absence | None = None
    details: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """An index in the order in which they are asked, and what it has to do with the project."""

    name: str
    standing: Literal["owner", "joins", "lacks", "not asked"]


class Explanation(msgspec.Struct, frozen=True):
    """The answer to a question about one project.

    :param pin: what is chosen; None where nothing needs the project, or where there is no solution.
    :param installed: what is installed now.
    :param dependants: the requirements on it of what is installed and is not touched by the installation.
    :param stays: the installed release is preferred to newer ones.
    :param failure: why there is no solution; None where there is one.
    :param withheld: why the index that owns the project withholds all of it (PEP 792); else empty.
    :param releases: newest first: all that are newer than what is chosen, or where nothing is, all.
    :param older: how many are older than what is chosen: nobody looks at those.
    """

    name: NormalizedName
    pin: Pin | None = None
    installed: Installed | None = None
    stays: bool = False
    failure: ClearwayError | None = None
    demands: tuple[Demand, ...] = ()
    dependants: tuple[Demand, ...] = ()
    places: tuple[Place, ...] = ()
    withheld: str = ""
    releases: tuple[Release, ...] = ()
    older: int = 0


def demands_on(
    name: NormalizedName, order: Order, pins: Sequence[Pin], environment: MarkerEnvironment
) -> Iterator[Demand]:
    """Yield every requirement on a project: what was asked for, what limits it, and what the chosen releases need."""
    for stated in order.requirements:
        if stated.requirement.name == name:
            yield Demand(stated.requirement, origin=stated.origin)
    for stated in order.constraints:
        if stated.requirement.name == name:
            yield Demand(stated.requirement, origin=stated.origin, constraint=True)
    if order.wishes.no_deps:
        return
    needs = {pin.name: tuple(needs_of(pin, environment)) for pin in pins}
    ways = _ways(needs, [stated.requirement.name for stated in order.requirements])
    for pin in pins:
        for requirement in needs[pin.name] if pin.name != name else ():
            if requirement.name == name:
                yield Demand(requirement, str(pin.name), pin.version, through=ways.get(pin.name, ()))


def dependants_on(
    name: NormalizedName,
    installed: Iterable[Installed],
    read: Callable[[Installed], Metadata],
    environment: MarkerEnvironment,
) -> Iterator[Demand]:
    """Yield the requirements that installed distributions have on a project; those of their extras are not known."""
    for one in installed:
        if one.broken or one.name == name:
            continue
        with suppress(ClearwayError):  # what nobody can read is no requirement: ``check`` tells
            for requirement in map(parse_requirement, read(one).requires_dist):
                if requirement.name == name and requirement.applies(environment):
                    yield Demand(requirement, str(one.name), one.version)


def _ways(
    needs: Mapping[NormalizedName, Sequence[Requirement]], asked: Sequence[NormalizedName]
) -> dict[NormalizedName, tuple[str, ...]]:
    """Return the shortest way to each project: the names that lead to it, from what was asked for on."""
    ways: dict[NormalizedName, tuple[str, ...]] = dict.fromkeys(asked, ())
    waiting = list(ways)
    for name in waiting:  # grows while it is gone through: nearer ones come first
        for requirement in needs.get(name, ()):
            if requirement.name not in ways:
                ways[requirement.name] = (*ways[name], str(name))
                waiting.append(requirement.name)
    return ways


def places_of(project: Project, links: Sequence[Index], turns: Sequence[Sequence[Index]]) -> Iterator[Place]:
    """Yield the indexes in their order, and what each has to do with a project (DESIGN 4.8)."""
    having = [source.index for source in project.sources]
    for index in links:
        yield Place(index.name, "joins" if index in having else "lacks")
    owned = False
    for turn in turns:
        for index in turn:
            yield Place(index.name, "not asked" if owned else "owner" if index in having else "lacks")
        owned = owned or any(index in having for index in turn)
