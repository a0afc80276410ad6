"""Words of a server made fit to be shown: one line, cut, without secrets and without anything that steers a terminal.

What comes in is hostile: escape sequences (ECMA-48), characters that turn the direction of text around (Unicode UAX 9),
lines without end. Every step is linear in what it reads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clearway.model.urls import mask

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 200
"""Characters of a reason, at most."""
_LONGEST_WORD = 4096
"""Characters: a longer word is no word, and no URL either. A URL with a token in it is shorter."""
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?+|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*+\x07?+|\x1b.?+"
)
_RULE = re.compile(r"[-=<>*~_#|+.]{3,}+")
"""A word that only draws a line or an arrow."""
_WORD = re.compile(r"[^\W\d_]++")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PHRASES = {
    401: "unauthorized",
    403: "forbidden",
    404: "not found",
    409: "conflict",
    410: "gone",
    423: "locked",
    451: "unavailable for legal reasons",
}
"""The phrases of the statuses that come instead of a file (RFC 9110, section 15.5; RFC 4918, 11.3; RFC 7725, 3)."""
_EMPTY = frozenset(
    " ".join(
        (
            *_PHRASES.values(),
            "a an and are at be been by can cannot code could did do does don error errors exception failed failure",
            "file for from had has have http https in is it item message no not of ok on or page port request",
            "requested resource response server sorry status the this to url was were what you your",
            "access accessed accessible allowed denied deny permitted refused",
            # who speaks is no reason either
            "akamai akamaighost apache artifactory caddy cloudflare cloudfront debian envoy gitlab haproxy iis jetty",
            "jfrog linux manager microsoft nexus nginx openresty oss pro repository sonatype squid tengine tomcat",
            "ubuntu unix varnish windows",
        )
    ).split()
)
"""Words that say nothing beyond the status, whichever of them stand together."""


def clean(text: str) -> str:
    """Return a text as one line without controls, its white space collapsed and its URLs masked, cut at a word."""
    text = _ESCAPES.sub("", text)
    visible = "".join(each if each.isprintable() else " " if each.isspace() else "" for each in text)
    return _joined(word for word in visible.split() if not _RULE.fullmatch(word))


def _joined(words: Iterable[str]) -> str:
    line = ""
    for word in words:
        shown = mask(word) if len(word) <= _LONGEST_WORD else "..."
        longer = f"{line} {shown}" if line else shown
        if len(longer) > LIMIT:
            kept = line if len(line) <= LIMIT - 4 else line[: LIMIT - 3].rpartition(" ")[0]
            return f"{kept} ..." if kept else f"{(line or shown)[: LIMIT - 3]}..."
        line = longer
    return line


def without_status(line: str, status: int) -> str:
    """Take the status off the front of a line that goes on to say more: ``403 Forbidden - held``."""
    phrase = _PHRASES.get(status, "")
    named = rf"(?:{phrase}(?:\s*+[-:–—]+\s*+|$))" if phrase else r"(?!)"
    numbered = rf"(?:http(?:/[\d.]{{1,3}})?+\s++)?+(?:error\s++)?+{status}\b[\s:.,–—-]*+{named}?+"
    return re.sub(rf"^(?:{numbered}|{named})", "", line, flags=re.IGNORECASE).strip()


def says_something(line: str) -> bool:
    """Whether a line says more than that a request was refused, and by which product."""
    words = _WORD.findall(_CAMEL.sub(" ", line))
    return any(word.lower() not in _EMPTY for word in words if len(word) > 1)


def explains(line: str) -> bool:
    """Whether a line that says something is more than a name for it, as ``blocked`` alone would be."""
    return " " in line
