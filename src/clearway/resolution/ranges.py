"""Specifiers as masks over a project's versions (PEP 440, "Version specifiers"; DESIGN 4.2).

Versions come sorted, and what one clause admits of a sorted list is one run of it (its complement for ``!=``), so two
bisections find the run and only the versions that they touch are ever parsed. Masks are pure containment:
pre-releases are plain members here, and admission is decided elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING

from clearway.model.versions import parse_specifier, parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from packaging.specifiers import Specifier


def all_of(count: int) -> int:
    """Return the mask of versions 1 to ``count``."""
    return (1 << count + 1) - 2


def mask_of(specifier: str, versions: Sequence[str]) -> int:
    """Return the mask of the versions that a specifier set admits; bit *n* stands for ``versions[n - 1]``.

    An unreadable specifier admits nothing.
    """
    mask = all_of(len(versions))
    if not specifier:
        return mask
    clauses = parse_specifier(specifier)
    if clauses is None:
        return 0
    for clause in clauses:
        mask &= _clause_mask(clause, versions)
    return mask


def _clause_mask(clause: Specifier, versions: Sequence[str]) -> int:
    count, operator = len(versions), clause.operator
    if operator == "===":
        wanted = clause.version.lower()
        return sum(1 << number for number, text in enumerate(versions, start=1) if text.lower() == wanted)
    contains = _containment(clause)
    if operator in {">", ">="}:
        return _run(bisect_left(versions, True, key=contains), count)
    if operator in {"<", "<="}:
        return _run(0, _first_outside(versions, contains, 0))
    inside = contains if operator != "!=" else lambda text: not contains(text)
    start = _first_at_least(clause.version, versions)
    run = _run(start, _first_outside(versions, inside, start))
    return all_of(count) & ~run if operator == "!=" else run


def _containment(clause: Specifier) -> Callable[[str], bool]:
    def contains(text: str) -> bool:
        version = parse_version(text)
        return version is not None and clause.contains(version, prereleases=True)

    return contains


def _first_outside(versions: Sequence[str], inside: Callable[[str], bool], start: int) -> int:
    return bisect_left(versions, True, lo=start, key=lambda text: not inside(text))


@cache
def _floor(version: str) -> str:
    """Return the smallest version that ``==version`` admits: for ``1.2.*`` that is ``1.2.dev0``."""
    return f"{version[:-2]}.dev0" if version.endswith(".*") else version


def _first_at_least(version: str, versions: Sequence[str]) -> int:
    return bisect_left(versions, parse_version(_floor(version)), key=parse_version)  # type: ignore[type-var]  # all parse


def _run(start: int, stop: int) -> int:
    """Return the mask of the versions at positions ``start`` to ``stop - 1``."""
    return ((1 << stop) - (1 << start)) << 1 if stop > start else 0
