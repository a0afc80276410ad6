"""A failure in plain words (DESIGN 4.11).

A proof is told from its facts to its end: "Because this and that, so. And because that, so." A statement that follows
from others is told once, and where it is used twice it gets a number to be referred to by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clearway.solver.incompatibility import Derived, Incompatibility, Root
from clearway.solver.phrases import Phrase, Words, clauses, conclusion, fact
from clearway.solver.proof import Fact, facts_of, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

_MANY = 4
"""How many premises a sentence has at most."""


def explain(incompatibility: Incompatibility, words: Words, sentences: int = 60) -> str:
    """Tell why there is no solution.

    :param incompatibility: the one of :class:`~clearway.solver.questions.Failed`.
    :param sentences: how many may be told. Of a longer proof only what was asked for is told.
    :returns: sentences, one a line; an empty line comes before a line of thought that does not go on from the last.
    """
    proof = shorten(incompatibility, words.reason)
    if proof is not None and not isinstance(proof.cause, Derived):
        return f"Because {clauses([fact(proof, words)])}, {conclusion((), words)}."
    told = list(_Teller(proof, words).paragraphs()) if proof is not None else []
    if told and sum(paragraph.count("\n") + 1 for paragraph in told) <= sentences:
        return "\n\n".join(told)
    asked = _asked_last([known for known in facts_of(incompatibility) if isinstance(known.cause, Root)])
    reasons = f"{clauses(fact(known, words) for known in asked)}, and because of more reasons than can be told here"
    return f"Because {reasons}, {conclusion((), words)}."


class _Step(NamedTuple):
    """A premise, and what follows from it and the premises before it."""

    premise: Incompatibility
    result: Incompatibility


class _Teller:
    """One telling of one proof."""

    def __init__(self, proof: Incompatibility, words: Words) -> None:
        self._proof = proof
        self._words = words
        self._uses = _uses(proof)
        self._numbers: dict[int, int] = {}

    def paragraphs(self) -> Iterator[str]:
        """Yield the lines of thought, each after those that it uses."""
        told: set[int] = set()
        stack = [self._proof]
        while stack:
            node = stack[-1]
            steps = self._line_of_thought(node)
            missing = [
                step.premise
                for step in steps
                if isinstance(step.premise.cause, Derived) and id(step.premise) not in told
            ]
            if missing and id(node) not in told:
                stack += reversed(missing)
                continue
            stack.pop()
            if id(node) not in told:
                told.add(id(node))
                yield "\n".join(self._sentences(steps))

    def _line_of_thought(self, node: Incompatibility) -> list[_Step]:
        """Unroll a derivation as long as one of its two premises is itself derived for this use alone."""
        steps: list[_Step] = []
        while isinstance(node.cause, Derived):
            left, right = node.cause.left, node.cause.right
            if not self._inline(left) and self._inline(right):
                left, right = right, left
            steps.append(_Step(right, node))
            node = left
            if not self._inline(node):
                break
        steps.append(_Step(node, node))
        return steps[::-1]

    def _inline(self, node: Incompatibility) -> bool:
        return isinstance(node.cause, Derived) and self._uses[id(node)] == 1

    def _sentences(self, steps: list[_Step]) -> Iterator[str]:
        """Tell a line of thought, several premises in a sentence where what follows from fewer is not simpler."""
        first = 0
        for place, (_premise, result) in enumerate(steps):
            if place == len(steps) - 1 or (place and place - first >= self._enough(steps, place, first) - 1):
                premises = _asked_last([step.premise for step in steps[first : place + 1]])
                opening = "And because" if first else "Because"
                yield f"{opening} {clauses(map(self._premise, premises))}, {self._statement(result)}."
                first = place + 1

    def _enough(self, steps: list[_Step], place: int, first: int) -> int:
        """Return how many premises a sentence needs if it is to end here."""
        here, after = len(steps[place].result.terms), len(steps[place + 1].result.terms)
        if here > 2 or after < here:
            return _MANY
        return 1 if first else 2

    def _premise(self, node: Incompatibility) -> Phrase:
        return Phrase(self._statement(node)) if isinstance(node.cause, Derived) else fact(node, self._words)

    def _statement(self, node: Incompatibility) -> str:
        """Say a conclusion; give it a number if it is used again, and tell the number if it has one."""
        text = conclusion(node.terms, self._words)
        if self._uses.get(id(node), 0) < 2:
            return text
        return f"{text} ({self._numbers.setdefault(id(node), len(self._numbers) + 1)})"


def _asked_last(premises: list[Incompatibility]) -> list[Incompatibility]:
    """Put what was asked for last, in the order in which it was; a proof comes to it in the reverse."""
    asked = [premise for premise in premises if isinstance(premise.cause, Root)]
    asked.reverse()
    asked.sort(key=lambda premise: (premise.parts[0] if isinstance(premise, Fact) else premise).terms[0][0].number)
    return [premise for premise in premises if not isinstance(premise.cause, Root)] + asked


def _uses(proof: Incompatibility) -> dict[int, int]:
    """Count how often each statement is a premise."""
    uses: dict[int, int] = {}
    stack = [proof]
    while stack:
        node = stack.pop()
        if isinstance(node.cause, Derived):
            for premise in (node.cause.left, node.cause.right):
                uses[id(premise)] = uses.get(id(premise), 0) + 1
                if uses[id(premise)] == 1:
                    stack.append(premise)
    return uses
