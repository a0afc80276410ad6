"""Interpreters to test with, of this machine and fake ones that print what a test wants; the Store port in memory."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

posix = pytest.mark.skipif(os.name == "nt", reason="fakes are shell scripts")


class MemoryStore:
    """The Store port in memory."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], bytes] = {}

    def get(self, table: str, key: str) -> bytes | None:
        return self.values.get((table, key))

    def get_many(self, table: str, keys: list[str]) -> dict[str, bytes]:
        return {key: self.values[table, key] for key in keys if (table, key) in self.values}

    def put(self, table: str, key: str, value: bytes) -> None:
        self.values[table, key] = value

    def flush(self) -> None:
        pass


def _release(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.name.split(".")[:2] if part.isdigit())


def machine_interpreters() -> list[str]:
    """Return the base of the running interpreter and whatever pyenv and the system have, from 3.8 up."""
    versions = sorted((Path.home() / ".pyenv" / "versions").glob("*.*.*"), key=_release)
    found = [
        os.path.realpath(sys.executable),
        *(str(folder / "bin" / "python") for folder in versions if _release(folder) >= (3, 8)),
    ]
    unique = {os.path.realpath(path): path for path in found if os.path.exists(path)}
    return list(unique.values())


def recorded(**changes: Any) -> dict[str, Any]:
    """Return what a CPython 3.12 on x86_64 with glibc 2.28 prints, with changes."""
    told = {
        "version": [3, 12],
        "executable": "/opt/python/bin/python",
        "prefix": "/opt/python",
        "base_prefix": "/opt/python",
        "stdlib": "/opt/python/lib/python3.12",
        "scheme": {
            "purelib": "/opt/python/lib/python3.12/site-packages",
            "platlib": "/opt/python/lib/python3.12/site-packages",
            "scripts": "/opt/python/bin",
            "headers": "/opt/python/include/python3.12",
            "data": "/opt/python",
        },
        "search": ["/opt/python/lib/python3.12/site-packages"],
        "markers": {"python_version": "3.12", "python_full_version": "3.12.4", "sys_platform": "linux"},
        "implementation": "cpython",
        "nodot": "312",
        "ext_suffix": ".cpython-312-x86_64-linux-gnu.so",
        "debug": False,
        "free_threaded": False,
        "system": "Linux",
        "platform": "linux-x86_64",
        "bits": 64,
        "glibc": "2.28",
        "musl": "",
        "elf": [64, True, 62, 0],
        "refused": [],
    }
    return told | changes


class Fake:
    """An executable that answers as it is told, and counts how often it was asked."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "python")
        self._log = folder / "asked"
        self._answer = folder / "answer"

    @property
    def asked(self) -> int:
        return len(self._log.read_text().splitlines()) if self._log.exists() else 0

    def tells(self, **changes: Any) -> str:
        """Let it print facts about itself; return its path."""
        facts = recorded(**({"executable": self.path} | changes))
        return self.prints(f"\nclearway-facts:{json.dumps(facts)}\n")

    def prints(self, text: str) -> str:
        self._answer.write_text(text)
        return self.runs(f"cat {self._answer}")

    def runs(self, command: str) -> str:
        Path(self.path).write_text(f"#!/bin/sh\necho x >> {self._log}\n{command}\n")
        os.chmod(self.path, 0o755)
        return self.path
