"""The command line: what its words come to, which are refused and how, and that pip would read them alike."""

from __future__ import annotations

import optparse
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway import __version__
from clearway.cli.arguments import COMMANDS, Given, Help, parse
from clearway.errors import InputError
from clearway.settings.option import COMMANDS as NAMES
from clearway.settings.table import TABLE, options_for


def fails(*words: str) -> InputError:
    with pytest.raises(InputError) as failure:
        parse(words)
    error = failure.value
    assert error.code == "bad-arguments"
    assert error.exit_status == 2
    assert error.hint
    assert "\n" not in error.message
    return error


@pytest.mark.parametrize(
    ("line", "operands", "options"),
    [
        ("install demo", "demo", []),
        ("install -U demo -q", "demo", [("upgrade", ""), ("quiet", "")]),
        ("-q --no-cache-dir install x", "x", [("quiet", ""), ("no-cache-dir", "")]),
        ("--timeout 5 --retries=0 install x", "x", [("timeout", "5"), ("retries", "0")]),
        ("-vv install -qqq", "", [("verbose", "")] * 2 + [("quiet", "")] * 3),
        ("install -Uqr reqs.txt x", "x", [("upgrade", ""), ("quiet", ""), ("requirement", "reqs.txt")]),
        ("install -Urreqs.txt", "", [("upgrade", ""), ("requirement", "reqs.txt")]),
        ("install -r-", "", [("requirement", "-")]),
        ("install -i https://e.example.com/ -c=x", "", [("index-url", "https://e.example.com/"), ("constraint", "=x")]),
        ("install --index-url=https://e.example.com/?a=b", "", [("index-url", "https://e.example.com/?a=b")]),
        ("install --report -", "", [("report", "-")]),
        ("install --find-links=", "", [("find-links", "")]),
        ("install --find-links -x", "", [("find-links", "-x")]),
        ("install -- -r --pre", "-r --pre", []),
        ("-- install -- --pre", "--pre", []),
        ("install - x", "- x", []),
        ("install --no-dep --requirement r.txt", "", [("no-deps", ""), ("requirement", "r.txt")]),
        ("install --index https://e.example.com/", "", [("index-url", "https://e.example.com/")]),
        ("install --extra-index=u", "", [("extra-index-url", "u")]),
        ("install --link copy", "", [("link-mode", "copy")]),
        ("--require-venv --iso list", "", [("require-virtualenv", ""), ("isolated", "")]),
        ("--python 3.12 freeze --timeout 3", "", [("python", "3.12"), ("timeout", "3")]),
        ("completion -- clearway install --help", "clearway install --help", []),
        ("cache list demo-*", "list demo-*", []),
        ("config set index-url x y", "set index-url x y", []),
    ],
)
def test_what_words_come_to(line: str, operands: str, options: list[tuple[str, str]]) -> None:
    found = parse(line.split())
    assert found == Given(found.command, tuple(operands.split()), tuple(options))
    assert found.command in line


def test_a_secret_is_not_shown_where_the_word_is_cut() -> None:
    error = fails("list", f"demo @ https://ann:{'hush' * 20}@example.com/demo.zip")
    assert "hush" not in error.message
    assert "example.com" in error.message


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        ("instal demo", "There is no command 'instal'", "Did you mean install?"),
        ("search demo", "There is no command 'search'", "index versions"),
        ("lock -r r.txt", "There is no command 'lock'", "install -r pylock.toml"),
        ("pip install demo", "There is no command 'pip'", "Leave it out"),
        ("upgrade demo", "There is no command 'upgrade'", "install --upgrade"),
        ("help instal", "There is no command 'instal'", "Did you mean install?"),
        ("-r x install", "-r stands behind the command, not before it", "install"),
        ("--upgrade install x", "--upgrade stands behind the command", "install"),
        ("--frobnicate install", "has no option --frobnicate", "clearway --help"),
        ("install --upgrad-strategy eager", "has no option --upgrad-strategy", "Did you mean --upgrade-strategy?"),
        ("install --frobnicate=https://a:b@example.com/", "has no option --frobnicate", "install --help"),
        ("install -Zq", "has no option -Z in -Zq", "install --help"),
        ("install -\u2013upgrade", "has no option", "dashes"),
        ("freeze --upgrade", "--upgrade is no option of clearway freeze but of install", "Leave it out"),
        ("list --dry-run", "--dry-run is no option of clearway list but of install", "Leave it out"),
        ("install --use-deprecated=legacy-resolver", "does not take pip's option --use-deprecated", "Leave it out"),
        ("install --global-option=x", "does not take pip's option --global-option", "--config-settings"),
        ("config --global list", "does not take pip's option --global", "--user or --project"),
        ("install --no-b x", "--no-b may be --no-binary or", "install --help"),
        ("install --upgrade=yes", "--upgrade takes no value", "install --help"),
        ("install -r", "-r needs a value", "install --help"),
        ("--timeout", "--timeout needs a value", "clearway --help"),
        ("install --index-url --upgrade x", "--index-url needs a value, but the option --upgrade follows", "install"),
        ("list demo", "clearway list takes no arguments, but was given 'demo'", "list --help"),
        ("cache", "clearway cache needs an action: dir, info", "cache --help"),
        ("cache lst", "clearway cache has no action 'lst'", "Did you mean list?"),
        ("config frobnicate", "clearway config has no action 'frobnicate'", "config --help"),
    ],
)
def test_what_is_refused(line: str, says: str, hint: str) -> None:
    error = fails(*line.split())
    assert says in error.message
    assert hint in error.hint
    assert "a:b" not in error.message


