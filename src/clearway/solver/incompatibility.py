"""Incompatibilities: sets of terms that cannot all hold, and why.

A *term* is a package and a mask: "the package is in one of these states". An incompatibility says that its terms do
not all hold at once; every rule that the solver knows has this form. "a 1 needs b 2 or newer" is
``{a in {1}, b in {absent, 1}}``.

The *cause* of an incompatibility is a fact, or two others that it follows from by resolution: from "not (p in M and
X)" and "not (p in T and Y)" follows "not (p in M|T and X and Y)". The causes of an incompatibility without terms are
therefore the proof that there is no solution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from clearway.solver.questions import Unusable

if TYPE_CHECKING:
    from clearway.solver.package import Package

Term: TypeAlias = "tuple[Package, int]"


class Root(NamedTuple):
    """It was asked for."""

    origin: object


class Dependency(NamedTuple):
    """Versions of a package require, or constrain, another.

    :param origins: the requirement as each of the versions stated it.
    """

    origins: dict[int, object]


class NoVersions(NamedTuple):
    """What a package's versions require (or what was asked for, under version 1) fits no version at all.

    :param dependency: the package that has no such version.
    """

    dependency: Package
    origins: dict[int, object]


class Tied(NamedTuple):
    """A package is always at the version of its base, as an extra is."""


class Inadmissible(NamedTuple):
    """Under these requirers none of these versions of a package may be used."""

    package: Package
    reason: object


class Learned(NamedTuple):
    """It follows from these by resolving the first with each of the others in turn.

    :param pivots: the package over which each of the others is resolved.
    """

    premises: tuple[Incompatibility, ...]
    pivots: tuple[Package, ...]


class Derived(NamedTuple):
    """It follows from these two by resolution over one package."""

    left: Incompatibility
    right: Incompatibility
    pivot: Package


Cause: TypeAlias = Root | Dependency | NoVersions | Tied | Unusable | Inadmissible | Learned | Derived


class Incompatibility:
    """Terms that cannot all hold, and the cause.

    :param terms: no package twice. The order has no meaning; the first two of a learned clause are the watched ones.
    """

    __slots__ = ("cause", "terms")

    def __init__(self, terms: list[Term], cause: Cause) -> None:
        self.terms = terms
        self.cause = cause

    def __repr__(self) -> str:
        told = ", ".join(f"{package.name}: {mask:#b}" for package, mask in self.terms)
        return f"<{{{told}}} {type(self.cause).__name__}>"


class Clause(Incompatibility):
    """What versions of a package (``mask``) require of another: all versions that require the same share one clause.

    It grows while versions become known, and stays true: whoever derived something from it derived a weaker statement.

    :param good: the states of the dependency that satisfy it.
    """

    __slots__ = ("dependency", "dependent", "good", "mask", "origins")

    def __init__(self, dependent: Package, dependency: Package, good: int, version: int, origin: object) -> None:
        self.dependent = dependent
        self.dependency = dependency
        self.good = good
        self.mask = mask = 1 << version
        self.origins = {version: origin}
        if good:
            self.terms = [(dependent, mask), (dependency, dependency.full & ~good)]
            self.cause = Dependency(self.origins)
        else:
            self.terms = [(dependent, mask)]
            self.cause = NoVersions(dependency, self.origins)

    def add(self, version: int, origin: object) -> None:
        """Let another version require the same."""
        self.mask |= 1 << version
        self.origins[version] = origin
        self.terms[0] = (self.dependent, self.mask)
