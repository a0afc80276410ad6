"""``clearway install``: resolve, fetch, and change the environment once (DESIGN 3, 4.1, 4.9).

When all of the plan is downloaded or built, checked and unpacked, and not before, the environment is changed, as one
transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clearway.commands.gathering import Proving, Unpacking
from clearway.commands.plan import Plan, make_plan
from clearway.commands.provenance import direct_url, place_info
from clearway.commands.solving import Order, Solving
from clearway.ports import Change, Installation
from clearway.resolution.problem import Resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.catalog.catalog import Catalog
    from clearway.model.names import NormalizedName
    from clearway.ports import Site, Tree


class Outcome(msgspec.Struct, frozen=True):
    """What was done, or with a dry run would be."""

    plan: Plan
    resolution: Resolution
    hashes: dict[str, str]
    """By project: the sha256 of the archive that was installed, as far as it is known."""
    places: dict[str, dict[str, Any]] = {}
    """By project: what direct_url.json says of a folder or repository (PEP 610)."""


class Installer:
    """Installs what is solved."""

    def __init__(self, solving: Solving) -> None:
        self._solving = solving
        self._catalog = solving.catalog

    def run(self, order: Order, site: Site, known: Resolution | None = None) -> Outcome:
        """Install.

        :param known: the resolution, if it is remembered from an earlier run.
        :raises ClearwayError: anything of the error tree; the environment is then as it was.
        """
        catalog, crew, listener = self._catalog, self._solving.crew, self._solving.listener
        if order.dry_run:
            resolution, _ = self._solving.run(order, Proving(catalog, crew, listener), known)
            plan = make_plan(resolution.pins)
            return Outcome(plan, resolution, self._digests(plan), self._places(plan))
        resolution, trees = self._solving.run(order, Unpacking(catalog, crew, listener), known)
        plan = make_plan(resolution.pins)
        if plan.steps:
            listener.writing(plan)
            site.apply(_change(plan, trees, catalog))
        return Outcome(plan, resolution, self._hashes(plan, trees), self._places(plan))

    def _hashes(self, plan: Plan, trees: Mapping[NormalizedName, Tree]) -> dict[str, str]:
        """Return the hashes of the archives that were installed, or from which that was built."""
        found = {}
        for step in plan.steps:
            located = step.pin.located
            assert located is not None
            known = located.file.hashes.get("sha256", "")
            key = trees[step.pin.name].key.removeprefix("sha256:")
            found[str(step.pin.name)] = key if located.recipe is None else known or self._catalog.digest(located)
        return {name: digest for name, digest in found.items() if digest}

    def _places(self, plan: Plan) -> dict[str, dict[str, Any]]:
        """Return what is told of the folders and repositories that were asked for."""
        located = {str(step.pin.name): step.pin.located for step in plan.steps}
        return {
            name: place_info(one, self._catalog) for name, one in located.items() if one is not None and not one.fetched
        }

    def _digests(self, plan: Plan) -> dict[str, str]:
        """Return the hashes of the archives that were read whole on the way."""
        located = {str(step.pin.name): step.pin.located for step in plan.steps}
        found = {name: self._catalog.digest(one) for name, one in located.items() if one is not None}
        return {name: digest for name, digest in found.items() if digest}


def _change(plan: Plan, trees: Mapping[NormalizedName, Tree], catalog: Catalog) -> Change:
    installations = []
    for step in plan.steps:
        tree, pin = trees[step.pin.name], step.pin
        assert pin.located is not None
        text = direct_url(pin.located, tree, catalog) if pin.direct else ""
        installations.append(Installation(tree, pin.requested, text))
    return Change(tuple(step.replaces for step in plan.steps if step.replaces is not None), tuple(installations))
