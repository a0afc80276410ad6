"""Where to: an interpreter, a folder, the active environment, a plain folder; how files come there."""

from __future__ import annotations

import csv
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import VERSION
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import Run, World

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))


@pytest.fixture(autouse=True)
def published(world: World) -> None:
    """Publish a project that has something of everything."""
    world.index.add(
        make_wheel(
            "demo",
            "1.0",
            requires=["dep"],
            files={"demo/__init__.py": "def main():\n    print('demo runs')\n", "demo/data.txt": b"data"},
            entry_points={"console_scripts": {"demo-command": "demo:main"}},
            scripts={"demo-script": "#!python\nimport demo\ndemo.main()\n"},
            data={"data/share/demo/page.txt": b"page", "headers/demo.h": b"", "purelib/demo_pure.py": b""},
        )
    )
    world.index.add(make_wheel("dep", "1.0"))


def install(world: World, *arguments: object) -> Run:
    """Install without saying where to."""
    line = ("install", "--cache-dir", world.cache, "--index-url", world.index.url, "demo", *arguments)
    result = world.clearway(*line)
    assert result.status == 0, result.text
    return result


def runs(command: object) -> str:
    return subprocess.run([str(command)], check=True, capture_output=True, text=True).stdout.strip()


# -- which environment -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["interpreter", "folder", "relative folder"])
def test_by_name(world: World, kind: str) -> None:
    install(world, "--python", {"interpreter": world.python, "folder": world.env, "relative folder": "./env"}[kind])
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX", "CLEARWAY_PYTHON", "PIP_PYTHON"])
def test_by_variable(world: World, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, str(world.env))
    install(world)
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


def test_by_version_and_by_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(world.env / "bin"))
    install(world, "--python", VERSION.removeprefix("python"))
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}
    assert "already satisfied" in install(world, "--python", "python3").out


def test_the_named_environment_beats_the_active_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", str(world.root / "absent"))
    install(world, "--python", world.env)
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


@pytest.mark.parametrize("version", ["3.8", "3.11"])
def test_other_versions_of_python(world: World, version: str) -> None:
    """What is installed is for the target, and not for the Python that clearway runs on."""
    python = next(PYENV.glob(f"versions/{version}.*/bin/python"), None)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    other = world.root / "other"
    subprocess.run([python, "-m", "venv", "--without-pip", other], check=True)
    tag = version.replace(".", "")
    world.index.add(make_wheel("picky", "1.0", tags=f"cp{tag}-none-any", requires=["dep; python_version<'3.9'"]))
    world.index.add(make_wheel("picky", "2.0", requires_python=">=3.13"))
    world.index.add(make_wheel("picky", "3.0", tags="cp313-none-any"))
    install(world, "--python", other, "picky", "--compile")
    infos = sorted(path.name for path in other.rglob("*.dist-info"))
    assert infos == ["demo-1.0.dist-info", "dep-1.0.dist-info", "picky-1.0.dist-info"]
    assert runs(other / "bin" / "demo-command") == "demo runs"
    assert list(other.rglob(f"demo/__pycache__/__init__.cpython-{tag}.pyc")) != []


def test_clearway_in_the_environment_that_it_runs_from(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(world.python))
    monkeypatch.setattr(sys, "prefix", str(world.env))
    install(world)
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


# -- a plain folder ----------------------------------------------------------------------------------------------------


def test_a_plain_folder(world: World) -> None:
    before = world.snapshot()
    target = world.root / "plain" / "folder"
    install(world, "--python", world.env, "--target", target)
    assert world.snapshot() == before
    assert (target / "demo-1.0.dist-info").is_dir()
    assert (target / "demo_pure.py").is_file()
    statement = f"import sys; sys.path.insert(0, {str(target)!r}); import demo; demo.main()"
    assert world.imports(statement) == "demo runs"
    assert "already satisfied" in install(world, "--python", world.env, "--target", target).out


def test_a_folder_that_was_filled_for_another_platform_is_filled_again(world: World) -> None:
    for version, platform in (("39", "win_amd64"), ("310", "win32")):
        world.index.add(make_wheel("native", "1.0", tags=f"cp{version}-cp{version}-{platform}"))
    folder = world.root / "folder"
    line = ("install", "--cache-dir", world.cache, "--index-url", world.index.url, "--only-binary=:all:", "native")
    for version, platform in (("39", "win_amd64"), ("310", "win32"), ("310", "win32")):
        target = ("--target", folder, "--platform", platform, "--python-version", version)
        told = world.clearway(*line, *target)
        assert told.status == 0, told.text
        tag = f"cp{version}-cp{version}-{platform}"
        assert f"Tag: {tag}\n" in (folder / "native-1.0.dist-info" / "WHEEL").read_text()
    assert "already satisfied" in told.text


