"""Arguments: the command line taken apart against the option table.

The grammar is that of GNU's long options and POSIX's short ones (Utility Syntax Guidelines 3 to 10), as pip has it:
options and operands in any order, ``--name VALUE`` and ``--name=VALUE``, short options joined (``-Uqr FILE``), nothing
but operands after ``--``, and a long name cut short as long as it is clear which is meant. Our own options make no
abbreviation of one of pip's unclear: what a script says to pip today it may say here.

The general options, which every command takes, may stand before the command too. What comes out is what was given, in
its order; meaning and types are for ``settings`` to tell, together with the environment and the configuration files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clearway.errors import InputError
from clearway.settings.table import TABLE, options_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clearway.settings.option import Option


class Command(NamedTuple):
    """One command: its summary, and what stands on the command line beside options.

    :ivar choices: what the first operand may be, which there has to be then; else there may be any number of them.
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
        "What to install: 'NAME>=VERSION', NAME[EXTRA], 'NAME @ URL', path or URL of an archive, folder, repository.",
    ),
    "download": Command(
        "Download packages, with what they need, into a folder.",
        "REQUIREMENT",
        "What to download: as for install.",
    ),
    "wheel": Command(
        "Build wheels of packages, with what they need, into a folder.",
        "REQUIREMENT",
        "What to build: as for install.",
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
    "config": Command(
        "Show and change what is configured.",
        "ACTION",
        "list: what is in force; get: one value; set, unset: change a file; edit: open it; debug: every file and "
        "variable that is looked at.",
        ("list", "get", "set", "unset", "edit", "debug"),
        "NAME",
        "An option, as timeout; of an index, index.NAME.KEY. With set: the value after it, several for a list.",
    ),
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
_HELP = frozenset({"-h", "--help"})
_VERSION = frozenset({"-V", "--version"})


class Given(NamedTuple):
    """What was given on the command line.

    :param options: name and value of each option, in order; the value of a flag is an empty text.
    """

    command: str
    operands: tuple[str, ...]
    options: tuple[tuple[str, str], ...]


class Help(Exception):
    """Help, or the version, was asked for: the text to print."""


class _HelpAsked(Exception):
    """``--help`` stands where an option may."""


def parse(arguments: Sequence[str]) -> Given:
    """Take a command line apart.

    :raises Help: when help was asked for.
    :raises InputError: ``bad-arguments`` for anything that is not understood.
    """
    general = _Words(arguments, [option for option in TABLE if option.is_general], "")
    try:
        general.read(until_operand=True)
    except _HelpAsked:
        raise Help(_overview()) from None
    if general.version_asked:
        from clearway import __version__

        raise Help(f"clearway {__version__}")
    if not general.operands:
        raise Help(_overview())
    (command,) = general.operands
    if command == "help":
        raise Help(_help(general.rest))
    if command not in COMMANDS:
        from clearway.cli.misspelled import unknown_command

        raise unknown_command(command, COMMANDS)
    words = _Words(general.rest, options_for(command), command)
    try:
        words.read()
    except _HelpAsked:
        raise Help(_help([command])) from None
    _check_operands(command, words.operands)
    return Given(command, tuple(words.operands), (*general.given, *words.given))


class _Words:
    """The words of a command line, read one after the other.

    :param command: whose options these are; empty before there is one.
    :ivar given: the options that were found, ``operands`` what else there is, ``rest`` what was not read.
    """

    def __init__(self, words: Sequence[str], options: Iterable[Option], command: str) -> None:
        self.rest = list(words)
        self.given: list[tuple[str, str]] = []
        self.operands: list[str] = []
        self.version_asked = False
        self._command = command
        self._options = {flag: option for option in options for flag in option.flags}

    def read(self, *, until_operand: bool = False) -> None:
        """Read all words, or those up to the first operand, which is taken too.

        :raises InputError: ``bad-arguments``.
        """
        while self.rest and not (until_operand and self.operands):
            word = self.rest.pop(0)
            if word == "--":
                taken = 1 if until_operand else len(self.rest)
                self.operands += self.rest[:taken]
                del self.rest[:taken]
            elif word.startswith("--"):
                self._read_long(word)
            elif word.startswith("-") and len(word) > 1:
                self._read_short(word)
            else:
                self.operands.append(word)

    def _read_long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        name = name if name in _HELP or name in _VERSION else self._meant(name)
        if not self._is_asked(name):
            option = self._options[name]
            if option.is_alone and equals:
                raise _bad(f"{name} takes no value", self._command)
            self._note(option, value if equals else None, name)

    def _read_short(self, word: str) -> None:
        """Read options of one letter, joined: those that take no value, and one that may."""
        letters = word[1:]
        while letters:
            flag, letters = f"-{letters[0]}", letters[1:]
            if self._is_asked(flag):
                continue
            option = self._options.get(flag)
            if option is None:
                raise self._unknown(flag if flag == word else f"{flag} in {word}", flag)
            if option.is_alone:
                self._note(option, None, flag)
            else:
                self._note(option, letters or None, flag)
                return

    def _is_asked(self, flag: str) -> bool:
        """Whether help is asked for, or the version; that can stand before a command only."""
        if flag in _HELP:
            raise _HelpAsked
        if flag in _VERSION and not self._command:
            self.version_asked = True
            return True
        return False

    def _note(self, option: Option, value: str | None, spelled: str) -> None:
        if not option.is_alone and value is None:
            if not self.rest:
                raise _bad(f"{spelled} needs a value", self._command)
            if self.rest[0] in self._options and self.rest[0].startswith("--"):
                raise _bad(f"{spelled} needs a value, but the option {self.rest[0]} follows", self._command)
            value = self.rest.pop(0)
        self.given.append((option.name, value or ""))

    def _meant(self, name: str) -> str:
        """Return the whole name of a long option that may be cut short."""
        if name in self._options:
            return name
        begun = [flag for flag in self._options if flag.startswith(name) and len(name) > 2]
        of_pip = [flag for flag in begun if self._options[flag].shared]
        meant = {self._options[flag].name for flag in of_pip or begun}
        if len(meant) == 1:
            return (of_pip or begun)[0]
        if meant:
            raise _bad(f"{name} may be {' or '.join(of_pip or begun)}", self._command)
        raise self._unknown(name, name)

    def _unknown(self, shown: str, flag: str) -> InputError:
        from clearway.cli.misspelled import unknown_option

        return unknown_option(shown, flag, self._command, self._options)


def _check_operands(command: str, operands: Sequence[str]) -> None:
    """See that there are operands where there have to be, and none where there may be none.

    :raises InputError: ``bad-arguments``.
    """
    about = COMMANDS[command]
    if operands and not about.operands:
        from clearway.cli.misspelled import shown

        raise _bad(f"clearway {command} takes no arguments, but was given {shown(operands[0])}", command)
    if about.choices and not operands:
        raise _bad(f"clearway {command} needs an action: {', '.join(about.choices)}", command)
    if about.choices and operands[0] not in about.choices:
        from clearway.cli.misspelled import unknown_action

        raise unknown_action(command, operands[0], about.choices)


def _bad(message: str, command: str) -> InputError:
    return InputError("bad-arguments", message, hint=f"See: clearway {f'{command} ' if command else ''}--help")


def _help(words: Sequence[str]) -> str:
    """Return the help of the command that words name, or the overview."""
    names = [word for word in words if not word.startswith("-")]
    if not names or names[0] == "help":
        return _overview()
    if names[0] not in COMMANDS:
        from clearway.cli.misspelled import unknown_command

        raise unknown_command(names[0], COMMANDS)
    from clearway.cli.help import render_help  # late: argparse, which hardly any run needs

    return render_help(names[0], COMMANDS[names[0]])


def _overview() -> str:
    from textwrap import fill  # late: for who asks for help

    width = max(map(len, COMMANDS))
    lines = [
        "usage: clearway [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]",
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
        fill(f"Before the command may stand, too: {', '.join(_general())}.", 90, break_on_hyphens=False),
        "",
    ]
    return "\n".join(lines)


def _general() -> list[str]:
    return [f"--{option.name}" for option in TABLE if option.is_general and not option.inert]
