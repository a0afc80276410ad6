"""Renders the reference page of the options, ``docs/reference/options.md``, from the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.settings.table import COMMANDS, TABLE

if TYPE_CHECKING:
    from clearway.settings.table import Option

_HEAD = """\
# Options

This page is rendered from the option table in `clearway.settings.table`.

An option can be given in four places; the first that says something wins:

1. as a flag on the command line,
2. as a variable `CLEARWAY_<NAME>`, with underscores for dashes: `CLEARWAY_INDEX_URL`,
3. as pip's variable `PIP_<NAME>`, for the options that pip has too,
4. in pip's configuration files, for the same options; the section of the command beats `[global]`.

Several values in one variable or key are separated by white space. Flags that may be given several times add to what is
configured. An empty value says nothing. Booleans are `yes` or `no`, `true` or `false`, `on` or `off`, `1` or `0`.
"""


def render_options() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(_section(option) for option in TABLE)])


def _section(option: Option) -> str:
    lines = [f"## --{option.name}", "", option.help, ""]
    metavar = f" {option.metavar or '|'.join(option.choices)}" if option.metavar or option.choices else ""
    lines.append(f"- Flag: {', '.join(f'`{flag}{metavar}`' for flag in option.flags)}")
    lines.append(f"- Commands: {'all' if option.commands == COMMANDS else ', '.join(option.commands)}")
    variables = [f"{prefix}_{option.name.replace('-', '_').upper()}" for prefix in ("CLEARWAY", "PIP")]
    variables = [*(variables if option.shared else variables[:1]), *option.fallbacks]
    lines.append(f"- Variables: {', '.join(f'`{variable}`' for variable in variables)}")
    if option.shared:
        lines.append(f"- Key in pip's configuration: `{option.name}`")
    if option.default:
        lines.append(f"- Default: {option.default}")
    if option.kind in {"list", "formats"}:
        lines.append("- May be given several times")
    if option.presence:
        lines.append("- In pip's variables and files any boolean, even a false one, counts as given")
    return "\n".join([*lines, ""])
