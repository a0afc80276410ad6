"""``clearway why``, from settings to the last line (``docs/reference/why.md``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.cli.inputs import inputs_for, names_something
from clearway.cli.resolving import make_catalog, make_order
from clearway.commands.why import Inquirer
from clearway.errors import InputError
from clearway.interpreter.installed import installed as find_installed
from clearway.interpreter.installed import read_metadata
from clearway.model.names import NormalizedName, is_name, normalize
from clearway.model.urls import mask
from clearway.settings.settings import with_inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.commands.explanation import Demand, Explanation, Place, Release
    from clearway.model.inputs import Inputs
    from clearway.policy.absence import Absence
    from clearway.resolution.problem import Pin

_MOST_LISTED = 5
"""Versions that one line lists; of more the ends are told."""
_MOST_LINES = 20
"""Lines about releases, unless more is asked for with ``-v``."""


def why(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Explain why a release of a project would be installed, and others not."""
    wiring.start_probe()
    name, inputs = _read(wiring, operands)
    wiring.settings = settings = with_inputs(wiring.settings, inputs)
    environment = wiring.environment
    if wiring.is_unsettled:
        output.warn(
            f"A change of {environment.prefix} is under way or was cut off: the answer is about what is there now."
        )
    installed = {one.name: one for one in reversed(find_installed(environment))}

    def explain() -> Explanation:
        progress = wiring.progress
        try:
            catalog = make_catalog(wiring, progress.on_bytes, whole=False, inputs=inputs)
            inquirer = Inquirer(catalog, wiring.crew, installed, read_metadata, wiring.links(), wiring.turns())
            return inquirer.explain(name, make_order(wiring, inputs, catalog), wiring.site, progress)
        finally:
            progress.close()

    explanation = wiring.with_credentials(explain)
    if settings.json:
        data = msgspec.json.encode(as_data(explanation))
        output.result(msgspec.json.format(data, indent=2).decode())
    else:
        for line in told(explanation, all_releases=output.verbosity > 0):
            output.result(line)
    return 0


def _read(wiring: Wiring, operands: tuple[str, ...]) -> tuple[NormalizedName, Inputs]:
    """Return which project is asked about, and what would be installed: the project alone if nothing else is named.

    :raises InputError: ``nothing-asked``, and whatever is wrong with a requirement.
    """
    settings = wiring.settings
    if not operands:
        raise InputError(
            "nothing-asked",
            "No project was named to explain",
            hint="Name one: clearway why NAME, and after it what would be installed: clearway why NAME REQUIREMENT ...",
        )
    only_named = is_name(operands[0]) and names_something(operands[1:], settings)
    inputs = inputs_for(wiring, operands[1:] if only_named else operands)
    if only_named:
        return normalize(operands[0]), inputs
    if not inputs.requirements:
        raise InputError(
            "nothing-asked",
            f"{mask(operands[0])} does not say which project is meant",
            hint=f"Name the project, and after it what would be installed: clearway why NAME {mask(operands[0])}",
        )
    return inputs.requirements[0].requirement.name, inputs


# -- for people --------------------------------------------------------------------------------------------------------


