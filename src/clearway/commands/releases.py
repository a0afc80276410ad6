"""The releases of a project that are not chosen, newest first, and the one thing that each has against it.

What is known comes first: the requirements in force, the target, admission, what an index did not hand out. Of the
releases that have none of that against them the newest few are asked for themselves.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.located import Located
from clearway.catalog.offers import LATE
from clearway.commands.collected import needs_of
from clearway.commands.explanation import Demand, Explanation, Release
from clearway.commands.solving import MOST_PHRASES
from clearway.errors import ClearwayError, IndexFailure
from clearway.model.versions import admits, parse_version
from clearway.policy.absence import Absence
from clearway.resolution.admission import admissible
from clearway.resolution.refusals import Refusals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clearway.catalog.catalog import Catalog
    from clearway.commands.trial import Trial
    from clearway.crew import Crew, Slot
    from clearway.model.metadata import Metadata
    from clearway.model.requirements import Requirement
    from clearway.resolution.problem import Passed, Pin
    from clearway.resolution.projects import Project

MOST_PROBED = 5
"""Releases that are asked for themselves, though nothing is known against them."""


class Releases:
    """The releases of a project that are not chosen, and what each has against it.

    :ivar older: how many are older than what is chosen.
    """

    def __init__(self, catalog: Catalog, crew: Crew, project: Project, explanation: Explanation, trial: Trial) -> None:
        self._catalog = catalog
        self._crew = crew
        self._project = project
        self._explanation = explanation
        self._trial = trial
        self._refusals = Refusals(catalog.is_generous, lambda _: None)
        self._misfits = project.misfits()
        specifiers = [demand.requirement.specifier for demand in explanation.demands]
        self._admissible = admissible(project, specifiers, trial.order.wishes.releases)
        self._phrases: dict[str, Slot[str]] = {}
        self.older = 0

    def take_in(self, passed: Sequence[Passed]) -> None:
        """Take in which files were not handed out while a solution was looked for."""
        known = {(one.absence.index, one.absence.filename): one.absence for one in passed}
        for number in range(1, self._project.count + 1) if known else ():
            for located in self._project.located(number):
                absence = known.get((located.index.name, located.file.filename))
                if absence is not None:
                    self._note(number, located, absence)

    def newer(self) -> Iterator[Release]:
        """Yield those that are newer than what is chosen, or all where nothing is, newest first."""
        numbers = {version: number for number, version in enumerate(self._project.versions, start=1)}
        found = [(parse_version(text), text) for text in (*numbers, *self._misfits)]
        order = sorted(((key, text) for key, text in found if key is not None), reverse=True)
        chosen = parse_version(self._explanation.pin.version) if self._explanation.pin is not None else None
        newer = [text for key, text in order if chosen is None or key > chosen]
        self.older = sum(chosen is not None and key < chosen for key, _ in order)
        self._begin_phrases(numbers[text] for text in newer if text in numbers)
        told = {text: self._told(text, numbers.get(text, 0)) for text in newer}
        probed = [text for text in newer if told[text] is None][:MOST_PROBED]
        self._begin_probes(numbers[text] for text in probed)
        for text in newer:
            yield told[text] or (
                self._probed(text, numbers[text]) if text in probed else Release(text, "unseen", "not looked at")
            )

    def _told(self, version: str, number: int) -> Release | None:
        """Return what is known against a release without asking for it."""
        against = next((one for one in self._explanation.demands if not _meets(one, version)), None)
        if against is not None:
            return Release(version, "requirement", f"not in {_said(against)}")
        if not number:
            why = self._misfits[version]
            return Release(version, "late" if why.startswith(LATE) else "target", self._for_people(why))
        if not self._admissible >> number & 1:
            if self._project.yanked >> number & 1:
                files = self._project.located(number)
                reason = (files[0].file.yanked or "") if files else ""
                return Release(version, "yanked", f"yanked{': ' if reason else ''}{reason}, and nothing pins it")
            final = self._trial.order.wishes.releases.prereleases(self._project.name) == "no"
            why = "only final releases are wanted (--only-final)" if final else "nothing asks for one"
            return Release(version, "prerelease", f"a pre-release, and {why}")
        absence = self._refusals.bars(self._project, number)
        return _not_had(version, self._with_phrase(number, absence)) if absence is not None else None

    def _begin_phrases(self, numbers: Iterator[int]) -> None:
        """Ask for the reasons that only a status line tells, all of them together."""
        for number in numbers:
            absence = self._refusals.bars(self._project, number)
            if absence is not None:
                self._phrase(number, absence)

    def _phrase(self, number: int, absence: Absence) -> Slot[str] | None:
        """Return the reason that a status line tells, on its way; None where there is another, or enough were asked."""
        if absence.kind != "refused" or absence.reason:
            return None
        slot = self._phrases.get(absence.filename)
        if slot is None and len(self._phrases) < MOST_PHRASES:
            located = next(one for one in self._project.located(number) if one.file.filename == absence.filename)
            slot = self._phrases[absence.filename] = self._catalog.phrase(located)
        return slot

    def _begin_probes(self, numbers: Iterator[int]) -> None:
        """Ask for several releases together: for the metadata first, since that may come with the file."""
        for number in numbers:
            if isinstance(located := self._refusals.file(self._project.located(number)), Located):
                self._catalog.metadata(located).then(partial(self._prove, located))

    def _prove(self, located: Located, metadata: Slot[Metadata | Absence]) -> None:
        if not metadata.failed and not isinstance(metadata.result(), Absence):
            self._catalog.proof(located)

    def _probed(self, version: str, number: int) -> Release:
        """Ask for a release that has nothing known against it."""
        try:
            while isinstance(located := self._refusals.file(self._project.located(number)), Located):
                found = self._crew.wait(self._catalog.metadata(located))
                if not isinstance(found, Absence):
                    absence = self._crew.wait(self._catalog.proof(located))
                    if absence is None:
                        return self._weighed(version, located, found)
                    found = absence
                self._note(number, located, found)
        except ClearwayError as error:
            return Release(version, "fault", error.message, details=error.context)
        if located is None:
            return Release(version, "hash", "no file has a hash that was given")
        return _not_had(version, self._with_phrase(number, located))

    def _weighed(self, version: str, located: Located, metadata: Metadata) -> Release:
        """Return what is against a release that is handed out.

        :raises InputError: when its metadata holds a requirement that nobody can read.
        """
        explanation, index = self._explanation, located.index.name
        python = metadata.requires_python
        if python and not self._catalog.target.takes(python):
            return Release(version, "target", self._for_people(f"needs Python {python}"))
        handed_out = f"handed out by {index}"
        if explanation.pin is None:
            return Release(version, "open", handed_out)
        if explanation.pin.located is None and explanation.stays:
            return Release(version, "open", f"{handed_out}, but what is installed meets what is asked")
        known = self._conflict(version, explanation.pin, metadata)
        reason, details = (known, ()) if known else self._trial.suppose(explanation.name, version)
        return Release(version, "conflict" if reason else "open", reason or handed_out, details=details)

    def _conflict(self, version: str, pin: Pin, metadata: Metadata) -> str:
        """Return which requirement of a release is not met by what is chosen; empty where it is not that plain."""
        resolution = self._trial.resolution
        assert resolution is not None
        for held in resolution.held_back:
            if held.name == pin.name and held.needs and version in held.versions:
                passed = held.passed
                return f"needs {held.needs}, and {passed.name} {passed.version} is {passed.absence.verdict}"
        if self._trial.order.wishes.no_deps:
            return ""
        chosen = {one.name: one.version for one in resolution.pins}
        for requirement in needs_of(msgspec.structs.replace(pin, metadata=metadata), self._catalog.target.environment):
            other = chosen.get(requirement.name, "")
            if other and not requirement.url and not admits(requirement.specifier, other):
                return f"needs {_bare(requirement)}, and {requirement.name} {other} is chosen"
        return ""

    def _note(self, number: int, located: Located, absence: Absence) -> None:
        with suppress(IndexFailure):  # by the rules an installation may end with this; a question goes on
            self._refusals.note(self._project.name, self._project.version(number), located, absence)

    def _with_phrase(self, number: int, absence: Absence) -> Absence:
        """Add the reason that only a status line tells, where there is no other."""
        slot = self._phrase(number, absence)
        return absence if slot is None else msgspec.structs.replace(absence, reason=self._crew.wait(slot))

    def _for_people(self, why: str) -> str:
        """Say why a release is not for this target, and what this target is."""
        return f"{why}, and this is {self._catalog.target.python_version}" if why.startswith("needs Python") else why


def _not_had(version: str, absence: Absence) -> Release:
    return Release(version, absence.kind, absence.verdict, absence)


def _meets(demand: Demand, version: str) -> bool:
    return admits(demand.requirement.specifier, version)


def _said(demand: Demand) -> str:
    """Say a requirement, and whose it is."""
    requirement = _bare(demand.requirement)
    if demand.by:
        return f"{requirement}, which {demand.by} {demand.version} needs"
    what = "a constraint" if demand.constraint else "asked for"
    return f"{requirement}, {what} ({demand.origin})"


def _bare(requirement: Requirement) -> str:
    """Return a requirement without its marker, which held."""
    return str(requirement).partition(" ; ")[0]
