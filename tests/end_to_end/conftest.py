"""A world to install in: a real virtual environment, a cache, an index on loopback, and a clearway to run.

Runs go through the whole command line. Those that need a process of their own (signals, imports, limits) get one with
:meth:`World.start`; all others run in this one. Whatever happens in a test, its secrets may be found in nothing that
any run said or wrote: the fixture looks at the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clearway.cli.main import run
from end_to_end.builds import left
from end_to_end.world import World
from support.keyrings import FakeKeyring
from support.sources import TOY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.simulator import IndexSimulator

_FOREIGN = (
    "PIP_",
    "CLEARWAY_",
    "PYTHON",
    "COV_",
    "SSL_CERT",
    "REQUESTS_CA",
    "CURL_CA",
    "VIRTUAL_ENV",
    "CONDA_",
    "XDG_",
)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that nobody changes: each test copies it."""
    folder = tmp_path_factory.mktemp("pristine") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


@pytest.fixture(autouse=True)
def clean_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take everything away that this machine tells to installers; no test may reach a public index by accident."""
    for name in os.environ:
        if name.startswith(_FOREIGN) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/nobody/")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def world(
    tmp_path: Path,
    pristine: Path,
    simulator: IndexSimulator,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A world of its own for a test."""
    shutil.copytree(pristine, tmp_path / "env", symlinks=True)
    monkeypatch.chdir(tmp_path)
    world = World(tmp_path, simulator, lambda arguments: (run(arguments), *capsys.readouterr()))
    yield world
    world.close()


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeKeyring:
    """A keyring command on PATH."""
    fake = FakeKeyring(tmp_path)
    monkeypatch.setenv("PATH", f"{fake.commands}{os.pathsep}{os.environ['PATH']}")
    return fake


@pytest.fixture
def yard(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose index has the toy backend, and in which no build leaves anything behind."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("TOY_LOG", str(tmp_path / "toy.log"))
    world.index.add(TOY)
    yield world
    assert left(world) == []
