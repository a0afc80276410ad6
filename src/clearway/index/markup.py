"""The start tags of an HTML page, in one pass and in linear time (HTML, section 13.2.5, "Tokenization").

A listing needs its anchors, four kinds of head element and nothing of the tree; and a page is hostile input. Parsers
that build the tree take minutes for some pages of a few hundred kilobytes (elements nested a hundred thousand deep), so
none is built here: every character of the page is consumed once, by a pattern that cannot go back. Comments, the
contents of scripts and styles, and markup inside attribute values are no tags.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>"'][^\s>]*+)?+)?+"""
_TAG = re.compile(
    rf"""
    <(?:
        (?P<name>[a-zA-Z][^\s/>]*+)
        (?P<common>(?:\s++[a-z-]++="[^"]*+")*+)
        (?P<others>(?:[\s/]++|{_ATTRIBUTE})*+)
        (?:>|\Z)
      | !--(?:-?>|.*?(?:--!?>|\Z))
      | [!?/][^>]*+
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMON = re.compile(r'([a-z-]++)="([^"]*+)"')
_ANY = re.compile(r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"?+|'([^']*+)'?+|([^\s>"'][^\s>]*+))?+)?+""")
_REFERENCE = re.compile(r"&#?[0-9A-Za-z]+;")
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
"""Elements whose content is text up to their end tag."""

Tag = tuple[str, dict[str, str], str]
"""A start tag: its name in lower case, its attributes, and its content where that is raw text."""


def start_tags(text: str, names: frozenset[str]) -> Iterator[Tag]:
    """Yield the start tags with these names, in the order of the page."""
    position = 0
    while (match := _TAG.search(text, position)) is not None:
        position = match.end()
        name = match["name"]
        if name is None:
            continue
        name = name.lower()
        content = ""
        if name in _RAW:
            end = _end_of(name).search(text, position)
            start, position = position, end.start() if end else len(text)
            content = text[start:position]
        if name in names:
            yield name, _attributes(match["common"], match["others"]), content


def decode(content: bytes) -> str:
    """Return the text of a page: UTF-8, or what its byte order mark says; Latin-1 where it is neither."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def unescape(text: str) -> str:
    """Resolve character references; one without its semicolon is text, as it is in the query of a URL."""
    return _resolve(text) if "&" in text else text


@lru_cache(maxsize=256)
def _resolve(text: str) -> str:
    """Resolve references; the same few specifiers come again and again."""
    from html import unescape as resolve  # late: 3 ms, and half of the pages have none

    return _REFERENCE.sub(lambda match: resolve(match[0]), text)


@cache
def _end_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE)


def _attributes(common: str, others: str) -> dict[str, str]:
    """Return the attributes of one tag; of several with one name the first counts."""
    pairs = _COMMON.findall(common)
    attributes = dict(pairs)
    if len(attributes) < len(pairs) or others.strip("/ \t\r\n\f"):
        pairs += [(name.lower(), one or two or three) for name, one, two, three in _ANY.findall(others)]
        attributes = dict(reversed(pairs))
    return attributes
