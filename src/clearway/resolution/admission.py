"""Admission: which of the versions in range may really be chosen (PEP 440 "Handling of pre-releases", PEP 592).

- Final releases first. A pre-release is admitted with ``--pre`` or ``--all-releases``, when a requirement in force
  names one, or when no final release lies in the range that the requirements allow. Final releases that were left out
  (refused, unusable) count as being there: nothing becomes admissible because of a refusal (the law of DESIGN 4.1).
- Of a project of ``--only-final`` none is ever admitted.
- A yanked release is admitted only when a requirement in force pins it (``==`` without a wildcard, or ``===``).
- What is installed is admitted as it is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from clearway.model.versions import parse_specifier
from clearway.solver.masks import newest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.resolution.projects import Project
    from clearway.settings.releases import Releases


def admissible(project: Project, specifiers: Iterable[str], releases: Releases) -> int:
    """Return the mask of the versions that may be chosen while requirements with these specifiers are in force."""
    stated = tuple(specifiers)
    in_range = project.all
    for specifier in stated:
        in_range &= project.mask(specifier)
    barred = 0
    match releases.prereleases(project.name):
        case "no":
            barred |= project.prereleases
        case "usual" if in_range & ~project.prereleases and not any(map(names_prerelease, stated)):
            barred |= project.prereleases
    if project.yanked & in_range:
        barred |= project.yanked & ~_pinned(project, stated)
    if project.installed_number:
        barred &= ~(1 << project.installed_number)
    return project.all & ~barred


def preferred(project: Project, allowed: int, *, prefer_binary: bool) -> int:
    """Return the newest of some versions; with ``prefer_binary`` the newest that has a wheel, if one has."""
    built = allowed & ~project.unbuilt if prefer_binary else 0
    return newest(built or allowed)


def _pinned(project: Project, specifiers: Iterable[str]) -> int:
    """Return the mask of the versions that one of the requirements pins."""
    mask = 0
    for specifier in specifiers:
        if is_pin(specifier):
            mask |= project.mask(specifier)
    return mask


@cache
def names_prerelease(specifier: str) -> bool:
    """Whether a specifier set names a pre-release version."""
    parsed = parse_specifier(specifier) if specifier else None
    return bool(parsed is not None and any(clause.prereleases for clause in parsed))


@cache
def is_pin(specifier: str) -> bool:
    """Whether a specifier set pins one version."""
    parsed = parse_specifier(specifier) if specifier else None
    return parsed is not None and any(
        clause.operator == "===" or (clause.operator == "==" and not clause.version.endswith(".*")) for clause in parsed
    )
