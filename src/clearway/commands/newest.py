"""The releases that the indexes list of a project, as an installation would look at them (DESIGN 4.2, 4.8).

The catalog answers: the index that owns a project alone, files that fit the target alone. A pre-release counts with
``--pre``, or where there is nothing else; a yanked release counts never, since nothing pins it. The latest is what an
installation would take: with ``--prefer-binary`` the newest of which there is a wheel. No file is asked for,
so that what an index would refuse is listed too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.model.files import parse_wheel_name
from clearway.model.versions import normal_version
from clearway.resolution.admission import admissible, preferred
from clearway.resolution.projects import Project
from clearway.solver.masks import versions_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.catalog.catalog import Catalog
    from clearway.crew import Crew
    from clearway.model.names import NormalizedName
    from clearway.resolution.problem import Wishes


class Newest(msgspec.Struct, frozen=True):
    """The releases of a project that may be chosen, the newest first: at least one.

    :param latest: the one that an installation would take; ``kind`` is what its best file is.
    """

    versions: tuple[str, ...]
    latest: str
    kind: Literal["wheel", "sdist"]


def find_newest(
    catalog: Catalog, crew: Crew, names: Iterable[NormalizedName], wishes: Wishes
) -> dict[NormalizedName, Newest]:
    """Return the releases of each project that an index has; all projects are asked for together.

    :raises IndexFailure: whatever keeps an index from answering.
    """
    slots = {name: catalog.sources(name) for name in names}
    sources = {name: crew.wait(slot) for name, slot in slots.items()}
    found = {name: _newest(Project(name, offers), wishes) for name, offers in sources.items()}
    return {name: newest for name, newest in found.items() if newest is not None}


def _newest(project: Project, wishes: Wishes) -> Newest | None:
    mask = admissible(project, (), wishes.releases)
    if not mask:
        return None
    latest = preferred(project, mask, prefer_binary=wishes.prefer_binary)
    files = project.located(latest)
    is_wheel = bool(files) and parse_wheel_name(files[0].file.filename) is not None
    versions = tuple(_normal(project, number) for number in versions_in(mask))
    return Newest(versions, _normal(project, latest), "wheel" if is_wheel else "sdist")


def _normal(project: Project, number: int) -> str:
    return normal_version(project.version(number)) or project.version(number)
