"""pip's configuration files: where they are, and which beats which."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clearway.configuration.pip_files import locate_pip_files, read_pip_files
from clearway.errors import InputError
from clearway.settings.merge import merge

posix = pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")


@posix
def test_places_on_linux() -> None:
    assert locate_pip_files({"HOME": "/home/me"}, "/env", "linux") == [
        "/etc/xdg/pip/pip.conf",
        "/etc/pip.conf",
        "/home/me/.pip/pip.conf",
        "/home/me/.config/pip/pip.conf",
        "/env/pip.conf",
    ]


@posix
def test_places_may_be_moved() -> None:
    environ = {"HOME": "/home/me", "XDG_CONFIG_DIRS": "/a:/b", "XDG_CONFIG_HOME": "/c"}
    assert locate_pip_files(environ, "", "linux") == [
        "/a/pip/pip.conf",
        "/b/pip/pip.conf",
        "/etc/pip.conf",
        "/home/me/.pip/pip.conf",
        "/c/pip/pip.conf",
    ]


@posix
@pytest.mark.parametrize("there", [True, False])
def test_places_on_macos(tmp_path: Path, there: bool) -> None:
    support = tmp_path / "Library" / "Application Support" / "pip"
    if there:
        support.mkdir(parents=True)
    assert locate_pip_files({"HOME": str(tmp_path)}, "", "darwin") == [
        "/Library/Application Support/pip/pip.conf",
        str(tmp_path / ".pip" / "pip.conf"),
        str(support / "pip.conf") if there else str(tmp_path / ".config" / "pip" / "pip.conf"),
    ]


def test_places_on_windows() -> None:
    environ = {"PROGRAMDATA": "P", "USERPROFILE": "U", "APPDATA": "A"}
    assert locate_pip_files(environ, "E", "win32") == [
        os.path.join("P", "pip", "pip.ini"),
        os.path.join("U", "pip", "pip.ini"),
        os.path.join("A", "pip", "pip.ini"),
        os.path.join("E", "pip.ini"),
    ]
    assert locate_pip_files({"USERPROFILE": "U"}, "", "win32")[2] == os.path.join(
        "U", "AppData", "Roaming", "pip", "pip.ini"
    )


def test_a_file_that_is_named_takes_the_place_of_the_users(tmp_path: Path) -> None:
    named = tmp_path / "named.conf"
    environ = {"HOME": "/home/me", "PIP_CONFIG_FILE": str(named)}
    assert os.path.join("/home/me", ".pip", "pip.conf") in locate_pip_files(environ, "/env", "linux")
    named.write_text("")
    paths = locate_pip_files(environ, "/env", "linux")
    assert paths[-2:] == [os.path.join("/env", "pip.conf"), str(named)]
    assert not any(path.startswith("/home/me") for path in paths)


def test_no_file_at_all() -> None:
    assert locate_pip_files({"PIP_CONFIG_FILE": os.devnull}, "/env") == []


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A machine whose files all lie below one folder: the user's say one thing, the environment's another."""
    for folder, text in (
        ("home/.config/pip", "[global]\nindex-url = https://user.example/\ntimeout = 3\n"),
        ("env", "[install]\nindex-url = https://environment.example/\n"),
    ):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "pip.conf").write_text(text)
    return {"HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": str(tmp_path / "none")}


def _read(environ: dict[str, str], prefix: Path) -> list[tuple[str, int]]:
    found = [(path, len(entries)) for path, entries in read_pip_files(environ, str(prefix), "linux")]
    return [(path, count) for path, count in found if path != "/etc/pip.conf"]


def test_what_is_there_is_read_in_order(environ: dict[str, str], tmp_path: Path) -> None:
    assert _read(environ, tmp_path / "env") == [
        (str(tmp_path / "home" / ".config" / "pip" / "pip.conf"), 2),
        (str(tmp_path / "env" / "pip.conf"), 1),
    ]


def test_what_was_read_is_what_is_merged(environ: dict[str, str], tmp_path: Path) -> None:
    settings = merge("install", [], {}, read_pip_files(environ, str(tmp_path / "env"), "linux"))
    assert settings.index_url is not None
    assert settings.index_url.value == "https://environment.example/"
    assert settings.index_url.origin == f"{tmp_path / 'env' / 'pip.conf'}, line 2"
    assert settings.timeout == 3


def test_a_malformed_file_is_told_with_its_line(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "env" / "pip.conf"
    path.write_text("[global]\nno value here\n")
    with pytest.raises(InputError) as caught:
        read_pip_files(environ, str(tmp_path / "env"), "linux")
    assert caught.value.message.startswith(f"{path}, line 2: ")


def test_a_folder_in_the_place_of_a_file_says_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "other" / "pip.conf").mkdir(parents=True)
    assert len(_read(environ, tmp_path / "other")) == 1


def test_files_in_the_encoding_of_windows(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "env" / "pip.conf").write_bytes("[global]\r\nindex-url = https://grün.example/\r\n".encode("utf-8-sig"))
    (_, entries) = read_pip_files(environ, str(tmp_path / "env"), "linux")[-1]
    assert entries[0].value == "https://grün.example/"
