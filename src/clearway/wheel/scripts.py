"""The texts of commands: the interpreter's line, and the program that calls an entry point (PEP 427; entry points).

The kernel reads an interpreter's line only up to a length, and only up to the first space. A path that does not fit is
started through ``/bin/sh``: the text is a shell script whose second line is, for Python, a string.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearway.wheel.entry_points import EntryPoint

_LONGEST = 127  # bytes of the line, its end included, that every kernel of this century reads
INTERPRETER_MARK = b"#!python"
"""How a script begins whose interpreter is set when it is installed (PEP 427)."""


def interpreter_line(executable: str) -> bytes:
    """Return the line or lines that start a script with an interpreter, the last line end included."""
    line = f"#!{executable}\n".encode()
    if len(line) <= _LONGEST and not re.search(r"\s", executable):
        return line
    quoted = executable.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
    return f"#!/bin/sh\n'''exec' \"{quoted}\" \"$0\" \"$@\"\n' '''\n".encode()


def command_script(command: EntryPoint, executable: str) -> bytes:
    """Return the script that runs an entry point."""
    imported = command.attribute.partition(".")[0]
    program = f"""\
import sys
from {command.module} import {imported}
if __name__ == "__main__":
    sys.exit({command.attribute}())
"""
    return interpreter_line(executable) + program.encode()


def set_interpreter(script: bytes, executable: str) -> bytes:
    """Return a script that begins with :data:`INTERPRETER_MARK` with its first line set to an interpreter."""
    return interpreter_line(executable) + script.partition(b"\n")[2]
