"""Which projects are held back: installed at an older release because newer ones could not be had (DESIGN 1).

A newer release is out of reach if it was not handed out itself, or if something that it needs is out of reach in every
release that would do. Only what the solver looked at counts: what it never tried is older or was not wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.resolution.problem import HeldBack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clearway.model.names import NormalizedName
    from clearway.model.requirements import Requirement
    from clearway.resolution.problem import Passed, Pin
    from clearway.resolution.workspace import Workspace

Release = tuple["NormalizedName", int]


def held_back(
    pins: Sequence[Pin], workspace: Workspace, tried: Mapping[Release, Sequence[Requirement]]
) -> tuple[HeldBack, ...]:
    """Return what is held back in a solution.

    :param tried: the requirements of each release that the solver looked at.
    """
    if not workspace.refusals:
        return ()
    out = _out_of_reach(workspace, tried)
    found = []
    for pin in pins:
        project = workspace.project(pin.name)
        chosen = project.versions.index(pin.version) + 1
        newer = sorted((number for name, number in out if name == pin.name and number > chosen), reverse=True)
        groups: dict[tuple[str, bool], list[int]] = {}
        for number in newer:
            passed, needs = out[pin.name, number]
            groups.setdefault((passed.absence.kind, bool(needs)), []).append(number)
        for numbers in groups.values():
            versions = tuple(project.version(number) for number in numbers)
            found.append(HeldBack(pin.name, pin.version, versions, *out[pin.name, numbers[0]]))
    return tuple(found)


def _out_of_reach(
    workspace: Workspace, tried: Mapping[Release, Sequence[Requirement]]
) -> dict[Release, tuple[Passed, str]]:
    """Return the releases out of reach: what was not handed out, and the requirement that leads to it."""
    out: dict[Release, tuple[Passed, str]] = {}
    for passed in workspace.refusals.passed():
        project = workspace.project(passed.name)
        if passed.version in project.versions:
            number = project.versions.index(passed.version) + 1
            if workspace.refusals.bars(project, number) is not None:
                out.setdefault((passed.name, number), (passed, ""))
    grown = True
    while grown:
        grown = False
        for release, requirements in tried.items():
            if release in out:
                continue
            lacking = next((one for one in requirements if _lacks(one, workspace, out)), None)
            if lacking is not None:
                passed = next(out[lacking.name, number][0] for number in _allowed(lacking, workspace))
                out[release] = (passed, str(lacking).partition(" ; ")[0])
                grown = True
    return out


def _lacks(requirement: Requirement, workspace: Workspace, out: Mapping[Release, object]) -> bool:
    """Whether every release that meets a requirement is out of reach."""
    numbers = [] if requirement.url else _allowed(requirement, workspace)
    return bool(numbers) and all((requirement.name, number) in out for number in numbers)


def _allowed(requirement: Requirement, workspace: Workspace) -> list[int]:
    """Return the releases that meet a requirement, newest first."""
    project = workspace.project(requirement.name)
    mask = project.mask(requirement.specifier)
    return [number for number in range(project.count, 0, -1) if mask >> number & 1]
