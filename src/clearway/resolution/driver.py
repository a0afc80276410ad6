"""The driver: answers the solver's questions out of the catalog (DESIGN 4.1, 4.2, 4.8).

The solver asks which version to try and what a version depends on; the driver knows projects, metadata, admission and
preferences. A file that an index does not hand out may make its release unusable and is noted; a solve that met such
files, or whose chosen files turn out to be refused later, is done again from the root with all of them left out from
the start. The answers are remembered, so that costs milliseconds and no network, and the result is the one that a
first solve would have given. Before that, a listing that came from the cache alone is asked for once more: it may be
older than the refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.model.requirements import Requirement, parse_requirement
from clearway.policy.absence import Absence
from clearway.resolution.admission import admissible, preferred
from clearway.resolution.facts import (
    Asked,
    Astray,
    Inward,
    Needs,
    NoAllowedHash,
    NoFile,
    NotAdmitted,
    OtherUrl,
    Unbuilt,
    Unreadable,
    WrongPython,
)
from clearway.resolution.held_back import held_back
from clearway.resolution.problem import Pin, Resolution
from clearway.resolution.words import explain_failure
from clearway.resolution.workspace import Reopened, keeps
from clearway.solver.machine import Machine
from clearway.solver.masks import ABSENT
from clearway.solver.questions import (
    ROOT,
    Choose,
    Chosen,
    Dependencies,
    Depends,
    Failed,
    NoneAdmissible,
    Solved,
    Unusable,
)
from clearway.solver.questions import Requirement as Needed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clearway.catalog.located import Located
    from clearway.model.installed import Installed
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Target
    from clearway.resolution.prefetch import Prefetcher
    from clearway.resolution.problem import Problem
    from clearway.resolution.projects import Project
    from clearway.resolution.workspace import Workspace
    from clearway.solver.questions import Answer

Edge = tuple[str, Requirement, object]
"""A package, a requirement on it, and who stated it (for explanations)."""


class Driver:
    """Solves one problem.

    :param decided: told of each version that the solver settles on, so that its archive may start; the solver may yet
        undo it.
    """

    def __init__(
        self,
        problem: Problem,
        workspace: Workspace,
        prefetcher: Prefetcher,
        decided: Callable[[Project, int, Located], None],
    ) -> None:
        self._problem = problem
        self._workspace = workspace
        self._prefetcher = prefetcher
        self._decided = decided
        self._target: Target = workspace.target
        self._edges: dict[tuple[object, int], tuple[Edge, ...] | Unusable] = {}
        self._refusals = workspace.refusals
        self._warnings: dict[str, None] = {}

    def resolve(self) -> Resolution:
        """Find the pins.

        :raises ResolutionError: ``no-solution``, told as a derivation.
        :raises IndexFailure: where what was not handed out must not be stepped around.
        """
        while True:
            known = len(self._refusals)
            try:
                found = self._solve()
            except Reopened:
                self._edges.clear()
                continue
            if len(self._refusals) > known:
                if isinstance(found, Failed):
                    self._refusals.check()  # else what was found is asked for first: it may be handed out
                self._learn(known)
            elif isinstance(found, Failed):
                if not self._workspace.open_all():
                    self._refusals.check_gone()
                    raise explain_failure(found.incompatibility, self._workspace)
                self._edges.clear()
            else:
                pins = self._pins(found)
                held = held_back(pins, self._workspace, self._tried(), self._problem.wishes.releases)
                return Resolution(pins, self._refusals.passed(), held, tuple(self._warnings))

    def leave_out(self, missing: Sequence[tuple[Pin, Absence]]) -> None:
        """Learn that chosen files are not handed out; :meth:`resolve` has to be called again."""
        known = len(self._refusals)
        for pin, absence in missing:
            assert pin.located is not None
            self._refusals.note(pin.name, pin.version, pin.located, absence)
        self._refusals.check()
        self._learn(known)

    def _learn(self, known: int) -> None:
        """Take in what was not handed out since so many files were known, before the next solve."""
        names = list(dict.fromkeys(passed.name for passed in self._refusals.passed()[known:]))
        renewed, saved = self._workspace.refresh(names), self._workspace.save(names)
        if renewed or saved:
            self._edges.clear()
            self._prefetcher.forget()
        for package, number in [key for key in self._edges if project_of(str(key[0])) in names]:
            del self._edges[package, number]  # another file of the release may say something else
        for name in names:
            self._prefetcher.passed_over(name)

    def _tried(self) -> dict[tuple[NormalizedName, int], list[Requirement]]:
        """Return the releases whose requirements were looked at, with those, newest first."""
        return {
            (project_of(str(package)), number): [requirement for _, requirement, _ in edges]
            for (package, number), edges in sorted(self._edges.items(), key=lambda item: -item[0][1])
            if not isinstance(edges, Unusable) and package is not ROOT
        }

    def _solve(self) -> dict[str, int] | Failed:
        machine = Machine(self._root(), base_of)
        answer: Answer | None = None
        while True:
            question = machine.advance(answer)
            if isinstance(question, Choose):
                answer = self._choose(question)
            elif isinstance(question, Dependencies):
                answer = self._dependencies(str(question.package), question.version)
            elif isinstance(question, Solved):
                return {str(package): number for package, number in question.decisions.items()}
            else:
                assert isinstance(question, Failed)
                return question

    # -- what was asked ------------------------------------------------------------------------------------------------

    def _root(self) -> tuple[Needed, ...]:
        """Return what was asked, as the solver's root requirements."""
        edges: list[Edge] = []
        for stated in self._problem.requirements:
            asked = Asked(stated.requirement, stated.origin)
            edges += [(package, stated.requirement, asked) for package in packages_of(stated.requirement)]
        self._edges[ROOT, 1] = tuple(edges)
        constraints = [
            self._needed(
                (str(stated.requirement.name), stated.requirement, Asked(stated.requirement, stated.origin, True))
            )
            for stated in self._problem.constraints
            if not stated.requirement.url  # the workspace has bound its project to that
        ]
        self._prefetch(edges)
        import packaging.markers  # 60 ms that the first pages take anyway
        import packaging.specifiers  # noqa: F401

        needed = [self._needed(edge) for edge in edges]
        return (*needed, *(one._replace(mask=one.mask | ABSENT) for one in constraints))

    def _prefetch(self, edges: Iterable[Edge]) -> None:
        for _, requirement, _ in edges:
            self._prefetcher.want(requirement)

    def _needed(self, edge: Edge) -> Needed:
        """Return a requirement in the solver's terms: a mask over the project's versions."""
        package, requirement, origin = edge
        if requirement.url:
            if isinstance(origin, Needs) and (barred := self._barred(requirement, local=origin.local)) is not None:
                return Needed(package, self._workspace.project(requirement.name).count, 0, barred)
            bound = self._workspace.bind(requirement)
            if not bound.same:
                return Needed(package, bound.project.count, 0, OtherUrl(requirement.name, bound.url, requirement.url))
            return Needed(package, bound.project.count, bound.project.all, origin)
        project = self._workspace.project(requirement.name)
        mask = project.mask(requirement.specifier)
        if not mask and self._workspace.is_light(requirement.name):
            self._workspace.open(requirement.name)
        return Needed(package, project.count, mask, origin)

    def _barred(self, requirement: Requirement, *, local: bool) -> Astray | Inward | Unbuilt | None:
        """Return why a release may not have a project come from the URL that it names; None where it may."""
        if self._workspace.leads_inward(requirement, local=local):
            return Inward(requirement.name, requirement.url)
        if self._workspace.leads_astray(requirement):
            return Astray(requirement.name, requirement.url)
        if not local and self._workspace.leads_to_a_build(requirement):
            return Unbuilt(requirement.name, requirement.url)
        return None

    # -- which version -------------------------------------------------------------------------------------------------

    def _choose(self, question: Choose) -> Answer:
        name = project_of(str(question.package))
        project = self._workspace.project(name)
        releases = self._problem.wishes.releases
        allowed = question.allowed & admissible(project, self._in_force(question, name), releases)
        if not allowed:
            yanked = not question.allowed & ~project.yanked
            some = bool(question.allowed & project.yanked)
            return NoneAdmissible(NotAdmitted(yanked, releases.prereleases(name) == "no", some))
        number = self._preferred(project, allowed)
        self._prefetcher.tried(project, number, allowed)
        absence = self._refusals.bars(project, number)
        return Chosen(number) if absence is None else Unusable(number, NoFile(absence))

    def _in_force(self, question: Choose, name: NormalizedName) -> list[str]:
        """Return the specifiers of the decided requirements that bear on a project."""
        specifiers = [
            requirement.specifier
            for requirer in question.requirers
            if not isinstance(edges := self._edges.get(requirer, ()), Unusable)
            for _, requirement, _ in edges
            if requirement.name == name
        ]
        return specifiers + self._workspace.constraints(name)

    def _preferred(self, project: Project, allowed: int) -> int:
        """Return the installed version where it is to be kept, else the newest."""
        installed = project.installed_number
        reinstall = self._problem.wishes.reinstall
        if installed and allowed >> installed & 1 and keeps(self._problem, project.name) and not reinstall:
            return installed
        return preferred(project, allowed, prefer_binary=self._problem.wishes.prefer_binary)

    # -- what it depends on --------------------------------------------------------------------------------------------

    def _dependencies(self, package: str, number: int) -> Answer:
        edges = self._edges.get((package, number))
        if edges is None:
            edges = self._edges[package, number] = self._read_edges(package, number)
            if not isinstance(edges, Unusable):
                self._prefetch(edges)
        if isinstance(edges, Unusable):
            return edges
        return Depends(tuple(self._needed(edge) for edge in edges))

    def _read_edges(self, package: str, number: int) -> tuple[Edge, ...] | Unusable:
        """Return what a version requires, or why it cannot be used."""
        name, extra = project_of(package), extra_of(package)
        project = self._workspace.project(name)
        version = project.version(number)
        metadata = self._metadata(project, number)
        if isinstance(metadata, Unusable) or self._problem.wishes.no_deps:
            return metadata if isinstance(metadata, Unusable) else ()
        if extra and extra not in metadata.provides_extra:
            self._warnings[f"{name} {version} does not provide the extra {extra!r}"] = None
        try:
            stated = [parse_requirement(text) for text in metadata.requires_dist]
        except InputError as error:
            return Unusable(number, Unreadable(error.message))
        applying = [one for one in stated if one.applies(self._target.environment, (extra,))]
        local = any(one.url for one in applying) and self._workspace.is_local(project, number)
        return tuple((other, one, Needs(one, local)) for one in applying for other in packages_of(one))

    def _metadata(self, project: Project, number: int) -> Metadata | Unusable:
        """Return a version's metadata, or why it cannot be used; note what an index did not hand out."""
        metadata = self._workspace.metadata(project, number, lambda located: self._decided(project, number, located))
        if isinstance(metadata, Absence):
            return Unusable(number, NoFile(metadata))
        if metadata is None:
            return Unusable(number, NoAllowedHash())
        if metadata.requires_python and not self._target.takes(metadata.requires_python):
            return Unusable(number, WrongPython(metadata.requires_python))
        return metadata

    # -- what came out -------------------------------------------------------------------------------------------------

    def _pins(self, decisions: dict[str, int]) -> tuple[Pin, ...]:
        extras: dict[NormalizedName, list[str]] = {}
        for package in decisions:
            if extra := extra_of(package):
                extras.setdefault(project_of(package), []).append(extra)
        asked = {stated.requirement.name for stated in self._problem.requirements}
        pins = []
        for package, number in sorted(decisions.items()):
            name = project_of(package)
            if package == name:
                pins.append(self._pin(name, number, tuple(sorted(extras.get(name, ()))), requested=name in asked))
        return tuple(pins)

    def _pin(self, name: NormalizedName, number: int, extras: tuple[str, ...], *, requested: bool) -> Pin:
        project = self._workspace.project(name)
        installed: Installed | None = self._problem.installed.get(name)
        kept = project.installed_number == number and not self._workspace.reinstalls(project)
        if kept and self._problem.wishes.reinstall:
            file = self._refusals.file(project.located(number))
            why = str(file) if isinstance(file, Absence) else "no index lists it"
            self._warnings[f"{name} {project.version(number)} stays as it is installed, for {why}"] = None
        metadata = self._workspace.metadata(project, number)
        assert metadata is not None
        assert not isinstance(metadata, Absence)
        located = None if kept else self._refusals.file(project.located(number))
        assert not isinstance(located, Absence)
        return Pin(
            name=name,
            version=project.version(number),
            metadata=metadata,
            located=located,
            installed=installed,
            extras=extras,
            requested=requested,
            direct=project.direct is not None,
            yanked=located.file.yanked if located is not None else None,
        )


def packages_of(requirement: Requirement) -> list[str]:
    """Return the solver's packages for a requirement: the project, and one for each extra."""
    return [str(requirement.name), *(f"{requirement.name}[{extra}]" for extra in sorted(requirement.extras))]


def base_of(package: object) -> str | None:
    """Return the package to whose version an extra is tied; None for a project itself."""
    name, bracket, _ = str(package).partition("[")
    return name if bracket else None


def project_of(package: str) -> NormalizedName:
    """Return the project that a package of the solver belongs to."""
    name: NormalizedName = package.partition("[")[0]  # type: ignore[assignment]  # made from one by packages_of
    return name


def extra_of(package: str) -> str:
    """Return the extra that a package of the solver stands for, or an empty text."""
    return package.partition("[")[2].rstrip("]")
