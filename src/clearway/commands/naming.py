"""Source trees named by their place alone get their names: from their metadata (PEP 517, PEP 621, PEP 643)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import IndexFailure, InputError
from clearway.model.inputs import Stated
from clearway.model.names import normalize
from clearway.model.requirements import Requirement
from clearway.model.urls import mask
from clearway.policy.absence import Absence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearway.catalog.catalog import Catalog
    from clearway.crew import Crew
    from clearway.model.inputs import Unnamed
    from clearway.model.metadata import Metadata


def name_all(unnamed: Sequence[Unnamed], catalog: Catalog, crew: Crew) -> tuple[Stated, ...]:
    """Return the statements, with their names.

    :raises ClearwayError: what is there cannot be had, or is no project.
    """
    located = [(one, catalog.direct(one.url, frozenset(one.hashes))) for one in unnamed]
    told = [(one, catalog.metadata(place)) for one, place in located]  # all are asked before any is waited for
    return tuple(_named(one, crew.wait(slot)) for one, slot in told)


def _named(one: Unnamed, found: Metadata | Absence) -> Stated:
    if isinstance(found, Absence):
        raise _not_there(one, found)
    name = normalize(found.name)
    requirement = Requirement(name, one.extras, marker=one.marker, url=one.url)
    return Stated(requirement, one.origin, one.hashes, one.editable, one.settings)


def _not_there(one: Unnamed, absence: Absence) -> InputError | IndexFailure:
    message = f"{mask(one.url)} ({one.origin}) cannot be had: "
    if absence.kind == "gone":
        return InputError("no-such-file", f"{message}there is no such file ({absence.answer})", hint="Correct the URL.")
    return IndexFailure(
        "refused",
        f"{message}{absence.verdict}",
        hint="A URL pins one file, so nothing is taken in its place: ask whoever runs the server, or name a project to "
        "have a release of it chosen.",
    )
