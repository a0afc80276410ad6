"""``clearway install``, from settings to the last line."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from clearway.cli.inputs import check_named, inputs_for
from clearway.cli.output import satisfied
from clearway.cli.places import check_place, fitting, foreign_texts, settle_user, warn_afterwards
from clearway.commands.satisfied import question, recall, remember
from clearway.errors import TargetError
from clearway.interpreter.installed import installed as read_installed
from clearway.model.urls import mask, path_of
from clearway.settings.settings import with_inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.commands.install import Outcome
    from clearway.model.inputs import Inputs, Stated
    from clearway.model.installed import Installed
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Environment, Target
    from clearway.settings.settings import Settings


def install(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Install what was asked for."""
    began = time.monotonic()
    settings = wiring.settings
    check_named(operands, settings, "install")
    check_place(settings)
    wiring.start_probe()
    inputs = inputs_for(wiring, operands)
    wiring.settings = settings = with_inputs(settings, inputs)
    wiring.import_while_probing()
    settle_user(wiring, output)
    environment = wiring.environment
    wiring.make_sound()
    distributions = [] if settings.ignore_installed else read_installed(environment)
    if settings.target:
        distributions = fitting(distributions, wiring.target)
    key = question(_asked(inputs, settings, environment))
    anew = settings.upgrade or settings.force_reinstall or settings.ignore_installed
    plain = not (anew or settings.report or settings.dry_run or _may_have_changed(inputs))
    if plain and not output.wants(1) and (names := recall(wiring.store, key, distributions)) is not None:
        _tell_satisfied(output, inputs.requirements, names, distributions)
        return 0
    outcome = wiring.with_credentials(lambda: _resolve_and_install(wiring, output, inputs, distributions, began))
    after = distributions if settings.dry_run or not outcome.plan.steps else read_installed(environment)
    if plain:
        from clearway.cli.resolving import applying  # loaded by now

        asked = applying(inputs.requirements, wiring.target)
        remember(wiring.store, key, after, (stated.requirement.name for stated in asked))
    if after is not distributions:
        changed = {step.pin.name for step in outcome.plan.steps}
        if distributions:
            _tell_left_behind(output, changed, after, wiring.target)
        warn_afterwards(wiring, output, changed, after)
    return 0


def _may_have_changed(inputs: Inputs) -> bool:
    """Whether anything is asked for that may be something else by now, though it is called the same."""
    stated = (*inputs.requirements, *inputs.constraints)
    urls = [one.requirement.url for one in stated if one.requirement.url]
    return bool(inputs.unnamed) or any(
        url.startswith(("git+", "file:")) and not url.partition("#")[0].endswith(".whl") for url in map(str.lower, urls)
    )


def _tell_left_behind(output: Output, changed: set[NormalizedName], after: list[Installed], target: Target) -> None:
    """Warn of what was installed before and does not get along with what is installed now."""
    from clearway.commands.check import left_behind
    from clearway.interpreter.installed import read_metadata

    for fault in left_behind(changed, after, read_metadata, target):
        output.warn(fault)


def _resolve_and_install(
    wiring: Wiring, output: Output, inputs: Inputs, distributions: list[Installed], began: float
) -> Outcome:
    """Do what could not be skipped. Everything heavy is imported here."""
    from clearway.cli.resolving import make_catalog, make_order
    from clearway.cli.summary import tell_outcome
    from clearway.commands.install import Installer
    from clearway.commands.solving import Solving
    from clearway.interpreter.installed import read_metadata
    from clearway.resolution.memo import Memo

    settings = wiring.settings
    _check_report(settings.report)
    progress = wiring.progress
    catalog = make_catalog(wiring, progress.on_bytes, whole=not settings.dry_run, inputs=inputs)
    # What has no name yet is no part of the question: nothing is remembered of such a run.
    memo = None if inputs.unnamed else Memo(wiring.store, catalog, question(_resolved(inputs, settings, distributions)))
    installed = _by_name(distributions)
    known = memo.recall(installed) if memo is not None else None
    if known is None:  # there will be requests: let a worker build the client while the solver is imported
        wiring.crew.start("page", wiring.fetcher.prepare)
    else:
        output.detail("This was resolved before, over listings that are still fresh")
    installer = Installer(Solving(catalog, wiring.crew, installed, read_metadata, progress, memo))
    try:
        outcome = installer.run(make_order(wiring, inputs, catalog), wiring.site, known)
    finally:
        progress.close()
    if settings.report:
        _write_report(output, outcome, wiring)
    tell_outcome(output, outcome, time.monotonic() - began, dry_run=settings.dry_run, only_deps=settings.only_deps)
    return outcome


