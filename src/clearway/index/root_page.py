"""The root page of an index: the names of its projects (PEP 503, "Specification"; PEP 691, "Project List").

Nothing is installed by it: it may be missing, stale or too large to read, so it serves people who look at an index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from clearway.index.markup import decode, start_tags, unescape
from clearway.model.names import is_name, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clearway.model.names import NormalizedName

_READ = frozenset({"a", "input"})


class _Project(msgspec.Struct):
    name: str


class _Page(msgspec.Struct):
    projects: list[_Project]


_decode = msgspec.json.Decoder(_Page).decode


def read_names(content: bytes, content_type: str) -> tuple[NormalizedName, ...] | None:
    """Return the names of the projects that a root page lists, each once and in its order.

    :param content_type: the header as sent.
    :returns: None if it is no root page: no JSON of that shape, or an HTML page that asks for a password.
    """
    if is_json(content_type):
        try:
            return _valid(project.name for project in _decode(content).projects)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    tags = list(start_tags(decode(content), _READ))
    if any(name == "input" and attributes.get("type", "").lower() == "password" for name, attributes, _ in tags):
        return None
    return _valid(_linked(attributes.get("href", "")) for name, attributes, _ in tags if name == "a")


def is_json(content_type: str) -> bool:
    """Whether a page is one in JSON (PEP 691, "Content-Types")."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _linked(href: str) -> str:
    """Return the last segment of the path of a link."""
    path = unescape(href).strip().partition("#")[0].partition("?")[0]
    return unquote(path.rstrip("/").rpartition("/")[2])


def _valid(names: Iterable[str]) -> tuple[NormalizedName, ...]:
    return tuple(dict.fromkeys(_normalized(names)))


def _normalized(names: Iterable[str]) -> Iterator[NormalizedName]:
    return (normalize(name) for name in names if len(name) <= 200 and is_name(name))
