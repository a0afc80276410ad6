"""What is said, and how much of it."""

from __future__ import annotations

from clearway.settings.option import COMMANDS, INDEX, INSTALL, LIST, RESOLVE, UNINSTALL, WHY, Option

ROWS = (
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
        "Whether to show progress: on a terminal (auto, on), never (off), or as lines for programs to read, "
        "Progress BYTES of BYTES (raw).",
        choices=("auto", "on", "off", "raw"),
        default="auto",
    ),
    Option("no-progress", "flag", RESOLVE, "Show no progress.", shared=False, sets=("progress-bar", "off")),
    Option(
        "log",
        "path",
        COMMANDS,
        "Append everything that there is to say to a file, whatever is shown.",
        aliases=("log-file", "local-log"),
        metavar="FILE",
        files="user",
    ),
    Option(
        "no-color",
        "flag",
        COMMANDS,
        "Show no colours. A variable NO_COLOR that is not empty says the same; with FORCE_COLOR there are colours "
        "without a terminal too.",
    ),
    Option("verbose", "count", COMMANDS, "Say more; may be given several times.", short="-v"),
    Option("quiet", "count", COMMANDS, "Say less; may be given several times.", short="-q"),
)
