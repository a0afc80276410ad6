"""Our own configuration files: where they are on this machine, and what they hold (TOML 1.0).

The user's is one file, in the folder where the platform keeps such things (XDG Base Directory Specification on Linux).
The project's is the nearest one upwards from the current folder: ``clearway.toml``, else ``pyproject.toml`` if it has a
``[tool.clearway]`` (PEP 518, "tool table"). In a folder where anybody may write, such as ``/tmp``, a file counts only
for its owner: else everybody on a machine could say where the others' packages come from.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from clearway.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.settings.documents import Document

NAME = "clearway.toml"
VARIABLE = "CLEARWAY_CONFIG_FILE"
_PYPROJECT = "pyproject.toml"
_MOST = 1 << 22
_WHERE = r" \(at (?:line (\d+), column \d+|end of document)\)$"
_EVERYBODY = 0o002


def read_own_files(environ: Mapping[str, str], folder: str, platform: str = sys.platform) -> tuple[Document, ...]:
    """Read the user's file and the project's, those that are there; the one that beats the other comes last.

    :param folder: the current one, absolute.
    :raises InputError: ``unreadable-file`` for a file that is named or there but cannot be read, ``undecodable-file``,
        ``malformed-configuration``.
    """
    user = _read_user(environ, platform)
    project = _read_project(folder, os.path.abspath(user.label) if user is not None else "")
    return tuple(document for document in (user, project) if document is not None)


def locate_user_file(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """Return the path of the user's file, whether it is there or not."""
    home = environ.get("HOME") or os.path.expanduser("~")
    if platform == "win32":
        home = environ.get("USERPROFILE") or home
        folder = environ.get("APPDATA") or os.path.join(home, "AppData", "Roaming")
        return os.path.join(folder, "clearway", NAME)
    if platform == "darwin":
        support = os.path.join(home, "Library", "Application Support", "clearway")
        if os.path.isdir(support):
            return os.path.join(support, NAME)
    folder = environ.get("XDG_CONFIG_HOME", "").strip() or os.path.join(home, ".config")
    return os.path.join(folder, "clearway", NAME)


def _read_user(environ: Mapping[str, str], platform: str) -> Document | None:
    named = environ.get(VARIABLE, "")
    path = named or locate_user_file(environ, platform)
    if not named and not os.path.isfile(path):
        return None
    content = _parse(_read(path, f", which {VARIABLE} names," if named else ""), path)
    return _document(path, os.path.dirname(os.path.abspath(path)), "user", content)


def _read_project(folder: str, user: str) -> Document | None:
    """Return the file of the project that a folder belongs to; the user's file is not a project's, wherever it is."""
    while True:
        path = os.path.join(folder, NAME)
        if path != user and _counts(path, folder):
            return _document(path, folder, "project", _parse(_read(path), path))
        path = os.path.join(folder, _PYPROJECT)
        if _counts(path, folder):
            table = _tool_table(path)
            if table is not None:
                return _document(f"{path}, tool.clearway", folder, "project", table)
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _document(label: str, folder: str, owner: Any, content: dict[str, Any]) -> Document:
    from clearway.settings.documents import Document  # late: most runs have no such file

    return Document(label, folder, owner, content)


def _tool_table(path: str) -> dict[str, Any] | None:
    """Return ``[tool.clearway]``, or None if the file has none, or is not for this user to read."""
    try:
        content = _read(path)
    except InputError:  # hardly ours: a project that says something to clearway can be read by who works in it
        return None
    if b"clearway" not in content:  # a look at the bytes spares most projects the parser
        return None
    tool = _parse(content, path).get("tool")
    table = tool.get("clearway") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise InputError("malformed-configuration", f"{path}, tool.clearway is no table", hint="Correct the file.")
    return table


def _counts(path: str, folder: str) -> bool:
    """Whether there is a file, and one that may say something."""
    if not os.path.isfile(path):
        return False
    if os.name == "nt" or not os.stat(folder).st_mode & _EVERYBODY:
        return True
    return os.stat(path).st_uid in {0, os.geteuid()}


def _read(path: str, about: str = "") -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            "unreadable-file",
            f"The configuration file {path}{about} cannot be read: {reason}",
            hint=f"Correct its permissions, or the variable {VARIABLE}." if about else "Correct its permissions.",
        ) from None
    if len(content) > _MOST:
        raise InputError("unreadable-file", f"{path} is larger than 4 MB", hint="Name a configuration file.")
    return content


def _parse(content: bytes, path: str) -> dict[str, Any]:
    import tomllib  # late: 10 ms, and most runs have no such file

    try:
        return tomllib.loads(content.removeprefix(b"\xef\xbb\xbf").decode())
    except UnicodeDecodeError as error:
        raise InputError(
            "undecodable-file", f"{path} is not UTF-8, at byte {error.start}", hint="Save it as UTF-8."
        ) from None
    except (ValueError, RecursionError) as error:
        # TOMLDecodeError is a ValueError; a number of thousands of digits is one too, and tables may be too deep.
        reason = "it nests too deeply" if isinstance(error, RecursionError) else str(error)
        where = re.search(_WHERE, reason)
        line = f", line {where[1]}" if where and where[1] else ""
        raise InputError(
            "malformed-configuration",
            f"{path}{line}: {re.sub(_WHERE, '' if line else ' before its end', reason)}",
            hint="Correct the file; a text stands in quotes in TOML.",
        ) from None
