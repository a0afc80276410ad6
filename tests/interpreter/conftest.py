"""Fixtures: real virtual environments, a fake interpreter, a store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from interpreter.fakes import Fake, MemoryStore, machine_interpreters

BIN = "Scripts" if os.name == "nt" else "bin"


@pytest.fixture(scope="session", params=machine_interpreters(), ids=lambda path: "-".join(Path(path).parts[-3::2]))
def virtual_python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a fresh virtual environment of each Python on this machine."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([request.param, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(folder / BIN / "python")


@pytest.fixture(scope="session")
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of one virtual environment of the running Python."""
    folder = tmp_path_factory.mktemp("own")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(folder / BIN / "python")


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    folder = tmp_path / "bin"
    folder.mkdir()
    return Fake(folder)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()
