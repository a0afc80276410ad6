"""What a tree states outright, and where it states too little."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from build.trees import FLIT
from clearway.build.static import pkg_info, project_table
from clearway.errors import IntegrityError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\n"


def read(tmp_path: Path, text: str) -> object:
    (tmp_path / "PKG-INFO").write_bytes(text.encode())
    return pkg_info(str(tmp_path), "demo-1.0.tar.gz")


@pytest.mark.parametrize("more", ["", "Dynamic: License\n", "Dynamic: Summary\nRequires-Dist: a\n\nDynamic: version\n"])
def test_pkg_info_that_settles_it(tmp_path: Path, more: str) -> None:
    assert read(tmp_path, HEAD + more) is not None
    assert read(tmp_path, (HEAD + more).replace("2.2", "2.4").replace("\n", "\r\n")) is not None


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("2.2", "2.1"),
        HEAD.replace("2.2", "1.2"),
        HEAD.replace("2.2", "3.0"),
        HEAD.replace("2.2", "two"),
        HEAD + "Dynamic: requires-dist\n",
        HEAD + "Dynamic: Provides-Extra\r\n",
        HEAD + "dynamic:Requires-Python\n",
        "",
    ],
)
def test_pkg_info_that_does_not(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) is None


def test_no_pkg_info(tmp_path: Path) -> None:
    assert pkg_info(str(tmp_path), "demo") is None


def test_pkg_info_without_a_name(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="no valid name and version"):
        read(tmp_path, "Metadata-Version: 2.2\nVersion: 1.0\n")


def test_project_table() -> None:
    metadata = project_table(tomllib.loads(FLIT))
    assert metadata is not None
    assert (metadata.name, metadata.version, metadata.requires_python) == ("demo", "1.0", ">=3.8")
    assert metadata.requires_dist == (
        "other>=2 ; python_version >= '3.8'",
        'quick ; extra == "fast-er"',
        "quicker>1 ; (sys_platform == 'linux' or os_name == 'nt') and extra == \"fast-er\"",
    )


@pytest.mark.parametrize(
    "change",
    [
        ('version = "1.0"', 'dynamic = ["version"]'),
        ('version = "1.0"', 'version = "1.0"\ndynamic = ["optional-dependencies"]'),
        ('version = "1.0"', 'version = "one"'),
        ('version = "1.0"', "version = 1"),
        ('version = "1.0"', ""),
        ('name = "demo"', 'name = "-"'),
        ('name = "demo"', ""),
        ('">=3.8"', '"three"'),
        ("[project.optional", "[tool.poetry]\n[project.optional"),
        ("other>=2", "other>=>2"),
        ("Fast_er", "fast-er = []\nFast_er"),
        ("[project]", "[projects]"),
    ],
)
def test_table_that_settles_nothing(change: tuple[str, str]) -> None:
    text = FLIT.replace(*change)
    assert text != FLIT
    document = tomllib.loads(text)
    assert project_table(document) is None


def test_no_table() -> None:
    assert project_table(None) is None
    assert project_table({"tool": "none", "project": "demo"}) is None
