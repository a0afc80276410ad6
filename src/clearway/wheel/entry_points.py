"""entry_points.txt: the commands that a distribution installs ("Entry points specification").

An INI file; only the two groups of commands are read. A command that cannot be written down as a file, or that calls
nothing, is an error: a command that silently is not there is worse.
"""

from __future__ import annotations

import re

import msgspec

from clearway.wheel.faults import bad_metadata, shown
from clearway.wheel.paths import fault_of

_GROUPS = {"console_scripts": False, "gui_scripts": True}
_REFERENCE = re.compile(r"([\w.]+)\s*:\s*([\w.]+)\s*(?:\[[^\]]*\])?\s*")


class EntryPoint(msgspec.Struct, frozen=True):
    """One command: ``attribute`` of ``module`` is called.

    :param attribute: dotted: ``main`` or ``App.run``.
    :param gui: it runs without a console window on Windows.
    """

    name: str
    module: str
    attribute: str
    gui: bool = False


def parse_entry_points(content: bytes, source: str) -> tuple[EntryPoint, ...]:
    """Return the commands that an entry_points.txt defines, in its order; a name defined twice counts once, the last.

    :param source: what errors name: the archive's file name.
    :raises IntegrityError: ``bad-metadata``.
    """
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise bad_metadata(source, "its entry_points.txt is not UTF-8") from None
    commands: dict[str, EntryPoint] = {}
    group: bool | None = None
    for line in map(str.strip, lines):
        if line.startswith("[") and line.endswith("]"):
            group = _GROUPS.get(line[1:-1].strip())
        elif group is not None and line and line[0] not in "#;":
            command = _parse_command(line, group, source)
            commands[command.name] = command
    return tuple(commands.values())


def _parse_command(line: str, gui: bool, source: str) -> EntryPoint:
    name, _, reference = (part.strip() for part in line.partition("="))
    called = _REFERENCE.fullmatch(reference)
    if called is None or not all(part.isidentifier() for part in f"{called[1]}.{called[2]}".split(".")):
        raise bad_metadata(source, "one of its commands calls nothing", f"entry point: {shown(line)}")
    if "/" in name or fault_of(name):
        raise bad_metadata(source, "one of its commands has no usable name", f"entry point: {shown(line)}")
    return EntryPoint(name, called[1], called[2], gui)
