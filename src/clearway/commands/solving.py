"""Solves until everything that was chosen has been gathered (DESIGN 4.1, 4.5).

The files of what will probably be chosen start to arrive while the solver goes on. Chosen files that turn out not to be
handed out go back to the solver, all of one round together. The same for every command that gathers something:
:mod:`clearway.commands.gathering`.
"""

from __future__ import annotations

from threading import Timer
from typing import TYPE_CHECKING, TypeVar

import msgspec

from clearway.commands.collected import collect
from clearway.commands.provenance import is_from
from clearway.crew import Slot
from clearway.errors import InputError, ResolutionError
from clearway.model.hashes import STRONG, stated_hashes
from clearway.model.inputs import Stated
from clearway.model.requirements import Requirement
from clearway.resolution.problem import Problem, Resolution, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from clearway.catalog.catalog import Catalog
    from clearway.catalog.located import Located
    from clearway.commands.events import Listener
    from clearway.commands.gathering import Gatherer
    from clearway.crew import Crew
    from clearway.model.installed import Installed
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.policy.absence import Absence
    from clearway.resolution.memo import Memo
    from clearway.resolution.prefetch import Prefetcher
    from clearway.resolution.problem import HeldBack, Pin
    from clearway.resolution.projects import Project
    from clearway.resolution.refusals import Refusals

T = TypeVar("T")

PHRASE_PATIENCE = 3.0
"""Seconds after which nobody waits for a status line any longer."""
MOST_PHRASES = 16
"""Refusals without a reason of which the status line is asked for: as many as one round of requests takes."""
_ENOUGH = "If the hashes that are given are enough: --no-require-hashes, and no --require-hashes."


class Order(msgspec.Struct, frozen=True):
    """What the person wants installed.

    :param dry_run: find out what would be done, prove that every file is handed out, and change nothing.
    """

    requirements: tuple[Stated, ...]
    constraints: tuple[Stated, ...]
    wishes: Wishes
    dry_run: bool = False


class Solving:
    """Solves orders over one environment.

    :ivar catalog: what is solved over; ``crew`` waits for it, and ``listener`` hears of it.
    :param installed: what is in the environment, by name.
    :param read_installed: reads the metadata of an installed distribution.
    :param memo: remembers the resolution for later runs.
    """

    def __init__(
        self,
        catalog: Catalog,
        crew: Crew,
        installed: Mapping[NormalizedName, Installed],
        read_installed: Callable[[Installed], Metadata],
        listener: Listener,
        memo: Memo | None = None,
    ) -> None:
        self._memo = memo
        self.catalog = catalog
        self.crew = crew
        self._installed = installed
        self._read_installed = read_installed
        self.listener = listener

    def run(
        self, order: Order, gatherer: Gatherer[T], known: Resolution | None = None
    ) -> tuple[Resolution, dict[NormalizedName, T]]:
        """Solve until every chosen file is there.

        :param known: the resolution, if it is remembered from an earlier run.
        :raises ClearwayError: anything of the error tree.
        """
        if order.wishes.require_hashes:
            _check_pinned(order)
        resolution, gathered = self._settle(order, gatherer, known)
        resolution = _wanted(order, resolution)
        for warning in (*resolution.warnings, *self.catalog.indexes.warnings):
            self.listener.note(warning)
        return resolution, gathered

    def _settle(
        self, order: Order, gatherer: Gatherer[T], known: Resolution | None
    ) -> tuple[Resolution, dict[NormalizedName, T]]:
        if known is not None:
            absent, gathered = self._gather(order, known, gatherer)
            if not absent:
                return known, gathered
        return self._solve(order, gatherer)

    def _solve(self, order: Order, gatherer: Gatherer[T]) -> tuple[Resolution, dict[NormalizedName, T]]:
        from clearway.resolution.driver import Driver  # late: a resolution that is remembered needs no solver
        from clearway.resolution.prefetch import Prefetcher
        from clearway.resolution.refusals import Refusals
        from clearway.resolution.workspace import Workspace

        problem = Problem(
            order.requirements if order.wishes.reinstall else tuple(map(self._without_kept_url, order.requirements)),
            order.constraints if order.wishes.reinstall else tuple(map(self._without_kept_url, order.constraints)),
            self._installed,
            order.wishes,
        )
        refusals = Refusals(self.catalog.is_generous, self.listener.passed_over)
        workspace = Workspace(problem, self.catalog, self.crew, self._read_installed, refusals)
        prefetcher = Prefetcher(workspace, order.wishes)
        driver = Driver(problem, workspace, prefetcher, self._starter(order, gatherer, prefetcher))
        while True:
            try:
                resolution = driver.resolve()
            except ResolutionError:
                self._clear(self.catalog.indexes.suspects())
                raise
            self.catalog.forget_unwanted(pin.located for pin in resolution.pins if pin.located is not None)
            if order.wishes.require_hashes:
                _check_hashed(order, resolution)
            suspects = self.catalog.indexes.suspects()
            absent, gathered = self._gather(order, resolution, gatherer)
            if not absent:
                self._clear(suspects)
                if self._memo is not None:
                    self._memo.remember(resolution)
                return self._with_reasons(resolution, refusals), gathered
            driver.leave_out(absent)

    def _clear(self, suspects: Iterable[Slot[None]]) -> None:
        """See that what nobody has is not merely hidden from a credential that is no longer valid.

        :raises IndexFailure: ``credential``.
        """
        for suspect in suspects:
            self.crew.wait(suspect)

    def _with_reasons(self, resolution: Resolution, refusals: Refusals) -> Resolution:
        """Add to what is held back the reasons that only a status line tells: asked for once, and for what is shown."""
        held = resolution.held_back
        mute = [one for one in held if one.passed.absence.kind == "refused" and not one.passed.absence.reason]
        asked = {id(one): self.catalog.phrase(refusals.located(one.passed)) for one in mute[:MOST_PHRASES]}
        told = self._heard(asked)
        return msgspec.structs.replace(
            resolution, held_back=tuple(_with_reason(one, told.get(id(one), "")) for one in held)
        )

    def _heard(self, asked: Mapping[int, Slot[str]]) -> dict[int, str]:
        """Return what has been answered in good time; the rest is not worth a longer run."""
        if not asked:
            return {}
        over: Slot[None] = Slot()
        timer = Timer(PHRASE_PATIENCE, lambda: self.crew.post(lambda: over.deliver(None)))
        timer.daemon = True
        timer.start()
        while not over.arrived and not all(slot.arrived for slot in asked.values()):
            self.crew.take()
        timer.cancel()
        return {key: slot.result() for key, slot in asked.items() if slot.arrived}

    def _gather(
        self, order: Order, resolution: Resolution, gatherer: Gatherer[T]
    ) -> tuple[list[tuple[Pin, Absence]], dict[NormalizedName, T]]:
        catalog = self.catalog
        collected = collect(order.requirements, resolution.pins, catalog.target.environment, gatherer.is_here)
        self.listener.collecting(collected, whole=not order.dry_run)
        return gatherer.gather(_wanted(order, resolution))

    def _starter(
        self, order: Order, gatherer: Gatherer[T], prefetcher: Prefetcher
    ) -> Callable[[Project, int, Located], None]:
        """Return what is done with a wheel that will probably be chosen.

        Only for the first version that the solver tries of a project, and only if the prefetcher, which has seen
        further, leads to it too: where the solver searches, it would leave a trail of archives that nobody needs.
        Nothing is built so early.
        """
        started: set[NormalizedName] = set()
        left_out = _left_out(order)

        def start(project: Project, number: int, located: Located) -> None:
            if project.name in started or project.name in left_out or located.recipe is not None:
                return
            if not prefetcher.expects(project, number):
                return
            started.add(project.name)
            self.listener.resolving(len(started))
            gatherer.start(located)

        return start

    def _without_kept_url(self, stated: Stated) -> Stated:
        """Return a requirement by URL as one of the installed version if that came from this URL (PEP 610)."""
        requirement = stated.requirement
        if not requirement.url:
            return stated
        installed = self._installed.get(requirement.name)
        if installed is None or installed.broken or not is_from(installed, stated):
            return stated
        pinned = Requirement(requirement.name, requirement.extras, f"==={installed.version}", requirement.marker)
        return Stated(pinned, stated.origin, stated.hashes)


