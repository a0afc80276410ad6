"""The person at the terminal: a real one, with what is typed and what is shown."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from support.terminal import TerminalProgram

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """
import sys
from clearway.index.routing import make_index
from clearway.secrets.prompt import find_person
person = find_person(no_input=False)
index = make_index("https://packages.example.com/simple/", name=sys.argv[1])
given = person.ask(index, sys.argv[2])
print("given:", given and (given[0], given[1].reveal() == "s3 cret"))
if given:
    print("saves:", person.agrees_to_save())
"""


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Iterator[TerminalProgram]:
    name, username = request.param
    made = TerminalProgram([sys.executable, "-c", PROGRAM, name, username], os.environ)
    yield made
    made.close()


@pytest.mark.parametrize("program", [("corp", "")], indirect=True)
@pytest.mark.parametrize(("answer", "saves"), [("y", True), ("n", False), ("", False), ("YES", True)])
def test_user_name_and_password(program: TerminalProgram, answer: str, saves: bool) -> None:
    program.expect("The index corp (https://packages.example.com/simple/) wants a user name and a password.")
    program.type("zoe\n")
    program.expect("Password: ")
    program.type("s3 cret\n")
    program.expect("Save it in the keyring [y/N]: ")
    program.type(f"{answer}\n")
    assert program.finish() == 0
    assert "given: ('zoe', True)" in program.shown
    assert f"saves: {saves}" in program.shown
    assert "s3 cret" not in program.shown


@pytest.mark.parametrize("program", [("", "T0KEN")], indirect=True)
def test_a_user_who_is_known_is_not_shown(program: TerminalProgram) -> None:
    """It may be a token."""
    program.expect("The index https://packages.example.com/simple/ wants a password.")
    program.expect("Password: ")
    assert "T0KEN" not in program.shown
    program.type("s3 cret\n")
    program.expect("[y/N]: ")
    program.type("\n")
    assert program.finish() == 0
    assert "given: ('T0KEN', True)" in program.shown


@pytest.mark.parametrize("program", [("corp", "")], indirect=True)
@pytest.mark.parametrize("keys", [["\n"], ["\x04"], ["zoe\n", "\x04"]])
def test_no_answer(program: TerminalProgram, keys: list[str]) -> None:
    for question, typed in zip(("User name: ", "Password: "), keys, strict=False):
        program.expect(question)
        program.type(typed)
    assert program.finish() == 0
    assert "given: None" in program.shown


def test_without_a_terminal_there_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from clearway.secrets.prompt import find_person

    assert find_person(no_input=False) is None
    monkeypatch.setattr(sys, "stdin", None)
    assert find_person(no_input=False) is None
