"""The law of DESIGN 4.1: whatever is refused, and whenever that is found out, the result is that of a first solve.

A first solve in which the refused releases had no usable file, that is; they count as being there. It is had here by
allowing only the hashes of the files that can be had. Which task is done next is drawn, too, so nothing may depend on
what arrives first. Universes are small: what does not hold in the large fails in the small.

Two things are no part of it: wheels of one release that require different things (what a wheel that is never asked for
would be answered with, nobody learns), and ``--force-reinstall``, which keeps what is installed where a refusal would
make it older.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearway.cache.store import MemoryStore
from clearway.catalog.catalog import Catalog
from clearway.catalog.indexes import Edges
from clearway.commands.events import Silent
from clearway.commands.install import Installer
from clearway.commands.solving import Order, Solving
from clearway.errors import ResolutionError
from clearway.index.routing import make_index
from clearway.model.inputs import Stated
from clearway.model.requirements import parse_requirement
from clearway.policy.rules import Rules
from clearway.resolution.problem import Wishes
from clearway.resolution.projects import Project
from clearway.resolution.workspace import Workspace
from support.builders import StatedBuilder
from support.exchange import Reply, Seen
from support.jobs import MemoryArchives, RecordingSite, make_installed, make_target, metadata_of
from support.offline import HOST, OfflineFetcher, OneThread
from support.repository import Repository
from support.sources import stated_sdist
from support.wheels import Wheel, make_wheel

SETTINGS = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
NAMES = "abcde"
VERSIONS = ("1.0", "1.1", "2.0rc1", "2.0")
SPECIFIERS = ("", "", "", "", ">=1.1", "<2", "<=2", ">=2", "==1.0", "!=1.1", ">=2.0rc1")
STATUSES = (200, 200, 200, 200, 200, 403, 451, 404, 410)
LINUX, ANY, SDIST = "cp312-cp312-linux_x86_64", "py3-none-any", "sdist"
KINDS = ((ANY,), (ANY,), (ANY,), (LINUX, ANY), (SDIST,), (SDIST,), (ANY, SDIST), (LINUX, ANY, SDIST))
"""The files of a release, best first."""
NOTHING = "sha256:" + "0" * 64
BULK = bytes(range(256)) * 800
"""Larger than what is simply downloaded."""


class Fate(NamedTuple):
    """What becomes of the requests for one file.

    :param status: of its plain GET: 200, or why not.
    :param sidecar: whether its sidecar passes all the same; ``ranges``: whether ranges do.
    """

    status: int
    sidecar: bool
    ranges: bool


class Universe(NamedTuple):
    """An index, what it refuses, and a question.

    :param files: by project and version the files, best first.
    :param fates: by file name.
    """

    files: dict[tuple[str, str], list[Wheel]]
    fates: dict[str, Fate]
    options: dict[str, object]
    rules: Rules
    requirements: list[str]
    installed: dict[str, str]
    wishes: Wishes
    requires: dict[str, list[str]]

    def __repr__(self) -> str:
        lines = [
            f"{wheel.filename} {self.fates[wheel.filename]} {wheel.metadata.decode().split()[6:]}"
            for wheels in self.files.values()
            for wheel in wheels
        ]
        return "\n".join(
            [*lines, *map(str, (self.options, self.rules, self.installed, self.wishes)), str(self.requirements)]
        )


@st.composite
def universes(draw: st.DrawFn) -> Universe:
    names = NAMES[: draw(st.integers(2, len(NAMES)))]
    edge = st.builds(lambda name, specifier: name + specifier, st.sampled_from(names), st.sampled_from(SPECIFIERS))
    fate = st.builds(Fate, st.sampled_from(STATUSES), st.booleans(), st.booleans())
    large = draw(st.booleans())
    files: dict[tuple[str, str], list[Wheel]] = {}
    fates: dict[str, Fate] = {}
    requires: dict[str, list[str]] = {}
    left = 9  # refusals: of ten over three projects something else is made
    for name in names:
        for version in draw(st.lists(st.sampled_from(VERSIONS), min_size=2, max_size=4, unique=True)):
            tags = draw(st.sampled_from(KINDS))
            needed = [one for one in draw(st.lists(edge, max_size=2)) if one[0] != name]
            requires[f"{name} {version}"] = needed  # of all its wheels: the requirements of one decide about it
            content = {f"{name}.bin": BULK} if large else None
            made = []
            for tag in tags:
                if tag == SDIST:
                    wheel = stated_sdist(name, version, requires=needed, bulk=len(BULK) if large else 0)
                else:
                    wheel = make_wheel(name, version, tags=tag, requires=needed, files=content)
                fates[wheel.filename] = draw(fate) if left else Fate(200, True, True)
                left -= fates[wheel.filename].status != 200
                made.append(wheel)
            files[name, version] = made
    known = sorted(files)
    return Universe(
        files,
        fates,
        draw(
            st.fixed_dictionaries(
                {
                    "formats": st.sampled_from([("json",), ("html",)]),
                    "sidecars": st.booleans(),
                    "ranges": st.booleans(),
                    "suffix_status": st.sampled_from([206, 206, 200, 416, 501]),
                }
            )
        ),
        Rules(on_refusal=draw(st.sampled_from(["next-version", "next-file", "next-file-or-sdist"]))),
        draw(st.lists(edge, min_size=1, max_size=2)),
        dict(draw(st.lists(st.sampled_from(known), max_size=2))),
        Wishes(upgrade=draw(st.sampled_from(["no", "only-if-needed", "eager"]))),
        requires,
    )


class Told(NamedTuple):
    """What a run came to: the pins with their files, or nothing; and what it cost."""

    pins: dict[str, tuple[str, str]] | None
    seen: list[Seen]
    considered: set[str]


def play(universe: Universe, seed: int, *, refusing: bool, dry_run: bool = False) -> Told:
    """Solve, where the index refuses what it does; or where what it would refuse may not be used from the start."""
    repository = Repository(HOST, **universe.options)
    for wheels in universe.files.values():
        for wheel in wheels:
            repository.add(wheel)
    fetcher = OfflineFetcher(repository, lambda seen: answer(universe, seen) if refusing else None)
    crew = OneThread(Random(seed).randrange)
    index = make_index(repository.url, name="corp", rules=universe.rules)
    builder = StatedBuilder()
    edges = Edges(crew, fetcher, MemoryStore(), MemoryArchives(), builder=builder)
    catalog = Catalog(edges, [(index,)], (), make_target(), rules=universe.rules, whole=not dry_run)
    considered: set[str] = set()
    installed, metadata = make_installed(universe.installed), metadata_of(universe.requires)
    installer = Installer(Solving(catalog, crew, installed, metadata, Silent()))
    order = Order(
        tuple(Stated(parse_requirement(text), "command line") for text in universe.requirements),
        tuple(constraints(universe, refusing=refusing)),
        universe.wishes,
        dry_run,
    )
    with pytest.MonkeyPatch.context() as patched:
        natural = Workspace.metadata

        def metadata(self: Workspace, project: Project, number: int, *rest: object) -> object:
            if number != project.installed_number:
                considered.add(f"{project.name}-{project.version(number)}")
            return natural(self, project, number, *rest)

        patched.setattr(Workspace, "metadata", metadata)
        try:
            pins = installer.run(order, RecordingSite()).resolution.pins
        except ResolutionError:
            return Told(None, fetcher.seen, considered)
        finally:
            builder.close()
    told = {str(pin.name): (pin.version, pin.located.file.filename if pin.located else "") for pin in pins}
    return Told(told, fetcher.seen, considered)


def answer(universe: Universe, seen: Seen) -> Reply | None:
    """Return what a request is answered with by the fate of its file; None for the file itself, or a part of it."""
    fate = universe.fates.get(seen.filename)
    if fate is None or fate.status == 200:
        return None
    parts = universe.options["ranges"] and universe.options["suffix_status"] == 206  # else it would be the whole
    passes = {"sidecar": fate.sidecar, "file": parts and "range" in seen.headers and fate.ranges}
    return None if passes.get(seen.stage, True) else Reply(fate.status, {}, b"held: not yet scanned")


def constraints(universe: Universe, *, refusing: bool) -> list[Stated]:
    """Return the hashes that are allowed: of all files; or of those that can be had, and no others."""
    found = []
    for name in sorted({name for name, _ in universe.files}):
        hashes = [NOTHING]
        for (owner, _), wheels in universe.files.items():
            if owner == name:
                hashes += [f"sha256:{one.sha256}" for one in (wheels if refusing else obtainable(universe, wheels))]
        found.append(Stated(parse_requirement(name), "constraints", tuple(hashes)))
    return found


def release_of(filename: str) -> str:
    """Return the release that a file is of: ``name-version``."""
    return "-".join(filename.removesuffix(".tar.gz").split("-")[:2])


def obtainable(universe: Universe, wheels: list[Wheel]) -> list[Wheel]:
    """Return the file of a release that will be had, by the table of DESIGN 4.6."""
    instead = universe.rules.on_refusal == "next-file-or-sdist" or len(wheels) == 1
    for wheel in wheels if instead else [one for one in wheels if one.filename.endswith(".whl")]:
        status = universe.fates[wheel.filename].status
        if status == 200:
            return [wheel]
        if status in {403, 451} and universe.rules.on_refusal == "next-version":
            break
    return []


@given(universes(), st.integers(0, 1 << 16), st.booleans())
@SETTINGS
def test_the_result_is_that_of_a_first_solve(universe: Universe, seed: int, dry_run: bool) -> None:
    found = play(universe, seed, refusing=True, dry_run=dry_run)
    assert found.pins == play(universe, 0, refusing=False).pins


@given(universes(), st.integers(0, 1 << 16), st.booleans())
@SETTINGS
def test_nothing_is_asked_for_twice(universe: Universe, seed: int, dry_run: bool) -> None:
    seen = play(universe, seed, refusing=True, dry_run=dry_run).seen
    asked = [(one.path, one.headers.get("range", "")) for one in seen]
    assert len(asked) == len(set(asked))
    whole = [one for one in seen if one.stage == "file" and ("range" not in one.headers or one.status == 200)]
    assert len(whole) == len({one.filename for one in whole})
    for one in whole:
        later = seen[seen.index(one) + 1 :]
        assert all(other.filename != one.filename or other.stage == "sidecar" for other in later)


def test_few_archives_are_asked_for_on_speculation() -> None:
    """Few beyond the releases that the solver considered: one in ten here, where nearly everything is in conflict."""
    wanted, further = [], []

    @given(universes(), st.integers(0, 1 << 16), st.booleans())
    @settings(SETTINGS, derandomize=True)
    def count(universe: Universe, seed: int, dry_run: bool) -> None:
        told = play(universe, seed, refusing=True, dry_run=dry_run)
        asked = {one.filename for one in told.seen if one.stage == "file"}
        further.extend(name for name in asked if release_of(name) not in told.considered)
        wanted.extend((*told.considered, *(file for _, file in (told.pins or {}).values() if file)))

    count()
    assert len(wanted) > 100
    assert len(further) <= 0.1 * len(wanted)
