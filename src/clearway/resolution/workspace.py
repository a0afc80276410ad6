"""The workspace: the projects of one problem, each built once, and their metadata.

What is installed and to be kept needs no index: such a project begins *light*, with the installed version alone. When
a requirement excludes that version, or no solution can be found so, the project is opened: its listing is read, and
the solve begins anew with the answers so far (DESIGN 4.2: versions are frozen once a constraint on them is stated).
So a satisfied run touches no network.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from clearway.catalog.located import Located
from clearway.errors import IndexFailure, InputError
from clearway.model.direct_urls import parse_direct_url
from clearway.model.names import NormalizedName, normalize
from clearway.model.urls import file_name, mask
from clearway.policy.absence import Absence
from clearway.resolution.projects import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clearway.catalog.catalog import Catalog
    from clearway.catalog.indexes import Source
    from clearway.crew import Crew
    from clearway.errors import ClearwayError
    from clearway.model.installed import Installed
    from clearway.model.metadata import Metadata
    from clearway.model.requirements import Requirement
    from clearway.model.targets import Target
    from clearway.resolution.problem import Problem
    from clearway.resolution.refusals import Refusals

_OUTWARD = re.compile(r"(?:https?|git\+https?|git\+ssh|ssh)://", re.IGNORECASE)


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
    :param refusals: what was not handed out; added to.
    """

    def __init__(
        self,
        problem: Problem,
        catalog: Catalog,
        crew: Crew,
        read_installed: Callable[[Installed], Metadata],
        refusals: Refusals,
    ) -> None:
        self.refusals = refusals
        self.target: Target = catalog.target
        self.catalog = catalog
        self._problem = problem
        self._crew = crew
        self._read_installed = read_installed
        self._projects: dict[NormalizedName, Project] = {}
        self._open: set[NormalizedName] = set()
        self._bound = _urls(problem)
        self._saved: set[NormalizedName] = set()
        self._hashes = _hashes(problem)
        self._installed_metadata: dict[NormalizedName, Metadata] = {}

    def project(self, name: NormalizedName) -> Project:
        """Return a project, built from what its sources offer; without versions if nobody has it."""
        project = self._projects.get(name)
        if project is None:
            installed = self._usable(name)
            if self.is_bound(name):
                project = self._read_direct(name, self._bound[name])
            elif installed is not None and self.is_light(name):
                project = Project(name, (), installed)
            else:
                sources = self._crew.wait(self.catalog.sources(name))
                project = self.offered(name, sources)
            self._projects[name] = project
        return project

    def known(self) -> tuple[Project, ...]:
        """Return the projects that were built so far."""
        return tuple(self._projects.values())

    def offered(self, name: NormalizedName, sources: Sequence[Source]) -> Project:
        """Return the project that these sources and what is installed make."""
        return Project(name, sources, self._usable(name), self.allowed_hashes(name))

    def allowed_hashes(self, name: NormalizedName) -> frozenset[str]:
        """Return the hashes that the person gave for a project; empty for any. Whatever is fetched is held to them."""
        return self._hashes.get(name, frozenset())

    def hashed(self) -> list[NormalizedName]:
        """Return the projects of which the person gave hashes."""
        return list(self._hashes)

    def constraints(self, name: NormalizedName) -> list[str]:
        """Return the specifiers of the person's constraints on a project."""
        return [stated.requirement.specifier for stated in self._problem.constraints if stated.requirement.name == name]

    def is_bound(self, name: NormalizedName) -> bool:
        """Whether a project comes from a URL, and no index is asked for it."""
        return name in self._bound

    def is_light(self, name: NormalizedName) -> bool:
        """Whether a project is taken as it is installed, without asking an index."""
        if name in self._open or self._problem.wishes.reinstall:
            return False
        return self._usable(name) is not None and keeps(self._problem, name)

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
            project = self._projects[name] = self._read_direct(name, url)
            if known:
                raise Reopened
        return Bound(project, url, url == requirement.url)

    def leads_astray(self, requirement: Requirement) -> bool:
        """Whether a URL in the metadata of a release would have a claimed name come from anywhere but its index.

        Not if the person has asked for that very URL.
        """
        if self._bound.get(requirement.name) == requirement.url:
            return False
        return self.catalog.indexes.is_elsewhere(requirement.name, requirement.url)

    def leads_inward(self, requirement: Requirement, *, local: bool) -> bool:
        """Whether a URL is no server's, as those are that whoever publishes may name: this machine's, or of no kind.

        Not if the person has asked for that very URL.

        :param local: who names it lies on this machine, and may name its neighbours.
        """
        if self._bound.get(requirement.name) == requirement.url:
            return False
        return not _is_url(requirement.url) or not (local or _OUTWARD.match(requirement.url))

    def leads_to_a_build(self, requirement: Requirement) -> bool:
        """Whether a URL names what would have to be built, and only wheels of that project may be used.

        Not if the person has asked for that very URL.
        """
        name, url = requirement.name, requirement.url
        is_wheel = file_name(url).lower().endswith(".whl")
        return not is_wheel and self._bound.get(name) != url and self.catalog.builds_nothing_of(name)

    def is_local(self, project: Project, number: int) -> bool:
        """Whether a version lies on this machine, or was installed from there (PEP 610)."""
        installed = project.installed
        if installed is not None and self.installed_metadata(project, number) is not None:
            told = parse_direct_url(installed.direct_url)
            return told is not None and not _OUTWARD.match(told.url)
        return any(not _OUTWARD.match(located.file.url) for located in project.located(number)[:1])

    def metadata(
        self, project: Project, number: int, starting: Callable[[Located], None] | None = None
    ) -> Metadata | Absence | None:
        """Return a version's metadata, or why it is not handed out, or None if no file has a hash that was given.

        :param starting: told of the wheel that gave it.
        """
        installed = self.installed_metadata(project, number)
        if installed is not None:
            return installed
        while isinstance(located := self.refusals.file(project.located(number)), Located):
            found = self._crew.wait(self.catalog.metadata(located))
            if not isinstance(found, Absence):
                if starting is not None:
                    starting(located)
                return found
            self.refusals.note(project.name, project.version(number), located, found)
        return located

    def installed_metadata(self, project: Project, number: int) -> Metadata | None:
        """Return a version's metadata if it is the one that is installed and stays."""
        if number != project.installed_number or project.installed is None or self.reinstalls(project):
            return None
        known = self._installed_metadata.get(project.name)
        if known is None:
            known = self._installed_metadata[project.name] = self._read_installed(project.installed)
        return known

    def reinstalls(self, project: Project) -> bool:
        """Whether the installed version of a project can be had again and is wanted so."""
        if not self._problem.wishes.reinstall:
            return False
        return isinstance(self.refusals.file(project.located(project.installed_number)), Located)

    def save(self, names: Iterable[NormalizedName]) -> bool:
        """Let what is installed count where it was to be reinstalled; tell whether any project has changed."""
        saved = [
            name
            for name in names
            if self._problem.wishes.reinstall and name in self._problem.installed and name not in self._saved
        ]
        self._saved.update(saved)
        for name in saved:
            self._projects.pop(name, None)
        return bool(saved)

    def refresh(self, names: Iterable[NormalizedName]) -> bool:
        """Ask again for listings that came from the cache alone; tell whether any project has changed."""
        fresh = [(name, self.catalog.indexes.refresh(name)) for name in names]
        changed = [name for name, slot in fresh if self._crew.wait(slot)]
        for name in changed:
            self._projects.pop(name, None)
        return bool(changed)

    def _usable(self, name: NormalizedName) -> Installed | None:
        """Return the installed distribution if it counts: sound, not to be reinstalled, not bound to a URL.

        What is to be reinstalled counts again once a release of it was not handed out: nothing is taken away by that.
        """
        installed = self._problem.installed.get(name)
        if installed is None or installed.broken or name in self._bound:
            return None
        return installed if not self._problem.wishes.reinstall or name in self._saved else None

    def _read_direct(self, name: NormalizedName, url: str) -> Project:
        located = self.catalog.direct(url, self.allowed_hashes(name))
        found = self._crew.wait(self.catalog.metadata(located))
        if isinstance(found, Absence):
            raise _not_there(name, url, found)
        if normalize(found.name) != name:
            raise InputError(
                "wrong-name",
                f"{mask(url)} is {normalize(found.name)}, not {name}",
                hint="Correct the name before the @, or the URL.",
            )
        return Project.of_direct(name, found.version, located)


