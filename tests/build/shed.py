"""A provision that needs no resolver: backends that are there already, linked into every environment that asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearway.model.targets import Environment
    from clearway.ports import Source


class Shed:
    """Backends for one version of Python; implements :class:`clearway.ports.Provision` by linking all of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, ...]] = []

    def provide(self, requirements: tuple[str, ...], environment: Environment, source: Source) -> None:
        assert source.label
        self.asked.append(requirements)
        for entry in self.folder.iterdir():
            link = Path(environment.scheme.purelib, entry.name)
            if not link.is_symlink():
                link.symlink_to(entry)

    def check(self, requirements: tuple[str, ...], environment: Environment, source: Source) -> None:
        assert requirements is not None

    def stop(self) -> None:
        """Nothing takes long."""
