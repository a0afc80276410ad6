"""The machine: PubGrub without input or output.

The search alternates between drawing conclusions (:mod:`.propagation`), deciding the next package (:mod:`.order`) and
learning from what went wrong (:mod:`.conflict`). Whatever has to be known from outside is asked for, one question at a
time, and the search depends on nothing but the answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.solver.conflict import Lesson, learn
from clearway.solver.derivation import derivation
from clearway.solver.incompatibility import Clause, Incompatibility, NoVersions, Root
from clearway.solver.masks import ABSENT
from clearway.solver.order import PATIENCE, Order
from clearway.solver.package import Package
from clearway.solver.propagation import apply_facts, exclude, propagate
from clearway.solver.questions import (
    ROOT,
    Answer,
    Choose,
    Chosen,
    Dependencies,
    Depends,
    Failed,
    NoneAdmissible,
    Question,
    Requirement,
    Solved,
    Unusable,
)
from clearway.solver.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable


class Machine:
    """One search.

    :param requirements: what is asked for: requirements, and constraints of the same form (their mask has ``ABSENT``).
    :param base: gives the package to whose version a package is tied, as the extra ``flask[async]`` is to ``flask``; None
        where it is not. A tie holds both ways and from the first mention, before any version's dependencies are known.
    """

    def __init__(
        self, requirements: Iterable[Requirement], base: Callable[[Hashable], Hashable | None] = lambda _package: None
    ) -> None:
        self._requirements = tuple(requirements)
        self._base = base
        self._known: dict[Hashable, Package] = {}
        self._packages: list[Package] = []
        self._waiting: list[Package] = []
        self._trail = Trail()
        self._order = Order(self._packages)
        self._trying: tuple[Package, int] | None = None
        self._asked: Question | None = None

    def advance(self, answer: Answer | None = None) -> Question:
        """Take the answer to the last question and return the next, or a result.

        :param answer: None at the start.
        :raises ValueError: if it does not answer the question, or contradicts what was told before.
        """
        self._asked = self._search(self._take(answer))
        return self._asked

    def _take(self, answer: Answer | None) -> Incompatibility | None:
        """Note an answer; return the incompatibility that it violates, if there is one."""
        match self._asked, answer:
            case None, None:
                return self._start()
            case Choose(name, allowed), Chosen(version) if allowed >> version & 1:
                self._trying = self._known[name], version
                return None
            case Choose(name), NoneAdmissible():
                return self._refuse(self._known[name], answer)
            case Choose(name, allowed), Unusable(version) if allowed >> version & 1:
                return self._bar(self._known[name], answer)
            case Dependencies(name, asked), Unusable(version) if asked == version:
                return self._bar(self._known[name], answer)
            case Dependencies(name, version), Depends(requirements):
                return self._read(self._known[name], version, requirements)
            case Solved(decisions), Unusable(version, _, name) if decisions.get(name) == version:
                return self._withdraw(self._known[name], answer)
        raise ValueError(f"{answer!r} does not answer {self._asked!r}")

    def _search(self, violated: Incompatibility | None) -> Question:
        """Conclude, learn and decide until something has to be asked."""
        while True:
            violated = violated or propagate(self._trail)
            if violated is not None:
                self._trying = None
                lesson = learn(self._trail, violated)
                if lesson.package is None:
                    return Failed(derivation(lesson.clause))
                violated = self._apply(lesson)
            elif self._trying is not None:
                package, version = self._trying
                if version not in package.requirements:
                    return Dependencies(package.name, version)
                self._trying = None
                violated = self._try(package, version)
            else:
                choice = self._order.next(self._trail)
                if choice is None:
                    return Solved({package.name: package.decided for package in self._packages if package.decided})
                return Choose(choice.name, choice.domain, tuple(choice.requirers))

    def _start(self) -> Incompatibility | None:
        """Apply what was asked for."""
        for name, count, mask, origin in self._requirements:
            package = self._package(name, count, mask)
            package.direct |= not mask & ABSENT
            if (ROOT, 1) not in package.requirers:
                package.requirers.append((ROOT, 1))
            if not mask:
                return Incompatibility([], NoVersions(package, {1: origin}))
            bad = package.full & ~mask
            violated = exclude(self._trail, package, bad, Incompatibility([(package, bad)], Root(origin)))
            if violated is not None:
                return violated
        return None

    def _package(self, name: Hashable, count: int, mask: int) -> Package:
        """Return a package, which this may be the first mention of."""
        package = self._known.get(name)
        if package is None:
            base = self._base(name)
            tied_to = None if base is None else self._package(base, count, 0)
            package = self._known[name] = Package(name, len(self._packages), count)
            self._packages.append(package)
            if tied_to is not None:
                package.base = tied_to
                tied_to.tied.append(package)
        if package.count != count or mask & ~package.full:
            raise ValueError(f"{name!r} has {package.count} versions, not {count}, or the mask {mask:#b} has others")
        return package

    def _read(self, package: Package, version: int, requirements: Iterable[Requirement]) -> Incompatibility | None:
        """Note the dependencies of a version."""
        clauses: dict[Clause, None] = {}
        known = package.clauses
        for name, count, mask, origin in requirements:
            dependency = self._package(name, count, mask)
            if dependency is package and mask >> version & 1:
                continue
            good = 0 if dependency is package else mask
            clause = known.get((dependency, good))
            if clause is not None:
                clause.add(version, origin)
            else:
                clause = known[dependency, good] = Clause(package, dependency, good, version, origin)
                (dependency.dependents if good else package.facts).append(clause)
            clauses[clause] = None
            if not good:
                package.barred |= 1 << version
        package.requirements[version] = list(clauses)
        return apply_facts(self._trail, package) if package.domain & package.barred else None

    def _try(self, package: Package, version: int) -> Incompatibility | None:
        """Decide a version unless one of its requirements cannot be met."""
        if not package.domain >> version & 1:
            return None
        trail = self._trail
        clauses = package.requirements[version]
        for clause in clauses:
            if not clause.dependency.domain & clause.good:
                return self._reject(clause)
        trail.decide(package, version)
        for clause in clauses:
            dependency = clause.dependency
            left = dependency.domain & clause.good
            if left != dependency.domain:
                if not left:
                    return clause
                trail.narrow(dependency, left, clause)
        self._order.update(self._waiting)
        return None

    def _reject(self, clause: Clause) -> Incompatibility | None:
        """Exclude the versions that require what cannot be had any more; this counts as a conflict."""
        package = clause.dependent
        violated = exclude(self._trail, package, clause.mask, clause)
        if violated is None:
            level = self._trail.satisfier(clause.dependency, clause.dependency.full & ~clause.good).level
            if self._count(package, level):
                violated = self._back(level - 1)
        return violated

    def _apply(self, lesson: Lesson) -> Incompatibility | None:
        """Go back to where a lesson makes a difference, and apply it."""
        clause, news, package, mask, level, jump = lesson
        assert package is not None
        undo = self._count(self._trail.decisions[level - 1].package, jump)
        if news:
            self._keep(clause)
        violated = self._back(jump - undo)
        return violated or (None if undo else exclude(self._trail, package, mask, clause))

    def _count(self, package: Package, level: int) -> bool:
        """Count a conflict of a package with the decision of a level; return whether to undo that decision as well."""
        package.conflicts += 1
        if not level:
            return False
        culprit = self._trail.decisions[level - 1].package
        culprit.blamed += 1
        return culprit.blamed == PATIENCE

    def _keep(self, clause: Incompatibility) -> None:
        """Remember an incompatibility; its first two terms are those that began to hold last."""
        for package, mask in clause.terms[:2] if len(clause.terms) > 1 else ():
            package.watches.append((mask, clause))
        if len(clause.terms) == 1:
            package, mask = clause.terms[0]
            package.facts.append(clause)
            package.barred |= mask

    def _back(self, level: int) -> Incompatibility | None:
        """Undo all decisions above a level; return a fact that is violated there, if one is."""
        undone = self._trail.back_to(level) if level < len(self._trail.decisions) else []
        violated = None
        for package in undone:
            if package.domain & package.barred:
                violated = violated or apply_facts(self._trail, package)
        self._order.update([*undone, *self._waiting])
        return violated

    def _bar(self, package: Package, answer: Unusable) -> Incompatibility | None:
        """Exclude a version for good."""
        self._trying = None
        clause = Incompatibility([(package, 1 << answer.version)], answer)
        self._keep(clause)
        return exclude(self._trail, package, 1 << answer.version, clause)

    def _withdraw(self, package: Package, answer: Unusable) -> Incompatibility | None:
        """Exclude a decided version for good and go back to before its decision."""
        self._keep(Incompatibility([(package, 1 << answer.version)], answer))
        decision = next(assignment for assignment in self._trail.decisions if assignment.package is package)
        return self._back(decision.level - 1)

    def _refuse(self, package: Package, answer: NoneAdmissible) -> Incompatibility | None:
        """Put a package off while others may still come to require it; else exclude it under these requirers."""
        state = package.domain, tuple(package.requirers)
        if package.refused != state:
            if package.refused is None:
                self._waiting.append(package)
            package.refused = state
            self._order.update([package])
            return None
        requirers = [(self._known[name], 1 << version) for name, version in package.requirers if name is not ROOT]
        terms = [(package, package.domain), *requirers]
        terms.sort(key=lambda term: -self._trail.satisfier(*term).position)
        clause = Incompatibility(terms, answer)
        self._keep(clause)
        return clause
