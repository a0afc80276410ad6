"""Merges what flags, environment and pip's configuration files say into one :class:`Settings` (DESIGN 4.13).

A flag beats ``CLEARWAY_*``, which beats ``PIP_*``, which beats pip's files, where the command's section beats
``[global]`` and a later file an earlier one. The same holds for lists, but flags add to what was configured; statements
about formats add up over all sources. Lists in variables and files are separated by white space; an empty value says
nothing. This is what pip does, so that a machine that is set up for pip need not be set up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from clearway.model.inputs import Given
from clearway.settings.settings import Settings
from clearway.settings.table import BY_NAME, Option, options_for
from clearway.settings.values import read_boolean, read_choice, read_count, read_seconds, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clearway.settings.ini import Entry


class _Statement(NamedTuple):
    """One value that was given.

    :ivar level: ``flag``, ``own`` for configuration of ours, ``pip`` for pip's.
    """

    option: Option
    text: str
    origin: str
    level: str


def merge(
    command: str,
    flags: Sequence[tuple[str, str]],
    environ: Mapping[str, str],
    files: Sequence[tuple[str, Sequence[Entry]]],
) -> Settings:
    """Merge all sources.

    :param flags: long name and value (empty where it takes none) of each flag, in the order of the command line.
    :param files: path and content of each of pip's configuration files, the one that beats the others last.
    :raises InputError: ``malformed-option``, naming the flag, the variable, or file and line.
    """
    options = options_for(command)
    merged = _Merged(environ.get("HOME") or environ.get("USERPROFILE") or "~")
    for option in options:
        for variable in reversed(option.fallbacks):
            merged.add(_Statement(option, environ.get(variable, ""), variable, "own"))
    for statement in _from_files(command, files):
        merged.add(statement)
    for prefix, level in (("PIP_", "pip"), ("CLEARWAY_", "own")):
        for option in options:
            for name in option.names if option.shared or level == "own" else ():
                variable = prefix + name.replace("-", "_").upper()
                merged.add(_Statement(option, environ.get(variable, ""), variable, level))
    for name, value in flags:
        option = BY_NAME[name]
        takes_none = option.kind in {"flag", "count"}
        merged.add(_Statement(option, "yes" if takes_none else value, f"--{option.name}", "flag"))
    return Settings(**merged.values, sources=merged.sources)


def _from_files(command: str, files: Sequence[tuple[str, Sequence[Entry]]]) -> Iterator[_Statement]:
    """Yield what pip's files say to a command: the last word on each key of a section, the command's section last."""
    said: dict[str, dict[str, _Statement]] = {"DEFAULT": {}, "global": {}, command: {}}
    for path, entries in files:
        for entry in entries:
            option = BY_NAME.get(entry.key.removeprefix("--").replace("_", "-"))
            if entry.section in said and option is not None and option.shared and command in option.commands:
                statement = _Statement(option, entry.value, f"{path}, line {entry.line}", "pip")
                said[entry.section][option.name] = statement
    for section in said.values():
        yield from section.values()


class _Merged:
    """The values so far; what is added later beats what was added before."""

    def __init__(self, home: str) -> None:
        self.values: dict[str, Any] = {}
        self.sources: dict[str, str] = {}
        self._home = home

    def add(self, statement: _Statement) -> None:
        """Take one statement in."""
        option, text, origin, level = statement
        if not text.strip():
            return
        field = option.field
        match option.kind:
            case "flag":
                value = self._flag(statement)
                if value is None:
                    return
            case "count":
                value = read_count(text, option, origin) + (self.values.get(field, 0) if level == "flag" else 0)
            case "list":
                texts = [text] if level == "flag" else text.split()
                before = self.values.get(field, ()) if level == "flag" else ()
                value = (*before, *(Given(self._path(part), origin) for part in texts))
            case "formats":
                field = "formats"
                value = (*self.values.get(field, ()), (option.name, text.strip()))
            case "url":
                value = Given(text.strip(), origin)
            case "path":
                value = self._path(text)
            case "choice":
                value = read_choice(text, option, origin)
            case "whole":
                value = read_whole(text, option, origin)
            case "seconds":
                value = read_seconds(text, option, origin)
        self.values[field] = value
        self.sources[option.sets[0] if option.sets else option.name] = origin

    def _flag(self, statement: _Statement) -> object:
        """Return the value that a flag gives its field, or None where it says nothing."""
        option, text, origin, level = statement
        given = read_boolean(text, option, origin)
        if level == "pip" and option.presence:
            given = True
        if option.sets is None:
            return given
        target = BY_NAME[option.sets[0]]
        if not given:
            return None
        return option.sets[1] if target.kind == "choice" else read_boolean(option.sets[1], target, origin)

    def _path(self, text: str) -> str:
        """Return a path with the home folder put in; shells do so for flags only."""
        return self._home + text[1:] if text == "~" or text.startswith("~/") else text
