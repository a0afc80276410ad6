"""Commands run: the interpreter's line for any path, and the program behind it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from clearway.wheel.entry_points import EntryPoint
from clearway.wheel.scripts import INTERPRETER_MARK, command_script, interpreter_line, set_interpreter

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts of POSIX")

MODULE = """\
import sys
class App:
    def run():
        return sys.argv[1:] != ["x y", ""]
"""


def test_a_plain_path_is_the_line() -> None:
    assert interpreter_line("/opt/venv/bin/python3") == b"#!/opt/venv/bin/python3\n"


@pytest.mark.parametrize(
    "name", ["plain", "with space", "lo" + "n" * 150 + "g", 'q"uote', "do$llar", "ti`ck", "a\\b", "it's"]
)
def test_commands_run_whatever_the_path_of_the_interpreter(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    interpreter = folder / "python"
    interpreter.symlink_to(sys.executable)
    (folder / "demo_module.py").write_text(MODULE)
    script = folder / "command"
    script.write_bytes(command_script(EntryPoint("command", "demo_module", "App.run"), str(interpreter)))
    script.chmod(0o755)
    assert subprocess.run([str(script), "x y", ""], check=False, env={"PATH": "/usr/bin:/bin"}).returncode == 0
    assert subprocess.run([str(script), "other"], check=False).returncode == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"#!python\nprint()\n", b"print()\n"),
        (b"#!pythonw -u\r\nprint()\r\n", b"print()\r\n"),
        (b"#!python3.8\n", b""),
        (b"#!python", b""),
    ],
)
def test_the_first_line_is_set(before: bytes, after: bytes) -> None:
    assert before.startswith(INTERPRETER_MARK)
    assert set_interpreter(before, "/bin/python3") == b"#!/bin/python3\n" + after


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
def test_a_long_line_is_python_too() -> None:
    line = interpreter_line("/" + "x" * 200 + "/python")
    compile(line + b"print()\n", "script", "exec")
    assert line.startswith(b"#!/bin/sh\n")
