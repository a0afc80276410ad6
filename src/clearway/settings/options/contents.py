"""What of an environment is told."""

from __future__ import annotations

from clearway.settings.option import FREEZE, LIST, TELL, Option

ROWS = (
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
)
