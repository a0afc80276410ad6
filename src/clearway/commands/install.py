"""``clearway install``: resolve, fetch, and change the environment once (DESIGN 3, 4.1, 4.9).

The archives of what will probably be chosen start to arrive while the solver goes on. When all of the plan is
downloaded, checked and unpacked, and not before, the environment is changed, as one transaction. Chosen files that
turn out not to be handed out go back to the solver, all of one round together.
"""

from __future__ import annotations

from threading import Timer
from typing import TYPE_CHECKING

import msgspec

from clearway.commands.plan import Plan, make_plan
from clearway.crew import Slot
from clearway.errors import InputError, IntegrityError, ResolutionError
from clearway.model.inputs import Stated
from clearway.model.requirements import Requirement
from clearway.policy.absence import Absence
from clearway.ports import Change, Installation
from clearway.resolution.problem import Problem, Resolution, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from clearway.catalog.catalog import Catalog
    from clearway.catalog.located import Located
    from clearway.commands.events import Listener
    from clearway.crew import Crew
    from clearway.model.installed import Installed
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.ports import Site, Tree
    from clearway.resolution.memo import Memo
    from clearway.resolution.prefetch import Prefetcher
    from clearway.resolution.problem import HeldBack, Pin
    from clearway.resolution.projects import Project
    from clearway.resolution.refusals import Refusals


PHRASE_PATIENCE = 3.0
"""Seconds after which nobody waits for a status line any longer."""
MOST_PHRASES = 16
"""Refusals without a reason of which the status line is asked for: as many as one round of requests takes."""