def _resolved(inputs: Inputs, settings: Settings, distributions: list[Installed]) -> Iterator[str]:
    """Yield every text that has a say in a resolution, but for the target and the indexes."""
    yield from _stated(inputs, settings)
    yield from (
        str(settings.upgrade),
        settings.upgrade_strategy,
        str(settings.force_reinstall),
        settings.index_strategy,
        f"{settings.prefer_binary} {settings.no_build_isolation}",
    )
    yield from (f"{kind} {value}" for kind, value in settings.formats)
    yield from (f"set {given.value}" for given in (*settings.config_settings, *settings.build_constraint))
    yield from (f"{one.name}={one.version} {one.broken}" for one in distributions)


def _asked(inputs: Inputs, settings: Settings, environment: Environment) -> Iterator[str]:
    """Yield every text that has a say in whether a run is satisfied."""
    yield from (environment.executable, environment.scheme.purelib)
    yield from (f"{name}={value}" for name, value in sorted(environment.markers.items()))
    yield from foreign_texts(settings)
    yield from _stated(inputs, settings)


def _stated(inputs: Inputs, settings: Settings) -> Iterator[str]:
    yield from (str(settings.pre), str(settings.no_deps), str(settings.only_deps))
    yield from (str(settings.require_hashes), str(settings.no_require_hashes))
    yield from (f"{kind} {value}" for kind, value in settings.releases)
    for stated in inputs.requirements:
        yield f"r {mask(str(stated.requirement))} {' '.join(stated.hashes)}"
    for stated in inputs.constraints:
        yield f"c {mask(str(stated.requirement))} {' '.join(stated.hashes)}"


def _by_name(distributions: list[Installed]) -> Mapping[NormalizedName, Installed]:
    found: dict[NormalizedName, Installed] = {}
    for one in distributions:
        found.setdefault(one.name, one)
    return found


def _tell_satisfied(
    output: Output, asked: Iterable[Stated], names: Iterable[NormalizedName], distributions: list[Installed]
) -> None:
    """Tell of requirements for which nothing has to be done; of several on one project, nobody knows which applies."""
    found = _by_name(distributions)
    spelled: dict[NormalizedName, object] = {}
    for stated in asked:
        name = stated.requirement.name
        spelled[name] = name if name in spelled else stated.requirement
    for name in dict.fromkeys(names):
        if name in found:
            output.say(satisfied(spelled.get(name, name), found[name].location, found[name].version))


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


def _with_local_hashes(outcome: Outcome) -> Outcome:
    """Add the hashes of wheels on this machine that nobody has listed, which a dry run does not unpack."""
    import hashlib  # late: only a report names them

    import msgspec

    hashes = dict(outcome.hashes)
    for step in outcome.plan.steps:
        located = step.pin.located
        if located is not None and located.file.url.startswith("file:") and "sha256" not in located.file.hashes:
            with suppress(OSError), open(path_of(located.file.url), "rb") as file:
                hashes.setdefault(step.pin.name, hashlib.file_digest(file, "sha256").hexdigest())
    return msgspec.structs.replace(outcome, hashes=hashes)


def _write_report(output: Output, outcome: Outcome, wiring: Wiring) -> None:
    from clearway.commands.report import make_report

    path = wiring.settings.report
    report = make_report(_with_local_hashes(outcome), wiring.target)
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
