"""What a command tells while it works; the face decides what of it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from clearway.commands.plan import Plan
    from clearway.index.records import File
    from clearway.resolution.problem import Passed


class Listener(Protocol):
    """Hears of progress, on the main thread."""

    def resolving(self, decided: int) -> None:
        """So many releases have been settled on so far."""

    def downloading(self, plan: Plan) -> None:
        """The plan is made; its archives are on their way."""

    def received(self, file: File, count: int) -> None:
        """So many further bytes of a file have arrived."""

    def unpacked(self, file: File) -> None:
        """An archive is unpacked and ready."""

    def writing(self, plan: Plan) -> None:
        """The environment is about to be changed."""

    def passed_over(self, passed: Passed) -> None:
        """An index does not hand out a file; its release is passed over, or another file of it is taken."""

    def note(self, sentence: str) -> None:
        """Something that people should know, but that stops nothing."""


class Silent:
    """The listener that shows nothing."""

    def resolving(self, decided: int) -> None:
        """Show nothing."""

    def downloading(self, plan: Plan) -> None:
        """Show nothing."""

    def received(self, file: File, count: int) -> None:
        """Show nothing."""

    def unpacked(self, file: File) -> None:
        """Show nothing."""

    def writing(self, plan: Plan) -> None:
        """Show nothing."""

    def passed_over(self, passed: Passed) -> None:
        """Show nothing."""

    def note(self, sentence: str) -> None:
        """Show nothing."""
