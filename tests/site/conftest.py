"""A cache, an environment that runs, and what a test does to it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from clearway.cache.folder import open_folder
from clearway.cache.trees import Trees
from clearway.model.installed import Installed
from clearway.model.names import normalize
from clearway.model.targets import Environment, Scheme
from clearway.ports import Change, Installation
from clearway.site.environment_site import EnvironmentSite

if TYPE_CHECKING:
    from pathlib import Path

    from clearway.ports import Tree
    from support.wheels import Wheel

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
Snapshot = dict[str, tuple[int, bytes | str]]


class Bench:
    """One environment and one cache.

    :ivar warnings: what the site has said.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.prefix = root / "env"
        self.site = self.prefix / "lib" / VERSION / "site-packages"
        self.bin = self.prefix / "bin"
        self.site.mkdir(parents=True)
        self.bin.mkdir()
        (self.bin / "python").symlink_to(sys.executable)
        home = os.path.dirname(os.path.realpath(sys.executable))
        (self.prefix / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
        self.trees = Trees(open_folder(str(root / "cache")))
        self.warnings: list[str] = []

    @property
    def environment(self) -> Environment:
        site, prefix = str(self.site), str(self.prefix)
        return Environment(
            executable=str(self.bin / "python"),
            prefix=prefix,
            base_prefix=sys.base_prefix,
            markers={"python_full_version": "3.13.0"},
            tags=("py3-none-any",),
            scheme=Scheme(site, site, str(self.bin), f"{prefix}/include/site/{VERSION}", prefix),
            search=(site,),
        )

    def tree(self, wheel: Wheel) -> Tree:
        spool = self.trees.spool(len(wheel.content))
        spool.write(wheel.content)
        try:
            return self.trees.unpack(spool, wheel.filename)
        finally:
            spool.close()

    def opened(self, environment: Environment | None = None, **options: object) -> EnvironmentSite:
        options.setdefault("warn", self.warnings.append)
        return EnvironmentSite(environment or self.environment, **options)  # type: ignore[arg-type]

    def change(self, *install: Wheel, remove: tuple[str, ...] = (), requested: bool = False, url: str = "") -> Change:
        installations = [Installation(self.tree(wheel), requested, url) for wheel in install]
        return Change(tuple(self.installed(info) for info in remove), installations)

    def installed(self, info: str) -> Installed:
        """Return what is installed, by the name of its folder in the site folder."""
        spelling, _, version = info.rpartition(".")[0].partition("-")
        return Installed(
            normalize(spelling), spelling, version, location=str(self.site), info=str(self.site / info), stamp=(0, 0)
        )

    def apply(self, *install: Wheel, remove: tuple[str, ...] = (), **options: object) -> None:
        self.opened(**options).apply(self.change(*install, remove=remove))

    def snapshot(self) -> Snapshot:
        """Return everything in the environment: modes and contents by path."""
        found: Snapshot = {}
        for folder, folders, files in os.walk(self.prefix):
            for name in (*folders, *files):
                path = os.path.join(folder, name)
                content: bytes | str = b""
                if os.path.islink(path):
                    content = os.readlink(path)
                elif name in files:
                    with open(path, "rb") as file:
                        content = file.read()
                found[os.path.relpath(path, self.prefix)] = (os.lstat(path).st_mode, content)
        return found

    def files(self) -> set[str]:
        """Return the files below the site folder."""
        return {
            path.relative_to(self.site).as_posix()
            for path in self.site.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty environment and an empty cache on one file system."""
    return Bench(tmp_path)