def test_what_the_environment_has_does_not_count_for_a_plain_folder(world: World) -> None:
    install(world, "--python", world.env)
    install(world, "--python", world.env, "--target", "plain")
    assert (world.root / "plain" / "dep").is_dir()


# -- what lies there ---------------------------------------------------------------------------------------------------


def test_everything_is_where_it_belongs(world: World) -> None:
    install(world, "--python", world.env)
    assert runs(world.env / "bin" / "demo-command") == "demo runs"
    assert runs(world.env / "bin" / "demo-script") == "demo runs"
    assert (world.env / "share" / "demo" / "page.txt").read_bytes() == b"page"
    assert len(list(world.env.glob("include/**/demo.h"))) == 1
    info = world.site / "demo-1.0.dist-info"
    assert (info / "INSTALLER").read_text().strip() == "clearway"
    assert (info / "REQUESTED").exists()
    assert not (world.site / "dep-1.0.dist-info" / "REQUESTED").exists()
    with (info / "RECORD").open(newline="") as file:
        recorded = {row[0] for row in csv.reader(file)}
    assert all((world.site / path).exists() for path in recorded)
    assert {"demo/__init__.py", "../../../bin/demo-command", "../../../share/demo/page.txt"} <= recorded


@pytest.mark.parametrize("mode", ["auto", "hardlink", "symlink", "copy", "clone"])
def test_ways_of_linking(world: World, mode: str) -> None:
    """All work wherever they can; what cannot be done becomes a copy."""
    install(world, "--python", world.env, "--link-mode", mode)
    placed = world.site / "demo" / "data.txt"
    assert placed.read_bytes() == b"data"
    assert placed.is_symlink() == (mode == "symlink")
    if mode in {"hardlink", "copy"}:
        assert (placed.lstat().st_nlink > 1) == (mode == "hardlink")
    assert runs(world.env / "bin" / "demo-command") == "demo runs"
    assert world.clearway("uninstall", "--yes", *world.place(), "demo", "dep").status == 0
    assert list(world.site.iterdir()) == []


@pytest.mark.parametrize("option", [["--compile"], [], ["--compile", "--no-compile"]], ids=["on", "off", "off again"])
def test_bytecode(world: World, option: list[str]) -> None:
    install(world, "--python", world.env, *option)
    made = list(world.site.rglob("*.pyc"))
    assert (made != []) == (option == ["--compile"])
    assert world.clearway("uninstall", "--yes", *world.place(), "demo", "dep").status == 0
    assert list(world.site.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_modes_follow_the_umask(world: World) -> None:
    before = os.umask(0o027)
    try:
        install(world, "--python", world.env, "--link-mode", "copy")
    finally:
        os.umask(before)
    assert stat.S_IMODE((world.site / "demo" / "__init__.py").stat().st_mode) == 0o640
    assert stat.S_IMODE((world.env / "bin" / "demo-command").stat().st_mode) == 0o750


def test_clearway_does_not_take_away_what_it_runs_on(world: World, tmp_path: Path) -> None:
    """It lives in the environment here: a copy of this one, of which only the metadata matters."""
    own = world.root / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", own], check=True)
    site = own / "lib" / VERSION / "site-packages"
    ours = [folder for folder in map(Path, sys.path) if folder.name == "site-packages"]
    (site / "here.pth").write_text("\n".join([str(Path(__file__).resolve().parents[2] / "src"), *map(str, ours)]))
    world.index.add(make_wheel("clearway", "9.0", requires=["demo<2", "dep"]))
    world.index.add(make_wheel("demo", "2.0"))
    place = ("--python", own, "--cache-dir", world.cache, "--index-url", world.index.url)
    assert world.clearway("install", *place, "--no-deps", "demo==1.0", "dep").status == 0
    info = site / "clearway-9.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: clearway\nVersion: 9.0\nRequires-Dist: demo<2\nRequires-Dist: dep\n"
    )
    (info / "RECORD").write_text("")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [own / "bin" / "python", "-m", "clearway", *arguments]
        return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)

    upgraded = run("install", "--cache-dir", world.cache, "--index-url", world.index.url, "--upgrade", "demo==2.0")
    assert upgraded.returncode == 1, upgraded
    assert "clearway itself needs it" in upgraded.stderr
    removed = run("uninstall", "--yes", "--cache-dir", world.cache, "dep")
    assert removed.returncode == 2, removed
    assert "clearway itself runs on this" in removed.stderr
    assert (site / "dep").is_dir()
