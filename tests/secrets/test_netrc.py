"""netrc: the format, which entry is for which index, and what is wrong with a file."""

from __future__ import annotations

import netrc as reference
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.secrets.netrc import Entry, Malformed, Netrc, parse

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://packages.example.com/simple/"
WITH_PORT = "https://packages.example.com:8443/simple/"


def _find(folder: Path, text: str, url: str = URL, username: str = "") -> tuple[str, str] | None:
    warnings: list[str] = []
    path = folder / "netrc"
    path.write_text(text)
    path.chmod(0o600)
    found = Netrc({"NETRC": str(path)}, warnings.append).find(url, username)
    assert warnings == []
    if found is not None:
        assert (found.source, found.scheme) == (str(path), "basic")
    return None if found is None else (found.username, found.password.reveal())


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", []),
        ("machine a login b password c", [("a", "b", "c")]),
        (
            "machine A.example\n  login b\n  password c\n\nmachine d password e",
            [("a.example", "b", "c"), ("d", "", "e")],
        ),
        ("default login b password c", [("", "b", "c")]),
        ("machine a user b account x password c", [("a", "b", "c")]),
        ("# note\nmachine a login b # more\n password #c", [("a", "b", "#c")]),
        (r'machine a login "b c" password "d\"e\\f"', [("a", "b c", 'd"e\\f')]),
        (r"machine a login b password c\ d\\e", [("a", "b", "c d\\e")]),
        ("macdef init\nput x\nmachine z\n\nmachine a login b password c", [("a", "b", "c")]),
        ("machine a login b password c\nmacdef end\nquit", [("a", "b", "c")]),
        ("machine a", [("a", "", "")]),
    ],
)
def test_the_format(text: str, entries: list[tuple[str, str, str]]) -> None:
    assert list(parse(text)) == [Entry(*one) for one in entries]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("machine", 1),
        ("machine a\nlogin", 2),
        ("login b", 1),
        ("machine a login b password c\nwhat", 2),
        ('machine a\nlogin b\npassword "c', 3),
        ("machine a password \\", 1),
    ],
)
def test_what_is_no_netrc(text: str, line: int) -> None:
    with pytest.raises(Malformed) as fault:
        list(parse(text))
    assert fault.value.args == (line,)


words = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"], exclude_characters='"\\#'), min_size=1)


@given(st.dictionaries(words.map(str.lower), st.tuples(words, words), min_size=1, max_size=4))
def test_it_is_read_as_the_standard_library_reads_it(
    tmp_path_factory: pytest.TempPathFactory, hosts: dict[str, tuple[str, str]]
) -> None:
    text = "\n".join(f"machine {host}\n login {user}\n password {word}" for host, (user, word) in hosts.items())
    path = tmp_path_factory.getbasetemp() / "reference"
    path.write_text(text)
    known = reference.netrc(str(path)).hosts
    assert {one.machine: (one.login, one.password) for one in parse(text)} == {
        host: (user, word) for host, (user, _, word) in known.items()
    }


@pytest.mark.parametrize(
    ("text", "url", "username", "found"),
    [
        ("machine packages.example.com login a password b", URL, "", ("a", "b")),
        ("machine PACKAGES.example.com login a password b", URL, "", ("a", "b")),
        ("machine example.com login a password b", URL, "", None),
        ("default login a password b", URL, "", ("a", "b")),
        ("machine packages.example.com login a password b default login c password d", URL, "", ("a", "b")),
        ("machine packages.example.com login a default login c password d", URL, "", None),
        ("machine packages.example.com login a password b", WITH_PORT, "", ("a", "b")),
        (
            "machine packages.example.com login a password b machine packages.example.com:8443 login c password d",
            WITH_PORT,
            "",
            ("c", "d"),
        ),
        ("machine packages.example.com:8443 login c password d", URL, "", None),
        ("machine packages.example.com login a password b", URL, "z", None),
        ("machine packages.example.com password b", URL, "z", ("z", "b")),
        (
            "machine packages.example.com login a password b machine packages.example.com login z password y",
            URL,
            "a",
            ("a", "b"),
        ),
        (
            "machine packages.example.com login a password b machine packages.example.com login z password y",
            URL,
            "",
            ("z", "y"),
        ),
    ],
)
def test_the_entry_of_an_index(
    tmp_path: Path, text: str, url: str, username: str, found: tuple[str, str] | None
) -> None:
    assert _find(tmp_path, text, url, username) == found


def test_where_the_file_is(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert Netrc(home, pytest.fail).find(URL) is None
    for name in ("_netrc", ".netrc"):
        (tmp_path / name).write_text(f"machine packages.example.com login {name} password x")
        (tmp_path / name).chmod(0o600)
        found = Netrc(home, pytest.fail).find(URL)
        assert found is not None
        assert found.username == name
    assert Netrc({**home, "NETRC": str(tmp_path / "nothing")}, pytest.fail).find(URL) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"machine packages.example.com login a password b s3cret", "line 1 is not understood"),
        (b"machine packages.example.com login \xff password s3cret", "it is not UTF-8"),
    ],
)
def test_a_broken_file_is_a_warning_that_shows_nothing_of_it(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / ".netrc"
    path.write_bytes(content)
    path.chmod(0o600)
    warnings: list[str] = []
    netrc = Netrc({"HOME": str(tmp_path)}, warnings.append)
    assert netrc.find(URL) is None
    assert netrc.find(URL) is None
    assert netrc.path == ""
    assert warnings == [f"{path} is not used: {says}"]


def test_a_folder_is_no_netrc(tmp_path: Path) -> None:
    (tmp_path / ".netrc").mkdir()
    warnings: list[str] = []
    assert Netrc({"HOME": str(tmp_path)}, warnings.append).find(URL) is None
    assert len(warnings) == 1
    assert "cannot be read" in warnings[0]


def test_a_file_that_others_may_read_is_used_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / ".netrc"
    path.write_text("machine packages.example.com login a password b")
    path.chmod(0o644)
    warnings: list[str] = []
    netrc = Netrc({"HOME": str(tmp_path)}, warnings.append)
    assert netrc.find("https://other.example.com/") is None
    assert warnings == []
    assert [netrc.find(URL) is not None for _ in range(2)] == [True, True]
    assert warnings == [f"Others than you may read or change {path}: chmod 600 {path}"]
