"""Fixtures: two targets, backends that are installed once a session, and a provision that hands them out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build.shed import Shed
from clearway.build.builder import LocalBuilder
from clearway.build.checkouts import Space
from clearway.interpreter.probe import probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clearway.model.targets import Environment

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
BACKENDS = {"3.8": ("setuptools", "wheel", "flit-core"), "": ("setuptools", "flit-core", "hatchling")}


def _fill(folder: Path, version: str) -> Path:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-warn-conflicts", "--disable-pip-version-check"]
    command += ["--target", str(folder), "--only-binary", ":all:", *BACKENDS[version]]
    subprocess.run([*command, *(["--python-version", version] if version else [])], check=True, timeout=120)
    return folder


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with backends for the running Python."""
    return _fill(tmp_path_factory.mktemp("backends"), "")


@pytest.fixture(scope="session")
def old_backends(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with backends for Python 3.8."""
    return _fill(tmp_path_factory.mktemp("old-backends"), "3.8")


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A fresh virtual environment of the running Python."""
    return _virtual(sys.executable, tmp_path_factory.mktemp("target"))


@pytest.fixture(scope="session")
def old_target(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A fresh virtual environment of the oldest Python that can be installed for."""
    found = sorted((PYENV / "versions").glob("3.8.*/bin/python"))
    if not found:
        pytest.skip("there is no Python 3.8 on this machine")
    return _virtual(str(found[-1]), tmp_path_factory.mktemp("old-target"))


def _virtual(executable: str, folder: Path) -> Environment:
    subprocess.run([executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return probe(str(folder / "bin" / "python"))


@pytest.fixture
def shed(backends: Path) -> Shed:
    return Shed(backends)


class Ear:
    """Remembers what builds print, and that each of them ends."""

    def __init__(self, printed: list[tuple[str, str]]) -> None:
        self._printed = printed

    def building(self, label: str) -> None:
        assert label

    def printed(self, label: str, line: str) -> None:
        self._printed.append((label, line))

    def built(self, label: str) -> None:
        assert label


@pytest.fixture
def printed() -> list[tuple[str, str]]:
    """What the builder's listener was told."""
    return []


@pytest.fixture
def make_builder(tmp_path: Path, printed: list[tuple[str, str]]) -> Iterator[Callable[..., LocalBuilder]]:
    """Builders whose folder is empty again at the end, and removed by ``close``."""
    made: list[LocalBuilder] = []
    folder = tmp_path / "temporary"
    folder.mkdir()

    def make(environment: Environment, provision: object, environ: dict[str, str] | None = None) -> LocalBuilder:
        variables = dict(os.environ) if environ is None else environ
        space = Space(temporary=str(folder), checkouts=str(tmp_path / "src"))
        builder = LocalBuilder(environment, provision, variables, space, hear=Ear(printed))  # type: ignore[arg-type]
        made.append(builder)
        return builder

    yield make
    for builder in made:
        builder.close()
    assert list(folder.iterdir()) == []


@pytest.fixture
def builder(make_builder: Callable[..., LocalBuilder], target: Environment, shed: Shed) -> LocalBuilder:
    """A builder for the running Python."""
    return make_builder(target, shed)
