"""Conflict resolution: what a violated incompatibility teaches, and how far to go back.

The terms of the violated incompatibility all hold. Going down the trail, each assignment that made a term hold is
replaced by its cause, until only one term is left that holds since the level of the conflict: the incompatibility that
results was not known, would have excluded that term one level (or many levels) earlier, and does so after the jump
back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clearway.solver.incompatibility import Incompatibility, Learned

if TYPE_CHECKING:
    from clearway.solver.package import Package
    from clearway.solver.trail import Assignment, Trail


class Lesson(NamedTuple):
    """What a conflict taught.

    :param clause: the incompatibility; without terms if there is no solution.
    :param news: the clause was not known before; its terms are then in the order in which they began to hold, latest
        first.
    :param package: the package of the term that began to hold last: its negation follows after the jump.
    :param level: the level since which that term holds, the one of the conflict.
    :param jump: the level to go back to: all other terms hold there.
    """

    clause: Incompatibility
    news: bool
    package: Package | None = None
    mask: int = 0
    level: int = 0
    jump: int = 0


class _Analysis:
    """The incompatibility under resolution: its terms, and the assignment since which each holds."""

    __slots__ = ("level", "open", "satisfiers", "terms", "trail")

    def __init__(self, trail: Trail, conflict: Incompatibility) -> None:
        self.trail = trail
        self.terms: dict[Package, int] = dict(conflict.terms)
        self.satisfiers: dict[Package, Assignment] = {
            package: trail.satisfier(package, mask) for package, mask in conflict.terms
        }
        self.level = max((assignment.level for assignment in self.satisfiers.values()), default=0)
        self.open = sum(assignment.level == self.level for assignment in self.satisfiers.values())

    def resolve(self, pivot: Package, cause: Incompatibility) -> None:
        """Replace the term of a package by the other terms of a cause that made it hold."""
        mask = self.terms.pop(pivot)
        self.open -= self.satisfiers.pop(pivot).level == self.level
        for package, known in cause.terms:
            if package is not pivot:
                self._put(package, self.terms.get(package, known) & known)
            elif (mask | known) != pivot.full:
                self._put(pivot, mask | known)

    def _put(self, package: Package, mask: int) -> None:
        if self.terms.get(package) != mask:
            before = self.satisfiers.get(package)
            after = self.trail.satisfier(package, mask)
            self.terms[package] = mask
            self.satisfiers[package] = after
            self.open += (after.level == self.level) - (before is not None and before.level == self.level)


def learn(trail: Trail, conflict: Incompatibility) -> Lesson:
    """Resolve a violated incompatibility into one that says what to do differently."""
    analysis = _Analysis(trail, conflict)
    premises = [conflict]
    pivots: list[Package] = []
    satisfiers = analysis.satisfiers
    for assignment in reversed(trail.assignments):
        pivot = assignment.package
        if satisfiers.get(pivot) is not assignment:
            continue
        if analysis.level and analysis.open == 1:
            break
        assert assignment.cause is not None, "a decision opens its level: nothing else of the level is left"
        premises.append(assignment.cause)
        pivots.append(pivot)
        analysis.resolve(pivot, assignment.cause)
    return _lesson(analysis, premises, pivots)


def _lesson(analysis: _Analysis, premises: list[Incompatibility], pivots: list[Package]) -> Lesson:
    latest = sorted(analysis.satisfiers.values(), key=lambda assignment: -assignment.position)
    terms = [(assignment.package, analysis.terms[assignment.package]) for assignment in latest]
    clause = Incompatibility(terms, Learned(tuple(premises), tuple(pivots))) if pivots else premises[0]
    if not latest:
        return Lesson(clause, bool(pivots))
    jump = latest[1].level if len(latest) > 1 else 0
    return Lesson(clause, bool(pivots), *terms[0], analysis.level, jump)
