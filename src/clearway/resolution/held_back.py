"""Which projects are held back: installed at an older release because newer ones could not be had (DESIGN 1).

A newer release is out of reach if it was not handed out itself, or if something that it needs is out of reach in every
release that would do. Only what the solver looked at counts: what it never tried is older or was not wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.resolution.admission import admissible
from clearway.resolution.problem import HeldBack
from clearway.solver.masks import newest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clearway.model.names import NormalizedName
    from clearway.model.requirements import Requirement
    from clearway.resolution.problem import Passed, Pin
    from clearway.resolution.workspace import Workspace
    from clearway.settings.releases import Releases

Release = tuple["NormalizedName", int]


def held_back(
    pins: Sequence[Pin], workspace: Workspace, tried: Mapping[Release, Sequence[Requirement]], releases: Releases
) -> tuple[HeldBack, ...]:
    """Return what is held back in a solution.

    :param tried: the requirements of each release that the solver looked at.
    :param releases: of which projects pre-releases count.
    """
    if not workspace.refusals:
        return ()
    out = _out_of_reach(workspace, tried, releases)
    found = []
    for pin in pins:
        project = workspace.project(pin.name)
        chosen = project.versions.index(pin.version) + 1
        newer = sorted((number for name, number in out if name == pin.name and number > chosen), reverse=True)
        groups: dict[tuple[str, int, bool], list[int]] = {}
        for number in newer:
            passed, needs = out[pin.name, number]
            groups.setdefault((passed.absence.kind, passed.absence.status, bool(needs)), []).append(number)
        for numbers in groups.values():
            versions = tuple(project.version(number) for number in numbers)
            found.append(HeldBack(pin.name, pin.version, versions, *out[pin.name, numbers[0]]))
    return tuple(found)


def _out_of_reach(
    workspace: Workspace, tried: Mapping[Release, Sequence[Requirement]], releases: Releases
) -> dict[Release, tuple[Passed, str]]:
    """Return the releases out of reach: what was not handed out, and the requirement that leads to it."""
    out: dict[Release, tuple[Passed, str]] = {}
    masks: dict[NormalizedName, int] = {}
    ranges: dict[tuple[NormalizedName, str], int] = {}

    def allowed(requirement: Requirement) -> int:
        """Return the mask of the releases that meet a requirement and may be chosen for it."""
        key = requirement.name, requirement.specifier
        if key not in ranges:
            project = workspace.project(requirement.name)
            ranges[key] = project.mask(requirement.specifier) & admissible(project, [requirement.specifier], releases)
        return ranges[key]

    def lacks(requirement: Requirement) -> bool:
        """Whether every release that meets a requirement is out of reach."""
        if requirement.url or requirement.name not in masks:
            return False
        mask = allowed(requirement)
        return bool(mask) and not mask & ~masks[requirement.name]

    for passed in workspace.refusals.passed():
        project = workspace.project(passed.name)
        if passed.version in project.versions:
            number = project.versions.index(passed.version) + 1
            if workspace.refusals.bars(project, number) is not None:
                out.setdefault((passed.name, number), (passed, ""))
                masks[passed.name] = masks.get(passed.name, 0) | 1 << number
    grown = True
    while grown:
        grown = False
        for release, requirements in tried.items():
            if release in out:
                continue
            lacking = next(filter(lacks, requirements), None)
            if lacking is not None:
                name, number = release
                out[release] = (out[lacking.name, newest(allowed(lacking))][0], str(lacking).partition(" ; ")[0])
                masks[name] = masks.get(name, 0) | 1 << number
                grown = True
    return out
