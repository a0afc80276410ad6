"""The option table: every option of every command, once (DESIGN 4.13).

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

TABLE: tuple[Option, ...] = (
    # What to install
    Option(
        "requirement",
        "list",
        READ,
        "Read requirements from a file or URL.",
        short="-r",
        metavar="FILE",
        files="none",
    ),
    Option("constraint", "list", RESOLVE, "Read constraints from a file or URL.", short="-c", metavar="FILE"),
    Option("upgrade", "flag", RESOLVE, "Take the newest releases of what is named.", short="-U"),
    Option(
        "upgrade-strategy",
        "choice",
        RESOLVE,
        "With --upgrade: take the newest of all dependencies too, or only where they no longer fit.",
        choices=("only-if-needed", "eager"),
        default="only-if-needed",
    ),
    Option("pre", "flag", ASK, "Take pre-releases like final releases."),
    Option("force-reinstall", "flag", RESOLVE, "Install again what is already installed.", files="none"),
    Option("no-deps", "flag", RESOLVE, "Leave dependencies alone.", aliases=("no-dependencies",)),
    Option("require-hashes", "flag", RESOLVE, "Require a hash for everything that is installed."),
    Option(
        "no-binary",
        "formats",
        ASK,
        "Use no wheels of these projects; :all: for every project, :none: to forget what was said.",
        metavar="NAMES",
    ),
    Option("only-binary", "formats", ASK, "Use nothing but wheels of these projects.", metavar="NAMES"),
    # Where from
    Option(
        "index-url",
        "url",
        ASK,
        "The default index: the URL of a simple repository (PEP 503), or the name of a configured index. User info in "
        "the URL is sent to that index only.",
        short="-i",
        aliases=("pypi-url",),
        metavar="URL",
        default="the one that pip would use",
    ),
    Option(
        "extra-index-url",
        "list",
        ASK,
        "A further index, by URL or name, asked before the default index.",
        metavar="URL",
    ),
    Option("no-index", "flag", ASK, "Ask no index; use --find-links alone."),
    Option("find-links", "list", ASK, "A page, folder or file URL with links to wheels.", short="-f", metavar="PLACE"),
    Option(
        "index-strategy",
        "choice",
        ASK,
        "Which index a project comes from: the first that has it, or all of them merged.",
        choices=("first-index", "unsafe-best-match"),
        default="first-index",
        shared=False,
    ),
    Option(
        "timeout",
        "wait",
        REQUEST,
        "How long there may be no answer before a connection counts as broken.",
        aliases=("default-timeout",),
        metavar="DURATION",
        default="15",
    ),
    Option(
        "retries", "whole", REQUEST, "How often a failure that may pass is tried again.", metavar="COUNT", default="5"
    ),
    Option(
        "cert",
        "path",
        REQUEST,
        "A file of certificates to trust besides the system's.",
        metavar="FILE",
        fallbacks=("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
        files="user",
    ),
    Option(
        "client-cert",
        "path",
        REQUEST,
        "A client certificate in PEM format, with its private key in the same file, for servers that ask for one.",
        metavar="FILE",
        files="user",
    ),
    Option(
        "keyring-provider",
        "choice",
        REQUEST,
        "Where credentials are looked up that nothing else gives: the keyring package beside clearway (import), the "
        "keyring command on PATH (subprocess), the first of them that is there (auto), or nowhere. With --no-input, "
        "auto asks neither.",
        choices=("auto", "disabled", "import", "subprocess"),
        default="auto",
        files="user",
    ),
    Option("no-input", "flag", REQUEST, "Ask the person at the terminal nothing."),
    Option(
        "project",
        "list",
        INDEX,
        "A project to look at; of several, the first that an index has.",
        metavar="NAME",
        shared=False,
        files="none",
    ),
    # What an index refuses
    Option(
        "on-refusal",
        "choice",
        ASK,
        "What follows when an index refuses a file: the next older release, another file of the same release first "
        "(next-file; next-file-or-sdist is the same until source archives can be built), or the end of the run.",
        choices=("next-version", "next-file", "next-file-or-sdist", "fail"),
        default="next-version",
        shared=False,
        per_index=True,
    ),
    Option(
        "on-pending",
        "choice",
        ASK,
        "What follows when an index neither hands out nor refuses a file in time, as while it is scanned: wait for it, "
        "take the next older release, or end the run.",
        choices=("wait", "next-version", "fail"),
        default="next-version",
        shared=False,
        per_index=True,
    ),
    Option(
        "first-byte-timeout",
        "wait",
        ASK,
        "How long a file may be held before its first byte comes; then it is pending.",
        metavar="DURATION",
        default="60",
        shared=False,
        per_index=True,
    ),
    Option(
        "refusal-status",
        "statuses",
        ASK,
        "The statuses by which a listed file is refused, separated by commas; they replace the default.",
        metavar="STATUSES",
        excluded=(401, 407, 404, 410),
        default="403,409,423,451",
        shared=False,
        per_index=True,
    ),
    Option(
        "absent-status",
        "statuses",
        ASK,
        "Further statuses of a listing that mean, as 404 does, that the index does not have the project.",
        metavar="STATUSES",
        excluded=(401, 407),
        shared=False,
        files="user",
        per_index=True,
    ),
    Option(
        "max-refusals",
        "whole",
        ASK,
        "How many releases of one project may be refused before the run stops: it looks like a missing permission.",
        metavar="COUNT",
        default="50",
        shared=False,
        per_index=True,
    ),
    Option(
        "proof-age",
        "age",
        ASK,
        "How long an archive in the cache counts as handed out by the index that it came from, so that it is not asked "
        "for again; 0 to ask in every run.",
        metavar="DURATION",
        default="24h",
        shared=False,
        per_index=True,
    ),
    Option(
        "policed",
        "flag",
        ASK,
        "The indexes are policed: ask in every run whether an archive is still handed out. It sets --proof-age to 0, "
        "unless that is given in the same place or in a stronger one.",
        shared=False,
        per_index=True,
    ),
    # Where to
    Option(
        "python",
        "path",
        ENVIRONMENT,
        "The environment: an interpreter, a folder, a version such as 3.12, or a command.",
        metavar="PYTHON",
        default="the active environment",
        files="user",
    ),
    Option("target", "path", RESOLVE, "Install into a plain folder.", short="-t", metavar="FOLDER", files="user"),
    Option(
        "break-system-packages",
        "flag",
        CHANGE,
        "Change an environment that something else manages (PEP 668).",
        files="user",
    ),
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
        "cache-dir",
        "path",
        COMMANDS,
        "The folder of the cache.",
        metavar="FOLDER",
        default="the user's cache folder",
        files="user",
    ),
    Option("no-cache-dir", "flag", REQUEST, "Keep nothing and use nothing that was kept.", presence=True),
    # What to tell of
    Option("outdated", "flag", LIST, "Only what an index has a newer release of.", short="-o", files="none"),
    Option("uptodate", "flag", LIST, "Only what no index has a newer release of.", short="-u", files="none"),
    Option("not-required", "flag", LIST, "Only what nothing else that is installed needs.", files="none"),
    Option(
        "editable",
        "flag",
        LIST,
        "Only what is installed in editable mode.",
        short="-e",
        files="none",
        fills="only-editable",
    ),
    Option("exclude-editable", "flag", (*LIST, *FREEZE), "Leave out what is installed in editable mode.", files="none"),
    Option(
        "include-editable",
        "flag",
        LIST,
        "Take in what is installed in editable mode, as is the default.",
        sets=("exclude-editable", "no"),
        files="none",
    ),
    Option("exclude", "list", (*LIST, *FREEZE), "Leave out a project.", metavar="NAME", files="none"),
    Option(
        "all", "flag", FREEZE, "Write down pip too, and setuptools and wheel in environments before 3.12.", files="none"
    ),
    Option(
        "local",
        "flag",
        TELL,
        "Only what is in the virtual environment itself, if it can see packages of others.",
        short="-l",
        files="none",
    ),
    Option("user", "flag", TELL, "Only what is in the user's own folder of packages.", files="none"),
    Option(
        "path",
        "list",
        TELL,
        "What is installed in a folder, in place of the environment.",
        metavar="FOLDER",
        files="none",
    ),
    Option("files", "flag", ("show",), "Show the files that were installed.", short="-f", files="none"),
    # What to say
    Option("dry-run", "flag", INSTALL, "Find out what would be done, and do nothing.", files="none"),
    Option(
        "report",
        "path",
        INSTALL,
        "Write what is (or would be) installed to a JSON file; - for standard output.",
        metavar="FILE",
        files="none",
    ),
    Option("json", "flag", (*WHY, *INDEX), "Give the answer as JSON.", shared=False, files="none"),
    Option(
        "format",
        "choice",
        LIST,
        "How it is written: a table, requirements, or JSON.",
        choices=("columns", "freeze", "json"),
        default="columns",
        files="none",
    ),
    Option(
        "format",
        "choice",
        ("cache",),
        "With list: names and sizes, or where they are.",
        choices=("human", "abspath"),
        default="human",
        files="none",
        fills="cache-format",
    ),
    Option(
        "algorithm",
        "choice",
        ("hash",),
        "The hash.",
        short="-a",
        choices=("sha256", "sha384", "sha512"),
        default="sha256",
        files="none",
    ),
    Option("bash", "flag", ("completion",), "Write what bash needs.", short="-b", files="none"),
    Option("zsh", "flag", ("completion",), "Write what zsh needs.", short="-z", files="none"),
    Option("fish", "flag", ("completion",), "Write what fish needs.", short="-f", files="none"),
    Option("yes", "flag", UNINSTALL, "Do not ask before removing.", short="-y", files="user"),
    Option(
        "progress-bar",
        "choice",
        RESOLVE,
        "Whether to show progress on a terminal.",
        choices=("on", "off"),
        default="on",
    ),
    Option("no-progress", "flag", RESOLVE, "Show no progress.", shared=False, sets=("progress-bar", "off")),
    Option("verbose", "count", COMMANDS, "Say more; may be given several times.", short="-v"),
    Option("quiet", "count", COMMANDS, "Say less; may be given several times.", short="-q"),
)

BY_NAME: dict[str, Option] = {name: option for option in TABLE for name in option.names}
"""The options by each of their long names."""


def options_for(command: str) -> tuple[Option, ...]:
    """Return the options that a command takes, in the order in which its help shows them."""
    return tuple(option for option in TABLE if command in option.commands)
