"""What a change really replaces: the plan was made before the lock was had, and another run may have been first.

Under the lock the environment is looked at again. A distribution that was to be removed and is gone needs no removal;
another version of a project that is to be installed, which was not there when the plan was made, is replaced too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from clearway.model.installed import Installed
from clearway.model.names import normalize

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

_INFO = ".dist-info"


def replaced_now(planned: Iterable[Installed], names: Container[str], folders: Iterable[str]) -> list[Installed]:
    """Return the distributions that a change replaces as things stand.

    :param planned: those that the plan removes.
    :param names: the projects that are installed, normalized.
    :param folders: the folders that distributions are installed in.
    """
    standing = [one for one in planned if not one.info.endswith(_INFO) or os.path.lexists(one.info)]
    known = {os.path.realpath(one.info) for one in standing}
    others = (other for folder in dict.fromkeys(folders) for other in _distributions(folder) if other.name in names)
    return standing + [other for other in others if os.path.realpath(other.info) not in known]


def _distributions(folder: str) -> Iterator[Installed]:
    """Yield what lies in a folder and can be removed: without a RECORD nobody knows how, and it is written over."""
    try:
        entries = sorted(os.listdir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.endswith(_INFO) and os.path.lexists(os.path.join(folder, entry, "RECORD")):
            spelling, _, version = entry.removesuffix(_INFO).partition("-")
            yield Installed(normalize(spelling), spelling, version, folder, os.path.join(folder, entry), (0, 0))