@pytest.mark.parametrize("word", ["\udcff", "a\nb", "\x1b[31m", "x" * 5000, "https://me:secret@example.com/"])
def test_hostile_words_are_shown_short_and_on_one_line(word: str) -> None:
    for line in ([word], ["install", f"--{word}"], ["list", word], ["cache", word], ["install", f"-Z{word}"]):
        error = fails(*line)
        assert len(error.message) < 400
        assert "secret" not in error.message
        assert "\x1b" not in error.message
        (error.message + error.hint).encode()  # it can be written


@pytest.mark.parametrize("words", [[], ["-h"], ["--help"], ["-q", "--help"], ["help"], ["help", "--help"], ["-q"]])
def test_help_for_all(words: list[str]) -> None:
    with pytest.raises(Help, match="usage: clearway \\[OPTIONS\\] COMMAND"):
        parse(words)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "help"])
def test_help_for_each(command: str) -> None:
    for words in ([command, "-h"], ["-q", command, "--help"], ["help", command], ["help", "-v", command]):
        with pytest.raises(Help) as asked:
            parse(words)
        assert str(asked.value).startswith(f"usage: clearway {command}")
        for option in options_for(command):
            assert f"--{option.name}" in str(asked.value)


@pytest.mark.parametrize("words", [["--version"], ["-V"], ["-q", "--version"], ["--version", "install", "x"], ["-qV"]])
def test_the_version(words: list[str]) -> None:
    with pytest.raises(Help) as asked:
        parse(words)
    assert str(asked.value) == f"clearway {__version__}"


def test_every_command_has_a_description() -> None:
    assert set(NAMES) == set(COMMANDS) - {"help"}


class _AsPip(optparse.OptionParser):
    """pip's own kind of parser, over the same table."""

    def __init__(self, command: str) -> None:
        super().__init__(add_help_option=False)
        self.noted: list[tuple[str, str]] = []
        for option in options_for(command):
            self.add_option(
                *option.flags,
                action="callback",
                type=None if option.is_alone else "str",
                callback=lambda _1, _2, value, _3, name=option.name: self.noted.append((name, value or "")),
            )

    def error(self, msg: str) -> NoReturn:
        raise InputError("bad-arguments", msg)


PIECES = st.sampled_from(
    [flag for option in TABLE if "install" in option.commands for flag in option.flags]
    + [
        "-Uq",
        "-Uqr",
        "-rU",
        "--timeout=3",
        "--upgrade=1",
        "--report",
        "--report=",
        "-",
        "--",
        "x",
        "a=b",
        "-Zx",
        "--zz",
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=6))
def test_words_are_read_as_pip_reads_them(words: list[str]) -> None:
    judge = _AsPip("install")
    taken = _taken(words)
    try:
        operands = judge.parse_args(list(words))[1]
    except InputError:
        assert taken is None
    else:  # we refuse more: where a value was forgotten, so that the next option would be taken for it
        assert taken == Given("install", tuple(operands), tuple(judge.noted)) or _forgets(words)


def _taken(words: list[str]) -> Given | None:
    try:
        return parse(["install", *words])
    except InputError:
        return None


def _forgets(words: list[str]) -> bool:
    """Whether a whole long option stands where the value of another one is due."""
    with pytest.raises(InputError, match="needs a value, but the option"):
        parse(["install", *words])
    return True
