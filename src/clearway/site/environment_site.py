"""An environment that can be changed: the adapter of :class:`clearway.ports.Site` (DESIGN 4.9)."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from clearway.model.names import normalize
from clearway.site.bytecode import compile_sources
from clearway.site.faults import file_conflict, translated
from clearway.site.journal import Journal, Moves
from clearway.site.layout import Layout
from clearway.site.linking import Linker, LinkMode
from clearway.site.lock import WORK, locked
from clearway.site.merging import Merge
from clearway.site.ownership import owners_of
from clearway.site.removal import removed_paths
from clearway.site.staging import Staged, Stager
from clearway.site.standing import replaced_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from clearway.model.targets import Environment
    from clearway.ports import Change, Installation


class EnvironmentSite:
    """Implements :class:`clearway.ports.Site`. Called from the main thread only.

    :param link_mode: how files of the cache come into the environment.
    :param compile_bytecode: whether sources are compiled when they are installed.
    :param warn: told, in one sentence each, what a person should know though it is no error.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        link_mode: LinkMode = "auto",
        compile_bytecode: bool = False,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._environment = environment
        self._base = environment.scheme.data
        self._link_mode: LinkMode = link_mode
        self._compile = compile_bytecode
        self._warn = warn

    def recover(self) -> str:
        """Finish or roll back what a killed run left behind; return a sentence about it, or an empty text.

        :raises TargetError: ``environment-unwritable``, ``damaged-journal``.
        """
        site = os.path.realpath(self._environment.scheme.purelib)
        if not os.path.lexists(os.path.join(site, WORK)):
            return ""
        with translated(self._base), locked(site, self._warn) as work:
            phase = Journal(work).settle()
        if phase in ("removing", "installing"):
            return f"A change of {self._base} that was cut off has been rolled back"
        return f"A change of {self._base} that was cut off has been completed" if phase else ""

    def apply(self, change: Change) -> None:
        """Make a change, whole or not at all.

        :raises TargetError: ``environment-unwritable``, ``disk-full``, ``file-conflict``, ``no-record``,
            ``cache-changed``, ``broken-interpreter``, ``damaged-journal``.
        """
        layout = Layout(self._environment)
        site = layout.folders["purelib"]
        with translated(self._base), _made(site), locked(site, self._warn) as work:
            journal = Journal(work)
            journal.settle()
            try:
                moves = self._prepare(change, layout, work)
                journal.make(moves)
            finally:
                with suppress(OSError):  # what cannot be deleted while it is used is deleted by the next run
                    journal.settle()

    def _prepare(self, change: Change, layout: Layout, work: str) -> Moves:
        """Stage what is new; return the renames that change the environment."""
        new = os.path.join(work, "new")
        os.mkdir(new)
        names = self._stage(change.install, layout, new)
        replaced = replaced_now(change.remove, names, (layout.folders["purelib"], layout.folders["platlib"]))
        removed = removed_paths(replaced, layout, self._warn)
        merge = Merge(layout, removed, _sameness(work))
        merge.run(new)
        for path in filter(layout.vital, merge.replaced):
            raise file_conflict(
                path,
                "a wheel has a file of that name, and the environment does not run without this one",
                "Leave that wheel out, and report it to its publisher.",
            )
        for path, owner in owners_of(merge.replaced, layout, removed).items():
            self._warn(f"{path} belongs to {owner} and is replaced")
        aside = [*removed, *merge.replaced]
        old = os.path.join(work, "old")
        return Moves([(path, os.path.join(old, str(number))) for number, path in enumerate(aside)], merge.inside)

    def _stage(self, installations: Iterable[Installation], layout: Layout, new: str) -> set[str]:
        """Make all wheels ready; return the projects that they are of."""
        executable = self._environment.executable
        stager = Stager(layout, Linker(self._link_mode, self._warn), new, executable)
        staged = stager.stage_all(installations, self._warn)
        compiled = _compiled(stager, staged, executable) if self._compile else [[] for _ in staged]
        for wheel, made in zip(staged, compiled, strict=True):
            stager.write_record(wheel, made)
        return {normalize(wheel.manifest.metadata.name) for wheel in staged}


def _compiled(stager: Stager, staged: Sequence[Staged], executable: str) -> list[list[str]]:
    """Compile the sources of all wheels at once; return the files that were made, by wheel."""
    sources = [list(stager.sources(wheel)) for wheel in staged]
    made = iter(compile_sources(executable, [source for wheel in sources for source in wheel]))
    return [[path for _ in wheel if (path := next(made))] for wheel in sources]


def _sameness(work: str) -> Callable[[str], str]:
    """Return the key under which the file system of a folder sees two names as one."""
    folder, name = os.path.split(work)
    return str.casefold if os.path.lexists(os.path.join(folder, name.upper())) else str


@contextmanager
def _made(folder: str) -> Iterator[None]:
    """Make a folder and those that it lies in; take those back that are empty when the change fails."""
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        os.mkdir(path)
    try:
        yield
    except BaseException:
        for path in missing:
            with suppress(OSError):
                os.rmdir(path)
        raise
