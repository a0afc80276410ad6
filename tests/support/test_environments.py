"""What counts as a difference between two environments, and what does not."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.environments import differences, distributions, read_contents
from support.sources import write_tree

if TYPE_CHECKING:
    from collections.abc import Callable

SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
INFO = f"{SITE}/demo-1.0.dist-info"
RECORD = (
    "demo.py,sha256=a,1\ndemo-1.0.dist-info/METADATA,sha256=b,2\ndemo-1.0.dist-info/INSTALLER,sha256=c,3\n"
    "demo-1.0.dist-info/direct_url.json,sha256=d,4\n../../../bin/demo,sha256=e,5\n../../../bin/plain,sha256=f,6\n"
    "__pycache__/demo.cpython-313.pyc,,\ndemo-1.0.dist-info/RECORD,,\n"
)
FILES = {
    f"{SITE}/demo.py": "1",
    f"{SITE}/__pycache__/demo.cpython-313.pyc": "compiled",
    f"{INFO}/METADATA": "Name: demo\nVersion: 1.0\n",
    f"{INFO}/INSTALLER": "pip\n",
    f"{INFO}/REQUESTED": "",
    f"{INFO}/entry_points.txt": "[console_scripts]\ndemo = demo:main\n[other]\nplain = x\n",
    f"{INFO}/direct_url.json": '{"url": "file:///demo", "dir_info": {}}',
    f"{INFO}/RECORD": RECORD,
    "bin/demo": "#!/usr/bin/python\nprint(1)\n",
    "bin/plain": "#!/usr/bin/python\nprint(2)\n",
}


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two environments that hold the same."""
    first = write_tree(tmp_path / "first", FILES)
    shutil.copytree(first, tmp_path / "second")
    return first, tmp_path / "second"


def unlike(pair: tuple[Path, Path]) -> list[str]:
    first, second = (read_contents(root, place="ENV") for root in pair)
    return [told.partition(":")[0] for told in differences(first, second)]


def write(path: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text(text)


def record(old: str, new: str) -> Callable[[Path], object]:
    return write(f"{INFO}/RECORD", RECORD.replace(old, new))


def test_the_same_is_the_same(pair: tuple[Path, Path]) -> None:
    assert unlike(pair) == []
    assert distributions(pair[0]) == {"demo": "1.0"}


@pytest.mark.parametrize(
    "change",
    [
        write(f"{INFO}/INSTALLER", "clearway\n"),
        lambda root: (root / INFO / "INSTALLER").unlink(),
        lambda root: shutil.rmtree(root / SITE / "__pycache__"),
        write("bin/demo", "#!/bin/sh\nexec demo\n"),
        write(f"{INFO}/direct_url.json", '{"dir_info":{},"url":"file:///demo"}'),
        record("__pycache__/demo.cpython-313.pyc,,\n", ""),
        record("sha256=c,3", "sha256=other,9"),
        record("sha256=d,4", "sha256=other,9"),
        record("sha256=e,5", "sha256=other,9"),
        record("sha256=f,6", "sha256=other,9"),
        write(f"{INFO}/RECORD", "\n".join(reversed(RECORD.splitlines()))),
    ],
)
def test_what_is_nobodys_business(pair: tuple[Path, Path], change: Callable[[Path], object]) -> None:
    change(pair[1])
    assert unlike(pair) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (write(f"{SITE}/demo.py", "2"), f"{SITE}/demo.py"),
        (write(f"{SITE}/more.py", ""), f"{SITE}/more.py"),
        (lambda root: (root / INFO / "REQUESTED").unlink(), f"{INFO}/REQUESTED"),
        (lambda root: (root / "bin/demo").chmod(0o755), "bin/demo"),
        (lambda root: (root / "bin/demo").unlink(), "bin/demo"),
        (write("bin/plain", "#!/usr/bin/python\nprint(3)\n"), "bin/plain"),
        (write(f"{INFO}/direct_url.json", '{"dir_info":{},"url":"file:///other"}'), f"{INFO}/direct_url.json"),
        (record("sha256=a,1", "sha256=other,9"), f"{INFO}/RECORD"),
        (record("../../../bin/plain,sha256=f,6\n", ""), f"{INFO}/RECORD"),
        (lambda root: (root / "lib64").symlink_to("lib"), "lib64"),
    ],
)
def test_what_counts(pair: tuple[Path, Path], change: Callable[[Path], object], where: str) -> None:
    change(pair[1])
    assert unlike(pair) == [where]


def test_an_environment_may_name_itself(pair: tuple[Path, Path]) -> None:
    for root in pair:
        (root / "bin/plain").write_text(f"#!{root}/bin/python\n")
        (root / "lib64").symlink_to(root / "lib")
    assert unlike(pair) == []


def test_what_is_passed_over(pair: tuple[Path, Path]) -> None:
    for root in pair:
        assert all(not path.startswith(INFO) for path in read_contents(root, {INFO}))
