"""The memo of satisfied runs: what was seen to be satisfied, and is unchanged, is satisfied (DESIGN 4.12).

The key is everything that was asked, the value a digest of everything that is installed: name, version, time and size
of each METADATA. No requirement is parsed and no version compared, so a run that changes nothing costs little more
than the interpreter's start.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from clearway import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.model.installed import Installed
    from clearway.ports import Store

_TABLE = "satisfied-1"


def question(parts: Iterable[str]) -> str:
    """Return the key of what was asked: every text that has a say in whether it is satisfied."""
    return hashlib.sha256("\0".join((__version__, *parts)).encode("utf-8", "surrogateescape")).hexdigest()


def was_satisfied(store: Store, key: str, installed: Iterable[Installed]) -> bool:
    """Whether this was satisfied by exactly what is installed now."""
    return store.get(_TABLE, key) == _state(installed)


def remember(store: Store, key: str, installed: Iterable[Installed]) -> None:
    """Keep that this is satisfied by what is installed now."""
    store.put(_TABLE, key, _state(installed))


def _state(installed: Iterable[Installed]) -> bytes:
    rows = (f"{one.name}={one.version}@{one.info}:{one.stamp[0]}:{one.stamp[1]}:{one.broken}" for one in installed)
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogateescape")).digest()
