"""Our own configuration files: where they are looked for, which counts, and how a broken one is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clearway.configuration import own_files
from clearway.configuration.own_files import locate_user_file, read_own_files
from clearway.errors import InputError

posix = pytest.mark.skipif(os.name == "nt", reason="paths and owners of POSIX")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder without any file."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def _write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _labels(folder: Path, home: Path, **environ: str) -> list[tuple[str, str]]:
    documents = read_own_files({"HOME": str(home), **environ}, str(folder), "linux")
    return [(document.owner, document.label) for document in documents]


def _fails(folder: Path, home: Path, **environ: str) -> InputError:
    with pytest.raises(InputError) as failure:
        read_own_files({"HOME": str(home), **environ}, str(folder), "linux")
    assert failure.value.hint
    return failure.value


@posix
def test_places_of_the_users_file(tmp_path: Path) -> None:
    assert locate_user_file({"HOME": "/home/me"}, "linux") == "/home/me/.config/clearway/clearway.toml"
    assert locate_user_file({"HOME": "/home/me", "XDG_CONFIG_HOME": "/c"}, "linux") == "/c/clearway/clearway.toml"
    environ = {"HOME": str(tmp_path)}
    assert locate_user_file(environ, "darwin") == str(tmp_path / ".config/clearway/clearway.toml")
    support = tmp_path / "Library" / "Application Support" / "clearway"
    support.mkdir(parents=True)
    assert locate_user_file(environ, "darwin") == str(support / "clearway.toml")


def test_places_of_the_users_file_on_windows() -> None:
    path = os.path.join("A", "clearway", "clearway.toml")
    assert locate_user_file({"USERPROFILE": "U", "APPDATA": "A"}, "win32") == path
    path = os.path.join("U", "AppData", "Roaming", "clearway", "clearway.toml")
    assert locate_user_file({"USERPROFILE": "U"}, "win32") == path


def test_nothing_there(tmp_path: Path, home: Path) -> None:
    assert _labels(tmp_path, home) == []


def test_the_user_comes_before_the_project_that_beats_it(tmp_path: Path, home: Path) -> None:
    user = _write(home / ".config" / "clearway" / "clearway.toml", "retries = 1")
    project = _write(tmp_path / "work" / "clearway.toml", "retries = 2")
    documents = read_own_files({"HOME": str(home)}, str(tmp_path / "work"), "linux")
    assert [(one.owner, one.label, one.folder, one.content) for one in documents] == [
        ("user", str(user), str(user.parent), {"retries": 1}),
        ("project", str(project), str(project.parent), {"retries": 2}),
    ]


def test_the_nearest_project_counts(tmp_path: Path, home: Path) -> None:
    outer, inner = tmp_path / "outer", tmp_path / "outer" / "inner"
    deep = inner / "a" / "b"
    deep.mkdir(parents=True)
    far = _write(outer / "clearway.toml", "")
    assert _labels(deep, home) == [("project", str(far))]
    near = _write(inner / "pyproject.toml", "[tool.clearway]\n")
    assert _labels(deep, home) == [("project", f"{near}, tool.clearway")]
    own = _write(inner / "clearway.toml", "")
    assert _labels(deep, home) == [("project", str(own))]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[project]\nname = 'x'\n",
        "[project]\ndependencies = ['clearway']\n",
        "[tool.other]\nclearway = 1\n",
        "tool = 'clearway'\n",
        "this is no TOML at all",
    ],
)
def test_a_project_that_says_nothing_to_us_is_passed(tmp_path: Path, home: Path, text: str) -> None:
    outer = _write(tmp_path / "clearway.toml", "")
    _write(tmp_path / "work" / "pyproject.toml", text)
    assert _labels(tmp_path / "work", home) == [("project", str(outer))]


def test_a_table_with_content(tmp_path: Path, home: Path) -> None:
    path = _write(tmp_path / "pyproject.toml", '[tool.clearway]\nretries = 3\n[[tool.clearway.index]]\nname = "a"\n')
    (document,) = read_own_files({"HOME": str(home)}, str(tmp_path), "linux")
    assert document.content == {"retries": 3, "index": [{"name": "a"}]}
    assert (document.label, document.folder) == (f"{path}, tool.clearway", str(tmp_path))


def test_the_users_file_is_not_a_projects_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = _write(home / ".config" / "clearway" / "clearway.toml", "")
    assert _labels(user.parent, home) == [("user", str(user))]
    monkeypatch.chdir(user.parent)
    assert _labels(user.parent, home, CLEARWAY_CONFIG_FILE="clearway.toml") == [("user", "clearway.toml")]


def test_a_user_file_that_is_named(tmp_path: Path, home: Path) -> None:
    _write(home / ".config" / "clearway" / "clearway.toml", "retries = 1")
    named = _write(tmp_path / "named.toml", "retries = 2")
    assert _labels(tmp_path / "x", home, CLEARWAY_CONFIG_FILE=str(named)) == [("user", str(named))]
    (document,) = read_own_files({"CLEARWAY_CONFIG_FILE": os.devnull}, str(tmp_path / "x"), "linux")
    assert document.content == {}


@pytest.mark.parametrize("name", ["missing.toml", ".", "a\0b"])
def test_a_user_file_that_is_named_and_cannot_be_read(tmp_path: Path, home: Path, name: str) -> None:
    failure = _fails(tmp_path, home, CLEARWAY_CONFIG_FILE=str(tmp_path) + os.sep + name)
    assert failure.code == "unreadable-file"
    assert "which CLEARWAY_CONFIG_FILE names, cannot be read: " in failure.message


def test_folders_of_that_name_are_no_files(tmp_path: Path, home: Path) -> None:
    (tmp_path / "work" / "clearway.toml").mkdir(parents=True)
    (home / ".config" / "clearway" / "clearway.toml").mkdir(parents=True)
    assert _labels(tmp_path / "work", home) == []


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(tmp_path: Path, home: Path) -> None:
    _write(tmp_path / "pyproject.toml", "[tool.clearway]").chmod(0)
    assert _labels(tmp_path, home) == []
    path = _write(tmp_path / "clearway.toml", "")
    path.chmod(0)
    assert _fails(tmp_path, home).message.startswith(f"The configuration file {path} cannot be read: ")


@posix
@pytest.mark.parametrize("name", ["clearway.toml", "pyproject.toml"])
def test_in_a_folder_of_everybodys_a_file_counts_for_its_owner(
    tmp_path: Path, home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    path = _write(work / name, "[tool.clearway]" if name == "pyproject.toml" else "")
    mine = os.stat(path).st_uid
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert len(_labels(work, home)) == 1
    work.chmod(0o1777)
    assert len(_labels(work, home)) == (1 if mine == 0 else 0)  # root's files count for everybody
    os_stat = os.stat

    def of_somebody_else(place: str) -> os.stat_result:
        found = list(os_stat(place))
        found[4] = mine + 2
        return os.stat_result(found)

    monkeypatch.setattr(own_files.os, "stat", of_somebody_else)
    assert _labels(work, home) == []
    monkeypatch.setattr(os, "geteuid", lambda: mine + 2)
    assert len(_labels(work, home)) == 1


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("retries = \n", "malformed-configuration", ", line 1: "),
        ("a = 1\nretries 3\n", "malformed-configuration", ", line 2: "),
        ("a = 1\na = 2", "malformed-configuration", "clearway.toml"),
        ("a = '''", "malformed-configuration", "clearway.toml"),
        (b"\xff\xfea", "undecodable-file", "is not UTF-8, at byte 0"),
        ("a = " + "[" * 100_000, "malformed-configuration", "clearway.toml"),
        ("a = " + "9" * 100_000, "malformed-configuration", "clearway.toml"),
    ],
)
def test_broken_files(tmp_path: Path, home: Path, content: str | bytes, code: str, says: str) -> None:
    _write(tmp_path / "clearway.toml", content)
    failure = _fails(tmp_path, home)
    assert (failure.code, says in failure.message) == (code, True)
    assert "column" not in failure.message


def test_a_broken_pyproject_that_speaks_of_us(tmp_path: Path, home: Path) -> None:
    path = _write(tmp_path / "pyproject.toml", "[tool.clearway]\nretries 3\n")
    assert _fails(tmp_path, home).message.startswith(f"{path}, line 2: ")
    _write(path, "[tool]\nclearway = 3\n")
    assert _fails(tmp_path, home).message == f"{path}, tool.clearway is no table"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path, home: Path) -> None:
    _write(tmp_path / "clearway.toml", b"\xef\xbb\xbfretries = 3")
    (document,) = read_own_files({"HOME": str(home)}, str(tmp_path), "linux")
    assert document.content == {"retries": 3}


def test_an_endless_file(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_files, "_MOST", 10)
    _write(tmp_path / "clearway.toml", "a = 1 # and so on")
    assert "larger than" in _fails(tmp_path, home).message
