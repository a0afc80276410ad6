"""Everything that is configured for all commands, each value with where it was given and whether it counts.

Who is beaten by whom is told by the order and the levels of :mod:`clearway.settings.merge`; a section of pip's files
speaks to one command, so what it says is beaten by what is stronger than pip's files, and by nothing in ``[global]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clearway.errors import InputError
from clearway.model.names import normalize
from clearway.settings.documents import INDEX
from clearway.settings.merge import from_fallbacks, from_variables
from clearway.settings.table import BY_NAME
from clearway.settings.toml_text import outline
from clearway.settings.values import Level, read_boolean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from clearway.settings.documents import Document
    from clearway.settings.ini import Entry
    from clearway.settings.option import Option

_GLOBAL = ("DEFAULT", "global")
_USERS_WORD_STANDS = frozenset({"packages", "explicit", "forwarded", "anonymous", "absent-status"})


class Setting(NamedTuple):
    """One value that was given somewhere.

    :ivar name: as ``config get`` takes it.
    :ivar value: with the type that TOML would give it.
    :ivar origin: file and line, or variable.
    :ivar counts: nothing stronger says something else.
    """

    name: str
    value: object
    origin: str
    counts: bool = True


class _Said(NamedTuple):
    setting: Setting
    place: object  # what of two statements about one thing is the same
    level: Level


def survey(
    environ: Mapping[str, str],
    files: Sequence[tuple[str, Sequence[Entry]]],
    documents: Sequence[tuple[Document, str, tuple[str, ...]]],
) -> tuple[Setting, ...]:
    """Return everything that is set, sorted by name, the strongest of one name first.

    :param files: path and content of each of pip's files, the strongest last.
    :param documents: our own files, the strongest last: parsed, the text, and the table in it that is ours.
    """
    said = [*_all(environ, files, documents)]
    strongest: dict[object, int] = {}
    for number, one in enumerate(said):
        if one.place not in strongest or not _users_word_stands(one.place):
            strongest[one.place] = number
    general = {one.place: one.level for one in said}
    settled = []
    for number, one in enumerate(said):
        beaten = strongest[one.place] != number
        if isinstance(one.place, tuple) and one.place[0] == "section":
            beaten = beaten or general.get(one.place[2], Level.FALLBACK) > Level.PIP_FILE
        settled.append(one.setting._replace(counts=not beaten))
    settled.reverse()
    return tuple(sorted(settled, key=lambda setting: (setting.name, not setting.counts)))


def _users_word_stands(place: object) -> bool:
    """Whether what the user's file says of an index is not for a project's to override (DESIGN 4.7)."""
    return isinstance(place, tuple) and place[0] == INDEX and place[-1] in _USERS_WORD_STANDS


def _all(
    environ: Mapping[str, str],
    files: Sequence[tuple[str, Sequence[Entry]]],
    documents: Sequence[tuple[Document, str, tuple[str, ...]]],
) -> Iterator[_Said]:
    """Yield everything that is said, the strongest last."""
    options = tuple({option.name: option for option in BY_NAME.values()}.values())
    for statement in from_fallbacks(options, environ):
        yield _said(statement.option, statement.text, statement.origin, Level.FALLBACK)
    for path, entries in files:
        yield from _in_pip_file(path, entries)
    for document, text, prefix in documents:
        yield from _in_document(document, text, prefix)
    for statement in from_variables(options, environ):
        yield _said(statement.option, statement.text, statement.origin, statement.level)


def _said(option: Option, text: str, origin: str, level: Level) -> _Said:
    return _Said(Setting(option.name, _typed(option, text), origin), _place(option, origin), level)


def _place(option: Option, origin: str) -> object:
    """Return what makes two statements one about the same thing; those that name projects add up."""
    return (option.name, origin) if option.kind == "names" else option.sets[0] if option.sets else option.name


def _in_pip_file(path: str, entries: Iterable[Entry]) -> Iterator[_Said]:
    for entry in sorted(entries, key=lambda entry: entry.section not in _GLOBAL):
        option = BY_NAME.get(entry.key.removeprefix("--").replace("_", "-"))
        if option is None or not option.shared or not entry.value.strip():
            continue
        origin = f"{path}, line {entry.line}"
        one = _said(option, entry.value, origin, Level.PIP_FILE)
        if entry.section not in _GLOBAL:
            named = one.setting._replace(name=f"{entry.section}.{option.name}")
            one = _Said(named, ("section", entry.section, one.place), Level.PIP_FILE)
        yield one


def _in_document(document: Document, text: str, prefix: tuple[str, ...]) -> Iterator[_Said]:
    lines = outline(text).keys
    for key, value in document.content.items():
        name = key.replace("_", "-")
        line = lines.get((*prefix, key))
        origin = f"{document.label}, line {line.line}" if line else document.label
        if name != INDEX:
            option = BY_NAME.get(name)
            place = _place(option, origin) if option is not None else name
            yield _Said(Setting(option.name if option else name, value, origin), place, document.level)
    tables = document.content.get(INDEX)
    for number, table in enumerate(tables if isinstance(tables, list) else ()):
        for key, value in table.items() if isinstance(table, dict) else ():
            line = lines.get((*prefix, INDEX, number, key))
            origin = f"{document.label}, line {line.line}" if line else document.label
            name, of = key.replace("_", "-"), str(table.get("name", number))
            if name != "name":
                yield _Said(
                    Setting(f"{INDEX}.{of}.{name}", value, origin), (INDEX, normalize(of), name), document.level
                )


def _typed(option: Option, text: str) -> object:
    """Return a value from a variable, or from a file of pip's, as TOML would have it; what is malformed as it is."""
    text = text.strip()
    if option.kind == "flag":
        try:
            return read_boolean(text, option, "")
        except InputError:
            return text
    if option.kind in {"list", "statuses"}:
        return text.replace(",", " ").split() if option.kind == "statuses" else text.split()
    return int(text) if option.kind in {"count", "whole"} and text.isdecimal() and len(text) < 10 else text
