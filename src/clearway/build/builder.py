"""Builds on this machine: the adapter of :class:`clearway.ports.Builder`.

Everything that comes of it lies in one folder below the one for temporary files, and goes with it; a folder of the
person's is built in place.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clearway.build.checkouts import Space, check_out
from clearway.build.faults import translated
from clearway.build.processes import Processes
from clearway.build.project import Project, Workshop, project_folder
from clearway.build.repositories import Git, Repository, parse_repository
from clearway.build.unpacking import unpack_source
from clearway.model.names import is_name
from clearway.model.urls import fragment
from clearway.ports import Checkout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.build.project import Hearer
    from clearway.model.metadata import Metadata
    from clearway.model.targets import Environment
    from clearway.ports import Provision, Source

_ANYWHERE = Space()


class LocalBuilder:
    """Implements :class:`clearway.ports.Builder`.

    :param environment: the target; its interpreter runs the backends.
    :param environ: the variables of the person (:mod:`clearway.build.variables` says which of them a build sees).
    :param space: where it puts what it makes.
    :param processes: those of the run, if there is another builder in it.
    :param hear: told of builds, each from a thread of its own; None where nobody wants to know.
    """

    def __init__(
        self,
        environment: Environment,
        provision: Provision,
        environ: Mapping[str, str],
        space: Space = _ANYWHERE,
        *,
        processes: Processes | None = None,
        hear: Hearer | None = None,
    ) -> None:
        self._processes = Processes() if processes is None else processes
        self._workshop = Workshop(environment, provision, environ, self._processes, hear)
        self._space = space
        self._lock = Lock()
        self._own = ""
        self._numbers = count(1)
        self._projects: dict[Source, tuple[Project, str]] = {}

    @property
    def folder(self) -> str:
        """The folder in which everything lies; empty as long as nothing does."""
        return self._own

    def unpack(self, archive: memoryview | str, filename: str) -> str:
        """Unpack a source archive; return the folder of its tree."""
        return unpack_source(archive, filename, self._place("src"))

    def checkout(self, url: str, *, lasting: bool = False) -> Checkout:
        """Check out what a URL of a repository names."""
        repository = parse_repository(url)
        environ = self._workshop.environ
        if lasting:
            path, commit = check_out(repository, _folder_name(url, repository), self._space, environ, self._processes)
        else:
            path = self._place("src")
            commit = Git(repository, path, environ, self._processes).checkout()
        project_folder(path, repository.subdirectory, repository.url)
        return Checkout(path, repository.url, commit, repository.ref, repository.subdirectory)

    def metadata(self, source: Source, *, wanted: bool = False) -> Metadata:
        """Return the metadata of the wheel that a tree becomes."""
        return self._project(source).metadata(wanted=wanted)

    def wheel(self, source: Source) -> str:
        """Build a wheel, check it, and return where it is."""
        return self._project(source).wheel()

    def release(self, source: Source) -> None:
        """Delete what building a tree has left, and the tree itself if it was made here."""
        with self._lock:
            _, folder = self._projects.pop(source, (None, ""))
            own = os.path.join(self._own, "")
        if self._space.keep or not self._own:
            return
        if folder:
            _delete(folder)
        if source.path.startswith(own):
            _delete(own + source.path[len(own) :].partition(os.sep)[0])

    def stop(self) -> None:
        """End all builds, with all their processes."""
        self._workshop.provision.stop()
        self._processes.stop()

    def close(self) -> None:
        """Stop, and delete everything."""
        self.stop()
        self.discard()

    def discard(self) -> None:
        """Delete everything; what else runs with the same processes goes on."""
        with self._lock:
            self._projects.clear()
            own, self._own = self._own, ""
        if own and not self._space.keep:
            _delete(own)

    def _project(self, source: Source) -> Project:
        with self._lock:
            known = self._projects.get(source)
        if known is None:
            folder = self._place("build")
            made = Project(source, self._workshop, folder)
            with self._lock:
                known = self._projects.setdefault(source, (made, folder))
        return known[0]

    def _place(self, kind: str) -> str:
        """Return a path in the builder's own folder at which nothing is yet."""
        with self._lock:
            if not self._own:
                from tempfile import gettempdir, mkdtemp  # late: 10 ms, and few runs build

                parent = self._space.temporary or gettempdir()
                with translated(parent):
                    self._own = os.path.realpath(mkdtemp(prefix="clearway-", dir=parent))
            return os.path.join(self._own, f"{kind}{next(self._numbers)}")


def _folder_name(url: str, repository: Repository) -> str:
    """Return the name of a checkout's folder: the project's if the URL says it (``#egg=``), else the repository's."""
    egg = fragment(url).get("egg", "").partition("[")[0]
    if is_name(egg):
        return egg
    last = urlsplit(repository.url).path.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return last if last.strip(".") else "repository"


def _delete(folder: str) -> None:
    """Delete a folder, also where a build has left parts of it unwritable; what cannot be deleted stays."""
    from shutil import rmtree  # late: 10 ms

    rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        for place, inner, _ in os.walk(folder):  # which looks into a folder after it was named here
            for path in (os.path.join(place, name) for name in inner):
                if not os.path.islink(path):
                    with suppress(OSError):
                        os.chmod(path, 0o700)
        rmtree(folder, ignore_errors=True)
