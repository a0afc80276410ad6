"""The workspace: the projects of one problem, each built once, and their metadata.

What is installed and to be kept needs no index: such a project begins *light*, with the installed version alone. When
a requirement excludes that version, or no solution can be found so, the project is opened: its listing is read, and
the solve begins anew with the answers so far (DESIGN 4.2: versions are frozen once a constraint on them is stated).
So a satisfied run touches no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clearway.catalog.direct import locate
from clearway.errors import InputError
from clearway.model.names import NormalizedName, normalize
from clearway.model.urls import mask
from clearway.policy.absence import Absence
from clearway.resolution.projects import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.catalog.catalog import Catalog
    from clearway.catalog.wheels import Located
    from clearway.crew import Crew
    from clearway.model.installed import Installed
    from clearway.model.metadata import Metadata
    from clearway.model.requirements import Requirement
    from clearway.model.targets import Target
    from clearway.resolution.problem import Problem


class Reopened(Exception):
    """A project's versions have changed: the solve has to begin anew. Caught by the driver, never seen by people."""


class Bound(NamedTuple):
    """The project that is bound to a URL, and whether it is the URL that was asked for."""

    project: Project
    url: str
    same: bool


class Workspace:
    """The projects of one problem.

    :param read_installed: reads the metadata of an installed distribution.
    """

    def __init__(
        self,
        problem: Problem,
        catalog: Catalog,
        crew: Crew,
        read_installed: Callable[[Installed], Metadata],
    ) -> None:
        self.target: Target = catalog.target
        self.catalog = catalog
        self._problem = problem
        self._crew = crew
        self._read_installed = read_installed
        self._projects: dict[NormalizedName, Project] = {}
        self._open: set[NormalizedName] = set()
        self._bound: dict[NormalizedName, str] = {}
        self._hashes = _hashes(problem)
        self._installed_metadata: dict[NormalizedName, Metadata] = {}

    def project(self, name: NormalizedName) -> Project:
        """Return a project, built from what its sources offer; without versions if nobody has it."""
        project = self._projects.get(name)
        if project is None:
            installed = self._usable(name)
            if installed is not None and self.is_light(name):
                project = Project(name, (), installed)
            else:
                sources = self._crew.wait(self.catalog.sources(name))
                project = Project(name, sources, installed, self.allowed_hashes(name))
            self._projects[name] = project
        return project

    def allowed_hashes(self, name: NormalizedName) -> frozenset[str]:
        """Return the hashes that the person gave for a project; empty for any. Whatever is fetched is held to them."""
        return self._hashes.get(name, frozenset())

    def is_light(self, name: NormalizedName) -> bool:
        """Whether a project is taken as it is installed, without asking an index."""
        return name not in self._open and self._usable(name) is not None and keeps(self._problem, name)

    def open(self, name: NormalizedName) -> None:
        """Read a light project's listing after all.

        :raises Reopened: always, since the solve has to begin anew.
        """
        self._open.add(name)
        self._projects.pop(name, None)
        raise Reopened

    def open_all(self) -> bool:
        """Open every light project; tell whether there was one."""
        light = [name for name in self._projects if self.is_light(name)]
        self._open.update(light)
        for name in light:
            del self._projects[name]
        return bool(light)

    def bind(self, requirement: Requirement) -> Bound:
        """Bind a project to the URL that a requirement names; the first URL holds.

        :raises Reopened: when the project was known as something else before.
        :raises InputError: ``wrong-name`` when the wheel there is of another project.
        """
        name = requirement.name
        url = self._bound.setdefault(name, requirement.url)
        project = self._projects.get(name)
        if project is None or project.direct is None:
            known = project is not None
            project = self._projects[name] = self._read_direct(requirement, url)
            if known:
                raise Reopened
        return Bound(project, url, url == requirement.url)

    def metadata(
        self, project: Project, number: int, starting: Callable[[Located], None] | None = None
    ) -> Metadata | Absence | None:
        """Return a version's metadata, or why it is not handed out, or None if no file has a hash that was given.

        :param starting: told of the wheel that gave it.
        """
        if number == project.installed_number and project.installed is not None:
            known = self._installed_metadata.get(project.name)
            if known is None:
                known = self._installed_metadata[project.name] = self._read_installed(project.installed)
            return known
        absence: Absence | None = None
        for located in project.located(number):
            found = self._crew.wait(self.catalog.metadata(located))
            if not isinstance(found, Absence):
                if starting is not None:
                    starting(located)
                return found
            absence = absence or found
            if found.kind == "refused":
                break
        return absence

    def _usable(self, name: NormalizedName) -> Installed | None:
        """Return the installed distribution if it counts: sound, not to be reinstalled, not bound to a URL."""
        installed = self._problem.installed.get(name)
        if installed is None or installed.broken or self._problem.wishes.reinstall or name in self._bound:
            return None
        return installed

    def _read_direct(self, requirement: Requirement, url: str) -> Project:
        located = locate(url, self.allowed_hashes(requirement.name), self.target)
        found = self._crew.wait(self.catalog.metadata(located))
        if isinstance(found, Absence):
            answer = "there is no such file" if found.kind == "gone" else f"it is refused ({found.status})"
            raise InputError(
                "no-such-file",
                f"{requirement.name} cannot be had from {mask(url)}: {answer}",
                hint="Correct the URL, or name the project alone to have a release of it chosen.",
            )
        if normalize(found.name) != requirement.name:
            raise InputError(
                "wrong-name",
                f"{mask(url)} is {normalize(found.name)}, not {requirement.name}",
                hint="Correct the name before the @, or the URL.",
            )
        return Project.of_direct(requirement.name, found.version, located)


def keeps(problem: Problem, name: NormalizedName) -> bool:
    """Whether the installed version of a project is preferred to newer ones (pip's ``--upgrade-strategy``)."""
    match problem.wishes.upgrade:
        case "no":
            return True
        case "only-if-needed":
            return all(stated.requirement.name != name for stated in problem.requirements)
    return False


def _hashes(problem: Problem) -> dict[NormalizedName, frozenset[str]]:
    """Return the hashes that the person gave, by project: where several lists were given, what is in all of them."""
    found: dict[NormalizedName, frozenset[str]] = {}
    for stated in (*problem.requirements, *problem.constraints):
        if stated.hashes:
            own = frozenset(stated.hashes)
            name = stated.requirement.name
            found[name] = found[name] & own if name in found else own
    return found
