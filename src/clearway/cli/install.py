"""``clearway install``, from settings to the last line."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from clearway.commands.satisfied import question, remember, was_satisfied
from clearway.configuration.requirement_files import read_inputs
from clearway.errors import InputError, TargetError
from clearway.interpreter.installed import installed as read_installed
from clearway.model.urls import mask
from clearway.settings.settings import with_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.commands.install import Order, Outcome
    from clearway.model.inputs import Inputs, Stated
    from clearway.model.installed import Installed
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Environment, Target
    from clearway.resolution.problem import Wishes
    from clearway.settings.settings import Settings


MOST_RESTARTS = 3
"""How often an answer that breaks off in its middle is begun again, at most: it may be large."""


def install(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Install what was asked for."""
    began = time.monotonic()
    settings = wiring.settings
    if not operands and not settings.requirement:
        raise InputError(
            "nothing-asked", "Nothing was named to install", hint="Name a package, or a file of requirements with -r."
        )
    wiring.start_probe()
    inputs = read_inputs(
        operands,
        [given.value for given in settings.requirement],
        [given.value for given in settings.constraint],
        wiring.environ,
        wiring.fetch,
    )
    wiring.settings = settings = with_inputs(settings, inputs)
    wiring.import_while_probing()
    environment = wiring.environment
    wiring.make_sound()
    distributions = read_installed(environment)
    key = question(_asked(inputs, settings, environment))
    plain = not (settings.upgrade or settings.force_reinstall or settings.report or settings.dry_run)
    if plain and was_satisfied(wiring.store, key, distributions):
        _tell_satisfied(output, inputs, distributions)
        return 0
    outcome = _resolve_and_install(wiring, output, inputs, distributions, began)
    after = distributions if settings.dry_run or not outcome.plan.steps else read_installed(environment)
    if plain:
        remember(wiring.store, key, after)
    if distributions and after is not distributions:
        _tell_left_behind(output, outcome, after, wiring.target)
    return 0


def _tell_left_behind(output: Output, outcome: Outcome, after: list[Installed], target: Target) -> None:
    """Warn of what was installed before and does not get along with what is installed now."""
    from clearway.commands.check import left_behind
    from clearway.interpreter.installed import read_metadata

    changed = {step.pin.name for step in outcome.plan.steps}
    for fault in left_behind(changed, after, read_metadata, target):
        output.warn(fault)


def _resolve_and_install(
    wiring: Wiring, output: Output, inputs: Inputs, distributions: list[Installed], began: float
) -> Outcome:
    """Do what could not be skipped. Everything heavy is imported here."""
    from clearway.catalog.catalog import Catalog, Edges
    from clearway.cli.progress import Progress
    from clearway.cli.summary import tell_outcome
    from clearway.commands.install import Installer
    from clearway.interpreter.installed import read_metadata
    from clearway.resolution.memo import Memo
    from clearway.settings.formats import read_formats

    settings = wiring.settings
    _check_report(settings.report)
    shown = settings.progress_bar == "on" and output.verbosity >= 0 and output.has_terminal()
    progress = Progress(output, shown=shown)
    catalog = Catalog(
        Edges(wiring.crew, wiring.fetcher, wiring.store, wiring.archives, min(settings.retries, MOST_RESTARTS)),
        wiring.turns(),
        wiring.links(),
        wiring.target,
        read_formats(settings.formats),
        progress.received if shown else None,
    )
    memo = Memo(wiring.store, catalog, question(_resolved(inputs, settings, distributions)))
    installed = _by_name(distributions)
    known = memo.recall(installed)
    if known is None:  # there will be requests: let a worker build the client while the solver is imported
        wiring.crew.start("page", wiring.fetcher.prepare)
    installer = Installer(catalog, wiring.crew, installed, read_metadata, progress, memo)
    order = _order(inputs, settings, wiring.target)
    try:
        outcome = installer.run(order, wiring.site, known)
    finally:
        progress.close()
    if settings.report:
        _write_report(output, outcome, wiring)
    tell_outcome(output, outcome, time.monotonic() - began, dry_run=settings.dry_run)
    return outcome


