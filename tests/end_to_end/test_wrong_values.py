"""Every option with a wrong value, from everywhere: one error that names the place, status 2, nothing changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from clearway.cli.arguments import COMMANDS
from clearway.cli.main import BUG, run
from clearway.settings.table import BY_NAME, TABLE
from end_to_end.world import check_failure

if TYPE_CHECKING:
    from pathlib import Path

    from clearway.settings.option import Option
    from end_to_end.world import World

WRONG = {
    "flag": "perhaps",
    "count": "many",
    "whole": "-1",
    "wait": "soon",
    "age": "P1Y",
    "statuses": "200",
    "choice": "nonsense",
    "release": "three",
}
"""By kind of option: what it cannot be."""
WITH_GRAMMAR = [option for option in TABLE if option.kind in WRONG or option.choices]
READ_FROM_FILES = [option for option in WITH_GRAMMAR if option.commands[0] != "config"]
"""Those whose command does not begin by reading files: that one is there to mend them."""
FREE = [option for option in TABLE if not option.is_alone and option not in WITH_GRAMMAR]
HOSTILE = ("\udcff\udcfe", "", " ", "x" * 5000, "a\nb", "\x1b[2J", "::", "~", "-", "http://[", "../\u202e")


def line(option: Option, *words: str) -> list[str]:
    """Return the words of a command that takes an option."""
    command = option.commands[0]
    choices = COMMANDS[command].choices
    return [command, *choices[:1], *words]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def fails(capsys: pytest.CaptureFixture[str], words: list[str], place: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert run(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("ERROR: ")
    first = said.err.splitlines()[0]
    assert place in first
    assert "HINT: " in said.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("option", WITH_GRAMMAR, ids=lambda option: f"{option.commands[0]}-{option.name}")
def test_a_wrong_value_names_its_place(
    option: Option, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = WRONG.get(option.kind, "nonsense")
    for name in option.names:
        said = line(option, f"--{name}={wrong}")
        fails(capsys, said, f"--{name} takes no value" if option.is_alone else f"--{option.name}", tmp_path)
    variable = option.name.replace("-", "_").upper()
    for prefix in ("CLEARWAY", "PIP") if option.shared else ("CLEARWAY",):
        with monkeypatch.context() as patch:
            patch.setenv(f"{prefix}_{variable}", wrong)
            fails(capsys, line(option), f"{prefix}_{variable}", tmp_path)


@pytest.mark.parametrize("option", READ_FROM_FILES, ids=lambda option: f"{option.commands[0]}-{option.name}")
def test_a_wrong_value_in_a_file(
    option: Option, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = WRONG.get(option.kind, "nonsense")
    if option.shared and BY_NAME[option.name] is option:
        path = tmp_path / "pip.conf"
        path.write_text(f"[global]\n# two\n{option.name} = {wrong}\n")
        with monkeypatch.context() as patch:
            patch.setenv("PIP_CONFIG_FILE", str(path))
            fails(capsys, line(option), f"{path}, line 3", tmp_path)
    path = tmp_path / "own.toml"
    path.write_text(f'{option.name} = "{wrong}"\n')
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(path))
    fails(capsys, line(option), f"{path}, line 1, {option.name}", tmp_path)


@pytest.mark.parametrize("option", FREE, ids=lambda option: f"{option.commands[0]}-{option.name}")
def test_hostile_values_never_confuse(option: Option, world: World) -> None:
    before = world.snapshot()
    place = () if option.name in {"python", "cache-dir"} else world.place()
    for value in HOSTILE:
        result = world.clearway(*line(option, *map(str, place), f"--{option.name}={value}", "--no-input"))
        assert result.status != BUG, result.text
        assert "Traceback" not in result.text
        assert "\x1b[2J" not in result.text
        if result.status and result.error:
            check_failure(result, result.status, ())
        (result.out + result.err).encode()
    assert world.changes(before) == []


# -- files -------------------------------------------------------------------------------------------------------------

BROKEN = {
    "no TOML": (b"timeout = 5\nretries = = 3\n", "own.toml, line 2: "),
    "no UTF-8": (b'timeout = "\xff"\n', "own.toml is not UTF-8, at byte 11"),
    "unknown key": (b"timout = 5\n", "own.toml, line 1 sets timout, which is no option"),
    "twice": (b"timeout = 5\ntimeout = 6\n", "own.toml, line 2: "),
    "two spellings": (b"index-url = 'a'\nindex_url = 'b'\n", "own.toml, line 1 sets index-url twice"),
    "unknown table": (b"[install]\ntimeout = 5\n", "own.toml, line 1 sets install, which is no option"),
    "index without a name": (b"[[index]]\nurl = 'https://example.com/'\n", "own.toml, line 1, index 1 has no name"),
    "huge": (b"#" * (1 << 23), "own.toml is larger than 4 MB"),
}


@pytest.mark.parametrize(("content", "says"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("command", ["install", "list", "uninstall", "cache"])
def test_a_broken_file(
    content: bytes,
    says: str,
    command: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "own.toml").write_bytes(content)
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(tmp_path / "own.toml"))
    fails(capsys, [command, *COMMANDS[command].choices[:1]], says, tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[global]\ntimeout\n", "pip.conf, line 2: "),
        (b"timeout = 3\n", "pip.conf, line 1: "),
        (b"[global]\n\xff\xfe = 3\n", "pip.conf cannot be read as text"),
        (b"[global]\ntimeout = 3\ntimeout = 4\n", "pip.conf, line 3: "),
    ],
)
def test_a_broken_file_of_pips(
    content: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.conf").write_bytes(content)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    fails(capsys, ["list"], says, tmp_path)


def test_operands_that_are_no_text(world: World) -> None:
    for command in ("install", "show", "uninstall", "hash", "why"):
        result = world.clearway(command, *(() if command == "hash" else world.place()), "\udcff\udcfe")
        assert result.status not in {0, BUG}, command
        assert result.out == ""
        assert "Traceback" not in result.err
    assert os.path.isdir(world.env)
