"""What is said where: levels, colours, streams, the log."""

from __future__ import annotations

import io
import os
import re
from typing import TYPE_CHECKING

import pytest

from clearway.cli.log import Log
from clearway.cli.output import Output, short_path, wants_colour
from clearway.errors import ClearwayError, InputError, TargetError

if TYPE_CHECKING:
    from pathlib import Path

FAILURE = InputError("slug", "It is broken", context=("a fact: here",), hint="Mend it.")


def say_everything(output: Output) -> None:
    output.say("said")
    output.detail("one")
    output.detail("two", 2)
    output.result("result")
    output.warn("careful")
    output.fail(FAILURE)


def streams(verbosity: int, **options: bool) -> tuple[list[str], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    output = Output(verbosity, out, err)
    for name, value in options.items():
        setattr(output, name, value)
    say_everything(output)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


ERROR = ["ERROR: It is broken.", "  a fact: here", "HINT: Mend it."]


@pytest.mark.parametrize(
    ("verbosity", "out", "err"),
    [
        (2, ["said", "one", "two", "result"], ["WARNING: careful", *ERROR]),
        (1, ["said", "one", "result"], ["WARNING: careful", *ERROR]),
        (0, ["said", "result"], ["WARNING: careful", *ERROR]),
        (-1, ["result"], ["WARNING: careful", *ERROR]),
        (-2, ["result"], ERROR),
        (-3, ["result"], ERROR),
    ],
)
def test_levels(verbosity: int, out: list[str], err: list[str]) -> None:
    assert streams(verbosity) == (out, err)


def test_details_have_no_place_in_an_answer() -> None:
    assert streams(2, answers=True) == (["said", "result"], ["one", "two", "WARNING: careful", *ERROR])


def test_colours_stand_before_words_and_nowhere_else() -> None:
    out, err = streams(0, colour=True)
    assert out == ["said", "result"]
    assert err == [
        "\x1b[33mWARNING:\x1b[0m careful",
        "\x1b[1;31mERROR:\x1b[0m It is broken.",
        "  a fact: here",
        "\x1b[36mHINT:\x1b[0m Mend it.",
    ]


@pytest.mark.parametrize(
    ("terminal", "variables", "wanted"),
    [
        (True, {"TERM": "xterm"}, True),
        (False, {"TERM": "xterm"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": ""}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="consoles of Windows say it in another way")
def test_who_wants_colour(terminal: bool, variables: dict[str, str], wanted: bool) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    assert wants_colour(variables, stream) == wanted


def test_nobody_to_show_colours_to() -> None:
    assert not wants_colour({"TERM": "xterm"}, None)


def test_a_log_keeps_everything_and_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "log.txt"
    for _ in range(2):  # it is appended to
        output = Output(-3, io.StringIO(), io.StringIO(), colour=True)
        output.spare = lambda text: text.replace("hunter2", "****")
        output.log = Log(str(path))
        say_everything(output)
        output.detail("GET https://zoe:pass@example.com/x?token=abc hunter2\x1b[2J")
        output.fail(ClearwayError("slug", "hunter2", context=("hunter2",), hint="hunter2"))
        assert output.finish(0) == 0
        output.detail("too late")
    lines = path.read_text(encoding="utf-8").splitlines()
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{3} "
    assert all(re.match(moment, line) for line in lines)
    words = [re.sub(moment, "", line, count=1) for line in lines]
    assert words[: len(words) // 2] == [
        "said",
        "one",
        "two",
        "result",
        "WARNING: careful",
        *ERROR,
        "GET https://****@example.com/x?**** ****\ufffd[2J",
        "ERROR: ****.",
        "  ****",
        "HINT: ****",
    ]
    assert words[len(words) // 2 :] == words[: len(words) // 2]


@pytest.mark.parametrize("name", ["", "file/log.txt", "nul\0"])
def test_a_log_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetError) as caught:
        Log(f"{tmp_path}/{name}")
    assert caught.value.code == "log-unwritable"
    assert "Nothing was done." in caught.value.hint


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
def test_a_log_on_a_full_disk_is_told_of_once() -> None:
    err = io.StringIO()
    output = Output(0, io.StringIO(), err)
    output.log = Log("/dev/full")
    output.say("one")
    output.say("two")
    assert err.getvalue() == "WARNING: The log /dev/full cannot be written any more: No space left on device.\n"
    assert output.finish(0) == 0


def test_paths_as_pip_shows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert short_path(f"{tmp_path}/env/lib") == os.path.join(".", "env", "lib")
    assert short_path(f"{tmp_path}-other/lib") == f"{tmp_path}-other/lib"
    assert short_path(str(tmp_path)) == str(tmp_path)