def _with_reason(held: HeldBack, reason: str) -> HeldBack:
    if not reason:
        return held
    absence = msgspec.structs.replace(held.passed.absence, reason=reason)
    return msgspec.structs.replace(held, passed=msgspec.structs.replace(held.passed, absence=absence))


def _left_out(order: Order) -> set[NormalizedName]:
    """Return the projects that are resolved, but are not wanted themselves (``--only-deps``)."""
    return {stated.requirement.name for stated in order.requirements} if order.wishes.only_deps else set()


def _wanted(order: Order, resolution: Resolution) -> Resolution:
    """Return the part of a resolution that is wanted."""
    left_out = _left_out(order)
    if not left_out:
        return resolution
    return msgspec.structs.replace(resolution, pins=tuple(pin for pin in resolution.pins if pin.name not in left_out))


def _check_pinned(order: Order) -> None:
    """In hash-checking mode each requirement is pinned and carries a hash (pip, "Hash-checking mode").

    :raises InputError: ``not-pinned``, ``no-hash``.
    """
    from clearway.resolution.admission import is_pin

    for stated in order.requirements:
        requirement = stated.requirement
        if not requirement.url and not is_pin(requirement.specifier):
            raise InputError(
                "not-pinned",
                f"{requirement} ({stated.origin}) is not pinned, and hashes are required",
                hint=f"Pin it with == and give its hashes. {_ENOUGH}",
            )
        if not _has_hash(stated):
            raise _without_hash(f"{requirement} ({stated.origin})")


def _check_hashed(order: Order, resolution: Resolution) -> None:
    """In hash-checking mode dependencies carry hashes too.

    :raises InputError: ``no-hash``.
    """
    known = {stated.requirement.name for stated in (*order.requirements, *order.constraints) if _has_hash(stated)}
    for pin in resolution.pins:
        if pin.located is not None and pin.name not in known:
            raise _without_hash(f"{pin.name}=={pin.version}, which others need,")


def _has_hash(stated: Stated) -> bool:
    """Whether what is stated says by itself which files are meant."""
    return bool(stated.hashes) or not stated_hashes(stated.requirement.url).keys().isdisjoint(STRONG)


def _without_hash(what: str) -> InputError:
    return InputError(
        "no-hash",
        f"{what} has no hash, and hashes are required",
        hint=f"List every project with == and --hash=sha256:..., dependencies too. {_ENOUGH}",
    )