class Order(msgspec.Struct, frozen=True):
    """What the person wants installed.

    :param dry_run: find out what would be done, prove that every file is handed out, and change nothing.
    """

    requirements: tuple[Stated, ...]
    constraints: tuple[Stated, ...]
    wishes: Wishes
    dry_run: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What was done, or with a dry run would be."""

    plan: Plan
    resolution: Resolution
    hashes: dict[str, str]
    """By project: the sha256 of the archive that was installed, as far as it is known."""


class Installer:
    """One installation into one environment.

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
        self._catalog = catalog
        self._crew = crew
        self._installed = installed
        self._read_installed = read_installed
        self._listener = listener

    def run(self, order: Order, site: Site, known: Resolution | None = None) -> Outcome:
        """Install.

        :param known: the resolution, if it is remembered from an earlier run.
        :raises ClearwayError: anything of the error tree; the environment is then as it was.
        """
        if order.wishes.require_hashes:
            _check_pinned(order)
        resolution, arrived = self._resolve(order, known)
        plan = make_plan(resolution.pins)
        for warning in (*resolution.warnings, *self._catalog.indexes.warnings):
            self._listener.note(warning)
        if order.dry_run:
            return Outcome(plan, resolution, self._digests(plan))
        trees = {step.pin.name: arrived[step.pin.name] for step in plan.steps}
        if plan.steps:
            self._listener.writing(plan)
            site.apply(_change(plan, trees))
        return Outcome(plan, resolution, {str(name): tree.key.removeprefix("sha256:") for name, tree in trees.items()})

    def _digests(self, plan: Plan) -> dict[str, str]:
        """Return the hashes of the archives that were read whole on the way."""
        located = {str(step.pin.name): step.pin.located for step in plan.steps}
        found = {name: self._catalog.digest(one) for name, one in located.items() if one is not None}
        return {name: digest for name, digest in found.items() if digest}

    def _resolve(self, order: Order, known: Resolution | None) -> tuple[Resolution, dict[NormalizedName, Tree]]:
        """Solve until every chosen file is there (or for a dry run proven to be handed out)."""
        if known is not None:
            absent, trees = self._fetch(order, known)
            if not absent:
                return known, trees
        return self._solve(order)

    def _solve(self, order: Order) -> tuple[Resolution, dict[NormalizedName, Tree]]:
        from clearway.resolution.driver import Driver  # late: a resolution that is remembered needs no solver
        from clearway.resolution.prefetch import Prefetcher
        from clearway.resolution.refusals import Refusals
        from clearway.resolution.workspace import Workspace

        problem = Problem(
            order.requirements if order.wishes.reinstall else tuple(map(self._without_kept_url, order.requirements)),
            order.constraints,
            self._installed,
            order.wishes,
        )
        refusals = Refusals(self._catalog.is_generous, self._listener.passed_over)
        workspace = Workspace(problem, self._catalog, self._crew, self._read_installed, refusals)
        prefetcher = Prefetcher(workspace, pre=order.wishes.pre, deep=not order.wishes.no_deps)
        driver = Driver(problem, workspace, prefetcher, self._starter(order, prefetcher))
        while True:
            try:
                resolution = driver.resolve()
            except ResolutionError:
                self._clear(self._catalog.indexes.suspects())
                raise
            self._catalog.forget_unwanted(pin.located for pin in resolution.pins if pin.located is not None)
            if order.wishes.require_hashes:
                _check_hashed(order, resolution)
            suspects = self._catalog.indexes.suspects()
            absent, trees = self._fetch(order, resolution)
            if not absent:
                self._clear(suspects)
                if self._memo is not None:
                    self._memo.remember(resolution)
                return self._with_reasons(resolution, refusals), trees
            driver.leave_out(absent)

    def _clear(self, suspects: Iterable[Slot[None]]) -> None:
        """See that what nobody has is not merely hidden from a credential that is no longer valid.

        :raises IndexFailure: ``credential``.
        """
        for suspect in suspects:
            self._crew.wait(suspect)

    def _with_reasons(self, resolution: Resolution, refusals: Refusals) -> Resolution:
        """Add to what is held back the reasons that only a status line tells: asked for once, and for what is shown."""
        held = resolution.held_back
        mute = [one for one in held if one.passed.absence.kind == "refused" and not one.passed.absence.reason]
        asked = {id(one): self._catalog.phrase(refusals.located(one.passed)) for one in mute[:MOST_PHRASES]}
        told = self._heard(asked)
        return msgspec.structs.replace(
            resolution, held_back=tuple(_with_reason(one, told.get(id(one), "")) for one in held)
        )

    def _heard(self, asked: Mapping[int, Slot[str]]) -> dict[int, str]:
        """Return what has been answered in good time; the rest is not worth a longer run."""
        if not asked:
            return {}
        over: Slot[None] = Slot()
        timer = Timer(PHRASE_PATIENCE, lambda: self._crew.post(lambda: over.deliver(None)))
        timer.daemon = True
        timer.start()
        while not over.arrived and not all(slot.arrived for slot in asked.values()):
            self._crew.take()
        timer.cancel()
        return {key: slot.result() for key, slot in asked.items() if slot.arrived}

    def _fetch(
        self, order: Order, resolution: Resolution
    ) -> tuple[list[tuple[Pin, Absence]], dict[NormalizedName, Tree]]:
        """Fetch every chosen archive, or for a dry run prove that it is handed out; return those that are not."""
        if order.dry_run:
            return self._prove(resolution), {}
        return self._collect(resolution)

    def _starter(self, order: Order, prefetcher: Prefetcher) -> Callable[[Project, int, Located], None]:
        """Return what is done with a wheel that will probably be chosen: start its archive, or its proof.

        Only for the first version that the solver tries of a project, and only if the prefetcher, which has seen
        further, leads to it too: where the solver searches, it would leave a trail of archives that nobody needs.
        """
        started: set[NormalizedName] = set()

        def start(project: Project, number: int, located: Located) -> None:
            if project.name in started or not prefetcher.expects(project, number):
                return
            started.add(project.name)
            self._listener.resolving(len(started))
            if order.dry_run:
                self._catalog.proof(located)
            else:
                self._catalog.tree(located)

        return start

    def _prove(self, resolution: Resolution) -> list[tuple[Pin, Absence]]:
        proofs = [(pin, self._catalog.proof(pin.located)) for pin in resolution.pins if pin.located is not None]
        results = [(pin, self._crew.wait(proof)) for pin, proof in proofs]
        return [(pin, absence) for pin, absence in results if absence is not None]

    def _collect(self, resolution: Resolution) -> tuple[list[tuple[Pin, Absence]], dict[NormalizedName, Tree]]:
        """Wait for every chosen archive; return those that are not handed out, and the trees of the others.

        First for the verdicts, which come with the first bytes: what is not handed out is resolved again while the
        other archives still arrive.
        """
        wanted = [(pin, pin.located) for pin in resolution.pins if pin.located is not None]
        wanted.sort(key=lambda one: -(one[1].file.size or 0))  # the largest takes longest: it must not begin last
        slots: list[tuple[Pin, Slot[Tree | Absence]]] = [(pin, self._catalog.tree(located)) for pin, located in wanted]
        self._listener.downloading(make_plan(resolution.pins))
        verdicts = [(pin, self._crew.wait(self._catalog.verdict(located))) for pin, located in wanted]
        absent = [(pin, verdict) for pin, verdict in verdicts if verdict is not None]
        trees: dict[NormalizedName, Tree] = {}
        for pin, slot in slots if not absent else ():
            found = self._crew.wait(slot)
            if isinstance(found, Absence):
                absent.append((pin, found))
            else:
                trees[pin.name] = found
                assert pin.located is not None
                self._check_told(pin, pin.located, found)
                self._listener.unpacked(pin.located.file)
        return absent, trees

    def _check_told(self, pin: Pin, located: Located, tree: Tree) -> None:
        """Hold the metadata that was resolved with, a sidecar's perhaps, against the archive's own (DESIGN 4.6).

        :raises IntegrityError: ``metadata-mismatch``.
        """
        told, true = pin.metadata, tree.metadata
        if told.requires_python == true.requires_python and set(told.requires_dist) == set(true.requires_dist):
            return
        self._catalog.forget_metadata(located)
        raise IntegrityError(
            "metadata-mismatch",
            f"{located.file.filename} requires something else than the index {located.index.name} said",
            context=(f"the index said: {_requirements(told)}", f"the wheel says: {_requirements(true)}"),
            hint="Nothing was installed. Run the command again; if that does not help, report it to whoever runs the "
            "index.",
        )

    def _without_kept_url(self, stated: Stated) -> Stated:
        """Return a requirement by URL as one of the installed version if that came from this URL (PEP 610)."""
        requirement = stated.requirement
        if not requirement.url:
            return stated
        installed = self._installed.get(requirement.name)
        if installed is None or installed.broken or not _is_from(installed, requirement.url):
            return stated
        pinned = Requirement(requirement.name, requirement.extras, f"==={installed.version}", requirement.marker)
        return Stated(pinned, stated.origin, stated.hashes)


