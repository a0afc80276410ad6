"""The prefetcher: makes time on the network the depth of the tree and not its size (DESIGN 4.3).

It guesses: the newest version that the requirements seen so far leave of a project will probably be chosen, so its
metadata is asked for, and what that requires, and so on. Nothing that it meets means anything: an error, a refusal or
a 401 is met again by the solver, or by nobody. Where metadata costs an archive it guesses for projects that the solver
has named, and for others only a little (``stakes``); where it may cost a build, for those that the solver has named
alone.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from clearway.crew import Slot
from clearway.errors import InputError
from clearway.model.requirements import Requirement, parse_requirement
from clearway.policy.absence import Absence
from clearway.resolution.admission import admissible, preferred
from clearway.resolution.stakes import Stakes
from clearway.solver.masks import versions_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.catalog.indexes import Source
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.resolution.problem import Wishes
    from clearway.resolution.projects import Project
    from clearway.resolution.workspace import Workspace

FIRST_BATCH = 4
"""After so many tried versions of one project its next older ones are asked for, as many again, and so on doubling."""
ARCHIVES_AHEAD = 4
"""The next older versions that are asked for where each of them costs an archive."""
MOST_RETRIED = 4
"""Guesses that had to wait for room which are tried again when something has come."""


class _Seen:
    """What has been seen of one project."""

    __slots__ = (
        "extras",
        "followed",
        "guess",
        "lowest",
        "metadata",
        "missing",
        "named",
        "needs",
        "project",
        "specifiers",
        "stuck",
        "tried",
    )

    def __init__(self, constraints: Iterable[str]) -> None:
        self.specifiers = dict.fromkeys(constraints)
        self.extras: set[str] = {""}
        self.project: Project | None = None
        self.guess = 0
        self.missing = 0
        self.metadata: Metadata | None = None
        self.followed: set[str] = set()
        self.named = False
        self.needs: set[NormalizedName] = set()
        self.stuck = False
        self.lowest = 0
        self.tried = 0


class Prefetcher:
    """Guesses for one problem.

    :param wishes: how versions are preferred, and whether dependencies are followed at all.
    """

    def __init__(self, workspace: Workspace, wishes: Wishes) -> None:
        self._workspace = workspace
        self._releases = wishes.releases
        self._deep = not wishes.no_deps
        self._prefer_binary = wishes.prefer_binary
        self._seen: dict[NormalizedName, _Seen] = {}
        self._waiting: dict[NormalizedName, None] = {}
        self._stakes = Stakes(workspace.catalog)

    def want(self, requirement: Requirement, *, named: bool = True) -> None:
        """Hear of a requirement.

        :param named: the solver said so, and not a guess.
        """
        name = requirement.name
        if requirement.url or self._workspace.is_bound(name) or self._workspace.is_light(name):
            return
        seen = self._seen.get(name)
        if seen is None:
            seen = self._seen[name] = _Seen(self._workspace.constraints(name))
            self._note(seen, requirement, named=named)
            self._await_listing(name)
        elif self._note(seen, requirement, named=named):
            self._guess(seen)
            self._follow(seen)

    def expects(self, project: Project, number: int) -> bool:
        """Whether all that has been seen so far, further than the solver is, leads to this version too.

        It does not where something that this version needs has no version left that everybody would take.
        """
        seen = self._seen.get(project.name)
        if seen is None or seen.project is None or not seen.guess:
            return True
        if seen.project.version(seen.guess) != project.version(number):
            return False
        return not any(self._seen[name].stuck for name in seen.needs if name in self._seen)

    def tried(self, project: Project, number: int, allowed: int) -> None:
        """Hear that the solver tries a version: when it has tried many, ask for the next older ones together."""
        seen = self._seen.get(project.name)
        if seen is None or number == project.installed_number:
            return
        for located in project.located(number)[:1]:
            self._stakes.take(located)
        if seen.lowest and number >= seen.lowest:
            return
        seen.lowest = number
        seen.tried += 1
        if seen.tried < FIRST_BATCH:
            return
        older = versions_in(allowed & ((1 << number) - 1))
        costly = self._costs_archive(project, number)
        if costly or seen.tried & (seen.tried - 1) == 0:
            for one in islice(older, ARCHIVES_AHEAD if costly else seen.tried):
                self._ask(project, one, older=True)

    def _costs_archive(self, project: Project, number: int) -> bool:
        return any(self._workspace.catalog.reads_archives(located) for located in project.located(number)[:1])

    def passed_over(self, name: NormalizedName) -> None:
        """Hear that a release is not handed out: the next one will probably be chosen."""
        seen = self._seen.get(name)
        if seen is not None and seen.project is not None:
            seen.named = True
            seen.missing |= self._workspace.refusals.barred(seen.project, seen.project.all)
            self._guess(seen)

    def forget(self) -> None:
        """Forget the projects, since some are listed anew; what was wanted of them stays wanted."""
        for name, seen in self._seen.items():
            seen.project, seen.guess, seen.missing, seen.metadata = None, 0, 0, None
            self._await_listing(name)

    def _note(self, seen: _Seen, requirement: Requirement, *, named: bool) -> bool:
        """Add to what is known of a project; tell whether that was news."""
        before = (len(seen.specifiers), len(seen.extras), seen.named)
        seen.specifiers[requirement.specifier] = None
        seen.extras |= requirement.extras
        seen.named |= named
        return before != (len(seen.specifiers), len(seen.extras), seen.named)

    def _await_listing(self, name: NormalizedName) -> None:
        self._workspace.catalog.sources(name).then(lambda slot: self._listed(name, slot))

    def _listed(self, name: NormalizedName, slot: Slot[tuple[Source, ...]]) -> None:
        if not slot.failed:
            seen = self._seen[name]
            seen.project = self._workspace.offered(name, slot.result())
            self._guess(seen)

    def _guess(self, seen: _Seen) -> None:
        """Ask for the metadata of the version that will probably be chosen, unless that is the last guess."""
        project = seen.project
        if project is None:
            return
        allowed = admissible(project, seen.specifiers, self._releases)
        for specifier in seen.specifiers:
            allowed &= project.mask(specifier)
        number = preferred(project, allowed & ~seen.missing, prefer_binary=self._prefer_binary)
        seen.stuck = not number
        if number and number == seen.guess and seen.named and (located := project.located(number)):
            self._stakes.take(located[0])
        if number and number != seen.guess:
            asked = self._ask(project, number, named=seen.named)
            if asked is None:
                self._waiting[project.name] = None
                return
            self._waiting.pop(project.name, None)
            seen.guess, seen.metadata, seen.followed, seen.needs = number, None, set(), set()
            asked.then(lambda slot: self._told(seen, number, slot))

    def _ask(
        self, project: Project, number: int, *, named: bool = False, older: bool = False
    ) -> Slot[Metadata | Absence] | None:
        """Ask for a version's metadata; None where that costs an archive and too many of them are at stake already."""
        installed = self._workspace.installed_metadata(project, number)
        if installed is not None:
            return Slot.of(installed)
        located = project.located(number)
        catalog = self._workspace.catalog
        if not located or (located[0].recipe is not None and not named):  # nothing is built on a guess's guess
            return None
        if named:
            self._stakes.take(located[0])
        elif catalog.may_cost_archive(located[0]) and not self._stakes.put(located[0], older=older):
            return None
        return catalog.metadata(located[0])

    def _told(self, seen: _Seen, number: int, slot: Slot[Metadata | Absence]) -> None:
        if slot.failed or number != seen.guess:
            return
        if isinstance(found := slot.result(), Absence):
            assert seen.project is not None
            if seen.project.located(number)[0].index.rules.ends_with(found.kind):
                return
            seen.missing |= 1 << number  # the solver will hear of it, and then want the next one
            self._guess(seen)
        else:
            seen.metadata = found
            self._follow(seen)
        for name in list(self._waiting)[:MOST_RETRIED]:
            self._guess(self._seen[name])

    def _follow(self, seen: _Seen) -> None:
        """Want what the guessed version requires, for every extra that was wanted of it."""
        fresh = seen.extras - seen.followed
        metadata = seen.metadata
        if metadata is None or not fresh or not self._deep:
            return
        seen.followed |= fresh
        target = self._workspace.target
        if metadata.requires_python and not target.takes(metadata.requires_python):
            return
        for text in metadata.requires_dist:
            try:
                requirement = parse_requirement(text)
            except InputError:
                return
            if requirement.applies(target.environment, fresh):
                seen.needs.add(requirement.name)
                self.want(requirement, named=False)
