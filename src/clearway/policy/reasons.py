"""The reason for a refusal, in the server's own words (DESIGN 4.6).

Servers say it in different places, and in several at once (``docs/reference/refusals.md`` lists them by vendor). Taken
is what explains, by trust: structured bodies (RFC 9457 problem details, the vendors' JSON, XML), headers made for it,
plain text, the reason phrase (RFC 9112, section 4), an HTML page. Where nobody explains, what at least names something
that the status does not; and an empty text where all that was said is the status again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from clearway.policy.bodies import decode, form_of, is_text, json_lines, title_of, visible_lines, xml_lines
from clearway.policy.wording import clean, explains, says_something, without_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = 16 << 10
"""Bytes of a body, and characters of anything else, that are read for a reason."""
_HEADERS = (
    "X-Error-Message",
    "X-Block-Reason",
    "X-Blocked-Reason",
    "X-Deny-Reason",
    "X-Denied-Reason",
    "X-Refusal-Reason",
    "X-Rejection-Reason",
    "X-Quarantine-Reason",
    "X-Policy-Reason",
    "X-Reason",
)
"""Headers that explain. There is no standard; HTTP/2 has no reason phrase, so firewalls send one of these instead."""
_SERVICE_ERROR = "X-TFS-ServiceError"
"""Azure Artifacts; its value is form-encoded."""
_FIREWALL = "X-Gitlab-Dependency-Firewall"
"""GitLab: ``blocked``, so that its 403 can be told from that of a registry behind it."""


def read_reason(status: int, phrase: str, headers: Callable[[str], str], body: bytes) -> str:
    """Return why a request was refused, as one short line that is safe to print; empty if nothing says it.

    :param phrase: the reason phrase of the status line, empty where it is not known.
    :param headers: returns the value of a header, empty where it is not there.
    :param body: the first bytes of the body, at most :data:`START` of which count.
    """
    name = ""
    for candidate in _candidates(phrase, headers, body[:START]):
        line = without_status(clean(candidate[:START]), status)
        if says_something(line):
            if explains(line):
                return line
            name = name or line
    return name or _marked(headers)


def page_title(body: bytes) -> str:
    """Return the title of an HTML page, or its first visible words, safe to print; empty where it has neither."""
    text = decode(body[:START], "")
    lines = (clean(line) for line in (title_of(text), *visible_lines(text)))
    return next((line for line in lines if line), "")


def _candidates(phrase: str, headers: Callable[[str], str], body: bytes) -> Iterator[str]:
    """Yield what may be a reason, the most trusted first."""
    text = decode(body, headers("Content-Type"))
    form = form_of(text) if is_text(text) else None
    if form == "json":
        yield from json_lines(text)
    elif form == "xml":
        yield from xml_lines(text)
    for name in _HEADERS:
        yield _as_meant(headers(name))
    yield unquote_plus(headers(_SERVICE_ERROR))
    if form == "text":
        lines = text.strip().strip('"').splitlines()
        yield next((line for line in lines if says_something(clean(line))), "")
    yield _as_meant(phrase)
    if form == "html":
        yield title_of(text)
        yield from visible_lines(text)


def _marked(headers: Callable[[str], str]) -> str:
    """Return what a header that only marks an answer tells, where nothing else was said."""
    value = clean(headers(_FIREWALL))
    return clean(f"Dependency Firewall: {value}") if value else ""


def _as_meant(value: str) -> str:
    """Return a header's text; clients read its bytes as Latin-1, while servers send UTF-8 (RFC 9110, section 5.5)."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
