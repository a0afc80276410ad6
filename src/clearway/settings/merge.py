"""Merges what flags, environment and configuration files say into one :class:`Settings` (DESIGN 4.13).

A flag beats ``CLEARWAY_*``, which beats ``PIP_*``, which beats the project's file, which beats the user's, which beats
pip's files, where the command's section beats ``[global]`` and a later file an earlier one. The same holds for lists,
but flags add to what was configured; statements about projects (``--no-binary`` and its like) add up over all sources.
Lists in variables and pip's files are separated by white space; an empty value says nothing. This is what pip does, so
that a machine that is set up for pip need not be set up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clearway.errors import InputError
from clearway.model.inputs import Given
from clearway.settings.rules import say, settle
from clearway.settings.settings import Settings
from clearway.settings.table import BY_NAME, options_for
from clearway.settings.values import Level, Statement, read_boolean, read_choice, read_count, read_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clearway.settings.documents import Document
    from clearway.settings.indexes import Table
    from clearway.settings.ini import Entry
    from clearway.settings.option import Option
    from clearway.settings.rules import Said


def merge(
    command: str,
    flags: Sequence[tuple[str, str]],
    environ: Mapping[str, str],
    files: Sequence[tuple[str, Sequence[Entry]]],
    documents: Sequence[Document] = (),
) -> Settings:
    """Merge all sources.

    :param flags: long name and value (empty where it takes none) of each flag, in the order of the command line.
    :param files: path and content of each of pip's configuration files, the one that beats the others last.
    :param documents: our own configuration files, the one that beats the others last.
    :raises InputError: ``malformed-option``, naming the flag, the variable, or file and line or key; for our own files
        also ``malformed-configuration``, ``unknown-option``, ``option-not-for-files``, ``repointed-index``.
    """
    try:
        return _merge(command, flags, environ, files, documents)
    except InputError as error:
        from clearway.settings.lines import with_line  # late: for mistakes only

        raise with_line(error, documents) from None


def _merge(
    command: str,
    flags: Sequence[tuple[str, str]],
    environ: Mapping[str, str],
    files: Sequence[tuple[str, Sequence[Entry]]],
    documents: Sequence[Document],
) -> Settings:
    merged = _Merged(command, environ.get("HOME") or environ.get("USERPROFILE") or "~")
    options = options_for(command)
    for statement in from_fallbacks(options, environ):
        merged.add(statement)
    for statement in _from_files(command, files):
        merged.add(statement)
    tables = _from_documents(merged, documents) if documents else ()
    for statement in from_variables(options, environ):
        merged.add(statement)
    known = {name: option for option in options for name in option.names}
    for name, value in flags:
        option = known[name]
        takes_none = option.kind in {"flag", "count"}
        merged.add(Statement(option, "yes" if takes_none else value, f"--{option.name}", Level.FLAG))
    return merged.settings(tables)


def from_fallbacks(options: Sequence[Option], environ: Mapping[str, str]) -> Iterator[Statement]:
    """Yield what variables of somebody else's say, the strongest last."""
    for option in options:
        for variable in reversed(option.fallbacks):
            if variable in environ:
                yield Statement(option, environ[variable], variable, Level.FALLBACK)


def from_variables(options: Sequence[Option], environ: Mapping[str, str]) -> Iterator[Statement]:
    """Yield what pip's variables say, and then what ours do."""
    for prefix, level in (("PIP_", Level.PIP_VARIABLE), ("CLEARWAY_", Level.VARIABLE)):
        for option in options:
            for name in option.names if option.shared or level == Level.VARIABLE else ():
                variable = prefix + name.replace("-", "_").upper()
                if variable in environ:
                    yield Statement(option, environ[variable], variable, level)


def _from_files(command: str, files: Sequence[tuple[str, Sequence[Entry]]]) -> Iterator[Statement]:
    """Yield what pip's files say to a command: the last word on each key of a section, the command's section last.

    What is only tried or looked at is what would be installed from, so ``why`` and ``index`` have the section of
    ``install``.
    """
    own = "install" if command in {"why", "index"} else command
    known = {name: option for option in options_for(command) if option.shared for name in option.names}
    said: dict[str, dict[str, Statement]] = {"DEFAULT": {}, "global": {}, own: {}}
    for path, entries in files:
        for entry in entries:
            option = known.get(entry.key.removeprefix("--").replace("_", "-"))
            if entry.section in said and option is not None:
                statement = Statement(option, entry.value, f"{path}, line {entry.line}", Level.PIP_FILE)
                said[entry.section][option.name] = statement
    for section in said.values():
        yield from section.values()


