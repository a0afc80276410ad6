"""How what is no wheel becomes one."""

from __future__ import annotations

from clearway.settings.option import ASK, COMMANDS, RESOLVE, Option

ROWS = (
    Option(
        "prefer-binary",
        "flag",
        ASK,
        "Take an older release that has a wheel rather than a newer one that has to be built.",
    ),
    Option(
        "no-build",
        "flag",
        ASK,
        "Build nothing: the same as --only-binary :all:.",
        shared=False,
        sets=("only-binary", ":all:"),
        fills="formats",
    ),
    Option(
        "no-build-isolation",
        "flag",
        RESOLVE,
        "Build in the environment itself, with what is installed there, and not each project in one of its own.",
        presence=True,
        files="user",
    ),
    Option(
        "check-build-dependencies",
        "flag",
        RESOLVE,
        "With --no-build-isolation: see first that what a build requires is installed.",
    ),
    Option(
        "config-settings",
        "list",
        RESOLVE,
        "A setting for the build backends (PEP 517).",
        short="-C",
        aliases=("config-setting",),
        metavar="KEY=VALUE",
        files="user",
    ),
    Option(
        "build-constraint",
        "list",
        RESOLVE,
        "Read constraints for the environments of builds from a file or URL.",
        aliases=("build-constraints",),
        metavar="FILE",
    ),
    Option(
        "src",
        "path",
        RESOLVE,
        "The folder for repositories that are installed in editable mode.",
        aliases=("source", "source-dir", "source-directory"),
        metavar="FOLDER",
        default="src in the virtual environment, or in the working directory",
        files="user",
    ),
    Option(
        "exists-action",
        "choice",
        COMMANDS,
        "What becomes of something else in a place that is wanted: it follows what was asked for (s), is taken as it "
        "is (i), deleted (w), kept under another name (b), or ends the run (a).",
        choices=("s", "i", "w", "b", "a", "switch", "ignore", "wipe", "backup", "abort"),
        default="a",
        files="user",
    ),
    Option(
        "no-clean",
        "flag",
        RESOLVE,
        "Leave what builds have made in the folder for temporary files.",
    ),
    Option(
        "jobs",
        "whole",
        RESOLVE,
        "How many processes of builds run at once.",
        short="-j",
        metavar="COUNT",
        default="as many as there are cores",
        shared=False,
        files="user",
    ),
)
