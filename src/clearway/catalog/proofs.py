"""Proofs that are remembered: an archive that an index handed out to a credential counts as handed out for a while.

DESIGN 4.5: for ``--proof-age`` (24 hours; none for an index that is marked ``policed``). Only a plain GET of the
archive is a proof, and it speaks for the index and the credential that it was sent with, not for the archive.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from clearway.model.hashes import identity

if TYPE_CHECKING:
    from clearway.catalog.keys import Keys
    from clearway.catalog.located import Located
    from clearway.ports import Store

_TABLE = "proofs-1"


class Proofs:
    """Remembers which archives were handed out."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    def has(self, located: Located) -> bool:
        """Whether an archive was handed out lately enough. What lies on this machine needs no proof."""
        if located.file.url.startswith("file:"):
            return True
        age = located.index.rules.proof_age
        key = self._key(located) if age else ""
        row = self._store.get(_TABLE, key) if key else None
        try:
            return row is not None and 0 <= time.time() - float(row) < age
        except ValueError:
            return False

    def keep(self, located: Located) -> None:
        """Remember that an archive was handed out just now."""
        if located.index.rules.proof_age and (key := self._key(located)):
            self._store.put(_TABLE, key, str(int(time.time())).encode())

    def _key(self, located: Located) -> str:
        """Return the key of a file at its index; empty for one without a strong hash: the cache never holds that."""
        archive = identity(located.file.hashes)
        return f"{self._keys.of(located.index)}/{archive}" if archive else ""