def _not_there(name: NormalizedName, url: str, absence: Absence) -> ClearwayError:
    """Return the error for a URL that does not give the wheel that it names."""
    if absence.kind == "gone":
        return InputError(
            "no-such-file",
            f"{name} cannot be had from {mask(url)}: there is no such file ({absence.answer})",
            hint="Correct the URL, or name the project alone to have a release of it chosen.",
        )
    return IndexFailure(
        "refused",
        f"{name} cannot be had from {mask(url)}: {absence.verdict}",
        hint="A URL pins one file, so nothing is taken in its place: ask whoever runs the server, or name the project "
        "alone to have a release of it chosen.",
    )


def _is_url(text: str) -> bool:
    try:
        _ = urlsplit(text).port
    except ValueError:
        return False
    return True


def keeps(problem: Problem, name: NormalizedName) -> bool:
    """Whether the installed version of a project is preferred to newer ones (pip's ``--upgrade-strategy``)."""
    match problem.wishes.upgrade:
        case "no":
            return True
        case "only-if-needed":
            return all(stated.requirement.name != name for stated in problem.requirements)
    return False


def _urls(problem: Problem) -> dict[NormalizedName, str]:
    """Return the URLs that constraints bind projects to, whoever may need them.

    :raises InputError: ``conflicting-urls`` when one project is bound to two.
    """
    found: dict[NormalizedName, str] = {}
    for stated in problem.constraints:
        name, url = stated.requirement.name, stated.requirement.url
        if url and found.setdefault(name, url) != url:
            raise InputError(
                "conflicting-urls",
                f"{name} is constrained to two URLs (the second: {stated.origin})",
                context=(mask(found[name]), mask(url)),
                hint="Keep the constraint that is meant.",
            )
    return found


def _hashes(problem: Problem) -> dict[NormalizedName, frozenset[str]]:
    """Return the hashes that the person gave, by project: where several lists were given, what is in all of them.

    :raises InputError: ``conflicting-hashes`` when no file can be in all of them.
    """
    found: dict[NormalizedName, frozenset[str]] = {}
    for stated in (*problem.requirements, *problem.constraints):
        if stated.hashes:
            own = frozenset(stated.hashes)
            name = stated.requirement.name
            found[name] = found[name] & own if name in found else own
            if not found[name]:
                raise InputError(
                    "conflicting-hashes",
                    f"{name} is given two lists of hashes that have none in common (the second: {stated.origin})",
                    hint="Nothing was installed. Give the hashes of the files that are meant in both places.",
                )
    return found
