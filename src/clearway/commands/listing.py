"""``clearway list``: what is installed, in pip's three formats (pip's ``list``)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.errors import ClearwayError
from clearway.model.requirements import parse_requirement
from clearway.model.versions import normal_version, parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from clearway.commands.entries import Entry, ReadText
    from clearway.commands.newest import Newest
    from clearway.model.names import NormalizedName
    from clearway.model.targets import MarkerEnvironment


class Choice(msgspec.Struct, frozen=True):
    """Which of the installed distributions are listed.

    :param within: whether one is where it has to be; None for all.
    :param editable: the editable ones alone, all but those, or all.
    :param not_required: those that no other listed one requires.
    """

    within: Callable[[Entry], bool] | None = None
    editable: Literal["only", "none", "all"] = "all"
    not_required: bool = False
    exclude: Container[NormalizedName] = ()


def choose(entries: Iterable[Entry], choice: Choice, environment: Callable[[], MarkerEnvironment]) -> list[Entry]:
    """Return the entries that are listed.

    :param environment: returns what markers are judged by; called only if it is needed.
    """
    chosen = [
        entry
        for entry in entries
        if (choice.within is None or choice.within(entry))
        and (choice.editable == "all" or bool(entry.project) == (choice.editable == "only"))
    ]
    if choice.not_required:
        required = {name for entry in chosen for name in required_names(entry, environment())}
        chosen = [entry for entry in chosen if entry.key not in required]
    return [entry for entry in chosen if entry.key not in choice.exclude]


def required_names(entry: Entry, environment: MarkerEnvironment) -> Iterator[NormalizedName]:
    """Yield the projects that a distribution needs without any extra; a requirement that nobody can read is none."""
    for text in entry.core.all("requires-dist"):
        with suppress(ClearwayError):
            requirement = parse_requirement(text.strip())
            if requirement.applies(environment):
                yield requirement.name


def compare(entries: Iterable[Entry], newest: Mapping[NormalizedName, Newest], *, outdated: bool) -> Iterator[Entry]:
    """Yield the entries that are older than the newest release, or as new; those that no index has are neither."""
    for entry in entries:
        found = newest.get(entry.key)
        own = parse_version(entry.version)
        other = parse_version(found.latest) if found is not None else None
        if own is not None and other is not None and (other > own if outdated else other == own):
            yield entry


# -- formats -----------------------------------------------------------------------------------------------------------


def as_columns(
    entries: Sequence[Entry], read_text: ReadText, newest: Mapping[NormalizedName, Newest], *, verbose: bool
) -> Iterator[str]:
    """Yield a table; nothing at all where nothing is listed."""
    builds = {entry.key: _build(entry, read_text) for entry in entries}
    columns: list[tuple[str, list[str]]] = [
        ("Package", [entry.name for entry in entries]),
        ("Version", [entry.version for entry in entries]),
    ]
    if newest:
        columns.append(("Latest", [newest[entry.key].latest for entry in entries]))
        columns.append(("Type", [newest[entry.key].kind for entry in entries]))
    if any(builds.values()):
        columns.append(("Build", [builds[entry.key] for entry in entries]))
    if any(entry.project for entry in entries):
        columns.append(("Editable project location", [entry.project for entry in entries]))
    if verbose:
        columns.append(("Location", [entry.location for entry in entries]))
        columns.append(("Installer", [entry.installed.installer for entry in entries]))
    if not entries:
        return
    widths = [max(map(len, (title, *cells))) for title, cells in columns]
    yield _row([title for title, _ in columns], widths)
    yield _row(["-" * width for width in widths], widths)
    for cells in zip(*(cells for _, cells in columns), strict=True):
        yield _row(cells, widths)


def as_requirements(entries: Iterable[Entry], *, verbose: bool) -> Iterator[str]:
    """Yield a requirement for each."""
    for entry in entries:
        yield f"{entry.requirement} ({entry.location})" if verbose else entry.requirement


def as_data(
    entries: Iterable[Entry], newest: Mapping[NormalizedName, Newest], *, verbose: bool
) -> list[dict[str, str]]:
    """Return what the JSON format says."""
    told = []
    for entry in entries:
        facts = {"name": entry.name, "version": normal_version(entry.version) or entry.version}
        if verbose:
            facts |= {"location": entry.location, "installer": entry.installed.installer}
        if newest:
            facts |= {"latest_version": newest[entry.key].latest, "latest_filetype": newest[entry.key].kind}
        if entry.project:
            facts["editable_project_location"] = entry.project
        told.append(facts)
    return told


def _row(cells: Iterable[str], widths: Iterable[int]) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _build(entry: Entry, read_text: ReadText) -> str:
    """Return the build number of the wheel that was installed (PEP 427, "The .dist-info directory")."""
    for line in (read_text(entry.installed, "WHEEL") or "").splitlines():
        if line[:6].lower() == "build:":
            return line[6:].strip()
    return ""
