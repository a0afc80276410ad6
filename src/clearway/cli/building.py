"""Builds, plugged together: the builder of a run, and what fills the environments of its builds (DESIGN 3, Provision).

A build's environment is resolved and installed by the same resolver, from the same indexes, with the same rules as
everything else, in the thread of the build and with a crew of its own. What is being built is known on every level, so
that a build which needs itself ends with that.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, get_args

import msgspec

from clearway.build.builder import LocalBuilder
from clearway.build.checkouts import Exists, Space
from clearway.build.processes import Processes
from clearway.catalog.catalog import Catalog
from clearway.catalog.indexes import Edges
from clearway.catalog.terms import Terms
from clearway.commands.events import Silent
from clearway.commands.install import Installer
from clearway.commands.satisfied import question
from clearway.commands.solving import Order, Solving
from clearway.crew import Crew
from clearway.errors import BuildError, Interrupted
from clearway.interpreter.installed import installed, read_metadata
from clearway.model.inputs import Stated
from clearway.model.requirements import parse_requirement
from clearway.model.versions import admits
from clearway.resolution.memo import Memo
from clearway.resolution.problem import Wishes
from clearway.site.environment_site import EnvironmentSite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clearway.build.project import Hearer
    from clearway.cli.wiring import Wiring
    from clearway.index.records import Index
    from clearway.model.targets import Environment
    from clearway.ports import Source
    from clearway.resolution.problem import Passed


EXISTS: dict[str, Exists] = {spelled: word for word in get_args(Exists) for spelled in (word, word[0])}
"""What ``--exists-action`` says, by its letters and its words."""


class UnderWay:
    """The crews of the environments that are being filled; any thread may use it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._crews: set[Crew] = set()
        self._stopped = False

    def begin(self) -> Crew:
        """Return a new crew.

        :raises Interrupted: nothing may begin any more.
        """
        with self._lock:
            if self._stopped:
                raise Interrupted
            crew = Crew()
            self._crews.add(crew)
            return crew

    def end(self, crew: Crew) -> None:
        """Forget a crew."""
        with self._lock:
            self._crews.discard(crew)

    def stop(self) -> None:
        """Have everybody who waits for results of a crew get ``Interrupted`` instead."""
        with self._lock:
            self._stopped = True
            for crew in self._crews:
                crew.post(_interrupt)


def _interrupt() -> None:
    raise Interrupted


class Market(msgspec.Struct, frozen=True):
    """Where the environments of builds are filled from: what the run itself uses.

    :param turns: the indexes in the order in which they are asked; ``links`` pages and folders of links.
    :param constraints: what constrains these environments (``--build-constraint``).
    """

    wiring: Wiring
    turns: Sequence[Sequence[Index]]
    links: Sequence[Index]
    constraints: tuple[Stated, ...]
    terms: Terms
    processes: Processes
    under_way: UnderWay
    space: Space
    hear: Hearer
    passed_over: Callable[[Passed], None]


