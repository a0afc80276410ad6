"""What somebody is likely to have meant who wrote what is no requirement: advice for the mistakes that are often made.

Nothing is read as what it is not: the advice is a hint beside the error. Only texts that are wrong come here, so the
patterns are compiled when they are used.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.model.requirements import parse_requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 200
_QUOTES = "'\"\u2018\u2019\u201c\u201d"
_NAME = r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\s*\[[^\]]*\])?)"
_VERSION = r"(v?\d[\w.+!*-]*)"
_UNQUOTED = r"(;.*?\b(?:[a-z]+_[a-z_]+|extra)\s*(?:===?|[<>!~]=|[<>])\s*)([A-Za-z0-9._-]+)"


def likely(text: str, origin: str) -> str:
    """Return what was likely meant, as a hint; empty where nothing suggests itself."""
    if len(text) > _LONGEST or "://" in text:
        return ""
    if not text:
        return "Name a project, or leave the empty argument out." if origin == "command line" else ""
    guess = next((guess for guess in _guesses(text) if guess != text and _is_requirement(guess)), "")
    if guess:
        return f"Did you mean {guess}?"
    if re.match(r"[A-Za-z]:", text) and os.sep == "/":
        return "It looks like a path of another system: write it as it is on this one."
    if "\\" in text:
        return f"If it is a path, write it with / on this system: ./{text.replace(chr(92), '/').lstrip('./')}"
    if re.match(r"https?:?/", text):
        return "If it is a URL, it begins with http:// or https://."
    if re.search(r"[<>=!~]$", text):
        return "A version is missing at the end."
    parts = [part.strip() for part in re.split(r"[,;]|\s+", text) if part.strip()]
    if len(parts) > 1 and all(map(_is_requirement, parts)):
        apart = " ".join(parts) if origin == "command line" else " and ".join(parts)
        return (
            f"If these are several projects, name each {'by itself' if ' and ' not in apart else 'in a line'}: {apart}"
        )
    return ""


def _guesses(text: str) -> Iterator[str]:
    """Yield the text with one frequent slip mended, the surest first; some are no requirements either."""
    if text[0] in _QUOTES:
        yield text.strip(_QUOTES).strip()
    yield text.rstrip(",; ")
    yield re.split(r"\s+#", text)[0]
    if equals := re.fullmatch(rf"{_NAME}\s*=\s*['\"]?{_VERSION}['\"]?(\s*;.*)?", text):
        yield f"{equals[1]}=={equals[2]}{equals[3] or ''}"
    if version := re.fullmatch(rf"{_NAME}(?:\s*[@:]\s*|\s*-?\(|(?<=\])|\s+){_VERSION}\)?", text):
        yield f"{version[1]}=={version[2]}"
    if arrow := re.fullmatch(rf"{_NAME}\s*(=>|=<|=~|=!)\s*(.+)", text):
        yield f"{arrow[1]}{arrow[2][::-1]}{arrow[3]}"
    if caret := re.fullmatch(rf"{_NAME}\s*=*\s*['\"]?\^\s*(\d{{1,9}})((?:\.\d+)*)['\"]?", text):
        yield f"{caret[1]}>={caret[2]}{caret[3]},<{int(caret[2]) + 1}"
    if tilde := re.fullmatch(rf"{_NAME}\s*=*\s*['\"]?~\s*(\d+\.[\d.]*\d)['\"]?", text):
        yield f"{tilde[1]}~={tilde[2]}"
    if "[" in text and "]" not in text:
        yield f"{text}]"
    yield re.sub(r"(?<=[\w*])\s+(?:and\s+)?(?=[<>=!~])", ",", text)
    before, semicolon, marker = text.partition(";")
    yield re.sub(rf"(?<=[=<>~])\s*['\"]{_VERSION}['\"]", r"\1", before) + semicolon + marker
    yield re.sub(_UNQUOTED, r'\1"\2"', text)


def _is_requirement(text: str) -> bool:
    try:
        return not parse_requirement(text).url
    except InputError:
        return False
