"""Where the keys of a TOML 1.0 file stand in its text: for messages that name a line, and to change one of them.

A file belongs to who wrote it: its comments, its order and its layout stay as they are. So a change replaces the
characters of one value and no others. What is understood here is the outline of a file, its headers and keys; what
their values mean is for ``tomllib``, which also has the last word on every change
(:func:`clearway.settings.edits.change`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Path = tuple[str | int, ...]
"""The keys that lead to a value; a number for the place of a table in an array of tables."""

_KEY = r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
_DOTTED = re.compile(rf"(?:{_KEY})(?:[ \t]*\.[ \t]*(?:{_KEY}))*")
_PART = re.compile(_KEY)
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_DOTTED.pattern})[ \t]*(\]\]?)[ \t]*(?:#[^\n]*)?(?=\r?\n|$)")
_STATEMENT = re.compile(rf"[ \t]*({_DOTTED.pattern})[ \t]*=[ \t]*")
_LINE = re.compile(r"[^\n]*(?:\n|$)")
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}]|\r?\n|[^\"'#\[\]{}\r\n]+|.",
    re.DOTALL,
)


class Span(NamedTuple):
    """Where a key stands.

    :ivar line: its number, the first is 1.
    :ivar start: of its lines, ``end`` behind them; ``value`` and ``stop`` those of the value alone.
    """

    line: int
    start: int
    end: int
    value: int
    stop: int


class Outline(NamedTuple):
    """Where everything stands.

    :ivar keys: of each key with a value. Tables that stand inside a value are none.
    :ivar tables: from the header of each table to the next header; ``()`` for what stands before the first.
    """

    keys: dict[Path, Span]
    tables: dict[Path, Span]


def outline(text: str) -> Outline:
    """Return where everything stands in a text that is TOML."""
    keys: dict[Path, Span] = {}
    tables: dict[Path, Span] = {(): Span(1, 0, len(text), 0, 0)}
    counts: dict[Path, int] = {}
    table: Path = ()
    at, line = int(text.startswith("\ufeff")), 1
    while at < len(text):
        start = at
        if header := _HEADER.match(text, at):
            tables[table] = tables[table]._replace(end=start)
            table = _table(_parts(header[2]), counts, is_array=header[1] == "[[")
            at = _LINE.match(text, header.end()).end()  # type: ignore[union-attr]
            tables[table] = Span(line, start, len(text), at, at)
        elif statement := _STATEMENT.match(text, at):
            stop = _end_of_value(text, statement.end())
            at = _LINE.match(text, stop).end()  # type: ignore[union-attr]
            keys[(*table, *_parts(statement[1]))] = Span(line, start, at, statement.end(), stop)
        else:
            at = _LINE.match(text, at).end()  # type: ignore[union-attr]
        line += text.count("\n", start, at)
    return Outline(keys, tables)


def _table(parts: Path, counts: dict[Path, int], *, is_array: bool) -> Path:
    """Return the path of a table by the names in its header: those that are arrays have a number behind them."""
    path: Path = ()
    for number, part in enumerate(parts, start=1):
        path = (*path, part)
        if is_array and number == len(parts):
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _parts(dotted: str) -> Path:
    return tuple(_plain(part) for part in _PART.findall(dotted))


def _plain(key: str) -> str:
    """Return a key without its quotes; what is escaped in it stays so: no key of ours has such characters."""
    return key[1:-1] if key[0] in "\"'" else key


def _end_of_value(text: str, at: int) -> int:
    """Return where a value ends: at a comment or the end of a line that is in no bracket."""
    depth, end = 0, at
    for token in _TOKEN.finditer(text, at):
        word = token[0]
        if not depth and (word[0] == "#" or word in {"\n", "\r\n"}):
            break
        depth += (word in {"[", "{"}) - (word in {"]", "}"})
        if word.strip() and word[0] != "#":
            end = token.start() + len(word.rstrip())
    return end


# -- changes -----------------------------------------------------------------------------------------------------------


def set_key(text: str, table: Path, keys: Sequence[str], value: str) -> str:
    """Return a text in which a key has a value.

    :param table: where it stands, which has to be there: ``()`` is always.
    :param keys: its spellings; the first is written if none is there yet.
    :param value: in TOML's spelling.
    """
    found = outline(text)
    for key in keys:
        if span := found.keys.get((*table, key)):
            return f"{text[: span.value]}{value}{text[span.stop :]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    own = [span.end for path, span in found.keys.items() if path[:-1] == table]
    at = max(own) if own else found.tables[table].value if table else _before_header(text, found.tables[()].end)
    before = text[:at]
    if before and not before.endswith("\n"):
        before += newline
    after = text[at:]
    gap = newline if not own and not table and after.strip() and not after.startswith(("\n", "\r\n")) else ""
    return f"{before}{keys[0]} = {value}{newline}{gap}{after}"


def _before_header(text: str, at: int) -> int:
    """Return where a key can stand before the first header: above the comment that belongs to that."""
    lines = text[:at].splitlines(keepends=True)
    while lines and at < len(text) and lines[-1].lstrip().startswith("#"):
        at -= len(lines.pop())
    return at


def add_table(text: str, header: str, statements: Sequence[str]) -> str:
    """Return a text with one more table, at its end."""
    newline = "\r\n" if "\r\n" in text else "\n"
    before = text.rstrip() + newline * 2 if text.strip() else ""
    return before + newline.join((header, *statements)) + newline


def remove_key(text: str, path: Path) -> str:
    """Return a text without a key that stands in it, nor its lines."""
    span = outline(text).keys[path]
    return text[: span.start] + text[span.end :]


def remove_table(text: str, path: Path) -> str:
    """Return a text without a table and what stands below its header."""
    tables = outline(text).tables
    gone = [span for known, span in tables.items() if known[: len(path)] == path]
    for span in sorted(gone, key=lambda one: one.start, reverse=True):
        text = text[: span.start] + text[span.end :]
    return text


def spell_value(value: object) -> str:
    """Return a value as TOML spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{"".join(_escaped(value))}"'
    if isinstance(value, list):
        return f"[{', '.join(map(spell_value, value))}]"
    return str(value)


def _escaped(text: str) -> Iterator[str]:
    for letter in text:
        if letter in '"\\':
            yield f"\\{letter}"
        elif letter < " " or letter == "\x7f":
            yield f"\\u{ord(letter):04x}"
        else:
            yield letter
