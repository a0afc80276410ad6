"""One package as the solver sees it: what it may still be, and who has to hear when that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from clearway.solver.masks import all_states

if TYPE_CHECKING:
    from collections.abc import Hashable

    from clearway.solver.incompatibility import Clause, Incompatibility
    from clearway.solver.trail import Assignment

Key: TypeAlias = "tuple[bool, bool, int, bool, int, int]"


class Package:
    """The state of one package.

    :ivar name: what the driver calls it.
    :ivar number: the order of discovery.
    :ivar count: how many versions it has.
    :ivar full: the mask of all its states.
    :ivar domain: the states that are still possible, never none.
    :ivar decided: the version that was decided; 0 while there is none.
    :ivar history: the assignments that narrowed the domain, oldest first.
    :ivar requirements: the clauses of each version whose dependencies are known.
    :ivar clauses: the same clauses by dependency and mask, so that versions that require the same share one.
    :ivar dependents: the clauses in which it is the dependency: they are watched on this side.
    :ivar watches: the learned clauses that watch their term of it, and that term's mask.
    :ivar facts: the incompatibilities of it alone, which hold wherever the search is.
    :ivar barred: the states that the facts forbid.
    :ivar requirers: the decided packages whose requirements bear on it, with their versions.
    :ivar base: the package at whose version it always is.
    :ivar tied: the packages whose base it is.
    :ivar direct: it was asked for.
    :ivar conflicts: how often its decision was undone, or its version rejected when tried, because of another's
        decision.
    :ivar rank: packages of a higher rank are decided first.
    :ivar refused: the domain and requirers under which nothing was admissible: it waits until one of them changes.
    :ivar key: its place in the decision order; None while there is nothing to decide.
    """

    __slots__ = (
        "barred",
        "base",
        "clauses",
        "conflicts",
        "count",
        "decided",
        "dependents",
        "direct",
        "domain",
        "facts",
        "full",
        "history",
        "key",
        "name",
        "number",
        "rank",
        "refused",
        "requirements",
        "requirers",
        "tied",
        "watches",
    )

    def __init__(self, name: Hashable, number: int, count: int) -> None:
        self.name = name
        self.number = number
        self.count = count
        self.full = self.domain = all_states(count)
        self.decided = 0
        self.history: list[Assignment] = []
        self.requirements: dict[int, list[Clause]] = {}
        self.clauses: dict[tuple[Package, int], Clause] = {}
        self.dependents: list[Clause] = []
        self.watches: list[tuple[int, Incompatibility]] = []
        self.facts: list[Incompatibility] = []
        self.barred = 0
        self.requirers: list[tuple[Hashable, int]] = []
        self.base: Package | None = None
        self.tied: list[Package] = []
        self.direct = False
        self.conflicts: dict[Package, int] = {}
        self.rank = 0
        self.refused: tuple[int, tuple[tuple[Hashable, int], ...]] | None = None
        self.key: Key | None = None

    def __repr__(self) -> str:
        return f"<{self.name!r} {self.domain:#b}>"
