"""New files, made ready where nobody looks for them (PEP 376, 427, 610, 627).

Wheels are staged one after the other: links are so short that two threads only wait for each other. Where two wheels
install one path, the one that comes later in the change has it, as if they had been installed one by one.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import TargetError
from clearway.ports import Installation
from clearway.site.commands import render_commands
from clearway.site.faults import wheel_conflict
from clearway.site.files import kind_of, write_new
from clearway.wheel.manifest import MANIFEST, Manifest, decode_manifest
from clearway.wheel.paths import folders_of
from clearway.wheel.plan import Placement, SchemeKey, plan_installation
from clearway.wheel.record import encode_digest, render_row
from clearway.wheel.scripts import INTERPRETER_MARK, set_interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from clearway.site.layout import Layout
    from clearway.site.linking import Linker

INSTALLER = b"clearway\n"


class Generated(msgspec.Struct, frozen=True):
    """A file that no wheel holds: a command, a rewritten script, what an installer says about itself."""

    scheme: SchemeKey
    path: str
    content: bytes
    executable: bool = False


class Staged(msgspec.Struct, frozen=True):
    """One wheel, staged but for its RECORD.

    :param outputs: its files by the path at which they are staged.
    :param clashes: those of the paths where another wheel's file was already.
    """

    installation: Installation
    manifest: Manifest
    root: SchemeKey
    outputs: dict[str, Placement | Generated]
    clashes: list[str]

    def __str__(self) -> str:
        """Return name and version, for messages."""
        return f"{self.manifest.metadata.name} {self.manifest.metadata.version}"


class Stager:
    """Stages the wheels of one change.

    :param new: the folder below which they are staged; it is there.
    :param executable: the interpreter for which commands are made.
    """

    def __init__(self, layout: Layout, linker: Linker, new: str, executable: str) -> None:
        self._layout = layout
        self._linker = linker
        self._folders = layout.staged(new)
        self._executable = executable
        self._made: set[str] = set()

    def stage_all(self, installations: Iterable[Installation], warn: Callable[[str], None]) -> list[Staged]:
        """Stage wheels, and decide who has a path that several of them install.

        :raises TargetError: ``cache-changed``, ``file-conflict``.
        :raises OSError: what the file system refuses.
        """
        staged = [self._stage(installation) for installation in installations]
        self._settle_clashes(staged, warn)
        return staged

    def write_record(self, staged: Staged, compiled: Sequence[str] = ()) -> None:
        """Write a wheel's RECORD, the last of its files.

        :param compiled: staged files that were made by compiling its sources.
        """
        site = self._layout.folders[staged.root]
        before = self._layout.recorded(site)
        rows = [_row(before[output.scheme] + output.path, output) for output in staged.outputs.values()]
        base = self._folders[staged.root]
        rows += [render_row(path.removeprefix(base).replace(os.sep, "/")) for path in compiled]
        own = f"{staged.manifest.info}/RECORD"
        rows.append(render_row(own))
        write_new(base + own, "".join(rows).encode())

    def sources(self, staged: Staged) -> Iterator[tuple[str, str]]:
        """Yield the Python sources of a wheel: where each is staged, and where it will lie."""
        for path, output in staged.outputs.items():
            if output.scheme in ("purelib", "platlib") and output.path.endswith(".py"):
                yield path, os.path.join(self._layout.folders[output.scheme], output.path)

    def _stage(self, installation: Installation) -> Staged:
        manifest = _read_manifest(installation)
        plan = plan_installation(manifest)
        tree = installation.tree
        try:
            outputs = self._outputs(installation, manifest, plan.placements, plan.root)
            self._make_folders(outputs.values())
            clashes = self._write_all(outputs, tree.path)
        except NotADirectoryError as error:
            raise wheel_conflict(tree.filename, str(error.filename2 or error.filename)) from None
        except FileNotFoundError:
            if os.path.exists(tree.path):
                raise
            raise _cache_changed(installation) from None
        return Staged(installation, manifest, plan.root, outputs, clashes)

    def _write_all(self, outputs: dict[str, Placement | Generated], tree: str) -> list[str]:
        """Write files; return the paths of those that were there already."""
        clashes = []
        for destination, output in outputs.items():
            try:
                self._write(output, destination, tree)
            except FileExistsError:
                clashes.append(destination)
        return clashes

    def _outputs(
        self, installation: Installation, manifest: Manifest, placements: list[Placement], root: SchemeKey
    ) -> dict[str, Placement | Generated]:
        """Return every file of a wheel but RECORD, by the path at which it is staged."""
        folders = self._folders
        outputs: dict[str, Placement | Generated] = {
            folders[placement.scheme] + placement.path: placement
            if not placement.script
            else self._script(placement, installation.tree.path)
            for placement in placements
        }
        for name, content in render_commands(manifest.entry_points, self._executable):
            outputs[folders["scripts"] + name] = Generated("scripts", name, content, executable=True)
        about = {"INSTALLER": INSTALLER}
        if installation.requested:
            about["REQUESTED"] = b""
        if installation.direct_url:
            about["direct_url.json"] = installation.direct_url.encode()
        for name, content in about.items():
            path = f"{manifest.info}/{name}"
            outputs[folders[root] + path] = Generated(root, path, content)
        return outputs

    def _script(self, placement: Placement, tree: str) -> Placement | Generated:
        """Return a script with its interpreter set; one that has nothing to set, and may be run, is linked as it is."""
        with open(f"{tree}/{placement.source}", "rb") as file:
            marked = file.peek(len(INTERPRETER_MARK)).startswith(INTERPRETER_MARK)
            if not marked and placement.executable:
                return placement
            content = file.read()
        if marked:
            content = set_interpreter(content, self._executable)
        return Generated(placement.scheme, placement.path, content, executable=True)

    def _make_folders(self, outputs: Iterable[Placement | Generated]) -> None:
        by_scheme: dict[SchemeKey, list[str]] = {}
        for output in outputs:
            by_scheme.setdefault(output.scheme, []).append(output.path)
        made = self._made
        for scheme, paths in by_scheme.items():
            base = self._folders[scheme]
            if base not in made:
                os.makedirs(base, exist_ok=True)
                made.add(base)
            for folder in folders_of(paths):
                path = base + folder
                if path not in made:
                    with suppress(FileExistsError):  # a file of another wheel, which shows when one is to go below it
                        os.mkdir(path)
                    made.add(path)

    def _write(self, output: Placement | Generated, destination: str, tree: str) -> None:
        mode = 0o777 if output.executable else 0o666
        if isinstance(output, Placement):
            self._linker.place(f"{tree}/{output.source}", destination, mode)
        else:
            write_new(destination, output.content, mode)

    def _settle_clashes(self, staged: Sequence[Staged], warn: Callable[[str], None]) -> None:
        """Give each path that several wheels install to the last of them."""
        for path in sorted({path for wheel in staged for path in wheel.clashes}):
            owners = [wheel for wheel in staged if path in wheel.outputs]
            last = owners[-1]
            if kind_of(path) == stat.S_IFDIR:
                raise wheel_conflict(last.installation.tree.filename, path)
            if len({_row("", wheel.outputs[path]) for wheel in owners}) == 1:
                continue
            os.unlink(path)
            self._write(last.outputs[path], path, last.installation.tree.path)
            names = ", ".join(map(str, owners[:-1]))
            warn(f"{last.outputs[path].path} of {last} replaces that of {names}: they install different files there")


def _row(path: str, output: Placement | Generated) -> str:
    if isinstance(output, Placement):
        return render_row(path, output.hash, output.size)
    return render_row(path, encode_digest(sha256(output.content).digest()), len(output.content))


def _read_manifest(installation: Installation) -> Manifest:
    try:
        with open(os.path.join(os.path.dirname(installation.tree.path), MANIFEST), "rb", buffering=0) as file:
            manifest = decode_manifest(file.read())
    except FileNotFoundError:
        manifest = None
    if manifest is None:
        raise _cache_changed(installation)
    return manifest


def _cache_changed(installation: Installation) -> TargetError:
    return TargetError(
        "cache-changed",
        f"The cache lost {installation.tree.filename} while it was being installed",
        hint="The environment is as it was. Run the command again.",
    )
