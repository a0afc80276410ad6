"""The links of one page: references made absolute, and told apart from what is no place to fetch a file from.

RFC 3986, section 5, as ``urljoin`` reads it, but in a tenth of its time for the shapes that listings consist of (a page
may hold a hundred thousand links). Every URL that comes out is absolute, ASCII, without user info and fragment, has a
host and a valid port, and is http or https; ``file:`` only where the page itself is a local file.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/%"
_KEPT = "/?:@!$&'()*+,;=~%[]"
_UP = re.compile(r"(?:\.\./)*+")
_DEEPEST = 64

HOST = re.compile(r"(?:[\w.~-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?", re.ASCII)
"""A host with its port (RFC 3986, section 3.2.2), without what would have to be encoded."""


class Links:
    """Resolves the references of one page.

    :param base: the page's final URL, after redirects.
    :param override: the ``href`` of the page's ``<base>`` element (HTML, section 4.2.3), empty where there is none.
    """

    def __init__(self, base: str, override: str = "") -> None:
        self._local = base.startswith("file:")
        self._origins: dict[str, bool] = {}
        self._base = base
        self._base = (override and self._in_full(override)) or self._in_full("") or base
        depth = min(urlsplit(self._base).path.count("/"), _DEEPEST)
        self._folders: list[str | None] = [None] * depth
        self._root = urljoin(self._base, "/")

    def resolve(self, reference: str) -> str | None:
        """Return the absolute URL of a reference that has no fragment, or None if no file can be fetched from it."""
        if reference.encode(errors="replace").translate(None, _PLAIN):
            return self._in_full(reference)
        if reference.startswith("http"):
            origin = reference[: reference.find("/", 8)]
            known = self._origins.get(origin)
            if known is None:
                known = self._origins[origin] = self._in_full(origin + "/") == origin + "/"
            return reference if known else self._in_full(reference)
        return self._relative(reference)

    def _relative(self, reference: str) -> str | None:
        """Resolve ``../../a/b`` and ``/a/b``; what has further dots, colons or empty segments is resolved in full."""
        absolute = reference.startswith("/")
        start = 1 if absolute else _UP.match(reference).end()  # type: ignore[union-attr]  # it matches nothing, too
        rest = reference[start:]
        level = start // 3
        if not rest or rest[0] in "./" or "/." in rest or "//" in rest or ":" in rest or level >= len(self._folders):
            return self._in_full(reference)
        if absolute:
            return self._root + rest
        folder = self._folders[level]
        if folder is None:
            folder = self._folders[level] = urljoin(self._base, "../" * level or ".")
        return folder + rest

    def _in_full(self, reference: str) -> str | None:
        try:
            parts = urlsplit(urljoin(self._base, reference.strip()))
            port = parts.port
        except ValueError:
            return None
        host = parts.netloc.rpartition("@")[2]
        if parts.scheme == "file":
            if not self._local:
                return None
        elif parts.scheme not in {"http", "https"} or not HOST.fullmatch(host) or port == 0:
            return None
        return urlunsplit((parts.scheme, host, quoted(parts.path), quoted(parts.query), ""))


def quoted(text: str) -> str:
    """Return a path or query with what no URL may hold percent-encoded, and nothing encoded twice."""
    return quote(text, safe=_KEPT)
