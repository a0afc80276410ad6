"""One source tree on its way to a wheel: each step is done once, when its result is first wanted.

static metadata -> build environment -> what its backend needs besides -> metadata prepared -> wheel. A backend that
cannot prepare metadata builds the wheel for it, and that wheel is the one that is handed out later; where the wheel is
wanted first, it tells the metadata.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from clearway.build.faults import translated
from clearway.build.folders import alone_in
from clearway.build.isolation import make_environment
from clearway.build.pyproject import BuildSystem, build_system, read_pyproject
from clearway.build.static import pkg_info, project_table
from clearway.build.variables import build_variables
from clearway.errors import BuildError, InputError, IntegrityError
from clearway.model.files import expand_tags, parse_wheel_name
from clearway.model.metadata import Metadata, parse_metadata
from clearway.model.names import normalize
from clearway.model.versions import parse_version
from clearway.wheel.contents import read_contents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clearway.build.hooks import Hooks
    from clearway.build.processes import Processes
    from clearway.model.targets import Environment
    from clearway.ports import Provision, Source

_LONGEST = 16 << 20


class Hearer(Protocol):
    """Hears of builds, by their labels."""

    def building(self, label: str) -> None:
        """Its backend is about to be asked for something."""

    def printed(self, label: str, line: str) -> None:
        """It has printed a line."""

    def built(self, label: str) -> None:
        """Its backend has answered, or failed."""


class Workshop(msgspec.Struct, frozen=True):
    """What all builds of a run have in common.

    :param environment: the target.
    :param environ: the variables of the person.
    :param hear: told of builds; None where nobody wants to know.
    """

    environment: Environment
    provision: Provision
    environ: Mapping[str, str]
    processes: Processes
    hear: Hearer | None = None


class Project:
    """One source tree being built. Any thread may use it; each waits for the one before.

    :param folder: a new folder for all that is made on the way.
    """

    def __init__(self, source: Source, workshop: Workshop, folder: str) -> None:
        self._source = source
        self._workshop = workshop
        self._folder = folder
        self._tree = project_folder(source.path, source.subdirectory, source.label)
        self._lock = Lock()
        self._hooks: Hooks | None = None
        self._metadata: Metadata | None = None
        self._prepared: str | None = None
        self._wheel = ""

    def metadata(self, *, wanted: bool) -> Metadata:
        """Return the metadata of the wheel that it becomes.

        :param wanted: the wheel will be asked for, too.
        """
        with self._lock:
            if self._metadata is None:
                told = self._stated()
                if told is None:
                    with self._heard():
                        told = self._build() if wanted else self._prepared_metadata()
                self._metadata = self._checked(told)
            return self._metadata

    def wheel(self) -> str:
        """Return where its wheel is."""
        with self._lock:
            if not self._wheel:
                with self._heard():
                    self._build()
            return self._wheel

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """Run its backend: alone in its folder, and so that people know."""
        hear = self._workshop.hear
        if hear is not None:
            hear.building(self._source.label)
        try:
            with alone_in(self._tree):
                yield
        finally:
            if hear is not None:
                hear.built(self._source.label)

    def _stated(self) -> Metadata | None:
        """Return metadata that needs nothing to be run; an editable wheel may require more than its tree says."""
        source = self._source
        if source.editable:
            return None
        told = pkg_info(self._tree, source.label) if source.sdist else None
        return told or project_table(self._document)

    @cached_property
    def _document(self) -> dict[str, Any] | None:
        """Its pyproject.toml, read when it is first wanted: what PKG-INFO settles needs none of it."""
        return read_pyproject(self._tree, self._source.label)

    def _prepared_metadata(self) -> Metadata:
        prepared = self._prepare()
        if not prepared:
            return self._build()
        path = os.path.join(prepared, "METADATA")
        try:
            with open(path, "rb") as file:
                content = file.read(_LONGEST)
        except OSError:
            content = b""
        return parse_metadata(content, f"{self._source.label}, {os.path.basename(prepared)}/METADATA")

    def _prepare(self) -> str:
        """Have the metadata prepared, once; return its folder, or an empty text if the backend cannot."""
        if self._prepared is None:
            hooks = self._ready()
            self._prepared = hooks.prepare(self._make("metadata"))
        return self._prepared

    def _build(self) -> Metadata:
        """Build the wheel and check it; return its metadata."""
        path = self._ready().build(self._make("wheel"), self._prepared or "")
        metadata = self._checked(_read_wheel(path))
        _check_tags(path, self._workshop.environment.tags, self._source.label)
        self._wheel, self._metadata = path, self._metadata or metadata
        return metadata

    def _ready(self) -> Hooks:
        """Return the hooks of its backend, for which everything is installed by now."""
        if self._hooks is None:
            from clearway.build.hooks import Hooks, Runner  # late: 50 ms

            source, workshop = self._source, self._workshop
            system = build_system(self._document, self._tree, source.label)
            environment = self._environment(system)
            hear = workshop.hear
            runner = Runner(
                processes=workshop.processes,
                executable=environment.executable,
                environ=build_variables(
                    workshop.environ, environment, isolated=source.isolated, temporary=self._make("tmp")
                ),
                listen=None if hear is None else lambda line: hear.printed(source.label, line),
            )
            hooks = Hooks(
                self._tree,
                source.label,
                system,
                runner,
                settings=_folded(source.settings),
                editable=source.editable,
            )
            if source.isolated:
                self._provide_more(hooks.requires(), system, environment)
            else:
                workshop.provision.check(system.requires, environment, source)
            self._hooks = hooks
        return self._hooks

    def _environment(self, system: BuildSystem) -> Environment:
        """Return where the backend runs, with what the tree says that it needs."""
        if not self._source.isolated:
            return self._workshop.environment
        environment = make_environment(self._workshop.environment, os.path.join(self._folder, "env"))
        if system.requires:
            self._provide(system.requires, environment)
        return environment

    def _provide_more(self, requires: tuple[str, ...], system: BuildSystem, environment: Environment) -> None:
        more = tuple(text for text in dict.fromkeys(requires) if text not in system.requires)
        if more:
            self._provide((*system.requires, *more), environment)

    def _provide(self, requires: tuple[str, ...], environment: Environment) -> None:
        workshop = self._workshop
        with workshop.processes.engaged():  # who ends all builds waits until this has put away what it made
            workshop.provision.provide(requires, environment, self._source)

    def _make(self, name: str) -> str:
        folder = os.path.join(self._folder, name)
        with translated(folder):
            os.makedirs(folder, exist_ok=True)
        return folder

    def _checked(self, metadata: Metadata) -> Metadata:
        """Check that metadata is of the project and version that were asked for, or that it has told of before.

        :raises IntegrityError: ``wrong-source``.
        """
        name, version = self._source.name, self._source.version
        if self._metadata is not None:
            name, version = normalize(self._metadata.name), self._metadata.version
        same_name = not name or normalize(metadata.name) == name
        if same_name and (not version or parse_version(metadata.version) == parse_version(version)):
            return metadata
        raise IntegrityError(
            "wrong-source",
            f"{self._source.label} is not what it was taken for: it is {metadata.name} {metadata.version}",
            context=(f"expected: {name} {version}".rstrip(),),
            hint="Ask for it by the name and version that it has, or report it to its publisher.",
        )


def project_folder(path: str, subdirectory: str, label: str) -> str:
    """Return the folder of a project in its tree.

    :raises InputError: ``no-subdirectory`` when there is none, or it is not inside of the tree.
    """
    root = os.path.realpath(path)
    folder = os.path.realpath(os.path.join(root, subdirectory))
    inside = folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)
    if inside and os.path.isdir(folder):
        return folder
    raise InputError(
        "no-subdirectory",
        f"{label} has no folder {subdirectory!a}" if subdirectory else f"{path} is not a folder",
        hint="Name a folder inside of it, with #subdirectory=FOLDER, or leave that out.",
    )


def _folded(settings: tuple[tuple[str, str], ...]) -> dict[str, str | list[str]]:
    """Return config settings as hooks want them: a key that came again has a list (PEP 517, "Config settings")."""
    folded: dict[str, str | list[str]] = {}
    for key, value in settings:
        before = folded.get(key)
        if before is None:
            folded[key] = value
        else:
            folded[key] = [*before, value] if isinstance(before, list) else [before, value]
    return folded


def _read_wheel(path: str) -> Metadata:
    """Check a wheel as every wheel is checked, and return its metadata."""
    from mmap import ACCESS_READ, mmap  # late: most runs build nothing

    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        view = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ) if size else b"")
    return read_contents(view, os.path.basename(path)).metadata


def _check_tags(path: str, tags: tuple[str, ...], label: str) -> None:
    name = parse_wheel_name(os.path.basename(path))
    assert name is not None, "it has been read"
    if not any(tag in tags for tag in expand_tags(name.tags)):
        raise BuildError(
            "wrong-platform",
            f"{label} was built into a wheel that this Python cannot use: {os.path.basename(path)}",
            context=(f"best tag here: {tags[0]}",),
            hint="A setting of the build names another platform: look at its config settings and variables "
            "(_PYTHON_HOST_PLATFORM, ARCHFLAGS).",
        )
