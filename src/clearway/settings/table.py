"""The option table: every option of every command, once (DESIGN 4.13).

From a row follow the flag, the variables ``CLEARWAY_<NAME>`` and, where pip has the option too, ``PIP_<NAME>`` and the
key in pip's configuration files, the parser's help and the reference page. Spellings and meanings are pip's where pip
has the option.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["flag", "count", "url", "path", "choice", "whole", "seconds", "list", "formats"]


class Option(msgspec.Struct, frozen=True):
    """One option.

    :param name: long, without dashes.
    :param kind: how its value is read; ``list`` and ``formats`` may be given several times and add up.
    :param commands: which take it.
    :param short: with its dash; ``aliases`` are further long names.
    :param metavar: what stands for the value in the help.
    :param choices: of kind ``choice``.
    :param default: in words, for the documentation; the value itself stands in ``Settings``.
    :param shared: pip has it: its variable and its configuration key are read.
    :param sets: for a flag that gives another option a value, that option and the value.
    :param presence: in pip's variables and files any boolean, even a false one, means that the flag is given.
    :param fallbacks: further variables, read when nothing else says anything.
    """

    name: str
    kind: Kind
    commands: tuple[str, ...]
    help: str
    short: str = ""
    aliases: tuple[str, ...] = ()
    metavar: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    shared: bool = True
    sets: tuple[str, str] | None = None
    presence: bool = False
    fallbacks: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All long names."""
        return (self.name, *self.aliases)

    @property
    def field(self) -> str:
        """The field of ``Settings`` that it fills."""
        return (self.sets[0] if self.sets else self.name).replace("-", "_")

    @property
    def flags(self) -> tuple[str, ...]:
        """How it is spelled on a command line, the short spelling first."""
        return (*((self.short,) if self.short else ()), *(f"--{name}" for name in self.names))


INSTALL = ("install",)
UNINSTALL = ("uninstall",)
CHANGE = (*INSTALL, *UNINSTALL)
ENVIRONMENT = (*CHANGE, "check")
COMMANDS = (*ENVIRONMENT, "cache")

TABLE: tuple[Option, ...] = (
    # What to install
    Option("requirement", "list", CHANGE, "Read requirements from a file or URL.", short="-r", metavar="FILE"),
    Option("constraint", "list", INSTALL, "Read constraints from a file or URL.", short="-c", metavar="FILE"),
    Option("upgrade", "flag", INSTALL, "Take the newest releases of what is named.", short="-U"),
    Option(
        "upgrade-strategy",
        "choice",
        INSTALL,
        "With --upgrade: take the newest of all dependencies too, or only where they no longer fit.",
        choices=("only-if-needed", "eager"),
        default="only-if-needed",
    ),
    Option("pre", "flag", INSTALL, "Take pre-releases like final releases."),
    Option("force-reinstall", "flag", INSTALL, "Install again what is already installed."),
    Option("no-deps", "flag", INSTALL, "Leave dependencies alone.", aliases=("no-dependencies",)),
    Option("require-hashes", "flag", INSTALL, "Require a hash for everything that is installed."),
    Option(
        "no-binary",
        "formats",
        INSTALL,
        "Use no wheels of these projects; :all: for every project, :none: to forget what was said.",
        metavar="NAMES",
    ),
    Option("only-binary", "formats", INSTALL, "Use nothing but wheels of these projects.", metavar="NAMES"),
    # Where from
    Option(
        "index-url",
        "url",
        INSTALL,
        "The default index: a simple repository (PEP 503). User info in the URL is sent to that index only.",
        short="-i",
        aliases=("pypi-url",),
        metavar="URL",
        default="the one that pip would use",
    ),
    Option("extra-index-url", "list", INSTALL, "A further index, asked before the default index.", metavar="URL"),
    Option("no-index", "flag", INSTALL, "Ask no index; use --find-links alone."),
    Option(
        "find-links", "list", INSTALL, "A page, folder or file URL with links to wheels.", short="-f", metavar="PLACE"
    ),
    Option(
        "index-strategy",
        "choice",
        INSTALL,
        "Which index a project comes from: the first that has it, or all of them merged.",
        choices=("first-index", "unsafe-best-match"),
        default="first-index",
        shared=False,
    ),
    Option(
        "timeout",
        "seconds",
        CHANGE,
        "Seconds without an answer after which a connection counts as broken.",
        aliases=("default-timeout",),
        metavar="SECONDS",
        default="15",
    ),
    Option(
        "retries", "whole", CHANGE, "How often a failure that may pass is tried again.", metavar="COUNT", default="5"
    ),
    Option(
        "cert",
        "path",
        CHANGE,
        "A file of certificates to trust besides the system's.",
        metavar="FILE",
        fallbacks=("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
    ),
    # Where to
    Option(
        "python",
        "path",
        ENVIRONMENT,
        "The environment: an interpreter, a folder, a version such as 3.12, or a command.",
        metavar="PYTHON",
        default="the active environment",
    ),
    Option("target", "path", INSTALL, "Install into a plain folder.", short="-t", metavar="FOLDER"),
    Option("break-system-packages", "flag", CHANGE, "Change an environment that something else manages (PEP 668)."),
    Option("compile", "flag", INSTALL, "Compile modules to bytecode.", default="off"),
    Option("no-compile", "flag", INSTALL, "Do not compile.", sets=("compile", "no"), presence=True),
    Option(
        "link-mode",
        "choice",
        INSTALL,
        "How files come from the cache into the environment; auto takes the best that works.",
        choices=("auto", "clone", "hardlink", "symlink", "copy"),
        default="auto",
        shared=False,
    ),
    Option(
        "cache-dir", "path", COMMANDS, "The folder of the cache.", metavar="FOLDER", default="the user's cache folder"
    ),
    Option("no-cache-dir", "flag", CHANGE, "Keep nothing and use nothing that was kept.", presence=True),
    # What to say
    Option("dry-run", "flag", INSTALL, "Find out what would be done, and do nothing."),
    Option(
        "report",
        "path",
        INSTALL,
        "Write what is (or would be) installed to a JSON file; - for standard output.",
        metavar="FILE",
    ),
    Option("yes", "flag", UNINSTALL, "Do not ask before removing.", short="-y"),
    Option(
        "progress-bar",
        "choice",
        INSTALL,
        "Whether to show progress on a terminal.",
        choices=("on", "off"),
        default="on",
    ),
    Option("no-progress", "flag", INSTALL, "Show no progress.", shared=False, sets=("progress-bar", "off")),
    Option("verbose", "count", COMMANDS, "Say more; may be given several times.", short="-v"),
    Option("quiet", "count", COMMANDS, "Say less; may be given several times.", short="-q"),
)

BY_NAME: dict[str, Option] = {name: option for option in TABLE for name in option.names}
"""The options by each of their long names."""


def options_for(command: str) -> tuple[Option, ...]:
    """Return the options that a command takes, in the order in which its help shows them."""
    return tuple(option for option in TABLE if command in option.commands)
