"""The machine: PubGrub without input or output.

The search alternates between drawing conclusions (:mod:`.propagation`), deciding the next package (:mod:`.order`) and
learning from what went wrong (:mod:`.conflict`). Whatever has to be known from outside is asked for, one question at a
time, and the search depends on nothing but the answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.solver.incompatibility import Clause, Inadmissible, Incompatibility, NoVersions, Root
from clearway.solver.masks import ABSENT
from clearway.solver.propagation import apply_facts, exclude
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
from clearway.solver.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from clearway.solver.package import Package


class Machine:
    """One search.

    :param requirements: what is asked for: requirements, and constraints of the same form (their mask has ``ABSENT``).
    :param base: gives the package to whose version a package is tied, as the extra ``flask[async]`` is to ``flask``;
        None where it is not. A tie holds both ways and from the first mention, before any version's dependencies are
        known.
    """

    __slots__ = ("_asked", "_base", "_known", "_requirements", "_search", "_trying")

    def __init__(
        self, requirements: Iterable[Requirement], base: Callable[[Hashable], Hashable | None] = lambda _package: None
    ) -> None:
        self._requirements = tuple(requirements)
        self._base = base
        self._known: dict[Hashable, Package] = {}
        self._search = Search()
        self._trying: tuple[Package, int] | None = None
        self._asked: Question | None = None

    def advance(self, answer: Answer | None = None) -> Question:
        """Take the answer to the last question and return the next, or a result.

        :param answer: None at the start.
        :raises ValueError: if it does not answer the question, or contradicts what was told before.
        """
        self._asked = self._proceed(self._take(answer))
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
                self._trying = None
                return self._bar(self._known[name], answer)
            case Dependencies(name, version), Depends(requirements):
                return self._read(self._known[name], version, requirements)
            case Solved(decisions), Unusable(version, _, name) if decisions.get(name) == version:
                return self._withdraw(self._known[name], answer)
        raise ValueError(f"{answer!r} does not answer {self._asked!r}")

    def _proceed(self, violated: Incompatibility | None) -> Question:
        """Search until something has to be asked."""
        search = self._search
        while True:
            failure = search.settle(violated)
            if failure is not None:
                return Failed(failure)
            if self._trying is not None:
                package, version = self._trying
                if version not in package.requirements:
                    return Dependencies(package.name, version)
                self._trying = None
                violated = search.decide(package, version) if package.domain >> version & 1 else None
            else:
                choice = search.next()
                if choice is None:
                    return Solved({package.name: package.decided for package in search.packages if package.decided})
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
            violated = exclude(self._search.trail, package, bad, Incompatibility([(package, bad)], Root(origin)))
            if violated is not None:
                return violated
        return None

    def _package(self, name: Hashable, count: int, mask: int) -> Package:
        """Return a package, which this may be the first mention of."""
        package = self._known.get(name)
        if package is None:
            base = self._base(name)
            tied_to = None if base is None else self._package(base, count, 0)
            package = self._known[name] = self._search.add(name, count)
            if tied_to is not None:
                package.base = tied_to
                tied_to.tied.append(package)
                package.requirers += [(base, tied_to.decided)] if tied_to.decided else []
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
        return apply_facts(self._search.trail, package) if package.domain & package.barred else None

    def _bar(self, package: Package, answer: Unusable) -> Incompatibility | None:
        """Exclude a version for good."""
        return self._search.keep(Incompatibility([(package, 1 << answer.version)], answer))

    def _withdraw(self, package: Package, answer: Unusable) -> Incompatibility | None:
        """Exclude a decided version for good, from before its decision."""
        decisions = self._search.trail.decisions
        level = next(level for level, decision in enumerate(decisions) if decision.package is package)
        violated = self._search.back(level)
        return self._bar(package, answer) or violated

    def _refuse(self, package: Package, answer: NoneAdmissible) -> Incompatibility | None:
        """Put a package off while others may still come to require it; else exclude it under these requirers."""
        if self._search.put_off(package):
            return None
        requirers = [(self._known[name], 1 << version) for name, version in package.requirers if name is not ROOT]
        terms = [(package, package.domain), *requirers]
        terms.sort(key=lambda term: -self._search.trail.satisfier(*term).position)
        clause = Incompatibility(terms, Inadmissible(package, answer.reason))
        return self._search.keep(clause) or clause
