"""Projects: what all sources together offer, numbered for the solver (DESIGN 4.2).

A project's versions are frozen the moment it is built: what its sources offer and the version that is installed. From
then on a version is a number, its place in PEP 440's order, and a set of versions is a mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.catalog.located import Located, locate_listed
from clearway.model.versions import parse_version
from clearway.resolution.ranges import all_of, mask_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.version import Version

    from clearway.catalog.indexes import Source
    from clearway.index.records import File
    from clearway.model.installed import Installed
    from clearway.model.names import NormalizedName


class Project:
    """One project, numbered.

    :ivar versions: as spelled, ascending; number *n* is ``versions[n - 1]``.
    :ivar prereleases: mask of the pre-releases.
    :ivar yanked: mask of the yanked releases.
    :ivar unbuilt: mask of the releases of which there is a source archive alone.
    :ivar installed: the distribution that is installed and may be kept, or None.
    :ivar installed_number: its number, 0 where there is none.
    :ivar sources: who offers the project; the first is its owner.
    """

    __slots__ = (
        "_located",
        "_masks",
        "_places",
        "allowed_hashes",
        "direct",
        "installed",
        "installed_number",
        "name",
        "prereleases",
        "sources",
        "unbuilt",
        "versions",
        "yanked",
    )

    def __init__(
        self,
        name: NormalizedName,
        sources: Sequence[Source],
        installed: Installed | None = None,
        allowed_hashes: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.sources = tuple(sources)
        self.installed = installed if installed is not None and parse_version(installed.version) else None
        self.allowed_hashes = allowed_hashes
        self.direct: Located | None = None
        self._masks: dict[str, int] = {}
        self._located: dict[int, tuple[Located, ...]] = {}
        self._places: list[tuple[int, int]] | None = None
        if len(sources) == 1 and self.installed is None:
            self._take_only(sources[0])
        else:
            self._merge()

    @classmethod
    def of_direct(cls, name: NormalizedName, version: str, located: Located) -> Project:
        """Return the project that is exactly one thing at a URL (PEP 508, "name @ url")."""
        project = cls(name, ())
        project.versions = (version,)
        project.direct = located
        project._located[1] = (located,)
        return project

    @property
    def count(self) -> int:
        """How many versions there are."""
        return len(self.versions)

    @property
    def all(self) -> int:
        """The mask of every version."""
        return all_of(len(self.versions))

    def mask(self, specifier: str) -> int:
        """Return the mask of the versions that a specifier set admits."""
        known = self._masks.get(specifier)
        if known is None:
            known = self._masks[specifier] = mask_of(specifier, self.versions)
        return known

    def version(self, number: int) -> str:
        """Return the version that a number stands for, as spelled."""
        return self.versions[number - 1]

    def located(self, number: int) -> tuple[Located, ...]:
        """Return the files of a version, best first; of those with a hash that the person gave, if any were given."""
        known = self._located.get(number)
        if known is None:
            known = self._located[number] = self._locate(number)
        return known

    def files(self, number: int) -> tuple[File, ...]:
        """Return the listed files of a version that the target can use, whatever their hashes."""
        place, inner = self._place(number)
        return self.sources[place].offer.files(inner) if place >= 0 and self.sources else ()

    def misfits(self) -> dict[str, str]:
        """Return the releases that this target cannot use, and why."""
        found: dict[str, str] = {}
        for source in self.sources:
            for version, why in source.offer.misfits().items():
                if version not in self.versions:
                    found.setdefault(version, why)
        return found

    def _place(self, number: int) -> tuple[int, int]:
        """Return the place of the source that has a version, below 0 for none, and the version's number there."""
        return (0, number) if self._places is None else self._places[number - 1]

    def _locate(self, number: int) -> tuple[Located, ...]:
        files = self.files(number)
        if not files:
            return ()
        source = self.sources[self._place(number)[0]]
        if self.allowed_hashes:
            files = tuple(
                file
                for file in files
                if not file.hashes or self.allowed_hashes & {f"{name}:{digest}" for name, digest in file.hashes.items()}
            )
        version = self.version(number)
        return tuple(locate_listed(file, source.index, self.name, version, self.allowed_hashes) for file in files)

    def _take_only(self, source: Source) -> None:
        self.versions = source.offer.versions
        self.prereleases = int(source.offer.prereleases, 16)
        self.yanked = int(source.offer.yanked, 16)
        self.unbuilt = int(source.offer.unbuilt, 16)
        self.installed_number = 0

    def _merge(self) -> None:
        """Number the versions of several sources and the installed one; of two equal ones the earlier stays."""
        found: dict[Version, tuple[str, int, int]] = {}
        for place, source in enumerate(self.sources):
            for number, text in enumerate(source.offer.versions, start=1):
                version = parse_version(text)
                if version is not None:
                    found.setdefault(version, (text, place, number))
        own = parse_version(self.installed.version) if self.installed is not None else None
        if own is not None and self.installed is not None:
            found.setdefault(own, (self.installed.version, -1, 0))
        order = sorted(found)
        self.versions = tuple(found[version][0] for version in order)
        self._places = [found[version][1:] for version in order]
        self.installed_number = order.index(own) + 1 if own is not None else 0
        self.prereleases = self.yanked = self.unbuilt = 0
        for number, (place, inner) in enumerate(self._places, start=1):
            if order[number - 1].is_prerelease:
                self.prereleases |= 1 << number
            if place >= 0 and int(self.sources[place].offer.yanked, 16) >> inner & 1:
                self.yanked |= 1 << number
            if place >= 0 and int(self.sources[place].offer.unbuilt, 16) >> inner & 1:
                self.unbuilt |= 1 << number
