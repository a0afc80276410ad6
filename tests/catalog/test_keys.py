"""What is kept is kept for one index and one credential."""

from __future__ import annotations

import msgspec

from clearway.cache.store import MemoryStore
from clearway.catalog.keys import Keys
from clearway.index.routing import make_index
from clearway.model.secrets import Credential, Secret


def test_whoever_asks_has_a_key_of_their_own() -> None:
    index = make_index("https://packages.example.com/simple/")
    credentials = [
        None,
        Credential("", Secret("t"), "a"),
        Credential("", Secret("t"), "a", "bearer"),
        Credential("ann", Secret("t"), "a"),
        Credential("ann", Secret("u"), "a"),
    ]
    asking = [msgspec.structs.replace(index, credential=one) for one in credentials]
    asking += [msgspec.structs.replace(index, client_cert=path) for path in ("/one.pem", "/two.pem")]
    store = MemoryStore()
    keys = [Keys(store).of(one) for one in asking]
    assert len(set(keys)) == len(keys)
    again = msgspec.structs.replace(index, credential=Credential("ann", Secret("t"), "somewhere else"))
    assert Keys(store).of(again) == keys[3]
    assert Keys(MemoryStore()).of(index) != keys[0]