def _with_reason(held: HeldBack, reason: str) -> HeldBack:
    if not reason:
        return held
    absence = msgspec.structs.replace(held.passed.absence, reason=reason)
    return msgspec.structs.replace(held, passed=msgspec.structs.replace(held.passed, absence=absence))


def direct_url(url: str, sha256: str) -> str:
    """Return the text of direct_url.json for a wheel from a URL (PEP 610, "Archive URLs")."""
    info = {"url": url.partition("#")[0], "archive_info": {"hash": f"sha256={sha256}", "hashes": {"sha256": sha256}}}
    return msgspec.json.encode(info).decode()


def _requirements(metadata: Metadata) -> str:
    python = (f"Python {metadata.requires_python}",) if metadata.requires_python else ()
    return "; ".join((*metadata.requires_dist, *python)) or "nothing"


def _is_from(installed: Installed, url: str) -> bool:
    try:
        known = msgspec.json.decode(installed.direct_url, type=dict[str, object])
    except msgspec.DecodeError:
        return False
    return known.get("url") == url.partition("#")[0] and "archive_info" in known


def _change(plan: Plan, trees: Mapping[NormalizedName, Tree]) -> Change:
    installations = []
    for step in plan.steps:
        tree, pin = trees[step.pin.name], step.pin
        assert pin.located is not None
        text = direct_url(pin.located.file.url, tree.key.removeprefix("sha256:")) if pin.direct else ""
        installations.append(Installation(tree, pin.requested, text))
    return Change(tuple(step.replaces for step in plan.steps if step.replaces is not None), tuple(installations))


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
                hint="Pin it with == and give its hashes, or do without --require-hashes and --hash.",
            )
        if not stated.hashes and "#sha" not in requirement.url:
            raise _without_hash(f"{requirement} ({stated.origin})")


def _check_hashed(order: Order, resolution: Resolution) -> None:
    """In hash-checking mode dependencies carry hashes too.

    :raises InputError: ``no-hash``.
    """
    known = {stated.requirement.name for stated in (*order.requirements, *order.constraints)}
    for pin in resolution.pins:
        if pin.located is not None and pin.name not in known:
            raise _without_hash(f"{pin.name}=={pin.version}, which others need,")


def _without_hash(what: str) -> InputError:
    return InputError(
        "no-hash",
        f"{what} has no hash, and hashes are required",
        hint="List every project with == and --hash=sha256:..., dependencies too.",
    )
