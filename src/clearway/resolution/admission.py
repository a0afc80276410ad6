"""Admission: which of the versions in range may really be chosen (PEP 440 "Handling of pre-releases", PEP 592).

- Final releases first. A pre-release is admitted with ``--pre``, when a requirement in force names one, or when no
  final release lies in the range that the requirements allow. Final releases that were left out (refused, unusable)
  count as being there: nothing becomes admissible because of a refusal (the law of DESIGN 4.1).
- A yanked release is admitted only when a requirement in force pins it (``==`` without a wildcard, or ``===``).
- What is installed is admitted as it is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from clearway.model.versions import parse_specifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.resolution.projects import Project


def admissible(project: Project, specifiers: Iterable[str], *, pre: bool) -> int:
    """Return the mask of the versions that may be chosen while requirements with these specifiers are in force."""
    stated = tuple(specifiers)
    in_range = project.all
    for specifier in stated:
        in_range &= project.mask(specifier)
    barred = 0
    finals = in_range & ~project.prereleases
    if finals and not pre and not any(names_prerelease(specifier) for specifier in stated):
        barred |= project.prereleases
    if project.yanked & in_range:
        barred |= project.yanked & ~_pinned(project, stated)
    if project.installed_number:
        barred &= ~(1 << project.installed_number)
    return project.all & ~barred


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
