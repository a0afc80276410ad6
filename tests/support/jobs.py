"""Runs the jobs against a simulator with fakes for what a test does not need: no environment, no unpacking, no disk."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from clearway.catalog.catalog import Catalog
from clearway.catalog.indexes import Edges
from clearway.catalog.terms import Terms
from clearway.crew import Crew
from clearway.model.installed import Installed
from clearway.model.metadata import Metadata
from clearway.model.names import normalize
from clearway.model.targets import Target
from clearway.policy.rules import Rules
from clearway.ports import Change, Tree
from clearway.settings.formats import Formats
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.stdlib_sender import StdlibSender
from clearway.wheel.contents import read_metadata
from support.builders import StatedBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from clearway.index.records import Index
    from clearway.model.names import NormalizedName
    from clearway.ports import Spool, Store

MARKERS = {
    "implementation_name": "cpython",
    "implementation_version": "3.12.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1",
    "platform_system": "Linux",
    "platform_version": "1",
    "python_full_version": "3.12.0",
    "python_version": "3.12",
    "sys_platform": "linux",
}
TAGS = (
    "cp312-cp312-manylinux_2_17_x86_64",
    "cp312-cp312-linux_x86_64",
    "cp312-none-any",
    "py312-none-any",
    "py3-none-any",
)


def make_target() -> Target:
    """Return a target that is the same on every machine: CPython 3.12 on Linux."""
    return Target(MARKERS, TAGS)


class MemorySpool:
    """Holds an archive in memory (see :class:`clearway.ports.Spool`)."""

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, chunk: bytes) -> None:
        self._content += chunk

    def view(self) -> memoryview:
        return memoryview(bytes(self._content))

    def digest(self, algorithm: str) -> str:
        return hashlib.new(algorithm, self._content, usedforsecurity=False).hexdigest()

    def close(self) -> None:
        self._content.clear()


class MemoryArchives:
    """Remembers which wheels were "unpacked" (see :class:`clearway.ports.Archives`)."""

    def __init__(self) -> None:
        self.trees: dict[str, Tree] = {}
        self.passing: dict[str, Tree] = {}

    def find(self, key: str) -> Tree | None:
        return self.trees.get(key)

    def has(self, key: str) -> bool:
        return key in self.trees

    def spool(self, size: int | None) -> MemorySpool:
        return MemorySpool()

    def unpack(self, spool: Spool, filename: str, *, passing: bool = False) -> Tree:
        key = f"sha256:{spool.digest('sha256')}"
        tree = Tree(f"/trees/{key}", key, filename, read_metadata(spool.view(), filename))
        (self.passing if passing else self.trees)[key] = tree
        return tree

    def forget(self, tree: Tree) -> None:
        self.passing.pop(tree.key, None)


class RecordingSite:
    """Remembers the change that it was asked to make (see :class:`clearway.ports.Site`)."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def recover(self) -> str:
        return ""

    def apply(self, change: Change) -> None:
        self.changes.append(Change(change.remove, tuple(change.install)))


class LastingSender(PyreqwestSender):
    """A sender that many tests share: making one costs more than most of them."""

    def __init__(self) -> None:
        super().__init__(user_agent="clearway-tests", timeout=5.0)

    def close(self) -> None:
        """Stay open for the next test."""


class Bench:
    """A crew, a fetcher and a catalog over real sockets; closes what it opened."""

    def __init__(
        self,
        turns: Sequence[Sequence[Index]],
        store: Store,
        formats: Formats | None = None,
        *,
        whole: bool = True,
        archives: MemoryArchives | None = None,
        sender: PyreqwestSender | None = None,
        links: Sequence[Index] = (),
        terms: Terms | None = None,
    ) -> None:
        self.crew = Crew()
        self.sender = sender or PyreqwestSender(user_agent="clearway-tests", timeout=5.0)
        asker = partial(StdlibSender, user_agent="clearway-tests", timeout=5.0)
        self.fetcher = HttpFetcher(self.sender, asker, retries=1, pause=0.001)
        self.archives = archives or MemoryArchives()
        self.target = make_target()
        self.builder = StatedBuilder()
        edges = Edges(self.crew, self.fetcher, store, self.archives, builder=self.builder)
        terms = terms or Terms(formats or Formats())
        self.catalog = Catalog(edges, turns, links, self.target, terms, rules=Rules(), whole=whole)

    def close(self) -> None:
        self.crew.stop()
        self.catalog.builds.close()
        self.builder.close()
        self.fetcher.close()
        self.crew.dismiss()


def make_installed(versions: Mapping[str, str]) -> dict[NormalizedName, Installed]:
    """Return distributions that are there in name only."""
    return {
        normalize(name): Installed(normalize(name), name, version, "/site", f"/site/{name}-{version}.dist-info", (1, 1))
        for name, version in versions.items()
    }


def metadata_of(requires: Mapping[str, Iterable[str]]) -> Callable[[Installed], Metadata]:
    """Return a reader of installed metadata that knows these requirements, by "name version"."""

    def read(installed: Installed) -> Metadata:
        stated = requires.get(f"{installed.spelling} {installed.version}", ())
        return Metadata(installed.spelling, installed.version, tuple(stated))

    return read
