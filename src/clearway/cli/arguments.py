"""Arguments: the command line taken apart against the option table.

Only the parser of the command that was asked for is built (DESIGN 5). What comes out is what was given, in its order;
meaning and types are for ``settings`` to tell, together with the environment and the configuration files.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from clearway.errors import InputError
from clearway.settings.option import Option
from clearway.settings.table import options_for

if TYPE_CHECKING:
    from collections.abc import Sequence


class Command(NamedTuple):
    """One command: its summary, and what stands on the command line beside options.

    :ivar choices: what the one operand may be; else there may be any number of them.
    :ivar more: what may stand behind that one.
    """

    summary: str
    operands: str
    operands_help: str
    choices: tuple[str, ...] = ()
    more: str = ""
    more_help: str = ""


COMMANDS = {
    "install": Command(
        "Install packages.",
        "REQUIREMENT",
        "What to install: NAME, 'NAME>=VERSION', NAME[EXTRA], 'NAME @ URL', or the path or URL of a wheel.",
    ),
    "why": Command(
        "Explain why a release of a project would be installed, and others not.",
        "NAME",
        "The project, and after it what would be installed, as for install; the project alone if nothing follows.",
    ),
    "index": Command(
        "Show the indexes that are asked, or find out how they answer.",
        "ACTION",
        "list: which they are, in their order; check: how they answer; versions: the releases of a project.",
        ("list", "check", "versions"),
        "NAME",
        "An index, by its name or URL; all of them if none is named. With versions: the project.",
    ),
    "uninstall": Command("Remove packages.", "NAME", "What to remove."),
    "list": Command("List what is installed.", "", ""),
    "freeze": Command("Write what is installed as requirements.", "", ""),
    "show": Command("Show what is known of installed packages.", "NAME", "A package."),
    "inspect": Command("Write everything about what is installed as JSON.", "", ""),
    "check": Command("Tell whether what is installed fits together.", "", ""),
    "cache": Command(
        "Show or empty the cache.",
        "ACTION",
        "dir: where it is; info: how much it holds; list: the wheels in it; remove: some of them; purge: all of it.",
        ("dir", "info", "list", "remove", "purge"),
        "PATTERN",
        "With list and remove: a project, or what a wheel's name begins with; * and ? stand for anything.",
    ),
    "hash": Command("Write hashes of archives, for requirement files.", "FILE", "An archive."),
    "debug": Command("Tell what a report of a mistake should say of this machine.", "", ""),
    "completion": Command(
        "Write what a shell needs to complete commands.",
        "WORD",
        "After --: the words of a command line so far; what may stand in place of the last one is written.",
    ),
    "help": Command("Show the commands, or the options of one.", "COMMAND", "A command."),
}


class Given(NamedTuple):
    """What was given on the command line.

    :param options: name and value of each option, in order; the value of a flag is an empty text.
    """

    command: str
    operands: tuple[str, ...]
    options: tuple[tuple[str, str], ...]


class Help(Exception):
    """Help was asked for: the text to print."""


def parse(arguments: Sequence[str]) -> Given:
    """Take a command line apart.

    :raises Help: when help was asked for.
    :raises InputError: ``bad-arguments`` for anything that is not understood.
    """
    if not arguments or arguments[0] in {"-h", "--help"}:
        raise Help(_overview())
    command, rest = arguments[0], list(arguments[1:])
    if command == "help":
        if not rest:
            raise Help(_overview())
        command, rest = command if rest[0].startswith("-") else rest[0], ["--help"]
    if command not in COMMANDS:
        raise _unknown(command)
    if command == "completion" and rest[:1] == ["--"]:  # whatever follows is somebody else's command line
        return Given(command, tuple(rest[1:]), ())
    if not {"-h", "--help"}.isdisjoint(rest):
        from shutil import get_terminal_size  # late: only for who reads it; and early: the usage is made before all

        _Formatter.width = min(get_terminal_size().columns - 2, 120)
    known = _parser(command).parse_intermixed_args(rest)
    return Given(command, (*(known.operands or ()), *(known.more or ())), tuple(known.given))


def _unknown(command: str) -> InputError:
    from difflib import get_close_matches  # late: only for who has made a mistake

    near = get_close_matches(command[:40], COMMANDS, 1)
    return InputError(
        "bad-arguments",
        f"There is no command {command!r}",
        context=(f"commands: {', '.join(COMMANDS)}",),
        hint=f"Did you mean {near[0]}?" if near else "Put the command first; see: clearway --help",
    )


class _Formatter(argparse.HelpFormatter):
    """Help as wide as the terminal; argparse asks for one at every option, so the width is not looked up then."""

    width = 100

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=self.width)


class _Parser(argparse.ArgumentParser):
    """argparse with our errors and our way out for help."""

    def error(self, message: str) -> NoReturn:
        raise InputError("bad-arguments", _sentence(message), hint=f"See: {self.prog} --help")

    def print_help(self, file: Any = None) -> NoReturn:
        del file  # help goes where all output goes
        raise Help(self.format_help())


class _Note(argparse.Action):
    """Notes that an option was given, and with which value."""

    def __init__(self, option_strings: Sequence[str], dest: str, option: Option, **rest: Any) -> None:
        super().__init__(option_strings, dest, **rest)
        self._option = option

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        del parser, option_string
        namespace.given.append((self._option.name, values if isinstance(values, str) else ""))


def _parser(command: str) -> _Parser:
    about = COMMANDS[command]
    parser = _Parser(
        prog=f"clearway {command}",
        description=about.summary,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
        formatter_class=_Formatter,
    )
    parser.set_defaults(given=[], operands=(), more=())
    if about.operands:
        parser.add_argument(
            "operands",
            nargs=1 if about.choices else "*",
            metavar=about.operands,
            help=about.operands_help,
            choices=about.choices or None,
        )
    if about.more:
        parser.add_argument("more", nargs="*", default=(), metavar=about.more, help=about.more_help)
    for option in options_for(command):
        _add(parser, option)
    return parser


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    more = f" (default: {option.default})" if option.default else ""
    facts: dict[str, Any] = {
        "action": _Note,
        "option": option,
        "dest": "given",
        "help": (option.help + more).replace("%", "%%"),
    }
    if option.kind in {"flag", "count"}:
        facts["nargs"] = 0
    else:
        facts["metavar"] = option.metavar or "|".join(option.choices) or option.name.upper()
    parser.add_argument(*option.flags, **facts)


def _sentence(message: str) -> str:
    """Return argparse's message as a sentence of ours."""
    return message[:1].upper() + message[1:].replace("operands", "the arguments").rstrip(".")


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [
        "usage: clearway COMMAND [OPTIONS] [ARGUMENTS]",
        "",
        "Installs Python packages from private, policed indexes without dead ends.",
        "",
        "commands:",
        *(f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()),
        "",
        "options:",
        "  -h, --help     Show this, or with a command its options: clearway COMMAND --help",
        "  -V, --version  Show the version.",
        "",
    ]
    return "\n".join(lines)
