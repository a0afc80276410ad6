"""The help of one command, from the option table, as argparse lays it out.

The command line itself is read elsewhere: argparse is imported by who asks for help, and by nobody else.
"""

from __future__ import annotations

import argparse
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from clearway.settings.table import options_for

if TYPE_CHECKING:
    from clearway.cli.arguments import Command
    from clearway.settings.option import Option


def render_help(command: str, about: Command) -> str:
    """Return the help of a command, as wide as the terminal."""
    width = min(get_terminal_size().columns - 2, 120)
    parser = argparse.ArgumentParser(
        prog=f"clearway {command}",
        usage=" ".join(filter(None, (f"clearway {command} [OPTIONS]", *_operands(about)))),
        description=about.summary,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=28, width=width),
    )
    if about.operands:
        parser.add_argument(
            "operands",
            nargs=None if about.choices else "*",
            metavar=about.operands,
            help=about.operands_help,
        )
    if about.more:
        parser.add_argument("more", nargs="*", metavar=about.more, help=about.more_help)
    general = parser.add_argument_group("general options, which may stand before the command too")
    for option in options_for(command):
        _add(general if option.is_general else parser, option)
    return parser.format_help()


def _operands(about: Command) -> tuple[str, ...]:
    """Return what stands behind the options, as the usage shows it."""
    more = f"[{about.more} ...]" if about.more else ""
    if about.choices:
        return f"{{{','.join(about.choices)}}}", more
    return (f"[{about.operands} ...]" if about.operands else "",)


def _add(parser: argparse._ActionsContainer, option: Option) -> None:
    more = f" (default: {option.default})" if option.default else ""
    facts: dict[str, Any] = {"dest": option.field, "help": (option.help + more).replace("%", "%%")}
    if option.is_alone:
        facts["action"] = "store_true"
    else:
        facts["metavar"] = option.metavar or "|".join(option.choices) or option.name.upper()
    parser.add_argument(*option.flags, **facts)
