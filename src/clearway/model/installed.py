"""Distributions that are installed in an environment (PEP 376, 610, 627)."""

from __future__ import annotations

import msgspec

from clearway.model.names import NormalizedName


class Installed(msgspec.Struct, frozen=True):
    """One installed distribution, as far as its folder's name and a look inside tell.

    :param name: normalized; ``spelling`` is the name as its folder spells it.
    :param version: as the folder's name spells it; empty when only the metadata could tell and that is broken.
    :param location: the folder on the search path that holds it.
    :param info: absolute path of its ``.dist-info`` or ``.egg-info`` (folder or file).
    :param stamp: modification time in ns and size of its metadata file: what a memo compares.
    :param installer: content of INSTALLER, stripped; empty where there is none.
    :param requested: whether the REQUESTED marker is there (PEP 376).
    :param direct_url: the text of direct_url.json (PEP 610), empty where there is none.
    :param broken: why it cannot be used as it is (no METADATA, unreadable), empty for a sound one.
    """

    name: NormalizedName
    spelling: str
    version: str
    location: str
    info: str
    stamp: tuple[int, int]
    installer: str = ""
    requested: bool = False
    direct_url: str = ""
    broken: str = ""
