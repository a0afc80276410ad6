"""What is said when an installation is done: how many, how long, what changed, what was held back and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.policy.absence import Absence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.cli.output import Output
    from clearway.commands.install import Outcome
    from clearway.commands.plan import Step
    from clearway.model.names import NormalizedName
    from clearway.resolution.problem import Resolution


def tell_outcome(output: Output, outcome: Outcome, seconds: float, *, dry_run: bool) -> None:
    """Write what was done, or what would be."""
    steps, kept = outcome.plan.steps, outcome.plan.kept
    for pin in kept:
        if pin.requested:
            output.say(f"Requirement already satisfied: {pin.name} ({pin.version})")
    if steps:
        verb = "Would install" if dry_run else "Installed"
        output.say(f"{verb} {_packages(len(steps))} in {seconds:.1f} s")
    for step in steps:
        if step.replaces is not None or output.verbosity > 0:
            output.say(f"  {_change(step)}")
    for pin in (step.pin for step in steps):
        if pin.yanked is not None:
            reason = f": {pin.yanked}" if pin.yanked else ""
            output.warn(f"{pin.name} {pin.version} is yanked{reason}.")
    for line in held_back(outcome.resolution):
        output.say(line)
    if steps:
        names = " ".join(f"{step.pin.metadata.name}-{step.pin.version}" for step in steps)
        output.say(f"{'Would install' if dry_run else 'Successfully installed'} {names}")


def held_back(resolution: Resolution) -> Iterator[str]:
    """Yield the lines about releases that were passed over because an index did not hand them out."""
    chosen = {pin.name: pin.version for pin in resolution.pins}
    for kind, title in (("refused", "Held back by policy:"), ("gone", "Listed, but not there:")):
        found: dict[NormalizedName, list[tuple[str, Absence]]] = {}
        for name, version, absence in resolution.absences:
            if absence.kind == kind and name in chosen:
                found.setdefault(name, []).append((version, absence))
        if found:
            yield title
        for name, passed in found.items():
            versions = ", ".join(version for version, _ in passed)
            absence = passed[-1][1]
            yield f"  {name}  {versions} -> {chosen[name]}   {absence.status} from {absence.index}"


def _packages(count: int) -> str:
    return f"{count} package{'' if count == 1 else 's'}"


def _change(step: Step) -> str:
    pin = step.pin
    if step.replaces is None:
        return f"{pin.name} {pin.version}"
    if step.replaces.version == pin.version:
        return f"{pin.name} {pin.version} (reinstalled)"
    return f"{pin.name} {step.replaces.version} -> {pin.version}"
