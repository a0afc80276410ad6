"""The releases that the indexes list of a project, as an installation would look at them (DESIGN 4.2, 4.8).

The catalog answers: the index that owns a project alone, files that fit the target alone. A pre-release counts with
``--pre``, or where there is nothing else; a yanked release counts never, since nothing pins it. No file is asked for,
so that what an index would refuse is listed too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.model.files import parse_wheel_name
from clearway.model.versions import normal_version
from clearway.resolution.admission import admissible
from clearway.resolution.projects import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.catalog.catalog import Catalog
    from clearway.crew import Crew
    from clearway.model.names import NormalizedName


class Newest(msgspec.Struct, frozen=True):
    """The releases of a project that may be chosen, the newest first: at least one.

    :param kind: what the best file of the newest one is.
    """

    versions: tuple[str, ...]
    kind: Literal["wheel", "sdist"]

    @property
    def latest(self) -> str:
        """The newest."""
        return self.versions[0]


def find_newest(
    catalog: Catalog, crew: Crew, names: Iterable[NormalizedName], *, pre: bool
) -> dict[NormalizedName, Newest]:
    """Return the releases of each project that an index has; all projects are asked for together.

    :raises IndexFailure: whatever keeps an index from answering.
    """
    slots = {name: catalog.sources(name) for name in names}
    sources = {name: crew.wait(slot) for name, slot in slots.items()}
    found = {name: _newest(Project(name, offers), pre=pre) for name, offers in sources.items()}
    return {name: newest for name, newest in found.items() if newest is not None}


def _newest(project: Project, *, pre: bool) -> Newest | None:
    mask = admissible(project, (), pre=pre)
    numbers = [number for number in range(project.count, 0, -1) if mask >> number & 1]
    if not numbers:
        return None
    versions = tuple(normal_version(project.version(number)) or project.version(number) for number in numbers)
    files = project.located(numbers[0])
    is_wheel = bool(files) and parse_wheel_name(files[0].file.filename) is not None
    return Newest(versions, "wheel" if is_wheel else "sdist")
