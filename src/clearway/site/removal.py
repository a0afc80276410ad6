"""Which files go when a distribution is removed (PEP 376, 627; ``installed-files.txt`` of setuptools).

Those that its RECORD lists, as far as they lie inside the environment, and its ``.dist-info`` whole. A RECORD is data
of a stranger: a path in it that leads out of the environment, by its text or through a link, is left alone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from clearway.site.cover import Cover
from clearway.site.faults import no_record
from clearway.wheel.record import parse_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clearway.model.installed import Installed
    from clearway.site.layout import Layout


_DEEPEST = 200
"""Folders: no path of a wheel that could be installed goes deeper, and what walks through them is recursive."""


def removed_paths(distributions: Iterable[Installed], layout: Layout, warn: Callable[[str], None]) -> list[str]:
    """Return the files and folders to rename so that distributions are gone; ``.dist-info`` folders first.

    :raises TargetError: ``no-record``.
    """
    files: set[str] = set()
    infos: list[str] = []
    for distribution in distributions:
        info = layout.resolved(distribution.info)
        if is_outside(distribution, layout):
            told = f"{distribution.spelling} {distribution.version} at {distribution.location}"
            warn(f"Not uninstalling {told}, outside environment {layout.base}")
            continue
        recorded = {layout.resolved(path) for path in _recorded(distribution) if _is_possible(path)}
        inside = {path for path in recorded if layout.holds(path) and not layout.vital(path)}
        if foreign := len(recorded - inside):
            warn(
                f"{distribution.spelling} {distribution.version} lists {foreign} files that are not its own: they stay"
            )
        infos.append(info)
        files |= {path for path in inside if not path.startswith(info + os.sep)}
    return infos + Cover(files - {*infos}, layout.standing).paths()


def is_outside(distribution: Installed, layout: Layout) -> bool:
    """Whether a distribution lies in no folder of the environment: one of the system that a virtual one looks into."""
    return not layout.holds(os.path.join(os.path.realpath(distribution.location), "any"))


def _is_possible(path: str) -> bool:
    """Whether an installer can have put a file at a path."""
    return "\0" not in path and path.count(os.sep) <= _DEEPEST


def _recorded(distribution: Installed) -> list[str]:
    """Return the absolute paths that a distribution's own list of its files names.

    :raises TargetError: ``no-record``.
    """
    info = distribution.info
    if os.path.dirname(info) != distribution.location:
        raise no_record(
            distribution.spelling,
            info,
            "it is a development installation (setup.py develop)",
            f"Remove it with: pip uninstall {distribution.name}",
        )
    base, name = (distribution.location, "RECORD") if info.endswith(".dist-info") else (info, "installed-files.txt")
    try:
        with open(os.path.join(info, name), "rb") as file:
            content = file.read()
        if name == "RECORD":
            if rows := parse_record(content):
                return [_joined(base, row.path) for row in rows]
            raise ValueError  # it lists itself at least, or was cut off
        return [_joined(base, line) for line in content.decode().splitlines() if line]
    except (OSError, ValueError):
        by = f" by {distribution.installer}" if distribution.installer else ""
        raise no_record(
            distribution.spelling,
            info,
            f"it was installed{by} without a usable {name}, so nobody knows which files are its own",
            "Remove it with the tool that installed it; or delete the folder named above and install it again, "
            "which replaces its files.",
        ) from None


def _joined(base: str, path: str) -> str:
    """Return a recorded path made absolute."""
    if os.path.isabs(path) or ".." in path or "//" in path or "./" in path or os.sep != "/":
        return os.path.normpath(os.path.join(base, path))
    return f"{base}/{path}"
