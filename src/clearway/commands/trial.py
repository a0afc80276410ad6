"""Trials: the dry run of an installation, and of the same with one release of a project alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.commands.events import Silent
from clearway.errors import ClearwayError, IndexFailure, ResolutionError
from clearway.model.inputs import Stated
from clearway.model.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.commands.events import Listener
    from clearway.commands.solving import Order
    from clearway.model.names import NormalizedName
    from clearway.resolution.problem import Passed, Resolution

_MOST_INSTEAD = 3
"""Projects that are listed as what a release would change."""
_POLICY = {"refused", "pending", "too-many-refusals"}
"""Failures by which the rules of an index end a run: they are an answer to the question."""


class Trial:
    """The dry run of an order, and of others like it.

    :param run: makes one.
    """

    def __init__(self, run: Callable[[Order], Resolution], order: Order) -> None:
        self._run = run
        self.order = order
        self.resolution: Resolution | None = None

    def result(self) -> tuple[Resolution | None, ClearwayError | None]:
        """Return the solution, or why there is none.

        :raises ClearwayError: what is no answer: an index that cannot be reached, something malformed.
        """
        try:
            self.resolution = self._run(self.order)
        except ResolutionError as error:
            return None, error
        except IndexFailure as error:
            if error.code not in _POLICY:
                raise
            return None, error
        return self.resolution, None

    def suppose(self, name: NormalizedName, version: str) -> tuple[str, tuple[str, ...]]:
        """Try with one release of a project alone; return what is against it, and sentences that explain it."""
        assert self.resolution is not None
        alone = Stated(Requirement(name, specifier=f"==={version}"), "the release in question")
        order = msgspec.structs.replace(self.order, constraints=(*self.order.constraints, alone))
        try:
            pins = self._run(order).pins
        except ClearwayError as error:
            return "there is no solution with it", error.context
        before = {pin.name: pin.version for pin in self.resolution.pins}
        changed = [
            f"{pin.name} {pin.version} instead of {before[pin.name]}"
            for pin in pins
            if pin.name != name and before.get(pin.name, pin.version) != pin.version
        ]
        more = ", and more" if len(changed) > _MOST_INSTEAD else ""
        return f"would take {', '.join(changed[:_MOST_INSTEAD])}{more}" if changed else "", ()


class Ear(Silent):
    """Hears what is passed over, and hands on what people should know, once."""

    def __init__(self, listener: Listener) -> None:
        self.passed: list[Passed] = []
        self._listener = listener
        self._noted: set[str] = set()

    def resolving(self, decided: int) -> None:
        """Hand it on."""
        self._listener.resolving(decided)

    def passed_over(self, passed: Passed) -> None:
        """Remember it."""
        self.passed.append(passed)

    def note(self, sentence: str) -> None:
        """Hand it on the first time."""
        if sentence not in self._noted:
            self._noted.add(sentence)
            self._listener.note(sentence)
