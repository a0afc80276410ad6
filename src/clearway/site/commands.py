"""The commands of a distribution as files: scripts on POSIX, launchers on Windows (entry points specification)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from clearway.wheel.scripts import command_script

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clearway.wheel.entry_points import EntryPoint

_LAUNCHERS = {"amd64": "win-amd64", "arm64": "win-arm64", "x86": "win-ia32"}


def render_commands(
    commands: Iterable[EntryPoint], executable: str, platform: str = sys.platform
) -> Iterator[tuple[str, bytes]]:
    """Yield the file name and the content of each command.

    :param executable: the interpreter that runs them.
    """
    if platform == "win32":
        yield from _launchers(commands, executable)
        return
    for command in commands:
        yield command.name, command_script(command, executable)


def _launchers(commands: Iterable[EntryPoint], executable: str) -> Iterator[tuple[str, bytes]]:
    from platform import machine  # late: Windows only

    from installer.scripts import Script  # type: ignore[import-not-found,unused-ignore]  # late: as above

    kind = _LAUNCHERS.get(machine().lower(), "win-amd64")
    for command in commands:
        script = Script(command.name, command.module, command.attribute, "gui" if command.gui else "console")
        yield script.generate(executable, kind=kind)
