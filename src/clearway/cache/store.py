"""Small values on disk: listings, metadata, probes and memos in one SQLite file (DESIGN 4.9).

SQLite gives what a cache of many small things shared by processes needs: one file to open, atomic writes, readers
that never
see half. Whatever goes wrong with it costs time and never a run: damage counts as "not there", and a file that is no
database is put aside and begun anew.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BUSY_SECONDS = 5.0
_BATCH = 500
_TABLE = "CREATE TABLE IF NOT EXISTS entries (tbl TEXT, key TEXT, value BLOB, PRIMARY KEY (tbl, key)) WITHOUT ROWID"


class SqliteStore:
    """Implements :class:`clearway.ports.Store` on one SQLite file, opened when first asked.

    :param path: the file; its folder must exist.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()  # the connection is shared by worker threads; sqlite3 wants one caller at a time
        self._connection: sqlite3.Connection | None = None
        self._unwritten: dict[tuple[str, str], bytes] = {}
        self._closed = False

    def get(self, table: str, key: str) -> bytes | None:
        """Return a value, or None."""
        return self.get_many(table, [key]).get(key)

    def get_many(self, table: str, keys: list[str]) -> dict[str, bytes]:
        """Return those of the values that are there."""
        unwritten = self._unwritten
        found = {key: unwritten[table, key] for key in keys if (table, key) in unwritten}
        missing = [key for key in keys if key not in found]
        for start in range(0, len(missing), _BATCH):
            with self._lock:
                found.update(self._select(table, missing[start : start + _BATCH]))
        return found

    def put(self, table: str, key: str, value: bytes) -> None:
        """Keep a value; written by :meth:`flush`."""
        self._unwritten[table, key] = value  # one operation on a dict: no lock needed, and nobody waits for the disk

    def flush(self) -> None:
        """Write what was put, in one transaction. A full disk or a busy file loses cache entries, nothing else."""
        with self._lock:
            unwritten, self._unwritten = self._unwritten, {}
            rows = [(table, key, value) for (table, key), value in list(unwritten.items())]
            if rows:
                with suppress(sqlite3.Error), self._open() as connection:
                    connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Write what was put and close the file; from then on nothing is there."""
        self.flush()
        with self._lock:  # a worker that nobody waits for any more may be reading
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _select(self, table: str, keys: list[str]) -> Iterable[tuple[str, bytes]]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value FROM entries WHERE tbl = ? AND key IN ({marks})"  # noqa: S608 - marks only
        try:
            return self._open().execute(query, (table, *keys)).fetchall()
        except sqlite3.Error:
            return ()

    def _open(self) -> sqlite3.Connection:
        if self._closed:
            raise sqlite3.ProgrammingError
        if self._connection is None:
            try:
                self._connection = _connect(self._path)
            except sqlite3.OperationalError:
                raise  # busy, or the folder cannot be written: the file itself is sound
            except sqlite3.DatabaseError:
                with suppress(OSError):
                    os.replace(self._path, f"{self._path}.damaged")
                self._connection = _connect(self._path)
        return self._connection


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(_TABLE)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


class MemoryStore:
    """The store of a run without a cache folder: implements :class:`clearway.ports.Store` for as long as it lives."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], bytes] = {}

    def get(self, table: str, key: str) -> bytes | None:
        """Return a value, or None."""
        return self._values.get((table, key))

    def get_many(self, table: str, keys: list[str]) -> dict[str, bytes]:
        """Return those of the values that are there."""
        return {key: self._values[table, key] for key in keys if (table, key) in self._values}

    def put(self, table: str, key: str, value: bytes) -> None:
        """Keep a value."""
        self._values[table, key] = value

    def flush(self) -> None:
        """There is nothing to write."""

    def close(self) -> None:
        """There is nothing to close."""
