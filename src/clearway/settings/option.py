"""What is known of an option, and which commands there are (DESIGN 4.13).

From a row follow the flag, the variables ``CLEARWAY_<NAME>`` and, where pip has the option too, ``PIP_<NAME>`` and the
key in pip's configuration files, the key in our own files, for a run and for one index, the parser's help and the
reference page. Spellings and meanings are pip's where pip has the option.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal[
    "flag",
    "count",
    "url",
    "path",
    "choice",
    "whole",
    "wait",
    "age",
    "statuses",
    "moment",
    "list",
    "names",
    "text",
    "release",
]


class Option(msgspec.Struct, frozen=True):
    """One option.

    :param name: long, without dashes.
    :param kind: how its value is read; ``list`` and ``names`` (projects, ``:all:`` or ``:none:``) may be given several
        times and add up. ``wait`` and
        ``age`` are durations: how long somebody waits, how old something may be;
        ``moment`` is a date or an age, ``release`` a version of Python.
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
    :param inert: it asks for what is always so here: its value is checked, and fills nothing.
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
    inert: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All long names."""
        return (self.name, *self.aliases)

    @property
    def field(self) -> str:
        """The field of ``Settings`` that it fills."""
        return (self.fills or (self.sets[0] if self.sets else self.name)).replace("-", "_")

    @property
    def flags(self) -> tuple[str, ...]:
        """How it is spelled on a command line, the short spelling first."""
        return (*((self.short,) if self.short else ()), *(f"--{name}" for name in self.names))

    @property
    def is_alone(self) -> bool:
        """Whether it takes no value."""
        return self.kind in {"flag", "count"}

    @property
    def is_repeated(self) -> bool:
        """Whether several of it add up."""
        return self.kind in {"list", "names", "count"}

    @property
    def is_general(self) -> bool:
        """Whether it is one of those that stand before the command as well as behind it."""
        return self.commands == COMMANDS


INSTALL = ("install",)
WHY = ("why",)
INDEX = ("index",)
LIST = ("list",)
FREEZE = ("freeze",)
INSPECT = ("inspect",)
UNINSTALL = ("uninstall",)
CHANGE = (*INSTALL, *UNINSTALL)
PLACE = (*INSTALL, *WHY)
"""The commands that have to do with what is installed already."""
GET = ("download", "wheel")
RESOLVE = (*PLACE, *GET)
"""The commands that find out what is to be installed."""
ASK = (*RESOLVE, *INDEX, *LIST)
"""The commands that ask indexes, and read their refusals."""
TARGET = (*RESOLVE, *INDEX, "debug")
"""The commands that may be about another Python or platform than the environment's."""
READ = (*RESOLVE, *UNINSTALL, *FREEZE)
"""The commands that read requirement files."""
TELL = (*LIST, *FREEZE, *INSPECT)
"""The commands that tell of everything that is installed, or of a choice of it."""
ENVIRONMENT = (*ASK, *UNINSTALL, "check", *FREEZE, "show", *INSPECT, "debug")
"""The commands that have to do with an environment."""
CONFIG = ("config",)
COMMANDS = (*ENVIRONMENT, "cache", "hash", *CONFIG, "completion")
REQUEST = COMMANDS
"""What says how requests are sent is a general option, as with pip: every command takes it, before it or behind it,
whether it sends any or not."""
