"""Every option of the pip that is at hand is taken, or named with the reason why not; and the documentation says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clearway.settings.foreign import FOREIGN
from clearway.settings.option import COMMANDS
from clearway.settings.table import TABLE, options_for

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "pip-differences.md"
ASK_PIP = """
import json
from pip._internal.commands import commands_dict, create_command
from pip._internal.cli.cmdoptions import general_group
options = {
    name: [flag for option in create_command(name).parser.option_list_all for flag in option._long_opts]
    for name in commands_dict
}
print(json.dumps([options, [flag for option in general_group["options"] for flag in option()._long_opts]]))
"""


@pytest.fixture(scope="module")
def pip() -> tuple[dict[str, list[str]], list[str]]:
    """pip's options by command, and its general ones."""
    asked = subprocess.run([sys.executable, "-I", "-c", ASK_PIP], capture_output=True, text=True)
    if asked.returncode:
        pytest.skip("there is no pip beside this Python")
    options, general = json.loads(asked.stdout)
    return options, general


def test_none_is_unknown(pip: tuple[dict[str, list[str]], list[str]]) -> None:
    refused = {f"--{name}" for name in FOREIGN} | {"--help", "--version"}
    for name in set(pip[0]) & set(COMMANDS):
        known = {f"--{spelling}" for option in options_for(name) for spelling in option.names}
        assert set(pip[0][name]) - known - refused == set(), name


def test_what_stands_before_the_command_there_does_so_here(pip: tuple[dict[str, list[str]], list[str]]) -> None:
    general = {name for option in TABLE if option.is_general for name in option.names}
    assert {flag[2:] for flag in pip[1]} - {"help", "version"} - set(FOREIGN) - general == set()


def test_the_page_names_what_is_not_taken_and_what_is_taken_for_nothing() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, foreign in FOREIGN.items():
        assert f"--{name}`" in page
        assert f"| {foreign.why} | {foreign.advice} |" in page
    for option in TABLE:
        assert not option.inert or f"`--{option.name}`" in page
        assert not option.inert or all(f"`{choice}`" in page for choice in option.choices)
