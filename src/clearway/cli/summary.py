"""What is said when an installation is done: how many, how long, what changed, what was held back and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clearway.cli.output import Output
    from clearway.commands.install import Outcome
    from clearway.commands.plan import Step
    from clearway.resolution.problem import HeldBack, Pin, Resolution

_MOST_VERSIONS = 5
"""Versions that one line about a held back project lists."""


def tell_outcome(output: Output, outcome: Outcome, seconds: float, *, dry_run: bool, only_deps: bool = False) -> None:
    """Write what was done, or what would be."""
    steps = outcome.plan.steps
    for step in () if dry_run else steps:
        if step.replaces is not None:
            output.say(f"  Successfully uninstalled {step.replaces.spelling}-{step.replaces.version}")
    if not outcome.resolution.pins:
        what = (
            "what was named needs nothing else"
            if only_deps
            else "nothing was asked for that applies to this environment"
        )
        output.say(f"Nothing to install: {what}.")
    if steps:
        verb = "Resolved" if dry_run else "Installed"
        output.say(f"{verb} {_packages(len(steps))} in {seconds:.1f} s")
    for step in steps:
        if step.replaces is not None or output.verbosity > 0:
            output.say(f"  {_change(step)}")
    tell_yanked(output, (step.pin for step in steps))
    for line in held_back(outcome.resolution):
        output.say(line)
    if steps:
        names = " ".join(f"{step.pin.metadata.name}-{step.pin.version}" for step in steps)
        output.say(f"{'Would install' if dry_run else 'Successfully installed'} {names}")


def tell_yanked(output: Output, pins: Iterable[Pin]) -> None:
    """Warn of releases that were taken though they are yanked (PEP 592)."""
    for pin in pins:
        if pin.yanked is not None:
            reason = f": {pin.yanked}" if pin.yanked else ""
            output.warn(f"{pin.name} {pin.version} is yanked{reason}.")


def held_back(resolution: Resolution) -> Iterator[str]:
    """Yield the lines about projects that are older than they could be because something was not handed out."""
    titles = {
        "refused": "Held back by policy:",
        "pending": "Held back, because there was no answer in time:",
        "gone": "Listed, but not there:",
    }
    for kind, title in titles.items():
        held = [one for one in resolution.held_back if one.passed.absence.kind == kind]
        if held:
            yield title
        width = max((len(one.name) for one in held), default=0)
        for one in held:
            yield f"  {one.name:{width}}  {_some(one.versions)} -> {one.chosen}   {_why(one)}"


def _some(versions: tuple[str, ...]) -> str:
    """Say some versions, newest first: all of a few, else the ends."""
    if len(versions) <= _MOST_VERSIONS:
        return ", ".join(versions)
    return f"{', '.join(versions[: _MOST_VERSIONS - 2])} ... {versions[-1]} ({len(versions)} releases)"


def _why(held: HeldBack) -> str:
    absence = held.passed.absence
    answer = str(absence.status) if absence.status else "no answer"
    said = f': "{absence.reason}"' if absence.reason else ""
    through = f"needs {held.needs}: " if held.needs else ""
    return f"{through}{answer} from {absence.index}{said}"


def _packages(count: int) -> str:
    return f"{count} package{'' if count == 1 else 's'}"


def _change(step: Step) -> str:
    pin = step.pin
    if step.replaces is None:
        return f"{pin.name} {pin.version}"
    if step.replaces.version == pin.version:
        return f"{pin.name} {pin.version} (reinstalled)"
    return f"{pin.name} {step.replaces.version} -> {pin.version}"
