"""Which interpreter is meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clearway.errors import TargetError
from clearway.interpreter.discover import find_interpreter
from interpreter.fakes import posix

pytestmark = posix
OWN = "/opt/clearway/bin/python"


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with two environments, a base on PATH and a folder that is no environment."""
    for name in ("env", "other", "conda"):
        (tmp_path / name / "bin").mkdir(parents=True)
        _program(tmp_path / name / "bin" / "python")
    (tmp_path / "empty").mkdir()
    (tmp_path / "path").mkdir()
    for name in ("python3", "python3.12", "pypy3.10", "python3.13t"):
        _program(tmp_path / "path" / name)
    (tmp_path / "path" / "python3.9").write_text("not to be run")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _program(path: Path) -> None:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


def _find(python: str | None, **environ: str) -> str:
    return find_interpreter(python, environ, OWN)


def _fails(python: str | None, code: str, own: str = OWN, **environ: str) -> TargetError:
    with pytest.raises(TargetError) as caught:
        find_interpreter(python, environ, own)
    assert caught.value.code == code
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("named", ["env", "./env", "env/", "env/bin/python", "../{}/env"])
def test_an_environment_or_interpreter_by_its_path(there: Path, named: str) -> None:
    assert _find(named.format(there.name)) == str(there / "env" / "bin" / "python")


def test_a_path_below_the_home_folder(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(there))
    assert _find("~/env") == str(there / "env" / "bin" / "python")


def test_links_stay_as_they_are(there: Path) -> None:
    os.symlink(there / "path" / "python3.12", there / "link")
    assert _find("./link") == str(there / "link")


def test_an_environment_whose_base_is_gone_is_still_the_one_that_was_named(there: Path) -> None:
    (there / "broken" / "bin").mkdir(parents=True)
    (there / "broken" / "bin" / "python3").symlink_to("/opt/gone/python3")
    assert _find("broken") == str(there / "broken" / "bin" / "python3")


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("3.12", "python3.12"),
        ("3", "python3"),
        ("python3.12", "python3.12"),
        ("pypy3.10", "pypy3.10"),
        ("3.13t", "python3.13t"),
    ],
)
def test_a_version_or_command_on_the_search_path(there: Path, named: str, found: str) -> None:
    search = os.pathsep.join([str(there / "empty"), "", str(there / "path")])
    assert _find(named, PATH=search) == str(there / "path" / found)


def test_a_folder_that_is_no_environment_does_not_hide_a_command(there: Path) -> None:
    (there / "3.12").mkdir()
    assert _find("3.12", PATH=str(there / "path")) == str(there / "path" / "python3.12")


@pytest.mark.parametrize("named", ["3.8", "3.12.1", "3.9", "ruby", "env3", "empty"])
def test_a_command_that_is_not_there(there: Path, named: str) -> None:
    assert "on PATH" in _fails(named, "no-interpreter", PATH=str(there / "path")).message


def test_a_path_that_is_not_there(there: Path) -> None:
    assert "there is no such file" in _fails("./gone/python", "no-interpreter").message


def test_a_folder_without_an_environment(there: Path) -> None:
    assert "holds no Python environment" in _fails("./empty", "no-interpreter").message


def test_what_is_named_beats_what_is_active(there: Path) -> None:
    assert _find("other", VIRTUAL_ENV=str(there / "env")) == str(there / "other" / "bin" / "python")


def test_the_active_environment_beats_conda_and_our_own(there: Path) -> None:
    active = {"VIRTUAL_ENV": str(there / "env"), "CONDA_PREFIX": str(there / "conda")}
    assert _find(None, **active) == str(there / "env" / "bin" / "python")
    assert _find("", **active) == str(there / "env" / "bin" / "python")


def test_conda_beats_our_own(there: Path) -> None:
    assert _find(None, VIRTUAL_ENV="", CONDA_PREFIX=str(there / "conda")) == str(there / "conda" / "bin" / "python")


@pytest.mark.parametrize("environ", [{}, {"CONDA_PREFIX": "empty"}])
def test_our_own_when_nothing_is_active(there: Path, environ: dict[str, str]) -> None:
    """A conda environment may hold no Python at all."""
    assert _find(None, **environ) == OWN


def test_an_active_environment_that_is_gone_is_not_passed_over(there: Path) -> None:
    assert "VIRTUAL_ENV" in _fails(None, "no-environment", VIRTUAL_ENV=str(there / "gone")).message


def test_nothing_at_all(there: Path) -> None:
    hint = _fails(None, "no-environment", own="").hint
    assert "--python" in hint
    assert "python -m venv .venv" in hint


@pytest.mark.parametrize("named", [".", ".."])
def test_a_folder_that_is_no_environment_is_not_taken_for_a_command(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    with pytest.raises(TargetError, match="the folder holds no Python environment"):
        find_interpreter(named, {}, "")
