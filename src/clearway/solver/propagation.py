"""Unit propagation: what follows from what is known, until nothing more does or an incompatibility's terms all hold.

Three kinds of incompatibility are kept, each where it costs least:

- a requirement of a version is looked at when the version is tried, and from then on only when its *dependency*
  narrows;
- a learned clause watches two of its terms that do not hold: nothing can follow from it while both are open;
- a fact about one package is applied again when going back gave the package a state that the fact forbids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.solver.incompatibility import Incompatibility, Tied
from clearway.solver.masks import ABSENT

if TYPE_CHECKING:
    from clearway.solver.package import Package
    from clearway.solver.trail import Trail


def propagate(trail: Trail) -> Incompatibility | None:
    """Draw all conclusions from the new assignments; return the incompatibility that is violated, if one is."""
    assignments = trail.assignments
    while trail.propagated < len(assignments):
        package = assignments[trail.propagated].package
        trail.propagated += 1
        conflict = _inform_dependents(trail, package)
        if conflict is None and package.watches:
            conflict = _inform_watches(trail, package)
        if conflict is None and (package.tied or package.base is not None):
            conflict = _inform_tied(trail, package)
        if conflict is not None:
            return conflict
    return None


def exclude(trail: Trail, package: Package, states: int, clause: Incompatibility) -> Incompatibility | None:
    """Take states from a domain; return the clause that says so if none would be left."""
    left = package.domain & ~states
    if not left:
        return clause
    if left != package.domain:
        trail.narrow(package, left, clause)
    return None


def apply_facts(trail: Trail, package: Package) -> Incompatibility | None:
    """Apply the facts about a package; return the one that leaves it no state, if one does."""
    for fact in package.facts:
        if exclude(trail, package, fact.terms[0][1], fact) is not None:
            return fact
    return None


def _inform_dependents(trail: Trail, package: Package) -> Incompatibility | None:
    """Exclude the versions whose requirement on a package cannot be met any more."""
    domain = package.domain
    for clause in package.dependents:
        if not domain & clause.good:
            dependent = clause.dependent
            left = dependent.domain & ~clause.mask
            if left != dependent.domain:
                if not left:
                    return clause
                trail.narrow(dependent, left, clause)
    return None


def _inform_watches(trail: Trail, package: Package) -> Incompatibility | None:
    """Look at the learned clauses whose watched term of a package holds now."""
    domain = package.domain
    watches = package.watches
    moved: list[int] = []
    violated = None
    for place, (mask, clause) in enumerate(watches):
        if domain & ~mask:
            continue
        terms = clause.terms
        if terms[0][0] is package:
            terms[0], terms[1] = terms[1], terms[0]
        other, forbidden = terms[0]
        left = other.domain & ~forbidden
        if left == other.domain:
            continue
        if _watch_another(clause):
            moved.append(place)
        elif left:
            trail.narrow(other, left, clause)
        else:
            violated = clause
            break
    for place in reversed(moved):
        watches[place] = watches[-1]
        watches.pop()
    return violated


def _watch_another(clause: Incompatibility) -> bool:
    """Watch an open term instead of the second one, if there is one."""
    terms = clause.terms
    for place in range(2, len(terms)):
        package, mask = terms[place]
        if package.domain & ~mask:
            terms[1], terms[place] = terms[place], terms[1]
            package.watches.append((mask, clause))
            return True
    return False


def _inform_tied(trail: Trail, package: Package) -> Incompatibility | None:
    """Keep a package and its base at one version, as far as it is selected at all."""
    pairs = [(tied, package) for tied in package.tied]
    if package.base is not None:
        pairs.append((package, package.base))
    for tied, base in pairs:
        excluded = base.full & ~base.domain & ~ABSENT
        clause = Incompatibility([(tied, excluded), (base, base.full & ~excluded)], Tied())
        conflict = exclude(trail, tied, excluded, clause)
        if conflict is None and not tied.domain & ABSENT:
            excluded = base.full & ~tied.domain
            clause = Incompatibility([(tied, tied.domain), (base, excluded)], Tied())
            conflict = exclude(trail, base, excluded, clause)
        if conflict is not None:
            return conflict
    return None
