"""What is read from the folders of installed distributions, whatever is in them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import msgspec
import pytest

from clearway.interpreter.checkout import checkout_of
from clearway.interpreter.contents import declared_files, read_core_metadata, read_text
from clearway.model.installed import Installed
from clearway.model.names import normalize

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def wheel(tmp_path: Path) -> Installed:
    return make(tmp_path, "demo-1.0.dist-info")


def make(folder: Path, name: str) -> Installed:
    info = folder / name
    info.mkdir()
    return Installed(normalize("demo"), "demo", "1.0", str(folder), str(info), (0, 0))


def write(distribution: Installed, name: str, content: bytes) -> None:
    with open(f"{distribution.info}/{name}", "wb") as file:
        file.write(content)


def test_nothing_is_there(wheel: Installed) -> None:
    assert read_text(wheel, "WHEEL") is None
    assert declared_files(wheel) is None
    assert read_core_metadata(wheel).headers == {}
    assert read_text(msgspec.structs.replace(wheel, info="/a\0b"), "WHEEL") is None


def test_bytes_that_are_no_text(wheel: Installed) -> None:
    write(wheel, "METADATA", b"Name: d\xffmo\n\n\xff")
    write(wheel, "WHEEL", b"\xff")
    told = read_core_metadata(wheel)
    assert (told.get("name"), told.body, read_text(wheel, "WHEEL")) == ("d\ufffdmo", "\ufffd", "\ufffd")


@pytest.mark.parametrize(
    ("record", "files"),
    [
        (b"demo/__init__.py,sha256=x,1\r\n./demo//a.py,,\n\n", ["demo/__init__.py", "demo/a.py"]),
        (b'"a,b.py",,\n../../bin/x,,\n', ["a,b.py", "../../bin/x"]),
        (b"\xff\0.py,,\n", ["\ufffd\ufffd.py"]),
        (b'"' + b"x" * 200_000 + b'",,\n', None),
        (b"", []),
    ],
    ids=["plain", "quoted", "hostile", "endless", "empty"],
)
def test_files_of_a_record(wheel: Installed, record: bytes, files: list[str] | None) -> None:
    write(wheel, "RECORD", record)
    assert declared_files(wheel) == files


def test_egg_info(tmp_path: Path) -> None:
    egg = make(tmp_path, "demo.egg-info")
    write(egg, "PKG-INFO", b"Name: demo\nVersion: 1.0\n")
    write(egg, "requires.txt", b"a>=1\n[More_Of:python_version<'3']\nb\n")
    write(egg, "installed-files.txt", b"../demo/a.py\nPKG-INFO\n../../../bin/x\n\n")
    told = read_core_metadata(egg)
    assert told.all("requires-dist") == ["a>=1", "b ; (python_version<'3') and extra == \"more-of\""]
    assert told.all("provides-extra") == ["more-of"]
    assert declared_files(egg) == ["demo/a.py", "demo.egg-info/PKG-INFO", "../../bin/x"]


def test_an_egg_info_that_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0.egg-info"
    path.write_text("Name: demo\nVersion: 1.0\n")
    egg = Installed(normalize("demo"), "demo", "1.0", str(tmp_path), str(path), (0, 0))
    assert read_core_metadata(egg).get("version") == "1.0"
    assert declared_files(egg) is None


def test_folders_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checkout_of(str(tmp_path / "absent")) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checkout_of(str(tmp_path)) is None


def test_a_repository_runs_nothing_that_it_brings_along(tmp_path: Path) -> None:
    if subprocess.run(["git", "init", "-q", str(tmp_path)], check=False).returncode:
        pytest.skip("there is no git")
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "alias.rev-parse"):
        subprocess.run(
            ["git", "-C", str(tmp_path), "config", key, f"!{hook}" if "alias" in key else str(hook)], check=True
        )
    told = checkout_of(str(tmp_path))
    assert told is not None
    assert (told.remote, told.commit, told.subdirectory) == ("", "", "")
    assert not (tmp_path / "ran").exists()


def test_pipes_and_devices_are_not_waited_for(wheel: Installed) -> None:
    os.mkfifo(f"{wheel.info}/RECORD")
    os.symlink("/dev/zero", f"{wheel.info}/METADATA")
    assert declared_files(wheel) == []
    assert read_core_metadata(wheel).headers == {}
