"""From settings and inputs to what a resolution needs: the catalog, and the order. For every command that resolves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.catalog.catalog import Catalog
from clearway.catalog.indexes import Edges
from clearway.cli.own import own_requirements
from clearway.commands.install import Order
from clearway.resolution.problem import Wishes
from clearway.settings.formats import read_formats

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.cli.wiring import Wiring
    from clearway.index.records import File
    from clearway.model.inputs import Inputs, Stated
    from clearway.model.targets import Target

MOST_RESTARTS = 3
"""How often an answer that breaks off in its middle is begun again, at most: it may be large."""


def make_catalog(wiring: Wiring, received: Callable[[File, int], None] | None, *, whole: bool) -> Catalog:
    """Return what the configured indexes offer to the target.

    :param received: told of bytes as they arrive.
    :param whole: whether archives are wanted in the end, and not only proofs of them.
    """
    settings = wiring.settings
    return Catalog(
        Edges(
            wiring.crew,
            wiring.fetcher,
            wiring.store,
            wiring.archives,
            retries=min(settings.retries, MOST_RESTARTS),
            progress=received,
            complete=wiring.with_credential,
        ),
        wiring.turns(),
        wiring.links(),
        wiring.target,
        read_formats(settings.formats),
        rules=wiring.rules,
        whole=whole,
    )


def make_order(wiring: Wiring, inputs: Inputs) -> Order:
    """Return what is to be installed, as far as it applies to the target."""
    settings = wiring.settings
    wishes = Wishes(
        upgrade=settings.upgrade_strategy if settings.upgrade else "no",
        pre=settings.pre,
        no_deps=settings.no_deps,
        reinstall=settings.force_reinstall,
        require_hashes=settings.require_hashes or any(stated.hashes for stated in inputs.requirements),
    )
    return Order(
        applying(inputs.requirements, wiring.target),
        (*applying(inputs.constraints, wiring.target), *own_requirements(wiring.environment)),
        wishes,
        settings.dry_run,
    )


def applying(stated: tuple[Stated, ...], target: Target) -> tuple[Stated, ...]:
    """Return the requirements whose marker holds for the target."""
    return tuple(one for one in stated if one.requirement.applies(target.environment))