def _from_documents(merged: _Merged, documents: Sequence[Document]) -> tuple[Table, ...]:
    """Take in what our own files say; return the tables of their indexes.

    That an index is the default stands as strong as the file that says so.
    """
    from clearway.settings.documents import read_options  # late: most runs have no such file
    from clearway.settings.indexes import combine, read_tables

    tables = combine([read_tables(document) for document in documents])
    for document in documents:
        for statement in read_options(document):
            merged.add(statement)
        for table in tables:
            if table.default and table.default_said_by == document.owner:
                merged.add(Statement(BY_NAME["index-url"], table.name, table.label, document.level))
    return tables


class _Merged:
    """The values so far; what is added later beats what was added before."""

    def __init__(self, command: str, home: str) -> None:
        self._command = command
        self._home = home
        self._values: dict[str, Any] = {}
        self._sources: dict[str, str] = {}
        self._rules: Said = {}
        self._from_pip = 0  # how many of the extra indexes pip's files name; they stand at the beginning

    def add(self, statement: Statement) -> None:
        """Take one statement in."""
        option, text, origin, level, items = statement
        if self._command not in option.commands or not (text.strip() or items is not None):
            return
        if option.inert:
            self._check(statement)
            return
        if option.per_index:
            say(self._rules, statement)
            self._sources[option.name] = origin
            return
        field = option.field
        before = self._values.get(field)
        value: Any
        match option.kind:
            case "flag" if option.sets is not None and BY_NAME[option.sets[0]].kind == "names":
                if not read_boolean(text, option, origin):
                    return
                value = (*(before or ()), option.sets)  # the same as that option with that value
            case "flag":
                value = self._flag(statement)
                if value is None:
                    return
            case "count":
                value = read_count(text, option, origin) + (before or 0 if level == Level.FLAG else 0)
            case "list":
                value = (*(before or () if level == Level.FLAG else ()), *self._list(statement))
            case "names":
                value = (*(before or ()), (option.name, text.strip()))
            case "url":
                value = Given(text.strip(), origin)
            case "path":
                value = self._path(text)
            case _:
                value = read_value(statement)
        self._values[field] = value
        self._sources[option.sets[0] if option.sets else option.name] = origin

    def settings(self, tables: Sequence[Table]) -> Settings:
        """Return what follows from all that was added, and from the tables of indexes.

        Those indexes are asked after the ones that are named nearer, and before those of pip's files. The default index
        is none of them, and one that something stronger took the place of is not asked.
        """
        if self._command in BY_NAME["extra-index-url"].commands:
            extras = self._values.get("extra_index_url", ())
            named = tuple(Given(table.name, table.label) for table in tables if not table.default)
            self._values["extra_index_url"] = (*extras[self._from_pip :], *named, *extras[: self._from_pip])
        return Settings(
            **self._values,
            rules=settle(self._rules),
            indexes=tuple(table.configured(self._rules) for table in tables),
            sources=self._sources,
        )

    def _check(self, statement: Statement) -> None:
        """See that a value which changes nothing is one that pip takes."""
        if statement.option.kind == "flag":
            read_boolean(statement.text, statement.option, statement.origin)
        for given in self._list(statement) if statement.option.kind == "list" else ():
            read_choice(given.value, statement.option, given.origin)

    def _list(self, statement: Statement) -> tuple[Given, ...]:
        option, text, origin, level, items = statement
        parts = items if items is not None else (text,) if level == Level.FLAG else tuple(text.split())
        if option.name == "extra-index-url" and level != Level.FLAG:
            self._from_pip = len(parts) if level == Level.PIP_FILE else 0
        return tuple(Given(self._path(part), origin) for part in parts)

    def _flag(self, statement: Statement) -> object:
        """Return the value that a flag gives its field, or None where it says nothing."""
        option, text, origin, level, _ = statement
        given = read_boolean(text, option, origin)
        if level in {Level.PIP_FILE, Level.PIP_VARIABLE} and option.presence:
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
