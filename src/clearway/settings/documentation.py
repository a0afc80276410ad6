"""Renders the reference page of the options, ``docs/reference/options.md``, from the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.settings.table import TABLE

if TYPE_CHECKING:
    from clearway.settings.option import Option

_HEAD = """\
# Options

This page is rendered from the option table in `clearway.settings.table`.

On the command line options and arguments stand in any order; `--name=VALUE` is `--name VALUE`, short options may be
joined (`-Uqr FILE`), and a long name may be cut short as long as it is clear which of pip's options is meant, or which
of ours where pip has none. After `--` nothing is an option. Options of all commands may stand before the command too:
`clearway -q --no-cache-dir install demo`.

An option can be given in six places; the first that says something wins:

1. as a flag on the command line,
2. as a variable `CLEARWAY_<NAME>`, with underscores for dashes: `CLEARWAY_INDEX_URL`,
3. as pip's variable `PIP_<NAME>`, for the options that pip has too,
4. in the project's configuration file, `clearway.toml` or `[tool.clearway]` in `pyproject.toml`,
5. in the user's configuration file, `clearway.toml`,
6. in pip's configuration files, for the options that pip has too; the section of the command beats `[global]`.

Our own files, and what is said for one index alone, are described in [Configuration](configuration.md).

Several values in one variable, or in one key of pip's files, are separated by white space. Flags that may be given
several times add to what is configured. An empty value says nothing. Booleans are `yes` or `no`, `true` or `false`,
`on` or `off`, `1` or `0`. A duration is a number of seconds (`90`, `0.5`), a number with one unit (`90s`, `30m`, `24h`,
`7d`, `2w`), or one of ISO 8601 without years and months (`PT24H`, `P1DT12H`).
"""

_FILES = {
    "any": "`{name}` in `clearway.toml` or `[tool.clearway]`",
    "user": "`{name}` in the user's `clearway.toml`",
    "none": "",
}


def render_options() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(_section(option) for option in TABLE)])


def _section(option: Option) -> str:
    alike = sum(other.name == option.name for other in TABLE) > 1
    lines = [f"## --{option.name}{f' of {option.commands[0]}' if alike else ''}", "", option.help, ""]
    metavar = f" {option.metavar or '|'.join(option.choices)}" if option.metavar or option.choices else ""
    lines.append(f"- Flag: {', '.join(f'`{flag}{metavar}`' for flag in option.flags)}")
    lines.append(f"- Commands: {'all' if option.is_general else ', '.join(option.commands)}")
    variables = [f"{prefix}_{option.name.replace('-', '_').upper()}" for prefix in ("CLEARWAY", "PIP")]
    variables = [*(variables if option.shared else variables[:1]), *option.fallbacks]
    lines.append(f"- Variables: {', '.join(f'`{variable}`' for variable in variables)}")
    places = [_FILES[option.files].format(name=option.name)]
    places += ["the same in an `[[index]]` table"] if option.per_index else []
    places += [f"`{option.name}` in pip's files"] if option.shared else []
    lines.append(f"- Keys in configuration files: {', '.join(filter(None, places)) or 'none'}")
    if option.default:
        lines.append(f"- Default: {option.default}")
    if option.kind in {"list", "names"}:
        lines.append("- May be given several times")
    if option.presence:
        lines.append("- In pip's variables and files any boolean, even a false one, counts as given")
    return "\n".join([*lines, ""])
