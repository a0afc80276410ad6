"""To whom files of an environment belong that a change is about to replace (PEP 376)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from clearway.wheel.record import parse_record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.site.layout import Layout


def owners_of(paths: Iterable[str], layout: Layout, removed: Iterable[str]) -> dict[str, str]:
    """Return the paths that belong to an installed distribution, and its name and version.

    Every RECORD is read for that: it is asked only when something is in the way, which hardly ever happens.

    :param removed: ``.dist-info`` folders that the change takes away.
    """
    wanted = set(paths)
    gone = set(removed)
    owners: dict[str, str] = {}
    for site in {layout.folders["purelib"], layout.folders["platlib"]} if wanted else set():
        for name in sorted(os.listdir(site)):
            info = os.path.join(site, name)
            if name.endswith(".dist-info") and info not in gone:
                recorded = (os.path.normpath(os.path.join(site, path)) for path in _recorded(info))
                owners.update(dict.fromkeys(wanted.intersection(recorded), name.removesuffix(".dist-info")))
    return owners


def _recorded(info: str) -> list[str]:
    try:
        with open(os.path.join(info, "RECORD"), "rb") as file:
            return [row.path for row in parse_record(file.read())]
    except (OSError, ValueError):  # a broken distribution owns nothing that could be told
        return []
