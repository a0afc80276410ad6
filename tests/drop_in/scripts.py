"""Lines that are run with pip and with clearway, as data (``tests/drop_in/lines/*.toml``), and what must come of them.

::

    [[scripts]]
    name = "pins"
    of = "user guide: requirement files"   # the kind of place that has such lines
    before = ["pip install app==1.0"]      # what pip has done before; nothing if not given
    quick = true                           # run with the tests, too
    lines = [
        "pip install -r requirements.txt",
        { run = "pip check", out = "whole" },
    ]

Of each line must be the same: the exit status, everything below the folder (environments, files, the user's home), and
what is said on standard output: ``out = "whole"`` byte for byte, ``"summary"`` the words of the lines that scripts look
for, ``"none"`` nothing. Which of them is meant if none is given depends on the command. Besides:

- ``says``: regular expressions that standard output of both must hold; ``warns``: standard error of both.
- ``because``: the topic of a row in docs/reference/pip-differences.md, where something is to differ. What does is said
  by ``status`` (pip's and clearway's), ``out``, or ``differs``: patterns of paths that may not be the same.
- ``varies``: patterns of paths that are not even the same in two runs of pip: logs, what git keeps for itself.
- ``since``: the release of pip that can do it first.

A failure is a failure: where pip ends with 1, clearway may end with another status than 0 and 2, and with 2 where a
requirement or a file is malformed (``status`` says so then). The row ``exit status`` is about that.
"""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from support.environments import differences, read_contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drop_in.state import Yard

FOLDER = Path(__file__).parent / "lines"
PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "pip-differences.md"
_WHOLE = {"list", "freeze", "show", "check", "hash"}
_TOLD = ("Successfully installed", "Successfully uninstalled", "Would install")
_COMMAND = re.compile(r"\bpip3? (?:-\S+ )*([a-z]+)")


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line and what must come of it."""

    run: str
    out: str = ""
    says: list[str] = []
    warns: list[str] = []
    status: list[int] = []
    differs: list[str] = []
    varies: list[str] = []
    because: str = ""
    since: str = ""

    @property
    def compared(self) -> str:
        """How much of standard output is compared."""
        command = _COMMAND.search(self.run)
        return self.out or ("whole" if command and command[1] in _WHOLE else "summary")


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some lines that are run one after the other in one folder."""

    name: str
    of: str
    lines: list[Line]
    before: list[str] = []
    quick: bool = False


class Played(msgspec.Struct, frozen=True):
    """What came of a line."""

    status: int
    out: str
    err: str
    contents: dict[str, str]


def read_scripts() -> list[Script]:
    """Return all scripts."""
    scripts = []
    for path in sorted(FOLDER.glob("*.toml")):
        for told in tomllib.loads(path.read_text(encoding="utf-8"))["scripts"]:
            lines = [{"run": line} if isinstance(line, str) else line for line in told["lines"]]
            scripts.append(msgspec.convert({**told, "lines": lines}, Script))
    return scripts


def topics() -> set[str]:
    """Return the topics of the differences that are on purpose."""
    rows = (line.split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|"))
    return {row[1].strip() for row in rows}


def play(yard: Yard, script: Script, tool: str, release: str) -> list[Played]:
    """Run a script with a tool, in a folder as it is at the start.

    :param release: of pip; lines that a later one could do first are left out.
    """
    yard.prepare(tuple(script.before))
    apart = yard.apart
    played = []
    for line in possible(script, release):
        done = yard.run(tool, line.run)
        played.append(Played(done.returncode, done.stdout, done.stderr, read_contents(yard.here, apart)))
    return played


def possible(script: Script, release: str) -> list[Line]:
    """Return the lines that a release of pip can do."""
    return [line for line in script.lines if not line.since or _number(line.since) <= _number(release)]


def compare(line: Line, pips: Played, ours: Played) -> Iterator[str]:
    """Yield what is not as it must be, in words."""
    if line.status:
        if [pips.status, ours.status] != line.status:
            yield f"ended with {pips.status} and {ours.status} instead of {line.status}"
    elif ours.status != pips.status and not (pips.status == 1 and ours.status > 2):
        yield f"ended with {pips.status} and {ours.status}"
    for pattern in line.says:
        yield from (f"{tool} does not say {pattern!r}" for tool in _silent(pattern, pips.out, ours.out))
    for pattern in line.warns:
        yield from (f"{tool} does not warn {pattern!r}" for tool in _silent(pattern, pips.err, ours.err))
    first, second = (_kept(line.compared, played.out) for played in (pips, ours))
    if first != second:
        yield f"said {first!r} and {second!r}"
    yield from _changes(line, [change.split(": ", 1) for change in differences(pips.contents, ours.contents)])


def _changes(line: Line, found: list[list[str]]) -> Iterator[str]:
    """Yield what is not the same and should be; and what is said to differ, and does not any more."""
    free = [*line.differs, *line.varies]
    for path, what in found:
        if not any(fnmatch(path, pattern) for pattern in free):
            yield f"{path}: {what}"
    for pattern in line.differs:
        if not any(fnmatch(path, pattern) for path, _ in found):
            yield f"{pattern}: the same, in spite of {line.because!r}"


def _silent(pattern: str, pips: str, ours: str) -> list[str]:
    said = {"pip": pips, "clearway": ours}
    return [tool for tool, text in said.items() if not re.search(pattern, text, re.MULTILINE)]


def _kept(compared: str, out: str) -> object:
    if compared == "whole":
        return out
    told = [line for line in out.splitlines() if line.startswith(_TOLD)] if compared == "summary" else []
    return sorted(word for line in told for word in line.split())


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".")[:2])
