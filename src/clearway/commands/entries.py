"""What listings say of an installed distribution: its name and version as its publisher spells them, where it is.

An environment is hostile too: names that are none, metadata that is missing, two copies of one project. What has a name
and a version is listed, of several copies the first; of the rest one sentence each is said, and nothing fails.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from clearway.model.direct_urls import DirectUrl, parse_direct_url
from clearway.model.names import NormalizedName, is_name, normalize
from clearway.model.versions import normal_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clearway.model.core_metadata import CoreMetadata
    from clearway.model.installed import Installed

    ReadCore = Callable[[Installed], CoreMetadata]
    ReadText = Callable[[Installed, str], str | None]


class Entry(msgspec.Struct, frozen=True):
    """One installed distribution.

    :param key: its normalized name.
    :param name, version: as its metadata spells them; as its folder does where the metadata cannot be read.
    :param direct: what its direct_url.json says, None where there is none or it is not valid.
    :param project: the folder of the project where it is installed in editable mode, else empty.
    """

    installed: Installed
    key: NormalizedName
    name: str
    version: str
    core: CoreMetadata
    direct: DirectUrl | None = None
    project: str = ""

    @property
    def location(self) -> str:
        """The folder that holds its metadata: not the one of an ``.egg-link`` that leads there."""
        return os.path.dirname(self.installed.info)

    @property
    def requirement(self) -> str:
        """Name and version as a requirement; ``===`` for a version of the past (PEP 440, "Arbitrary equality")."""
        version = normal_version(self.version)
        return f"{self.name}==={self.version}" if version is None else f"{self.name}=={version}"


def read_entries(
    distributions: Iterable[Installed], read: ReadCore, warn: Callable[[str], None]
) -> dict[NormalizedName, Entry]:
    """Return what is installed by name, in its order.

    :param warn: told of what is broken, a sentence each.
    """
    entries: dict[NormalizedName, Entry] = {}
    for one in distributions:
        first = entries.get(one.name)
        if one.broken and (first is None or first.installed.version != one.version):  # distributors write some twice
            warn(f"{f'{one.spelling} {one.version}'.strip()} is broken: {one.broken}.")
        entry = None if first is not None or one.spelling.startswith("~") else _entry(one, read(one), warn)
        if entry is not None:
            entries.setdefault(entry.key, entry)
    return entries


def _entry(one: Installed, core: CoreMetadata, warn: Callable[[str], None]) -> Entry | None:
    name, version = core.get("name").strip(), core.get("version").strip()
    name, version = name if is_name(name) else one.spelling, version or one.version
    if not version or not is_name(name):
        return None
    direct = parse_direct_url(one.direct_url) if one.direct_url else None
    if one.direct_url and direct is None:
        warn(f"The direct_url.json of {one.spelling} {one.version} is not valid, and was not read.")
    folder = os.path.dirname(one.info)
    linked = folder if direct is None and folder != one.location else ""
    return Entry(
        one,
        one.name if one.version else normalize(name),  # versions of the past are in no folder's name that can be read
        name,
        version,
        core,
        direct,
        direct.editable if direct is not None else linked,
    )
