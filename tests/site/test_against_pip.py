"""What pip installs, Clearway installs: the same files with the same modes, and a RECORD with the same rows."""

from __future__ import annotations

import csv
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.conftest import Bench, Snapshot

    from support.wheels import Wheel

pytest.importorskip("pip")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environment of these tests is one of POSIX")

WHEELS = [
    make_wheel(
        "Demo.Pkg",
        "1.0",
        files={"demo_pkg/__init__.py": "def main(): print('ran')", "demo_pkg/sub/data,x.txt": "1", "demo_pkg/ü": "ü"},
        scripts={"tool": "#!python\nprint('tool')\n", "shell": "#!/bin/sh\necho shell\n", "sub/dir": "text"},
        data={"data/share/x/y.ini": "", "purelib/one.py": "", "platlib/two.py": ""},
        entry_points={"console_scripts": {"demo": "demo_pkg:main [x]"}, "gui_scripts": {"demo-gui": "demo_pkg:main"}},
    ),
    make_wheel(
        "native",
        "2.0.post1",
        build="2",
        files={"native.py": "", "lib/deep/er/x.so": "so"},
        data={"headers/a/native.h": "x"},  # pip names their folder as a person spelled the project, we as its metadata
    ),
    make_wheel("space-one", "1.0+local.1", files={"space/one.py": ""}),
]
NOT_COMPARED = ("INSTALLER", "direct_url.json")


def rows_of(site: Path) -> dict[str, dict[str, tuple[str, str]]]:
    found = {}
    for info in site.glob("*.dist-info"):
        with open(info / "RECORD", newline="", encoding="utf-8") as file:
            rows = {path: (hash_, size) for path, hash_, size in csv.reader(file)}
        found[info.name] = {
            path: ("", "") if path.endswith(("bin/demo", "bin/demo-gui", "bin/tool")) else row
            for path, row in rows.items()
            if not path.endswith(NOT_COMPARED)
        }
    return found


def comparable(snapshot: Snapshot, prefix: Path) -> Snapshot:
    found: Snapshot = {}
    for path, (mode, content) in snapshot.items():
        if path in ("bin/demo", "bin/demo-gui", "bin/tool") and isinstance(content, bytes):
            found[path] = (mode, content.partition(b"\n")[0].replace(bytes(prefix), b""))
        elif not path.endswith((*NOT_COMPARED, "RECORD")):
            found[path] = (mode, content)
    return found


def install_by_pip(bench: Bench, wheels: list[Wheel]) -> None:
    folder = bench.root / "wheels"
    folder.mkdir()
    paths = [str(wheel.write(folder)) for wheel in wheels]
    python = str(bench.bin / "python")
    command = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--python", python, "install"]
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--no-cache-dir"]
    subprocess.run([*command, *options, *paths], check=True, capture_output=True)


def test_installs_what_pip_installs(tmp_path_factory: pytest.TempPathFactory, bench: Bench) -> None:
    other = type(bench)(tmp_path_factory.mktemp("pip"))
    install_by_pip(other, WHEELS)
    bench.opened().apply(bench.change(*WHEELS, requested=True))
    assert rows_of(bench.site) == rows_of(other.site)
    assert comparable(bench.snapshot(), bench.prefix) == comparable(other.snapshot(), other.prefix)


def test_removes_what_pip_installed(bench: Bench) -> None:
    before = bench.snapshot()
    install_by_pip(bench, WHEELS)
    bench.apply(remove=tuple(info.name for info in bench.site.glob("*.dist-info")))
    assert {path for path in bench.snapshot() if not path.startswith("include")} == set(before)


def test_pip_removes_what_was_installed(bench: Bench) -> None:
    bench.apply(*WHEELS, compile_bytecode=True)
    python = str(bench.bin / "python")
    command = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--python", python]
    listed = subprocess.run([*command, "list", "--format=freeze"], check=True, capture_output=True, text=True).stdout
    assert listed.split() == ["Demo.Pkg==1.0", "native==2.0.post1", "space-one==1.0+local.1"]
    subprocess.run([*command, "uninstall", "-y", "Demo.Pkg", "native", "space-one"], check=True, capture_output=True)
    assert bench.files() == set()
