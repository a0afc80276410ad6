"""What an index is, where it keeps its listings, which of several is asked first, and what its credential is for.

An index is its URL without user info; the user info is a credential that belongs to this index alone (DESIGN 4.7). Its
place in the order decides who owns a project (4.8).
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec

from clearway.errors import InputError
from clearway.index.links import HOST, quoted
from clearway.index.records import Index
from clearway.model.names import normalize
from clearway.model.secrets import Credential, Secret
from clearway.model.urls import file_url, mask, origin, split_user_info
from clearway.policy.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clearway.model.names import NormalizedName

Strategy = Literal["first-index", "unsafe-best-match"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://|(file):", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_DEFAULT_RULES = Rules()


def make_index(
    text: str,
    *,
    kind: Literal["simple", "find-links"] = "simple",
    name: str = "",
    source: str = "--index-url",
    rules: Rules = _DEFAULT_RULES,
) -> Index:
    """Make the index that an option names.

    :param text: a URL, with user info or without, or a folder; a page of links may be a local file, too.
    :param source: where the option was given: what people are told of where the credential came from.
    :param rules: how its answers are read.
    :raises InputError: ``bad-index-url``.
    """
    text = text.strip()
    match = _SCHEME.match(text)
    scheme = (match[1] or match[2]).lower() if match else ""
    if scheme in {"", "file"}:
        url = _checked(text if scheme else _local(text, kind, source), kind, source)
        return Index(name or url, url, kind, None, rules)
    if scheme not in _DEFAULT_PORTS:
        raise _bad(text, source, f"{scheme} is none of http, https and file")
    url, username, password = split_user_info(_checked(text, kind, source))
    url = _normal(url)
    credential = Credential(username, Secret(password), source) if username or password else None
    return Index(name or url, url, kind, credential, rules)


def choose_index(text: str, source: str, configured: Sequence[Index], rules: Rules) -> Index:
    """Return the index that an option means: a configured one by its name, or any by its URL.

    At the URL of a configured index it is that one, with its name, rules and claims. Its credential is that of the URL
    that was given: none is carried over from one spelling of an index to another.

    :param source: where the option was given.
    :param configured: the indexes that have a name.
    :param rules: for an index that is not configured.
    :raises InputError: ``unknown-index``, ``bad-index-url``.
    """
    text = text.strip()
    if configured and _NAME.fullmatch(text) and text.strip("."):
        names = {normalize(index.name): index for index in configured}
        if normalize(text) not in names:
            raise InputError(
                "unknown-index",
                f"{source} names the index {text[:80]}, but none of that name is configured",
                context=(f"configured: {', '.join(index.name for index in configured)}",),
                hint="Name one of them, or give a URL that begins with https://, or a folder with ./ or /.",
            )
        return names[normalize(text)]
    index = make_index(text, source=source, rules=rules)
    same = next((one for one in configured if one.url == index.url), None)
    if same is None:
        return index
    return msgspec.structs.replace(same, credential=index.credential, client_cert="", client_key="")


def listing_url(index: Index, name: NormalizedName) -> str:
    """Return where an index keeps the listing of a project (PEP 503)."""
    return f"{index.url}{name}/"


def route(default: Index | None, extras: Sequence[Index], strategy: Strategy) -> tuple[tuple[Index, ...], ...]:
    """Return the indexes to ask for a project, in turns: the first turn in which any lists it owns it.

    Extras come in their order and the default index last; one that was named twice is asked in its first place. With
    ``unsafe-best-match`` there is one turn, and what its indexes list is merged. Names that an index claims for itself
    narrow the turns here.
    """
    asked: dict[object, Index] = {}
    for index in (*extras, *((default,) if default is not None else ())):
        asked.setdefault(_identity(index), index)
    order = tuple(asked.values())
    return tuple((index,) for index in order) if strategy == "first-index" else (order,)


def turns_for(name: NormalizedName, turns: Sequence[Sequence[Index]]) -> tuple[tuple[Index, ...], ...]:
    """Return the indexes to ask for one project: those that claim its name, if any does; else all but explicit ones.

    What the user's own file claims is not claimed by any project's.
    """
    claiming = _narrowed(turns, lambda index: claims(index, name))
    own = _narrowed(claiming, lambda index: not index.lent)
    return own or claiming or _narrowed(turns, lambda index: not index.explicit)


def claims(index: Index, name: NormalizedName) -> bool:
    """Whether an index claims a project's name for itself: it is asked nowhere else then."""
    return any(_claim(pattern).fullmatch(name) for pattern in index.claims)


