"""The memo of satisfied runs: what was seen to be satisfied, and is unchanged, is satisfied (DESIGN 4.12).

The key is everything that was asked, markers and the values that decide them included; the value is a digest of
everything that is installed: name, version, time and size of each METADATA, and with it the names of the requirements
that apply to this target. No version is compared and no marker evaluated, so a run that changes nothing costs little
more than the interpreter's start.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from clearway import __version__
from clearway.model.names import NormalizedName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.model.installed import Installed
    from clearway.ports import Store

_TABLE = "satisfied-2"
_SIZE = 32  # bytes of a digest


def question(parts: Iterable[str]) -> str:
    """Return the key of what was asked: every text that has a say in whether it is satisfied."""
    return hashlib.sha256("\0".join((__version__, *parts)).encode("utf-8", "surrogateescape")).hexdigest()


def recall(store: Store, key: str, installed: Iterable[Installed]) -> tuple[NormalizedName, ...] | None:
    """Return the names of the requirements that apply, if this was satisfied by exactly what is installed now."""
    value = store.get(_TABLE, key)
    if value is None or value[:_SIZE] != _state(installed):
        return None
    return tuple(map(NormalizedName, value[_SIZE:].decode().split()))


def remember(store: Store, key: str, installed: Iterable[Installed], names: Iterable[NormalizedName]) -> None:
    """Keep that this is satisfied by what is installed now.

    :param names: of the requirements that apply.
    """
    store.put(_TABLE, key, _state(installed) + " ".join(names).encode())


def _state(installed: Iterable[Installed]) -> bytes:
    rows = (f"{one.name}={one.version}@{one.info}:{one.stamp[0]}:{one.stamp[1]}:{one.broken}" for one in installed)
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogateescape")).digest()
