"""The search proper: conclude, learn, go back. It knows neither questions nor answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.solver.conflict import Lesson, learn
from clearway.solver.order import Order, blame
from clearway.solver.package import Package
from clearway.solver.propagation import apply_facts, exclude, propagate
from clearway.solver.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Hashable

    from clearway.solver.incompatibility import Clause, Incompatibility


class Search:
    """The packages, the trail and the decision order.

    A method that returns an incompatibility returns the one that is violated now, and None if none is.

    :ivar packages: in the order of discovery.
    :ivar lessons: how many conflicts have taught something.
    :ivar waiting: those for which nothing was admissible once: their place in the order depends on who requires them.
    """

    __slots__ = ("_order", "lessons", "packages", "trail", "waiting")

    def __init__(self) -> None:
        self.packages: list[Package] = []
        self.waiting: list[Package] = []
        self.lessons = 0
        self.trail = Trail()
        self._order = Order(self.packages)

    def add(self, name: Hashable, count: int) -> Package:
        """Return a new package."""
        package = Package(name, len(self.packages), count)
        self.packages.append(package)
        return package

    def keep(self, clause: Incompatibility) -> Incompatibility | None:
        """Keep an incompatibility; a fact about one package is applied, of others the first two terms are watched.

        Where some of its terms hold already, those two must be the ones that began to hold last.
        """
        if not clause.terms:
            return clause
        if len(clause.terms) == 1:
            package, mask = clause.terms[0]
            package.facts.append(clause)
            package.barred |= mask
            return exclude(self.trail, package, mask, clause)
        for package, mask in clause.terms[:2]:
            package.watches.append((mask, clause))
        return None

    def settle(self, violated: Incompatibility | None) -> Incompatibility | None:
        """Conclude and learn until nothing more follows; return the incompatibility without terms if it ends there."""
        while (violated := violated or propagate(self.trail)) is not None:
            lesson = learn(self.trail, violated)
            if lesson.package is None:
                return lesson.clause
            violated = self._apply(lesson, lesson.package)
        return None

    def next(self) -> Package | None:
        """Return the package to decide next, None if all that are selected are decided."""
        return self._order.next(self.trail)

    def decide(self, package: Package, version: int) -> Incompatibility | None:
        """Decide a version and apply its requirements, or exclude it where one of them cannot be met."""
        trail = self.trail
        clauses = package.requirements.get(version, ())
        for clause in clauses:
            if not clause.dependency.domain & clause.good:
                return self._reject(clause)
        trail.decide(package, version)
        self._order.update([package, *self.waiting])
        for clause in clauses:
            dependency = clause.dependency
            left = dependency.domain & clause.good
            if left != dependency.domain:
                if not left:
                    return clause
                trail.narrow(dependency, left, clause)
        return None

    def back(self, level: int) -> Incompatibility | None:
        """Undo all decisions above a level."""
        undone = self.trail.back_to(level) if level < len(self.trail.decisions) else []
        violated = None
        for package in undone:
            if package.domain & package.barred:
                violated = apply_facts(self.trail, package) or violated
        self._order.update([*undone, *self.waiting])
        return violated

    def put_off(self, package: Package) -> bool:
        """Let a package wait for a change of its domain or requirers; return False if it has been waiting for one."""
        state = package.domain, tuple(package.requirers)
        if package.refused == state:
            return False
        package.refused = state
        if package not in self.waiting:
            self.waiting.append(package)
        self._order.update([package])
        return True

    def _reject(self, clause: Clause) -> Incompatibility | None:
        """Exclude the versions that require what cannot be had any more; this counts as a conflict."""
        violated = exclude(self.trail, clause.dependent, clause.mask, clause)
        if violated is None:
            level = self.trail.choice(self.trail.satisfier(clause.dependency, clause.terms[1][1]).level)
            if level and blame(clause.dependent, self.trail.decisions[level - 1].package):
                violated = self.back(level - 1)
        return violated

    def _apply(self, lesson: Lesson, package: Package) -> Incompatibility | None:
        """Go back to where a lesson makes a difference, and apply it."""
        self.lessons += 1
        decisions = self.trail.decisions
        earlier, later = sorted((self.trail.choice(lesson.level), self.trail.choice(lesson.jump)))
        undo = 0 < earlier < later and blame(decisions[later - 1].package, decisions[earlier - 1].package)
        violated = self.back(earlier - 1 if undo else lesson.jump)
        if lesson.news:
            violated = self.keep(lesson.clause) or violated
        if undo or violated is not None:
            return violated
        return exclude(self.trail, package, lesson.mask, lesson.clause)
