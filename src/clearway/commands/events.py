"""What a command tells while it works; the face decides what of it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from clearway.commands.collected import Collected
    from clearway.commands.plan import Plan
    from clearway.index.records import File
    from clearway.resolution.problem import Passed


class Listener(Protocol):
    """Hears of progress: on the main thread, but for builds, which tell from whichever thread they run in."""

    def resolving(self, decided: int) -> None:
        """So many releases have been settled on so far."""

    def collecting(self, collected: tuple[Collected, ...], *, whole: bool) -> None:
        """A solution was found. Heard again, with what is chosen then, if some of it is not handed out.

        :param whole: its archives are fetched, and not only proven to be handed out.
        """

    def downloading(self, plan: Plan) -> None:
        """The plan is made; its archives are on their way."""

    def proving(self, plan: Plan) -> None:
        """The plan of a dry run is made; its indexes are asked whether they hand its archives out."""

    def received(self, file: File, count: int) -> None:
        """So many further bytes of a file have arrived."""

    def unpacked(self, file: File) -> None:
        """An archive is unpacked and ready; with a dry run: it is handed out."""

    def writing(self, plan: Plan) -> None:
        """The environment is about to be changed."""

    def building(self, label: str) -> None:
        """A source tree is about to be built, or asked for its metadata."""

    def printed(self, label: str, line: str) -> None:
        """A build has printed a line."""

    def built(self, label: str) -> None:
        """The build has ended, well or not."""

    def passed_over(self, passed: Passed) -> None:
        """An index does not hand out a file; its release is passed over, or another file of it is taken."""

    def note(self, sentence: str) -> None:
        """Something that people should know, but that stops nothing."""


class Silent:
    """The listener that shows nothing."""

    def resolving(self, decided: int) -> None:
        """Show nothing."""

    def collecting(self, collected: tuple[Collected, ...], *, whole: bool) -> None:
        """Show nothing."""

    def downloading(self, plan: Plan) -> None:
        """Show nothing."""

    def proving(self, plan: Plan) -> None:
        """Show nothing."""

    def received(self, file: File, count: int) -> None:
        """Show nothing."""

    def unpacked(self, file: File) -> None:
        """Show nothing."""

    def writing(self, plan: Plan) -> None:
        """Show nothing."""

    def building(self, label: str) -> None:
        """Show nothing."""

    def printed(self, label: str, line: str) -> None:
        """Show nothing."""

    def built(self, label: str) -> None:
        """Show nothing."""

    def passed_over(self, passed: Passed) -> None:
        """Show nothing."""

    def note(self, sentence: str) -> None:
        """Show nothing."""
