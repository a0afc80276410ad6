"""The partial solution: every assignment in the order in which it was made, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearway.solver.incompatibility import Incompatibility
    from clearway.solver.package import Package


class Assignment:
    """A package's domain became smaller: by a decision (no cause), or because an incompatibility left no choice.

    :ivar level: how many decisions had been made, this one included.
    :ivar position: its place on the trail.
    """

    __slots__ = ("after", "before", "cause", "level", "package", "position")

    def __init__(self, package: Package, after: int, cause: Incompatibility | None, level: int, position: int) -> None:
        self.package = package
        self.before = package.domain
        self.after = after
        self.cause = cause
        self.level = level
        self.position = position


class Trail:
    """The assignments, newest last.

    :ivar decisions: the assignment that opened each level, from level 1.
    :ivar propagated: how many of the assignments have been propagated.
    :ivar ordered: how many of them the decision order has seen.
    """

    __slots__ = ("assignments", "decisions", "ordered", "propagated")

    def __init__(self) -> None:
        self.assignments: list[Assignment] = []
        self.decisions: list[Assignment] = []
        self.propagated = 0
        self.ordered = 0

    def narrow(self, package: Package, after: int, cause: Incompatibility) -> None:
        """Reduce a domain to what an incompatibility leaves of it."""
        assignments = self.assignments
        assignment = Assignment(package, after, cause, len(self.decisions), len(assignments))
        package.domain = after
        package.history.append(assignment)
        assignments.append(assignment)

    def decide(self, package: Package, version: int) -> None:
        """Open a level with a decision, and tell the packages that its requirements bear on."""
        assignment = Assignment(package, 1 << version, None, len(self.decisions) + 1, len(self.assignments))
        package.domain = 1 << version
        package.decided = version
        package.history.append(assignment)
        self.assignments.append(assignment)
        self.decisions.append(assignment)
        requirer = (package.name, version)
        for bearing in _bears_on(package, version):
            bearing.requirers.append(requirer)

    def back_to(self, level: int) -> list[Package]:
        """Undo everything above a level; return the packages concerned, newest assignment first."""
        undone: dict[Package, None] = {}
        keep = self.decisions[level].position
        for assignment in reversed(self.assignments[keep:]):
            package = assignment.package
            if assignment.cause is None:
                for bearing in _bears_on(package, package.decided):
                    bearing.requirers.pop()
                package.decided = 0
            package.domain = assignment.before
            package.history.pop()
            undone[package] = None
        del self.assignments[keep:], self.decisions[level:]
        self.propagated = self.ordered = keep
        return list(undone)

    def choice(self, level: int) -> int:
        """Return the level of the decision that the one of a level goes back to: itself, if there was a choice."""
        while level:
            decision = self.decisions[level - 1]
            if decision.before != decision.after:
                break
            # It was the only candidate since the assignment before.
            level = decision.package.history[-2].level
        return level

    @staticmethod
    def satisfier(package: Package, mask: int) -> Assignment:
        """Return the assignment that first brought a domain inside a mask; it is inside now."""
        for assignment in reversed(package.history):
            if assignment.before & ~mask:
                return assignment
        raise AssertionError("a term that always holds is never kept")


def _bears_on(package: Package, version: int) -> list[Package]:
    """Return the packages that a version's requirements, or the tie to its base, say something about."""
    bearing = {clause.dependency: None for clause in package.requirements.get(version, ()) if clause.good}
    if package.base is not None:
        bearing[package.base] = None
    for tied in package.tied:
        bearing[tied] = None
    return list(bearing)