def told(explanation: Explanation, *, all_releases: bool = False) -> Iterator[str]:
    """Yield the explanation, the answer first."""
    yield _answer(explanation)
    if explanation.failure is not None:
        yield from (f"  {line}" for line in explanation.failure.context)
    if explanation.pin is not None and explanation.pin.yanked is not None:
        yield f"It is yanked{': ' if explanation.pin.yanked else ''}{explanation.pin.yanked}"
    yield from _section("Required:", (_demand(one) for one in explanation.demands))
    yield from _section("Needed by what is installed:", (_demand(one) for one in explanation.dependants))
    yield from _section("Indexes:", (_place(one, explanation) for one in explanation.places))
    title = "Releases:" if explanation.pin is None else "Newer releases:"
    lines = list(_releases(explanation.releases))
    yield from _section(title, lines if all_releases else lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES and not all_releases:
        yield f"  {len(lines) - _MOST_LINES} more lines: see them with -v"
    if explanation.older:
        yield f"Older releases, not looked at: {explanation.older}"
    if explanation.failure is not None and explanation.failure.hint:
        yield f"HINT: {explanation.failure.hint}"


def _answer(explanation: Explanation) -> str:
    """Say in one line what an installation would do with the project."""
    name, pin, installed = explanation.name, explanation.pin, explanation.installed
    if explanation.failure is not None:
        failure = explanation.failure
        why_not = "there is no solution" if failure.code == "no-solution" else failure.message
        return f"{name} cannot be installed as asked: {why_not}"
    if pin is None:
        left = f"; {installed.version} is installed and stays" if installed is not None else ""
        who = "nothing that is asked for" if explanation.dependants else "nothing"
        return f"{name} would not be installed: {who} needs it{left}"
    if pin.located is None:
        return f"{name} {pin.version} is installed and kept"
    source = pin.located.file.url if pin.direct else pin.located.index.name
    if installed is None:
        return f"{name} {pin.version} from {source} would be installed"
    if installed.version == pin.version:
        return f"{name} {pin.version} from {source} would be installed again"
    return f"{name} {pin.version} from {source} would take the place of {installed.version}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    indented = [f"  {line}" for line in lines]
    if indented:
        yield title
        yield from indented


def _demand(demand: Demand) -> str:
    requirement = str(demand.requirement).partition(" ; ")[0]
    if demand.by:
        way = f" ({' -> '.join((*demand.through, demand.by))})" if demand.through else ""
        return f"{demand.by} {demand.version} needs {requirement}{way}"
    return f"{requirement} is {'a constraint' if demand.constraint else 'asked for'} ({demand.origin})"


def _place(place: Place, explanation: Explanation) -> str:
    match place.standing:
        case "owner":
            return f"{place.name} has it{', ' if explanation.withheld else ''}{explanation.withheld}"
        case "joins":
            return f"{place.name} has files of it"
        case "lacks":
            return f"{place.name} does not have it"
    return f"{place.name} was not asked: the first index that has a project owns it"


def _releases(releases: Iterable[Release]) -> Iterator[str]:
    """Yield the releases, those with one reason together, in the order of the newest of each."""
    together: dict[str, list[Release]] = {}
    for one in releases:
        together.setdefault(one.reason, []).append(one)
    for reason, alike in together.items():
        yield f"{_versions([one.version for one in alike])}: {reason}"
        yield from (f"  {line}" for line in alike[0].details if line)


def _versions(versions: list[str]) -> str:
    """Say some versions, newest first: all of a few, else the ends."""
    if len(versions) <= _MOST_LISTED:
        return ", ".join(versions)
    return f"{', '.join(versions[: _MOST_LISTED - 2])} ... {versions[-1]} ({len(versions)} releases)"


# -- for programs ------------------------------------------------------------------------------------------------------


def as_data(explanation: Explanation) -> dict[str, object]:
    """Return the explanation as data."""
    pin, failure, installed = explanation.pin, explanation.failure, explanation.installed
    return {
        "name": explanation.name,
        "verdict": _verdict(explanation),
        "version": pin.version if pin is not None else None,
        **_source(pin),
        "yanked": pin.yanked if pin is not None else None,
        "installed": installed.version if installed is not None else None,
        "failure": None
        if failure is None
        else {
            "code": failure.code,
            "message": failure.message,
            "context": list(failure.context),
            "hint": failure.hint,
        },
        "required": [_demand_data(one) for one in explanation.demands],
        "needed_by": [_demand_data(one) for one in explanation.dependants],
        "indexes": [{"name": one.name, "standing": one.standing} for one in explanation.places],
        "withheld": explanation.withheld or None,
        "releases": [_release_data(one) for one in explanation.releases],
        "older": explanation.older,
    }


def _verdict(explanation: Explanation) -> str:
    if explanation.failure is not None:
        return "impossible"
    if explanation.pin is None:
        return "not-needed"
    return "kept" if explanation.pin.located is None else "installed"


def _source(pin: Pin | None) -> dict[str, object]:
    located = pin.located if pin is not None else None
    if pin is None or located is None:
        return {"index": None, "url": None, "filename": None}
    return {
        "index": None if pin.direct else located.index.name,
        "url": located.file.url,
        "filename": located.file.filename,
    }


def _demand_data(demand: Demand) -> dict[str, object]:
    return {
        "requirement": str(demand.requirement),
        "by": {"name": demand.by, "version": demand.version, "through": list(demand.through)} if demand.by else None,
        "origin": demand.origin or None,
        "constraint": demand.constraint,
    }


def _release_data(release: Release) -> dict[str, object]:
    return {
        "version": release.version,
        "kind": release.kind,
        "reason": release.reason,
        "answer": _answer_data(release.absence) if release.absence is not None else None,
        "details": list(release.details),
    }


def _answer_data(absence: Absence) -> dict[str, object]:
    return {
        "status": absence.status or None,
        "index": absence.index,
        "filename": absence.filename,
        "reason": absence.reason or None,
    }
