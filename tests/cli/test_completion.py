"""What is offered to a shell in place of the last word."""

from __future__ import annotations

import pytest

from clearway.cli.arguments import COMMANDS
from clearway.cli.completion import candidates
from clearway.settings.table import options_for


def complete(*words: str) -> list[str]:
    return candidates(("clearway", *words), lambda: ["demo", "dep", "other"])


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ins"], ["install", "inspect"]),
        (["--v"], ["--version"]),
        (["help", "inst"], ["install"]),
        (["help", "install", ""], []),
        (["frobnicate", ""], []),
        (["cache", "l"], ["list"]),
        (["cache", "--format", ""], ["human", "abspath"]),
        (["cache", "list", "l"], []),
        (["index", ""], ["list", "check", "versions"]),
        (["list", "--format", "j"], ["json"]),
        (["list", "--format=j"], ["--format=json"]),
        (["list", "--format", "=", "j"], ["json"]),
        (["list", "--format", "="], ["columns", "freeze", "json"]),
        (["list", "--no-such=j"], []),
        (["install", "--link-mode", "c"], ["clone", "copy"]),
        (["install", "--constraint", ""], []),
        (["install", "-r", "req"], []),
        (["install", "d"], []),
        (["list", "--out", "--outdated", "--out"], []),
        (["install", "--verbose", "--verb"], ["--verbose"]),
        (["list", "--help", "--hel"], []),
        (["show", "d"], ["demo", "dep"]),
        (["uninstall", "-y", "demo", "d"], ["dep"]),
        (["completion", "--z"], ["--zsh"]),
    ],
    ids=" ".join,
)
def test_words(words: list[str], offered: list[str]) -> None:
    assert complete(*words) == offered


def test_nothing_was_typed() -> None:
    assert candidates((), list) == candidates(("clearway",), list) == list(COMMANDS)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "help"])
def test_every_option_of_every_command(command: str) -> None:
    flags = {flag for option in options_for(command) for flag in option.flags}
    assert set(complete(command, "-")) == {*flags, "--help"}
