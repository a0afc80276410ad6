"""Keys under which the store keeps what one index said to one credential (DESIGN 4.9).

A key holds the index *and* its credential under a random key of the cache's own: what one credential was shown or
handed is never taken for what another one would be, and neither can be read back.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearway.index.records import Index
    from clearway.ports import Store

_TABLE, _KEY = "keys", "listings"


class Keys:
    """Names indexes for the store."""

    def __init__(self, store: Store) -> None:
        secret = store.get(_TABLE, _KEY)
        if not secret:
            secret = os.urandom(32)
            store.put(_TABLE, _KEY, secret)
        self._secret = secret
        self._known: dict[int, tuple[Index, str]] = {}

    def of_text(self, text: str) -> str:
        """Return a text that stands for another, which may hold a secret: a URL with a signature."""
        return hashlib.blake2s(text.encode(), key=self._secret, digest_size=16).hexdigest()

    def of(self, index: Index) -> str:
        """Return a text that stands for an index and its credential."""
        known = self._known.get(id(index))
        if known is None:
            who = index.credential
            identity = (index.url, who.scheme, who.username, who.password.reveal()) if who else (index.url,)
            if index.client_cert:  # it says who asks, as a credential does
                identity = (*identity, index.client_cert)
            digest = hashlib.blake2s(ascii(identity).encode(), key=self._secret).hexdigest()
            known = self._known[id(index)] = (index, digest)  # the index is kept, so that its id stays its own
        return known[1]
