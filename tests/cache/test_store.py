"""The store: one contract for the file and for memory, and nothing that goes wrong with the file stops a run."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearway.cache.store import MemoryStore, SqliteStore
from clearway.ports import Store


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = SqliteStore(str(tmp_path / "store.sqlite3")) if request.param == "file" else MemoryStore()
    yield made
    made.close()


def test_what_was_put_is_there(store: Store) -> None:
    store.put("a", "key", b"value")
    store.put("b", "key", b"other")
    assert store.get("a", "key") == b"value"
    store.flush()
    assert store.get("b", "key") == b"other"
    assert store.get("a", "missing") is None
    store.put("a", "key", b"newer")
    assert store.get("a", "key") == b"newer"


def test_many_are_read_at_once(store: Store) -> None:
    for number in range(1200):
        store.put("many", str(number), str(number).encode())
    store.flush()
    keys = [str(number) for number in range(0, 2400, 2)]
    assert store.get_many("many", keys) == {key: key.encode() for key in keys if int(key) < 1200}


def test_another_process_sees_what_was_flushed(tmp_path: Path) -> None:
    path = str(tmp_path / "store.sqlite3")
    first, second = SqliteStore(path), SqliteStore(path)
    first.put("table", "key", b"value")
    assert second.get("table", "key") is None
    first.close()
    assert second.get("table", "key") == b"value"
    second.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look like one" * 50, b"SQLite format 3\0junk"]
)
def test_a_damaged_file_is_put_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.sqlite3"
    path.write_bytes(content)
    store = SqliteStore(str(path))
    assert store.get("table", "key") is None
    store.put("table", "key", b"value")
    store.close()
    again = SqliteStore(str(path))
    assert again.get("table", "key") == b"value"
    again.close()


def test_a_file_that_cannot_be_made_costs_nothing_but_the_cache(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "missing" / "store.sqlite3"))
    assert store.get("table", "key") is None
    store.put("table", "key", b"value")
    store.close()
    assert not (tmp_path / "missing").exists()


def test_a_busy_file_is_not_taken_for_a_damaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearway.cache.store._BUSY_SECONDS", 0.01)
    path = tmp_path / "store.sqlite3"
    first = SqliteStore(str(path))
    first.put("table", "key", b"value")
    first.close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    store = SqliteStore(str(path))
    store.put("table", "other", b"lost")
    store.close()
    holder.execute("ROLLBACK")
    holder.close()
    assert not list(tmp_path.glob("*.damaged"))
    again = SqliteStore(str(path))
    assert again.get("table", "key") == b"value"
    again.close()


def test_closing_while_others_read_is_safe(tmp_path: Path) -> None:
    path = str(tmp_path / "store.sqlite3")
    program = f"""
import threading
from clearway.cache.store import SqliteStore
for _ in range(20):
    store = SqliteStore({path!r})
    store.put("t", "k", b"v" * 100000)
    store.flush()
    threads = [threading.Thread(target=lambda: [store.get("t", "k") for _ in range(50)]) for _ in range(4)]
    for thread in threads: thread.start()
    store.close()
    for thread in threads: thread.join()
    assert store.get("t", "k") is None
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=dict(os.environ), check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_threads_may_put_while_another_flushes(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "store.sqlite3"))
    threads = [
        threading.Thread(target=lambda part=part: [store.put("t", f"{part}-{i}", b"x") for i in range(300)])
        for part in range(4)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.flush()
    store.flush()
    keys = [f"{part}-{i}" for part in range(4) for i in range(300)]
    assert len(store.get_many("t", keys)) == 1200
    store.close()
