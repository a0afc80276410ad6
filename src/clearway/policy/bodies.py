"""The lines of an error's body that may be its reason: JSON, XML, HTML or plain text, best first.

Only the start of a body is looked at, so a document may end in the middle; none is parsed, therefore, but read from
left to right by patterns that never go back. RFC 9457 ("Problem Details for HTTP APIs") has a JSON and an XML form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

Form = Literal["json", "xml", "html", "text"]

_CHARSET = re.compile(r"charset\s*+=\s*+[\"']?+([\w.-]++)", re.IGNORECASE)
_KNOWN = re.compile(
    r"utf-?8|utf-16(le|be)?|us-ascii|iso-8859-\d+|windows-125\d|koi8-[ru]|shift_jis|euc-(jp|kr)|gbk|gb2312|gb18030|big5"
)
"""Encodings that servers use; the others that Python knows are no texts of people, or slow."""
_TEXT = r'"((?:[^"\\]|\\.)*+)'
_STRING = re.compile(
    rf'{_TEXT}(?:"(?:(\s*+:\s*+)[\[\s]*+(?:{_TEXT}(?:"|\\?+\Z))?+)?+|\\?+\Z)',
    re.DOTALL,
)
"""A string of JSON; and if it is a name, and has a string for its value or first in it, that one."""
_NAMES = (
    "detail",
    "reason",
    "message",
    "error_description",
    "errormessage",
    "error_message",
    "description",
    "msg",
    "details",
    "title",
    "error",
    "errors",
)
"""Members whose text is a reason, in lower case, the most specific first (RFC 9457, section 3.1; RFC 6749, 5.2)."""
_ELEMENT = re.compile(r"<(?:\w++:)?+(detail|message|reason|title)\b[^<>]*+>([^<]*+)", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]*+>([^<]*+)", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|svg|template|noscript|title)\b[^<>]*+.*?(?:</\1\b[^<>]*+>?|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|code|em|font|i|kbd|q|s|small|span|strong|sub|sup|tt|u|var)\b[^<>]*+>?", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*+>?")


def decode(body: bytes, content_type: str) -> str:
    """Return the text of a body, by what its header or its own first lines say, else UTF-8, else Latin-1."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    said = _CHARSET.search(content_type) or _CHARSET.search(body[:1024].decode("latin-1"))
    if said is not None and _KNOWN.fullmatch(name := said[1].lower()):
        try:
            return body.decode(name, "replace")
        except LookupError:  # iso-8859-99
            pass
    text = body.decode("utf-8-sig", "replace")
    whole = "\ufffd" not in text[:-3]  # the last character may have been cut
    return text if whole else body.decode("latin-1")


def is_text(text: str) -> bool:
    """Whether this can have been meant to be read: not compressed, not an archive."""
    odd = sum(not (each.isprintable() or each.isspace()) or each == "\ufffd" for each in text)
    return odd <= 4 + len(text) // 10


def form_of(text: str) -> Form:
    """Tell the form of a body by its first characters; its header is wrong too often."""
    start = text.lstrip()[:512].lower()
    if start.startswith(("{", "[")):
        return "json"
    if not start.startswith("<"):
        return "text"
    if start.startswith(("<?xml", "<error", "<problem")) and "<html" not in start:
        return "xml"
    return "html"


def json_lines(text: str) -> Iterator[str]:
    """Yield the texts of members that hold reasons, however deep, the most specific member first."""
    found: dict[str, list[str]] = {}
    for match in _STRING.finditer(text):
        if match[2] is not None and match[3] is not None:
            found.setdefault(match[1].lower(), []).append(match[3])
    for name in _NAMES:
        for raw in found.get(name, ()):
            yield _unescaped(raw)


def xml_lines(text: str) -> Iterator[str]:
    """Yield the texts of elements that hold reasons: RFC 9457, appendix B; the stores behind redirects have Message."""
    found = sorted(_ELEMENT.finditer(text), key=lambda match: match[1].lower() == "title")
    yield from (_resolved(match[2]) for match in found)


def title_of(text: str) -> str:
    """Return the title of an HTML page; empty where it has none."""
    match = _TITLE.search(text)
    return _resolved(match[1]) if match is not None else ""


def visible_lines(text: str) -> Iterator[str]:
    """Yield what a reader of an HTML page would see, a line for each block."""
    text = _INLINE.sub(" ", _UNSEEN.sub("\n", " ".join(text.split())))
    yield from _resolved(_TAG.sub("\n", text)).splitlines()


def _unescaped(raw: str) -> str:
    """Resolve the escapes of a JSON string."""
    try:
        return msgspec.json.decode(f'"{raw}"', type=str)
    except (msgspec.DecodeError, UnicodeEncodeError):  # cut inside an escape, or never JSON
        return raw.rstrip("\\")


def _resolved(text: str) -> str:
    """Resolve character references."""
    if "&" not in text:
        return text
    from html import unescape  # late: 3 ms, and hardly ever needed

    return unescape(text)
