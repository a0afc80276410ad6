"""Proofs that are worth reading.

A search meets versions one at a time and in its own order, and its derivation shows that. Before a failure is told, it
is therefore taken apart and put together again:

1. The facts that it rests on are merged where they are of one kind: "a 1 needs b 1 or newer" and "a 2 needs b 2 or
   newer" become "a 1 to 2 needs b 1 or newer". That is weaker, and usually enough.
2. The merged facts are refuted anew: all of them known from the start, nothing to be asked.
3. Where they are too weak together, kinds are merged one after the other as long as the refutation goes through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from clearway.solver.derivation import derivation
from clearway.solver.incompatibility import Dependency, Inadmissible, Incompatibility, Learned, NoVersions, Tied
from clearway.solver.masks import ABSENT, newest
from clearway.solver.questions import Unusable
from clearway.solver.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from clearway.solver.incompatibility import Term
    from clearway.solver.package import Package

    Group: TypeAlias = list[Incompatibility]

_LESSONS = 300
"""How many conflicts a refutation may take. What takes more makes no proof that anybody would read."""

_PATIENCE = 60
"""How many of them, where the refutation is only tried."""

_ATTEMPTS = 30
"""How many kinds are tried to be merged one after the other."""


class Fact(Incompatibility):
    """What several facts of one kind say in common.

    :ivar parts: these, as they came out of the search; often one.
    :ivar stated: its terms in the order of theirs; ``terms`` is the search's to reorder.
    """

    __slots__ = ("parts", "stated")

    def __init__(self, parts: Group, known: dict[Package, Package]) -> None:
        first, *others = map(_stated, parts)
        masks = [mask for _package, mask in first]
        for terms in others:
            # The first term is about the versions that say something, the others about what they say.
            for place, (_package, mask) in enumerate(terms):
                masks[place] = masks[place] & mask if place else masks[place] | mask
        packages = [known[package] for package, _mask in first]
        self.stated = tuple(zip(packages, masks, strict=True))
        self.parts = parts
        super().__init__(list(self.stated), parts[0].cause)


def shorten(incompatibility: Incompatibility, tell_reason: Callable[[object], str]) -> Incompatibility | None:
    """Return a derivation of the same that rests on as few and as general facts as can be had quickly.

    :param tell_reason: says the reason of an :class:`Unusable`; versions of one package with one reason are one fact.
    :returns: None if there is no proof short enough to be found at all.
    """
    kinds: dict[Hashable, Group] = {}
    for fact in facts_of(incompatibility):
        kinds.setdefault(_kind(fact, tell_reason), []).append(fact)
    whole = refute(list(kinds.values()), _PATIENCE)
    if whole is not None:
        return whole
    merged = {kind for kind, group in kinds.items() if isinstance(group[0].cause, NoVersions | Unusable)}
    best = refute(_grouped(kinds, merged), _LESSONS)
    if best is None:
        return None
    weakening = sorted((kind for kind in kinds if len(kinds[kind]) > 1), key=lambda kind: -len(kinds[kind]))
    for kind in weakening[:_ATTEMPTS]:
        shorter = refute(_grouped(kinds, merged | {kind}), _PATIENCE)
        if shorter is not None:
            merged.add(kind)
            best = shorter
    return best


def facts_of(incompatibility: Incompatibility) -> list[Incompatibility]:
    """Return what an incompatibility was derived from, in the order of the derivation."""
    seen: dict[int, Incompatibility] = {}
    stack = [incompatibility]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen[id(node)] = node
            if isinstance(node.cause, Learned):
                stack += reversed(node.cause.premises)
    return [node for node in seen.values() if not isinstance(node.cause, Learned)]


def refute(groups: list[Group], lessons: int) -> Incompatibility | None:
    """Derive the incompatibility without terms from facts, each group of them merged into one.

    :param lessons: how many conflicts it may take.
    :returns: the derivation, its facts being :class:`Fact`; None if they can all hold, or that would take too long.
    """
    # What has two terms is watched, so it comes before anything is known about either. Within that, what a derivation
    # used last comes first: what was asked for.
    groups = groups[::-1]
    groups.sort(key=lambda group: -len(group[0].terms))
    search = Search()
    known = {package: package for group in groups for fact in group for package, _mask in fact.terms}
    for package in known:
        known[package] = search.add(package.name, package.count)
    violated = None
    for group in groups:
        violated = violated or search.keep(Fact(group, known))
    failure = search.settle(violated)
    while failure is None:
        choice = search.next()
        if choice is None or search.lessons > lessons:
            return None
        failure = search.settle(search.decide(choice, newest(choice.domain)))
    return derivation(failure)


def _stated(fact: Incompatibility) -> list[Term]:
    """Return the terms of a fact in the order in which it is stated."""
    match fact.cause:
        case Inadmissible(last):
            # The search has reordered it: first those that require the package, then the package.
            return sorted(fact.terms, key=lambda term: (term[0] is last, term[0].number))
    return fact.terms


def _kind(fact: Incompatibility, tell_reason: Callable[[object], str]) -> Hashable:
    match fact.cause:
        case Dependency():
            (dependent, _versions), (dependency, bad) = fact.terms
            return "needs", dependent.number, dependency.number, bad & ABSENT
        case NoVersions(dependency):
            return "missing", tuple(package.number for package, _mask in fact.terms), dependency.number
        case Tied():
            return "tied", fact.terms[0][0].number
        case Unusable(_, reason):
            return "unusable", fact.terms[0][0].number, tell_reason(reason)
        case Inadmissible(_, reason):
            return "inadmissible", tuple(package.number for package, _mask in _stated(fact)), tell_reason(reason)
    return id(fact)


def _grouped(kinds: dict[Hashable, Group], merged: set[Hashable]) -> list[Group]:
    """Return the groups of facts where only some kinds are merged."""
    groups: list[Group] = []
    for kind, group in kinds.items():
        groups += [group] if kind in merged else [[fact] for fact in group]
    return groups
