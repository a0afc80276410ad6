"""What is offered to a shell in place of the last word."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clearway.cli.arguments import COMMANDS
from clearway.cli.completion import _SCRIPTS, candidates
from clearway.settings.table import options_for


def complete(*words: str) -> list[str]:
    return candidates(("clearway", *words), lambda python: ["elsewhere"] if python else ["demo", "dep", "other"])


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ins"], ["install", "inspect"]),
        (["--v"], ["--verbose", "--version"]),
        (["-q", "--cache-dir", "ins"], []),
        (["-q", "--cache-dir", "here", "ins"], ["install", "inspect"]),
        (["--keyring-provider", "d"], ["disabled"]),
        (["--keyring-provider=d"], ["--keyring-provider=disabled"]),
        (["--python", "3.12", "show", ""], ["elsewhere"]),
        (["--python=3.12", "show", ""], ["elsewhere"]),
        (["show", "--python", "=", "3.12", ""], ["elsewhere"]),
        (["config", "g"], ["get"]),
        (["config", "get", "index-u"], ["index-url"]),
        (["config", "--project", "set", "link-mode", "c"], ["clone", "copy"]),
        (["config", "set", "no-index", ""], ["true", "false"]),
        (["config", "set", "nonsense", ""], []),
        (["config", "get", "timeout", ""], []),
        (["config", "list", ""], []),
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
    assert candidates((), lambda _: ()) == candidates(("clearway",), lambda _: ()) == list(COMMANDS)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "help"])
def test_every_option_of_every_command(command: str) -> None:
    flags = {flag for option in options_for(command) for flag in option.flags}
    assert set(complete(command, "-")) == {*flags, "--help"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_what_the_shell_can_read(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")
    checked = subprocess.run([shell, "-n"], input=_SCRIPTS[shell], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
def test_bash_asks_and_is_answered(tmp_path: Path) -> None:
    program = tmp_path / "clearway"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m clearway "$@"\n')
    program.chmod(0o755)
    asked = "COMP_WORDS=(clearway list --format = j); COMP_CWORD=4; _clearway_completion clearway; echo ${COMPREPLY[@]}"
    environ = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-c", f"{_SCRIPTS['bash']}\n{asked}"], capture_output=True, text=True, env=environ, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == ("json\n", "")
