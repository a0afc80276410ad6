"""JSON for programs, as text that every terminal and every encoding can carry."""

from __future__ import annotations

import msgspec


def to_json(data: object, *, indent: int = 2) -> str:
    """Return JSON of ASCII letters alone; what is not among them is escaped, even half of a pair (a path's bytes).

    :param indent: spaces; 0 for a single line.
    """
    try:
        text = msgspec.json.format(msgspec.json.encode(data), indent=indent).decode()
    except UnicodeEncodeError:  # the name of a file that is not text
        text = ""
    if text and text.isascii():
        return text
    import json  # late: 8 ms

    return json.dumps(data, indent=indent or None)