def may_carry_credential(index: Index, url: str) -> bool:
    """Whether a request for this index may carry its credential to a URL (DESIGN 4.7).

    To the index's own origin, or to one that its configuration names, and never from https down to http. From http up
    to https on one host, each at its usual port, is the same index (DESIGN 4.8): asked without its credential there, it
    would hide what is private.
    """
    try:
        place, home = origin(url), origin(index.url)
        named = place in map(origin, index.origins)
    except ValueError:  # a redirect may lead to something that has no origin
        return False
    upgraded = (home[0], home[2], *place) == ("http", 80, "https", home[1], 443)
    return place == home or upgraded or (named and (place[0] == "https" or home[0] == "http"))


def leaves_home(url: str, start: str) -> bool:
    """Whether a redirect leads to another origin than it started from; from http up to https on one host does not."""
    try:
        place, home = origin(url), origin(start)
    except ValueError:
        return True
    return place != home and (home[0], *place[:2]) != ("http", "https", home[1])


def forwarded_index(index: Index, url: str, name: NormalizedName) -> Index:
    """Return the index that really answers when another one forwards a listing (DESIGN 4.8): without its credential."""
    place = url.removesuffix("/").removesuffix(f"/{name}") + "/"
    return Index(f"{mask(place)} (forwarded by {index.name})", place, rules=index.rules)


def _narrowed(turns: Sequence[Sequence[Index]], wanted: Callable[[Index], bool]) -> tuple[tuple[Index, ...], ...]:
    kept = (tuple(index for index in turn if wanted(index)) for turn in turns)
    return tuple(turn for turn in kept if turn)


@cache
def _claim(pattern: str) -> re.Pattern[str]:
    """Return what matches the names that a pattern means; ``*`` stands for any characters, the rest is normalized."""
    parts = (re.escape(re.sub(r"[-_.]+", "-", part.lower())) for part in pattern.strip().split("*"))
    return re.compile(".*".join(parts))


def _identity(index: Index) -> tuple[str, Credential | None]:
    """Return what makes two of them the same index: one place, asked with one credential."""
    return index.url, index.credential


def _local(text: str, kind: str, source: str) -> str:
    """Return the URL of a folder, or of a local page of links; an index may not be mistaken for a host's name."""
    looks_local = text.startswith((".", "/")) or os.path.isabs(text)
    if not text or not (looks_local or kind == "find-links") or not text.isprintable():
        raise _bad(text, source, "it has no scheme", "Begin it with https://, or with ./ or / for a folder.")
    return file_url(text)


def _checked(text: str, kind: str, source: str) -> str:
    """Return a URL without fragment, with the trailing slash of a simple index."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _bad(text, source, "its host or port cannot be read") from None
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme != "file" and (not HOST.fullmatch(host) or port == 0):
        raise _bad(text, source, "it has no valid host")
    if not text.isprintable() or " " in text:
        raise _bad(text, source, "it has spaces or control characters in it")
    if kind == "find-links":
        return urlunsplit(parts._replace(path=quoted(parts.path), query=quoted(parts.query), fragment=""))
    if parts.query:
        raise _bad(text, source, "the URL of a simple index has no query")
    return urlunsplit(parts._replace(path=quoted(parts.path.rstrip("/") + "/"), fragment=""))


def _normal(url: str) -> str:
    """Return a URL with its host in lower case and without the default port, so that one index has one spelling."""
    parts = urlsplit(url)
    host = parts.netloc.lower().rstrip(":")
    return urlunsplit(parts._replace(netloc=host.removesuffix(f":{_DEFAULT_PORTS[parts.scheme]}")))


def _bad(text: str, source: str, why: str, hint: str = "") -> InputError:
    shown = "".join(letter if letter.isprintable() else " " for letter in _without_user_info(text))
    return InputError(
        "bad-index-url",
        f"{shown!r} from {source} is not the URL of an index: {why}",
        hint=hint or "Write it as https://HOST/PATH/simple/; a password in it is percent-encoded.",
    )


def _without_user_info(text: str) -> str:
    """Return a broken URL without what may be a secret: everything before its last ``@``, the scheme apart."""
    info, at, rest = text.rpartition("@")
    if not at:
        return text[:200]
    scheme, separator, _ = info.partition("://")
    return f"{scheme if separator else ''}{separator}****@{rest}"[:200]
