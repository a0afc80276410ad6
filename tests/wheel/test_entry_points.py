"""entry_points.txt: the commands that are in it, and what is refused."""

from __future__ import annotations

import pytest

from clearway.errors import IntegrityError
from clearway.wheel.entry_points import EntryPoint, parse_entry_points

FULL = """\
\ufeff# commands
[console_scripts]
demo = demo.cli:main
  spaced-name.2   =   demo : App.run   [fast, slow]
; a comment
[pytest11]
demo = anything at all
not even this

[gui_scripts]
window=demo.gui:main
[ console_scripts ]
demo = demo.cli:again
"""


def test_reads_both_groups_of_commands() -> None:
    assert parse_entry_points(FULL.replace("\n", "\r\n").encode(), "x.whl") == (
        EntryPoint("demo", "demo.cli", "again"),
        EntryPoint("spaced-name.2", "demo", "App.run"),
        EntryPoint("window", "demo.gui", "main", gui=True),
    )


@pytest.mark.parametrize("content", [b"", b"[other]\na = b\n", b"stray = line:here\n"])
def test_no_commands(content: bytes) -> None:
    assert parse_entry_points(content, "x.whl") == ()


@pytest.mark.parametrize(
    "line",
    [
        "demo",
        "demo =",
        "demo = module",
        "demo = module:",
        "demo = :main",
        "demo = module:main()",
        "demo = module:a b",
        "demo = module:main; import os",
        "demo = mod..ule:main",
        "demo = 1module:main",
        "demo = module:main[",
        "demo = os:system('x')",
    ],
)
def test_commands_that_call_nothing_are_refused(line: str) -> None:
    with pytest.raises(IntegrityError, match="calls nothing") as caught:
        parse_entry_points(f"[console_scripts]\n{line}\n".encode(), "x.whl")
    assert caught.value.code == "bad-metadata"


@pytest.mark.parametrize("name", ["", "../evil", "a/b", "..", ".", "/bin/sh", "C:x", "a\\b", ".clearway", "a\x07"])
def test_commands_without_a_usable_name_are_refused(name: str) -> None:
    with pytest.raises(IntegrityError, match="usable name"):
        parse_entry_points(f"[console_scripts]\n{name} = demo:main\n".encode(), "x.whl")


def test_other_encodings_are_refused() -> None:
    with pytest.raises(IntegrityError, match="UTF-8"):
        parse_entry_points(b"[console_scripts]\n\xff = a:b\n", "x.whl")
