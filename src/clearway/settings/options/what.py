"""What to install."""

from __future__ import annotations

from clearway.settings.option import ASK, READ, RESOLVE, Option

ROWS = (
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
)