def _order(inputs: Inputs, settings: Settings, target: Target) -> Order:
    from clearway.commands.install import Order

    return Order(
        _applying(inputs.requirements, target),
        _applying(inputs.constraints, target),
        _wishes(inputs, settings),
        settings.dry_run,
    )


def _wishes(inputs: Inputs, settings: Settings) -> Wishes:
    from clearway.resolution.problem import Wishes

    return Wishes(
        upgrade=settings.upgrade_strategy if settings.upgrade else "no",
        pre=settings.pre,
        no_deps=settings.no_deps,
        reinstall=settings.force_reinstall,
        require_hashes=settings.require_hashes or any(stated.hashes for stated in inputs.requirements),
    )


def _applying(stated: tuple[Stated, ...], target: Target) -> tuple[Stated, ...]:
    """Return the requirements whose marker holds for the target."""
    return tuple(one for one in stated if one.requirement.applies(target.environment))


def _resolved(inputs: Inputs, settings: Settings, distributions: list[Installed]) -> Iterator[str]:
    """Yield every text that has a say in a resolution, but for the target and the indexes."""
    yield from _stated(inputs, settings)
    yield from (
        str(settings.upgrade),
        settings.upgrade_strategy,
        str(settings.force_reinstall),
        settings.index_strategy,
    )
    yield from (f"{kind} {value}" for kind, value in settings.formats)
    yield from (f"{one.name}={one.version} {one.broken}" for one in distributions)


def _asked(inputs: Inputs, settings: Settings, environment: Environment) -> Iterator[str]:
    """Yield every text that has a say in whether a run is satisfied."""
    yield from (environment.executable, environment.scheme.purelib, environment.markers["python_full_version"])
    yield from _stated(inputs, settings)


def _stated(inputs: Inputs, settings: Settings) -> Iterator[str]:
    yield from (str(settings.pre), str(settings.no_deps), str(settings.require_hashes))
    for stated in inputs.requirements:
        yield f"r {mask(str(stated.requirement))} {' '.join(stated.hashes)}"
    for stated in inputs.constraints:
        yield f"c {stated.requirement} {' '.join(stated.hashes)}"


def _by_name(distributions: list[Installed]) -> Mapping[NormalizedName, Installed]:
    found: dict[NormalizedName, Installed] = {}
    for one in distributions:
        found.setdefault(one.name, one)
    return found


def _tell_satisfied(output: Output, inputs: Inputs, distributions: list[Installed]) -> None:
    versions = _by_name(distributions)
    for stated in inputs.requirements:
        name = stated.requirement.name
        if name in versions:
            output.say(f"Requirement already satisfied: {name} ({versions[name].version})")


def _check_report(path: str) -> None:
    """See that a report can be written before anything is done.

    :raises TargetError: ``report-unwritable``.
    """
    if path in {"", "-"}:
        return
    place = path if os.path.lexists(path) else os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path) or not os.access(place, os.W_OK):
        reason = "it is a folder" if os.path.isdir(path) else "its folder is missing or not writable"
        raise TargetError(
            "report-unwritable",
            f"The report {path} cannot be written: {reason}",
            hint="Nothing was done. Name a file in a folder that is there, or - for standard output.",
        )


def _write_report(output: Output, outcome: Outcome, wiring: Wiring) -> None:
    from clearway.commands.report import make_report

    path = wiring.settings.report
    report = make_report(outcome, wiring.target)
    if path == "-":
        output.result(report.decode().rstrip("\n"))
        return
    try:
        with open(path, "wb") as file:
            file.write(report)
    except OSError as error:
        raise TargetError(
            "report-unwritable",
            f"The report {path} cannot be written: {error.strerror}",
            hint="What was asked for has been done; only the report is missing.",
        ) from None
