"""``clearway why``: what an installation would do with one project, and why (DESIGN 4.1, 4.5, 4.6, 4.8).

The answer is the installer's own: its dry run is made, and what that chose is set against everything that the indexes
list of the project. Each newer release gets the one reason that keeps it out. Where all that can be read speaks for a
release and yet it is not chosen, the newest few are asked for themselves, so that people see which are handed out; and
the dry run is made again with that release alone, which shows what it does not get along with. Nothing is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.commands.explanation import Explanation, demands_on, dependants_on, places_of
from clearway.commands.install import Installer
from clearway.commands.releases import Releases
from clearway.commands.solving import Solving
from clearway.commands.trial import Ear, Trial
from clearway.resolution.problem import Problem
from clearway.resolution.projects import Project
from clearway.resolution.refusals import Refusals
from clearway.resolution.workspace import Workspace, keeps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from clearway.catalog.catalog import Catalog
    from clearway.commands.events import Listener
    from clearway.commands.explanation import Demand
    from clearway.commands.solving import Order
    from clearway.crew import Crew
    from clearway.index.records import Index
    from clearway.model.installed import Installed
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.ports import Site
    from clearway.resolution.problem import Pin, Resolution


class Inquirer:
    """Answers questions about one environment.

    :param installed: what is in the environment, by name.
    :param read_installed: reads the metadata of an installed distribution.
    :param links: pages and folders of links, and the indexes in the order in which they are asked.
    """

    def __init__(
        self,
        catalog: Catalog,
        crew: Crew,
        installed: Mapping[NormalizedName, Installed],
        read_installed: Callable[[Installed], Metadata],
        links: Sequence[Index],
        turns: Sequence[Sequence[Index]],
    ) -> None:
        self._catalog = catalog
        self._crew = crew
        self._installed = installed
        self._read_installed = read_installed
        self._links = links
        self._turns = turns

    def explain(self, name: NormalizedName, order: Order, site: Site, listener: Listener) -> Explanation:
        """Explain what an installation would do with a project.

        :param order: what would be installed; it is only tried.
        :raises ClearwayError: whatever keeps an installation from being tried.
        """
        problem = Problem(order.requirements, order.constraints, self._installed, order.wishes)
        ear = Ear(listener)
        trial = Trial(self._run(ear, site), msgspec.structs.replace(order, dry_run=True))
        resolution, failure = trial.result()
        pins = resolution.pins if resolution is not None else ()
        pin = next((pin for pin in pins if pin.name == name), None)
        demands = tuple(demands_on(name, order, pins, self._catalog.target.environment))
        explanation = Explanation(
            name,
            pin,
            self._installed.get(name),
            stays=keeps(problem, name),
            failure=failure,
            demands=demands,
            dependants=self._dependants(name, pins),
        )
        if any(demand.requirement.url for demand in demands):  # it is one wheel, and no index is asked
            return explanation
        project = self._project(explanation, problem)
        found = Releases(self._catalog, self._crew, project, explanation, trial)
        held = resolution.held_back if resolution is not None else ()
        found.take_in([*ear.passed, *(one.passed for one in held)])  # of these, more reasons are known
        releases = tuple(found.newer())
        for warning in self._catalog.indexes.warnings:  # the listing may have been asked for here alone
            ear.note(warning)
        return msgspec.structs.replace(
            explanation,
            places=tuple(places_of(project, self._links, self._turns)),
            withheld=_withheld(project),
            releases=releases,
            older=found.older,
        )

    def _dependants(self, name: NormalizedName, pins: Iterable[Pin]) -> tuple[Demand, ...]:
        """Return who needs a project in the environment, of what is no part of the question."""
        asked = {pin.name for pin in pins}
        others = [one for one in self._installed.values() if one.name not in asked]
        return tuple(dependants_on(name, others, self._read_installed, self._catalog.target.environment))

    def _run(self, listener: Listener, site: Site) -> Callable[[Order], Resolution]:
        installer = Installer(Solving(self._catalog, self._crew, self._installed, self._read_installed, listener))
        return lambda order: installer.run(order, site).resolution

    def _project(self, explanation: Explanation, problem: Problem) -> Project:
        """Return all that the indexes offer of the project, and what is installed where that is chosen."""
        name = explanation.name
        sources = self._crew.wait(self._catalog.sources(name))
        kept = explanation.pin is not None and explanation.pin.located is None
        refusals = Refusals(self._catalog.is_generous, lambda _: None)
        workspace = Workspace(problem, self._catalog, self._crew, self._read_installed, refusals)
        return Project(name, sources, explanation.installed if kept else None, workspace.allowed_hashes(name))


def _withheld(project: Project) -> str:
    """Say that the index that owns a project has it in quarantine (PEP 792); empty if it has not."""
    offer = project.sources[0].offer if project.sources else None
    if offer is None or offer.status != "quarantined":
        return ""
    return f"in quarantine{': ' if offer.status_reason else ''}{offer.status_reason}"