class Provider:
    """Fills environments for builds; implements :class:`clearway.ports.Provision`."""

    def __init__(self, market: Market, above: tuple[str, ...] = ()) -> None:
        self._market = market
        self._above = above

    def provide(self, requirements: tuple[str, ...], environment: Environment, source: Source) -> None:
        """Resolve requirements and install them into the environment of a build."""
        market, wiring = self._market, self._market.wiring
        crew = market.under_way.begin()
        terms = msgspec.structs.replace(market.terms, above=(*self._above, source.name or source.label))
        nested = make_builder(market, terms.above, os.path.dirname(environment.prefix))
        edges = Edges(
            crew, wiring.fetcher, wiring.store, wiring.archives, builder=nested, complete=wiring.with_credential
        )
        catalog = Catalog(edges, market.turns, market.links, environment.target, terms, rules=wiring.rules)
        there = {one.name: one for one in installed(environment)}
        try:
            order = Order(self._asked(requirements, environment, source), market.constraints, Wishes())
            memo = Memo(wiring.store, catalog, self._question(requirements, there))
            listener = _Ear(market.passed_over)
            installer = Installer(Solving(catalog, crew, there, read_metadata, listener, memo))
            site = EnvironmentSite(environment, link_mode=wiring.settings.link_mode, compile_bytecode=False)
            installer.run(order, site, memo.recall(there))
        finally:
            market.under_way.end(crew)
            crew.stop()
            crew.dismiss()
            catalog.builds.close()
            nested.discard()

    def stop(self) -> None:
        """Have whatever is being provided, on any level, end where it waits."""
        self._market.under_way.stop()

    def check(self, requirements: tuple[str, ...], environment: Environment, source: Source) -> None:
        """See that what a build requires is installed, with ``--check-build-dependencies``."""
        if not self._market.wiring.settings.check_build_dependencies:
            return
        there = {one.name: one.version for one in installed(environment)}
        lacking = []
        for stated in self._asked(requirements, environment, source):
            requirement = stated.requirement
            version = there.get(requirement.name)
            if version is None:
                lacking.append(f"{requirement} is not installed")
            elif not admits(requirement.specifier, version):
                lacking.append(f"{requirement} is required, and {version} is installed")
        if lacking:
            raise BuildError(
                "missing-requirements",
                f"{source.label} cannot be built in {environment.prefix}: it lacks what the build requires",
                context=tuple(lacking),
                hint="Install it first, or leave out --no-build-isolation.",
            )

    def _asked(self, requirements: tuple[str, ...], environment: Environment, source: Source) -> tuple[Stated, ...]:
        stated = (Stated(parse_requirement(text), f"to build {source.label}") for text in requirements)
        return tuple(one for one in stated if one.requirement.applies(environment.target.environment))

    def _question(self, requirements: tuple[str, ...], there: Iterable[str]) -> str:
        formats = self._market.terms.formats
        texts = [f"r {text}" for text in requirements]
        texts += [f"c {text}" for text in self._market.terms.constraints]
        texts += [f"no {name}" for name in sorted(formats.no_binary)]
        texts += [f"only {name}" for name in sorted(formats.only_binary)]
        return question(["build", *texts, *sorted(there)])


class _Ear(Silent):
    """Hears what is passed over for a build, and hands it on: people should know."""

    def __init__(self, passed_over: Callable[[Passed], None]) -> None:
        self._passed_over = passed_over

    def passed_over(self, passed: Passed) -> None:
        """Hand it on."""
        self._passed_over(passed)


def make_builder(market: Market, above: tuple[str, ...] = (), within: str = "") -> LocalBuilder:
    """Return a builder for the target interpreter.

    :param above: what is being built already, and needs what this one builds.
    :param within: the folder of that, so that it goes with it; empty for the top level.
    """
    wiring = market.wiring
    space = msgspec.structs.replace(market.space, temporary=within) if within else market.space
    return LocalBuilder(
        wiring.interpreter,
        Provider(market, above),
        wiring.environ,
        space,
        processes=market.processes,
        hear=market.hear,
    )


def make_market(
    wiring: Wiring,
    turns: Sequence[Sequence[Index]],
    links: Sequence[Index],
    terms: Terms,
    constraints: tuple[Stated, ...],
) -> Market:
    """Return where the environments of builds are filled from in a run.

    :param terms: those of the run: what it says of single trees is not for what builds need.
    """
    settings, progress = wiring.settings, wiring.progress
    return Market(
        wiring,
        turns,
        links,
        constraints,
        Terms(
            msgspec.structs.replace(terms.formats, hashed=frozenset()),
            constraints=terms.constraints,
            refresh=terms.refresh,
            fleeting=terms.fleeting,
        ),
        Processes(settings.jobs),
        UnderWay(),
        Space(
            keep=settings.no_clean,
            checkouts=settings.src or default_checkouts(wiring),
            exists=EXISTS[settings.exists_action],
        ),
        progress,
        progress.passed_over,
    )


def default_checkouts(wiring: Wiring) -> str:
    """Return the folder for checkouts that stay, as pip has it: in the virtual environment, else where one is."""
    environment = wiring.interpreter
    return os.path.join(environment.prefix, "src") if environment.is_virtual else os.path.join(os.getcwd(), "src")
