"""Writing one of our own files: whole or not at all, with the mode that it had."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clearway.configuration.editing import write_configuration
from clearway.errors import TargetError

posix = pytest.mark.skipif(os.name == "nt", reason="modes and links of POSIX")


@posix
@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_a_new_file(tmp_path: Path, private: bool, mode: int) -> None:
    path = tmp_path / "not" / "yet" / "clearway.toml"
    before = os.umask(0o022)
    try:
        write_configuration(str(path), b"a = 1\n", private=private)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"a = 1\n"
    assert path.stat().st_mode & 0o777 == mode


@posix
def test_the_mode_is_kept_and_so_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real = tmp_path / "dotfiles" / "clearway.toml"
    real.write_text("a = 1\n")
    real.chmod(0o640)
    link = tmp_path / "clearway.toml"
    link.symlink_to(real)
    write_configuration(str(link), b"a = 2\n", private=True)
    assert link.is_symlink()
    assert real.read_text() == "a = 2\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in real.parent.iterdir()] == ["clearway.toml"]


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "clearway.toml"
    path.mkdir()
    with pytest.raises(TargetError) as failure:
        write_configuration(str(path), b"", private=True)
    assert failure.value.code == "configuration-unwritable"
    assert str(path) in failure.value.message
    assert [one.name for one in tmp_path.iterdir()] == ["clearway.toml"]


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(TargetError, match="cannot be written"):
        write_configuration(str(tmp_path / "x" / "clearway.toml"), b"", private=True)
