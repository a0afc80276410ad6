"""TOML files (TOML 1.0): parsed, with errors that name file and line.

Many come with a project, and anybody may have written them: whatever is in one, there is one clear line.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from clearway.errors import InputError

T = TypeVar("T")

_WHERE = r" \(at (?:line (\d+), column \d+|end of document)\)$"
_KINDS: dict[type, str] = {list: "an array", dict: "a table", str: "a text"}


def parse_toml(content: bytes, label: str, code: str = "malformed-toml") -> dict[str, Any]:
    """Parse a file.

    :param label: names it in errors.
    :param code: that of the error for what is no TOML.
    :raises InputError: ``undecodable-file``, and ``code``.
    """
    import tomllib  # late: 10 ms, and most runs read no such file

    try:
        return tomllib.loads(content.removeprefix(b"\xef\xbb\xbf").decode())
    except UnicodeDecodeError as error:
        raise InputError(
            "undecodable-file", f"{label} is not UTF-8, at byte {error.start}", hint="Save it as UTF-8."
        ) from None
    except (ValueError, RecursionError) as error:
        # TOMLDecodeError is a ValueError; a number of thousands of digits is one too, and tables may be too deep.
        reason = "it nests too deeply" if isinstance(error, RecursionError) else str(error)
        where = re.search(_WHERE, reason)
        line = f", line {where[1]}" if where and where[1] else ""
        raise InputError(
            code,
            f"{label}{line}: {re.sub(_WHERE, '' if line else ' before its end', reason)[:200]}",
            hint="Correct the file; a text stands in quotes in TOML.",
        ) from None


def expect(value: object, kind: type[T], label: str, key: str) -> T:
    """Return a value that has to be of a kind.

    :raises InputError: ``malformed-toml``, naming file and key.
    """
    if not isinstance(value, kind):
        raise InputError("malformed-toml", f"{label}, {key} is not {_KINDS[kind]}", hint="Correct the file.")
    return value
