"""URLs as text: user info taken off, masked for people, origins compared (RFC 3986; RFC 6454, "Origin").

``urllib.parse`` alone; nothing is fetched.
"""

from __future__ import annotations

import os
import re
import sys
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_QUERY_END = re.compile(r"[\s#'\"]")
# The login "git" alone is that of everybody who asks a repository by ssh (PEP 610, "Specification").
_USER_INFO = re.compile(r"(?<=://)(?!git@[^/?#\s@]*(?:[/?#\s]|\Z))[^/?#\s@]*(?:@[^/?#\s@]*)*@")


def mask(text: str) -> str:
    """Return a text in which no URL shows its user info, nor its query, which may hold a signature or a token."""
    text = _USER_INFO.sub("****@", text)
    return " ".join(map(_without_query, text.split(" "))) if "?" in text and "://" in text else text


def _without_query(words: str) -> str:
    """Mask the queries of the URLs in a text without spaces. Looks at each character once: the text is hostile."""
    parts, at = [], 0
    while (scheme := words.find("://", at)) >= 0 and (mark := words.find("?", scheme)) >= 0:
        end = _QUERY_END.search(words, mark)
        stop = end.start() if end else len(words)
        parts += [words[at : mark + 1], "****" if stop > mark + 1 else ""]
        at = stop
    return "".join(parts) + words[at:]


def split_user_info(url: str) -> tuple[str, str, str]:
    """Take the user info off a URL.

    :returns: the URL without it, the user name and the password, percent-decoded; empty where there is none.
    """
    parts = urlsplit(url)
    info, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, "", ""
    user, _, password = info.partition(":")
    return urlunsplit(parts._replace(netloc=host)), unquote(user), unquote(password)


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port with defaults folded, all lower case (RFC 6454, section 4)."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(scheme, 0)


def fragment(url: str) -> dict[str, str]:
    """Return what a URL's fragment states: ``#egg=demo&subdirectory=lib``."""
    return dict(parse_qsl(url.partition("#")[2]))


def is_local(url: str) -> bool:
    """Whether a URL, as somebody has spelled it, is one of this machine's files (RFC 3986: schemes know no case)."""
    return url[:5].lower() == "file:"


def file_name(url: str) -> str:
    """Return the last path segment of a URL, percent-decoded."""
    return unquote(urlsplit(url).path.rpartition("/")[2])


def path_of(url: str) -> str:
    """Return the path that a ``file:`` URL names on this machine (RFC 8089)."""
    parts = urlsplit(url)
    path = parts.path if parts.netloc in {"", "localhost"} else f"//{parts.netloc}{parts.path}"
    if sys.platform == "win32":
        from urllib.request import url2pathname  # late: 30 ms, and drives are what it is needed for

        return url2pathname(path)
    return os.fsdecode(unquote_to_bytes(path))


def file_url(path: str) -> str:
    """Return the ``file:`` URL of a path, made absolute (RFC 8089)."""
    absolute = os.path.abspath(path)
    if sys.platform == "win32":
        from urllib.request import pathname2url  # late: as above

        return f"file:{pathname2url(absolute)}"
    return f"file://{quote(os.fsencode(absolute))}"
