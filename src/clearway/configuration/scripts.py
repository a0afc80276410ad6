"""What a script says that it needs: the block of comments named ``script`` (PEP 723, "Inline script metadata").

A block begins with a line ``# /// TYPE`` and ends with the last line ``# ///`` of the comments that follow; what stands
between is TOML behind ``# ``. Of it count ``dependencies`` and ``requires-python``; what tables of tools say is for
those tools. The script itself is never run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clearway.configuration.statements import parse_named
from clearway.configuration.toml_files import expect, parse_toml
from clearway.errors import InputError
from clearway.model.versions import parse_specifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clearway.model.inputs import Stated
    from clearway.model.targets import Target

_START = r"# /// ([A-Za-z0-9-]+)"
_END = "# ///"
_BLOCK = "script"
_EXAMPLE = 'Begin one with a line "# /// script" and end it with "# ///"; between them: # dependencies = ["NAME"]'


def read_script(text: str, label: str, target: Callable[[], Target] | None) -> Iterator[Stated]:
    """Yield what a script requires.

    :param label: names the file.
    :param target: returns what to install for; None where no Python is meant.
    :raises InputError: ``no-script-block``, ``malformed-toml``, ``script-not-for-target``, and what is wrong with a
        requirement.
    """
    blocks = [(line, content) for line, kind, content in _blocks(text) if kind == _BLOCK]
    if not blocks:
        raise InputError("no-script-block", f"{label} has no block that says what it requires (PEP 723)", hint=_EXAMPLE)
    if len(blocks) > 1:
        raise InputError(
            "no-script-block",
            f"{label} has {len(blocks)} blocks that say what it requires, in lines "
            f"{', '.join(str(line) for line, _ in blocks[:5])}",
            hint="Keep one of them (PEP 723).",
        )
    line, content = blocks[0]
    # the lines before the block stand for themselves, so that an error tells the line of the script
    table = parse_toml(("\n" * line + content + "\n").encode(), f"{label}, block {_BLOCK}")
    python = expect(table.get("requires-python", ""), str, label, "requires-python")
    if python and target is not None:
        _check_python(python, label, target())
    for number, one in enumerate(expect(table.get("dependencies", []), list, label, "dependencies")):
        yield parse_named(expect(one, str, label, f"dependencies[{number}]"), f"{label}, dependencies")


def _blocks(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each block: the number of its first line, its type, and its content."""
    lines = text.replace("\r\n", "\n").split("\n")
    place = 0
    while place < len(lines):
        start = re.fullmatch(_START, lines[place])
        if start is None:
            place += 1
            continue
        stop = _stop(lines, place + 1)
        end = next((number for number in range(stop - 1, place, -1) if lines[number] == _END), None)
        if end is not None:
            yield place + 1, start[1], "\n".join(line[2:] for line in lines[place + 1 : end])
        place = stop if end is None else end + 1  # where it has no end, nothing else before that has one


def _stop(lines: list[str], place: int) -> int:
    """Return where the comments stop that begin at a place."""
    while place < len(lines) and (lines[place] == "#" or lines[place].startswith("# ")):
        place += 1
    return place


def _check_python(specifier: str, label: str, target: Target) -> None:
    if parse_specifier(specifier) is None:
        raise InputError(
            "malformed-toml",
            f"{label}, requires-python is no range of versions: {specifier[:80]!r}",
            hint='Write one as requires-python = ">=3.11".',
        )
    if not target.takes(specifier):
        raise InputError(
            "script-not-for-target",
            f"{label} needs Python {specifier}, and this is Python {target.python_version}",
            hint="Name another Python with --python, or insist with --ignore-requires-python.",
        )
