"""What scripts say that they need (PEP 723)."""

from __future__ import annotations

import pytest

from clearway.configuration.scripts import read_script
from clearway.errors import ClearwayError
from clearway.model.targets import Target


def target() -> Target:
    return Target({"python_full_version": "3.12.4", "python_version": "3.12"}, ["py3-none-any"])


def needs(text: str) -> list[str]:
    return [str(stated.requirement) for stated in read_script(text, "tool.py", target)]


def block(*lines: str, kind: str = "script", end: str = "# ///") -> str:
    return "\n".join((f"# /// {kind}", *(f"# {line}".rstrip() for line in lines), end, ""))


LISTED = 'dependencies = ["a>=1", "b @ https://example.com/b-1.0.zip ; python_version < \'3.13\'"]'


@pytest.mark.parametrize(
    "text",
    [
        block(LISTED),
        block(LISTED).replace("\n", "\r\n"),
        f"#!/usr/bin/env python\n\n{block(LISTED)}\nimport a\n",
        block("", 'requires-python = ">=3.11"', LISTED, "[tool.other]", "x = 1"),
        block("# a comment", LISTED, "x = '''", "///", "'''"),
        block(LISTED, kind="other").replace("a>=1", "z") + "\n" + block(LISTED),
        f"# /// script\nimport this\n{block(LISTED)}",
        "# /// unended\n# /// nor\n\n" + block(LISTED),
    ],
)
def test_what_is_read(text: str) -> None:
    assert needs(text)[0] == "a>=1"
    assert needs(text)[1].startswith("b @ https://example.com/b-1.0.zip")


def test_a_script_may_need_nothing() -> None:
    assert needs(block('requires-python = ">=3"')) == []


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        ("", 2, "tool.py has no block"),
        ("# /// script\n# dependencies = []\n", 2, "has no block"),
        (block(LISTED, end="#///"), 2, "has no block"),
        (block(LISTED).replace("# ///", "# ////"), 2, "has no block"),
        (f"{block()}\n{block()}", 2, "has 2 blocks that say what it requires, in lines 1, 4"),
        (f"\n\n{block('dependencies = [')}", 2, "tool.py, block script: Invalid value before its end"),
        (f"\n\n{block('dependencies')}", 2, "tool.py, block script, line 4: "),
        (block("dependencies = 3"), 2, "dependencies is not an array"),
        (block("dependencies = [3]"), 2, "dependencies[0] is not a text"),
        (block('dependencies = ["a b"]'), 2, "(tool.py, dependencies)"),
        (block('dependencies = ["."]'), 2, "tool.py, dependencies"),
        (block("requires-python = 3"), 2, "requires-python is not a text"),
        (block('requires-python = "three"'), 2, "requires-python is no range of versions: 'three'"),
        (block('requires-python = ">=3.13"'), 2, "needs Python >=3.13, and this is Python 3.12.4"),
    ],
)
def test_what_is_wrong(text: str, status: int, says: str) -> None:
    with pytest.raises(ClearwayError) as caught:
        needs(text)
    assert caught.value.exit_status == status
    assert says in caught.value.message
    assert caught.value.hint


def test_many_beginnings_are_read_in_one_go() -> None:
    assert needs("# /// other\n" * 200_000 + "\n" + block(LISTED))[0] == "a>=1"
