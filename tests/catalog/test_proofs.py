"""How long an archive that was handed out counts as handed out, and to whom."""

from __future__ import annotations

import pytest

from clearway.cache.store import MemoryStore
from clearway.catalog.keys import Keys
from clearway.catalog.located import Located
from clearway.catalog.proofs import Proofs
from clearway.index.records import File
from clearway.index.routing import make_index
from clearway.policy.rules import Rules

DAY = 86_400
SHA = "ab" * 32
URL = "https://example.com/simple/"


def located(url: str = URL, *, age: float = DAY, hashes: dict[str, str] | None = None, at: str = "a.whl") -> Located:
    index = make_index(url, name="corp", rules=Rules(proof_age=age))
    known = {"sha256": SHA} if hashes is None else hashes
    return Located(File("demo-1.0-py3-none-any.whl", f"https://example.com/files/{at}", known), index)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_700_000_000.0
        monkeypatch.setattr("time.time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def proofs(store: MemoryStore) -> Proofs:
    return Proofs(store, Keys(store))


def test_a_proof_holds_as_long_as_its_index_says(proofs: Proofs, clock: Clock) -> None:
    assert not proofs.has(located())
    proofs.keep(located())
    for passed, held in {0: True, DAY - 1: True, DAY: False}.items():
        clock.now = 1_700_000_000.0 + passed
        assert proofs.has(located()) == held
    assert not proofs.has(located(age=60))


def test_a_proof_from_the_future_is_none(proofs: Proofs, clock: Clock) -> None:
    proofs.keep(located())
    clock.now -= 3600
    assert not proofs.has(located())


def test_a_policed_index_has_no_proofs(proofs: Proofs, store: MemoryStore) -> None:
    proofs.keep(located(age=0))
    assert not proofs.has(located(age=0))
    assert not proofs.has(located())
    proofs.keep(located())
    assert not proofs.has(located(age=0))


@pytest.mark.parametrize(
    "other",
    [
        located("https://example.com/other/"),
        located("https://ann:token@example.com/simple/"),
        located(hashes={"sha256": "cd" * 32}),
    ],
    ids=["index", "credential", "archive"],
)
def test_a_proof_speaks_for_one_index_one_credential_and_one_archive(proofs: Proofs, other: Located) -> None:
    proofs.keep(located())
    assert not proofs.has(other)
    proofs.keep(other)
    assert proofs.has(other)


def test_two_credentials_are_told_apart(proofs: Proofs) -> None:
    proofs.keep(located("https://ann:token@example.com/simple/"))
    assert proofs.has(located("https://ann:token@example.com/simple/"))
    assert not proofs.has(located("https://ann:other@example.com/simple/"))
    assert not proofs.has(located("https://bob:token@example.com/simple/"))


def test_the_same_archive_at_another_url_is_proven(proofs: Proofs) -> None:
    proofs.keep(located())
    assert proofs.has(located(at="moved/a.whl"))


def test_what_has_no_strong_hash_has_no_proof(proofs: Proofs) -> None:
    for hashes in ({}, {"md5": "ab" * 16}):
        proofs.keep(located(hashes=hashes))
        assert not proofs.has(located(hashes=hashes))


def test_what_lies_on_this_machine_needs_none(proofs: Proofs) -> None:
    local = make_index("file:///srv/simple/", name="local", rules=Rules(proof_age=0))
    assert proofs.has(Located(File("demo-1.0-py3-none-any.whl", "file:///srv/demo-1.0-py3-none-any.whl"), local))


def test_proofs_outlive_the_run_and_damage_is_none(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    Proofs(store, Keys(store)).keep(located())
    assert Proofs(store, Keys(store)).has(located())
    assert not Proofs(MemoryStore(), Keys(store)).has(located())
    natural = store.get
    monkeypatch.setattr(store, "get", lambda table, key: b"yes" if table == "proofs-1" else natural(table, key))
    assert not Proofs(store, Keys(store)).has(located())


def test_no_secret_is_in_a_key(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    monkeypatch.setattr(store, "put", lambda table, key, value: kept.append(f"{table} {key} {value!r}"))
    Proofs(store, Keys(store)).keep(located("https://ann:s3cret-token@example.com/simple/"))
    assert len(kept) == 2
    assert not any("s3cret" in one or "ann" in one for one in kept if one.startswith("proofs"))
