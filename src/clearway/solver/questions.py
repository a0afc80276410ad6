"""What the machine asks and what the driver answers (DESIGN 4.1).

The machine never fetches anything. ``Machine.advance(answer)`` returns the next question, or a result:

==========================  ==========================================================================================
question                    answers
==========================  ==========================================================================================
:class:`Choose`             :class:`Chosen`, :class:`NoneAdmissible`, :class:`Unusable`
:class:`Dependencies`       :class:`Depends`, :class:`Unusable`
:class:`Solved` (result)    nothing, or :class:`Unusable` with a package: the search goes on from there
:class:`Failed` (result)    nothing
==========================  ==========================================================================================

A package is any hashable that the driver likes. Its versions are numbers from 1, ascending, the highest the newest; how
many there are is told with the first requirement on it and never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable

    from clearway.solver.incompatibility import Incompatibility


class _Root:
    """The type of :data:`ROOT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ROOT"


ROOT: Final = _Root()
"""What was asked for, as a requirer: it counts as decided, at version 1, from the start."""


class Choose(NamedTuple):
    """Ask which version of a package is to be tried.

    :param allowed: the mask of the versions that everything decided so far leaves, never empty, without ``ABSENT``.
    :param requirers: the decided ``(package, version)`` pairs whose requirements and constraints bear on the package,
        in the order of their decisions; ``(ROOT, 1)`` comes first where it is one of them. Admission (pre-releases,
        yanked releases) is a function of these.
    """

    package: Hashable
    allowed: int
    requirers: tuple[tuple[Hashable, int], ...]


class Dependencies(NamedTuple):
    """Ask what a version depends on; asked once a version."""

    package: Hashable
    version: int


class Solved(NamedTuple):
    """A solution: the version of every selected package, in the order in which the packages were met."""

    decisions: dict[Hashable, int]


class Failed(NamedTuple):
    """There is no solution.

    :param incompatibility: the one without terms, and in its causes all that it was derived from.
        :func:`clearway.solver.explain.explain` tells it, :func:`clearway.solver.proof.facts_of` lists the facts
        (refused releases among them), :func:`clearway.solver.derivation.derivation` gives the steps in between.
    """

    incompatibility: Incompatibility


class Chosen(NamedTuple):
    """Try this version, one of ``Choose.allowed``."""

    version: int


class NoneAdmissible(NamedTuple):
    """Under exactly these requirers nothing in ``Choose.allowed`` may be used; under others it might.

    :param reason: opaque, for the explanation.
    """

    reason: object


class Unusable(NamedTuple):
    """One version can never be used, whoever requires it.

    :param reason: opaque, for the explanation.
    :param package: needed after :class:`Solved` only, which is about all packages.
    """

    version: int
    reason: object
    package: Hashable = None


class Requirement(NamedTuple):
    """A package must be, or if selected must be, in one of some states.

    :param versions: how many versions the package has.
    :param mask: the allowed states: without ``ABSENT`` a requirement, with it a mere constraint.
    :param origin: the requirement as stated: opaque, for the explanation.
    """

    package: Hashable
    versions: int
    mask: int
    origin: object


class Depends(NamedTuple):
    """All requirements and constraints of one version."""

    requirements: tuple[Requirement, ...]


Question: TypeAlias = Choose | Dependencies | Solved | Failed
Answer: TypeAlias = Chosen | NoneAdmissible | Unusable | Depends
