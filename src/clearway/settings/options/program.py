"""How the program itself runs: what it reads, and what of pip's it has no need of."""

from __future__ import annotations

from clearway.settings.option import COMMANDS, CONFIG, INSTALL, RESOLVE, Option

_ALWAYS_ON = (
    "2020-resolver",
    "build-constraint",
    "fast-deps",
    "in-tree-build",
    "inprocess-build-deps",
    "no-binary-enable-wheel-cache",
    "truststore",
    "venv-isolation",
)

ROWS = (
    Option(
        "isolated",
        "flag",
        COMMANDS,
        "Heed no CLEARWAY_* and PIP_* variables, and neither the user's configuration file nor pip's for the user. "
        "The project's file counts.",
        shared=False,
        files="none",
    ),
    Option(
        "require-virtualenv",
        "flag",
        COMMANDS,
        "Change nothing but virtual environments.",
        aliases=("require-venv",),
        files="user",
    ),
    Option(
        "editor",
        "path",
        CONFIG,
        "With edit: the command that opens the file, in place of the variables VISUAL and EDITOR.",
        metavar="COMMAND",
        files="none",
    ),
    Option(
        "user",
        "flag",
        CONFIG,
        "The user's configuration file, which is what set, unset and edit take if nothing else is said.",
        files="none",
        fills="users-file",
    ),
    Option(
        "project",
        "flag",
        CONFIG,
        "The project's configuration file.",
        shared=False,
        files="none",
        fills="projects-file",
    ),
    # -- pip's, which ask for what is always so
    Option(
        "disable-pip-version-check",
        "flag",
        COMMANDS,
        "Accepted for pip's sake: no newer version of the program is ever looked for.",
        files="none",
        inert=True,
    ),
    Option(
        "no-python-version-warning",
        "flag",
        COMMANDS,
        "Accepted for pip's sake: there is no such warning.",
        files="none",
        inert=True,
    ),
    Option(
        "debug",
        "flag",
        COMMANDS,
        "Accepted for pip's sake: a mistake of the program itself is always told with its traceback.",
        files="none",
        inert=True,
    ),
    Option(
        "no-warn-conflicts",
        "flag",
        INSTALL,
        "Accepted for pip's sake: there is no such warning.",
        files="none",
        inert=True,
    ),
    Option(
        "use-pep517",
        "flag",
        RESOLVE,
        "Accepted for pip's sake: source trees are never built in another way.",
        files="none",
        inert=True,
    ),
    Option(
        "use-feature",
        "list",
        COMMANDS,
        f"Accepted for pip's sake: these features are always on: {', '.join(_ALWAYS_ON)}.",
        metavar="FEATURE",
        choices=_ALWAYS_ON,
        files="none",
        inert=True,
    ),
)
