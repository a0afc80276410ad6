"""Where it goes: the environment, and how it is written; the cache."""

from __future__ import annotations

from clearway.settings.option import CHANGE, COMMANDS, ENVIRONMENT, INSTALL, REQUEST, RESOLVE, Option

ROWS = (
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
)
