"""Where the files of a wheel go (PEP 427, "Installing a wheel"; PEP 491).

A plan is a value: no folder is looked at and nothing is written. Destinations are relative to the folders of a scheme.
They stay inside, because each is a part of a path that :mod:`clearway.wheel.paths` let through when it was unpacked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import msgspec

if TYPE_CHECKING:
    from clearway.wheel.manifest import Manifest

SchemeKey = Literal["purelib", "platlib", "scripts", "headers", "data"]


class Placement(msgspec.Struct, frozen=True, gc=False):
    """One file of a wheel on its way.

    :param source: in the tree; ``path`` below the scheme's folder.
    :param hash: its sha256 in RECORD's spelling.
    :param script: the interpreter of its first line may have to be set.
    """

    source: str
    scheme: SchemeKey
    path: str
    size: int
    hash: str
    executable: bool
    script: bool = False


class Plan(msgspec.Struct, frozen=True):
    """The installation of one wheel, apart from the files that an installer writes itself.

    :param root: the scheme's folder that gets its root and so its ``.dist-info``.
    """

    root: SchemeKey
    placements: list[Placement]


def plan_installation(manifest: Manifest) -> Plan:
    """Plan where each file of a wheel goes."""
    root: SchemeKey = "purelib" if manifest.purelib else "platlib"
    data = f"{manifest.info.removesuffix('.dist-info')}.data/"
    commands = {command.name for command in manifest.entry_points}
    placements = []
    for source, size, hash_, executable in zip(
        manifest.paths, manifest.sizes, manifest.hashes, manifest.executable, strict=True
    ):
        if not source.startswith(data):
            placements.append(Placement(source, root, source, size, hash_, executable))
            continue
        scheme, _, path = source[len(data) :].partition("/")
        if scheme == "scripts":
            if path not in commands:  # a script that was made for an entry point: it is made anew
                placements.append(Placement(source, "scripts", path, size, hash_, executable, script=True))
            continue
        if scheme == "headers":
            path = f"{manifest.metadata.name}/{path}"
        placements.append(Placement(source, cast("SchemeKey", scheme), path, size, hash_, executable))
    return Plan(root, placements)
