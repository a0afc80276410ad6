"""The line of one of our own configuration files that an error is about.

Errors name file and key, which is all that is known once a file is parsed (``tomllib`` tells no lines). Where in the
text a key stands is worked out when there is an error, and not before: hardly any run has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.settings.documents import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clearway.settings.documents import Document

_SAYS = (", {}", " sets {}", ": its {}", ": {}")
"""How messages go on behind what they call a file, or the table of an index in it, to name a key."""


def with_line(error: InputError, documents: Iterable[Document]) -> InputError:
    """Return an error with the line of the file that its message begins with; as it is if it is about none."""
    for document in documents:
        if not error.message.startswith(document.label):
            continue
        places = sorted(_places(document), key=lambda place: -len(place[0]))
        for origin, line in places:
            if error.message.startswith(origin) and not error.message[len(origin) :][:1].isalnum():
                message = f"{document.label}, line {line}{error.message[len(document.label) :]}"
                return InputError(error.code, message, context=error.context, hint=error.hint)
    return error


def _places(document: Document) -> Iterator[tuple[str, int]]:
    """Yield how messages call what stands in a file, and its line."""
    from clearway.settings.toml_text import outline  # late: 5 ms, and there is an error to tell

    found, depth = outline(document.text), len(document.prefix)
    for path, span in (*found.tables.items(), *found.keys.items()):
        if path[:depth] != document.prefix:
            continue
        match path[depth:]:
            case (str(key),):
                for says in _SAYS:
                    yield document.label + says.format(key), span.line
            case (table, int(number)) if table == INDEX:
                yield from ((label, span.line) for label in _labels(document, number))
            case (table, int(number), str(key)) if table == INDEX:
                for label in _labels(document, number):
                    for says in _SAYS:
                        yield label + says.format(key), span.line


def _labels(document: Document, number: int) -> Iterator[str]:
    """Yield what messages call the table of an index: by its place as long as its name is not known."""
    yield f"{document.label}, {INDEX} {number + 1}"
    tables = document.content.get(INDEX)
    table = tables[number] if isinstance(tables, list) and number < len(tables) else None
    name = table.get("name") if isinstance(table, dict) else None
    if isinstance(name, str):
        yield f"{document.label}, {INDEX} {name}"
