"""What is known of an option, and which commands there are (DESIGN 4.13).

From a row follow the flag, the variables ``CLEARWAY_<NAME>`` and, where pip has the option too, ``PIP_<NAME>`` and the
key in pip's configuration files, the key in our own files, for a run and for one index, the parser's help and the
reference page. Spellings and meanings are pip's where pip has the option.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["flag", "count", "url", "path", "choice", "whole", "wait", "age", "statuses", "list", "formats"]


class Option(msgspec.Struct, frozen=True):
    """One option.

    :param name: long, without dashes.
    :param kind: how its value is read; ``list`` and ``formats`` may be given several times and add up. ``wait`` and
        ``age`` are durations: how long somebody waits, how old something may be.
    :param commands: which take it.
    :param short: with its dash; ``aliases`` are further long names.
    :param metavar: what stands for the value in the help.
    :param choices: of kind ``choice``.
    :param excluded: of kind ``statuses``: those that it does not take.
    :param default: in words, for the documentation; the value itself stands in ``Settings``.
    :param shared: pip has it: its variable and its configuration key are read.
    :param sets: for a flag that gives another option a value, that option and the value.
    :param presence: in pip's variables and files any boolean, even a false one, means that the flag is given.
    :param fallbacks: further variables, read when nothing else says anything.
    :param files: which of our own configuration files may say it. What a project brings along may not say what is run,
        trusted or overwritten on somebody's machine (DESIGN 4.7); what belongs to one run stands in no file.
    :param per_index: one of the rules of an index (``clearway.policy.rules``): for the run, and for each index apart.
    :param fills: the field of ``Settings`` that it fills, where that is not named like it: options of two commands may
        have one name and mean different things.
    """

    name: str
    kind: Kind
    commands: tuple[str, ...]
    help: str
    short: str = ""
    aliases: tuple[str, ...] = ()
    metavar: str = ""
    choices: tuple[str, ...] = ()
    excluded: tuple[int, ...] = ()
    default: str = ""
    shared: bool = True
    sets: tuple[str, str] | None = None
    presence: bool = False
    fallbacks: tuple[str, ...] = ()
    files: Literal["any", "user", "none"] = "any"
    per_index: bool = False
    fills: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All long names."""
        return (self.name, *self.aliases)

    @property
    def field(self) -> str:
        """The field of ``Settings`` that it fills."""
        return (self.sets[0] if self.sets else self.fills or self.name).replace("-", "_")

    @property
    def flags(self) -> tuple[str, ...]:
        """How it is spelled on a command line, the short spelling first."""
        return (*((self.short,) if self.short else ()), *(f"--{name}" for name in self.names))


INSTALL = ("install",)
WHY = ("why",)
INDEX = ("index",)
LIST = ("list",)
FREEZE = ("freeze",)
INSPECT = ("inspect",)
UNINSTALL = ("uninstall",)
CHANGE = (*INSTALL, *UNINSTALL)
RESOLVE = (*INSTALL, *WHY)
"""The commands that find out what is to be installed."""
ASK = (*RESOLVE, *INDEX, *LIST)
"""The commands that ask indexes, and read their refusals."""
READ = (*RESOLVE, *UNINSTALL, *FREEZE)
"""The commands that read requirement files."""
REQUEST = (*ASK, *UNINSTALL)
"""The commands that may send requests."""
TELL = (*LIST, *FREEZE, *INSPECT)
"""The commands that tell of everything that is installed, or of a choice of it."""
ENVIRONMENT = (*REQUEST, "check", *FREEZE, "show", *INSPECT, "debug")
COMMANDS = (*ENVIRONMENT, "cache", "hash", "completion")
