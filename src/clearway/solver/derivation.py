"""The proof that there is no solution, as a tree (in fact a graph: what is used twice is one node).

The search notes for each learned clause only what it was resolved from. Here the steps in between are worked out
again, once, when a search has failed. Clauses have grown since they were used (more versions turned out to require the
same), so each step proves at least what it proved then, and often more: a whole range instead of one version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.solver.incompatibility import Derived, Incompatibility, Learned

if TYPE_CHECKING:
    from clearway.solver.package import Package


def derivation(incompatibility: Incompatibility) -> Incompatibility:
    """Return an incompatibility with its causes spelled out: every cause is a fact or :class:`Derived`."""
    built: dict[int, Incompatibility] = {}
    stack = [incompatibility]
    while stack:
        node = stack[-1]
        cause = node.cause
        if not isinstance(cause, Learned):
            built[id(node)] = node
        elif missing := [premise for premise in cause.premises if id(premise) not in built]:
            stack.extend(missing)
            continue
        else:
            built[id(node)] = _chain([built[id(premise)] for premise in cause.premises], cause.pivots)
        stack.pop()
    return built[id(incompatibility)]


def resolve(left: Incompatibility, right: Incompatibility, pivot: Package) -> Incompatibility:
    """Return what follows from two incompatibilities by resolution over a package."""
    first, second = dict(left.terms), dict(right.terms)
    mask = first.pop(pivot) | second.pop(pivot)
    for package, known in second.items():
        first[package] = first.get(package, package.full) & known
    if mask != pivot.full:
        first[pivot] = mask
    return Incompatibility(list(first.items()), Derived(left, right, pivot))


def _chain(premises: list[Incompatibility], pivots: tuple[Package, ...]) -> Incompatibility:
    """Resolve the first of some incompatibilities with each of the others in turn.

    A premise that has become stronger may do without the pivot: then it says more than the step would.
    """
    result = premises[0]
    for premise, pivot in zip(premises[1:], pivots, strict=True):
        if not _speaks_of(premise, pivot):
            result = premise
        elif _speaks_of(result, pivot):
            result = resolve(result, premise, pivot)
    return result


def _speaks_of(incompatibility: Incompatibility, pivot: Package) -> bool:
    return any(package is pivot for package, _mask in incompatibility.terms)
