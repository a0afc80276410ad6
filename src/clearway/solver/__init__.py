"""Resolution by PubGrub: a machine that asks and never fetches (DESIGN 4.1, 4.2, 4.11).

::

    machine = Machine([Requirement("flask", 40, mask, "flask>=3")])
    question = machine.advance()
    while not isinstance(question, Solved | Failed):
        question = machine.advance(answer(question))

:mod:`.masks` has what a driver needs to write version sets, :mod:`.explain` tells a failure in words. Nothing here
knows more than the standard library.
"""

from clearway.solver.machine import Machine
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

__all__ = [
    "ROOT",
    "Answer",
    "Choose",
    "Chosen",
    "Dependencies",
    "Depends",
    "Failed",
    "Machine",
    "NoneAdmissible",
    "Question",
    "Requirement",
    "Solved",
    "Unusable",
]
