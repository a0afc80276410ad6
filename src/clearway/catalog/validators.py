"""Archives without a strong hash: known again by index, URL and validator (DESIGN 4.9; RFC 9110, section 8.8.3).

A page of links, or an index that lists no hashes, does not say what a file holds; the server does, by a strong
entity tag. What was unpacked once is used again if the server confirms, in this run, that the file is still the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from clearway.catalog.keys import Keys
    from clearway.catalog.located import Located
    from clearway.ports import Store

_TABLE = "validators-1"


class Known(msgspec.Struct, array_like=True, frozen=True):
    """What an archive was when it came last.

    :param etag: a strong entity tag.
    :param key: the key of its unpacked tree.
    """

    etag: str
    key: str


class Validators:
    """Remembers what archives without a strong hash were."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    def known(self, located: Located) -> Known | None:
        """Return what an archive was when it came last, or None."""
        row = self._store.get(_TABLE, self._key(located))
        try:
            return msgspec.msgpack.decode(row, type=Known) if row else None
        except msgspec.DecodeError:
            return None

    def keep(self, located: Located, etag: str, key: str) -> None:
        """Remember what an archive is, if its entity tag is strong."""
        if etag.startswith('"'):
            self._store.put(_TABLE, self._key(located), msgspec.msgpack.encode(Known(etag, key)))

    def _key(self, located: Located) -> str:
        return f"{self._keys.of(located.index)}/{self._keys.of_text(located.file.url)}"
