"""Our own configuration files: where they are on this machine, and what they hold (TOML 1.0).

The user's is one file, in the folder where the platform keeps such things (XDG Base Directory Specification on Linux).
The project's is the nearest one upwards from the current folder: ``clearway.toml``, else ``pyproject.toml`` if it has a
``[tool.clearway]`` (PEP 518, "tool table"). In a folder where anybody may write, such as ``/tmp``, a file counts only
for its owner: else everybody on a machine could say where the others' packages come from.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from clearway.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.settings.documents import Document

NAME = "clearway.toml"
VARIABLE = "CLEARWAY_CONFIG_FILE"
TOOL = ("tool", "clearway")
"""The table of ``pyproject.toml`` that is ours."""
_PYPROJECT = "pyproject.toml"
_MOST = 1 << 22
_EVERYBODY = 0o002


class Place(NamedTuple):
    """Where one of our own files is, or would be.

    :ivar prefix: the table inside it that is ours; empty for the whole file.
    """

    path: str
    owner: Literal["user", "project"]
    prefix: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.path}, {'.'.join(self.prefix)}" if self.prefix else self.path

    @property
    def folder(self) -> str:
        """What relative paths in it are relative to."""
        return os.path.dirname(os.path.abspath(self.path))


def read_own_files(
    environ: Mapping[str, str], folder: str, platform: str = sys.platform, *, isolated: bool = False
) -> tuple[Document, ...]:
    """Read the user's file and the project's, those that are there; the one that beats the other comes last.

    :param folder: the current one, absolute.
    :param isolated: the user's does not count.
    :raises InputError: ``unreadable-file`` for a file that is named or there but cannot be read, ``undecodable-file``,
        ``malformed-configuration``.
    """
    user = None if isolated else _read_user(environ, platform)
    project = _read_project(folder, _path_of_users(environ, platform))
    return tuple(document for document in (user, project) if document is not None)


def read_own_file(place: Place, about: str = "") -> Document:
    """Read one file, which has to be there.

    :param about: what a message says of it besides.
    :raises InputError: as :func:`read_own_files`.
    """
    return document_of(place, _read(place.path, about))


def read_text(place: Place) -> str:
    """Return the text of a file, with the mark at its beginning if it has one (U+FEFF), and its ends of lines.

    :raises InputError: ``unreadable-file``, ``undecodable-file``.
    """
    content = _read(place.path)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _undecodable(place.path, error) from None


def document_of(place: Place, content: bytes) -> Document:
    """Return what a file says that has this content.

    :raises InputError: ``undecodable-file``, ``malformed-configuration``.
    """
    parsed = _parse(content, place.path)
    return _document(place, (_table_of(parsed, place.path) or {}) if place.prefix else parsed, content)


def place_of_users(environ: Mapping[str, str], platform: str = sys.platform) -> Place:
    """Return where the user's file is, or would be."""
    return Place(environ.get(VARIABLE, "") or locate_user_file(environ, platform), "user")


def place_of_projects(environ: Mapping[str, str], folder: str, platform: str = sys.platform) -> Place:
    """Return where the file of the project is that a folder belongs to; if there is none, where it would be."""
    found = _find_project(folder, _path_of_users(environ, platform))
    return found[0] if found is not None else Place(os.path.join(folder, NAME), "project")


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
    return read_own_file(Place(path, "user"), f", which {VARIABLE} names," if named else "")


def _read_project(folder: str, user: str) -> Document | None:
    """Return the file of the project that a folder belongs to; the user's file is not a project's, wherever it is."""
    found = _find_project(folder, user)
    if found is None:
        return None
    place, document = found
    return read_own_file(place) if document is None else document


def _find_project(folder: str, user: str) -> tuple[Place, Document | None] | None:
    """Return where the file of a project is, and what it says if that had to be read to find out."""
    while True:
        path = os.path.join(folder, NAME)
        if path != user and _counts(path, folder):
            return Place(path, "project"), None
        path = os.path.join(folder, _PYPROJECT)
        if _counts(path, folder):
            place = Place(path, "project", TOOL)
            document = _read_tool(place)
            if document is not None:
                return place, document
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _path_of_users(environ: Mapping[str, str], platform: str) -> str:
    return os.path.abspath(place_of_users(environ, platform).path)


def _document(place: Place, table: dict[str, Any], content: bytes) -> Document:
    from clearway.settings.documents import Document  # late: most runs have no such file

    return Document(place.label, place.folder, place.owner, table, content.decode(), place.prefix)


def _read_tool(place: Place) -> Document | None:
    """Return what ``[tool.clearway]`` says, or None if the file has none, or is not for this user to read."""
    try:
        content = _read(place.path)
    except InputError:  # hardly ours: a project that says something to clearway can be read by who works in it
        return None
    if b"clearway" not in content:  # a look at the bytes spares most projects the parser
        return None
    table = _table_of(_parse(content, place.path), place.path)
    return None if table is None else _document(place, table, content)


def _table_of(parsed: dict[str, Any], path: str) -> dict[str, Any] | None:
    """Return ``[tool.clearway]``, or None if there is none."""
    tool = parsed.get("tool")
    table = tool.get("clearway") if isinstance(tool, dict) else None
    if not isinstance(table, dict | None):
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
    from clearway.configuration.toml_files import parse_toml  # late: most runs have no such file

    return parse_toml(content, path, "malformed-configuration")


def _undecodable(path: str, error: UnicodeDecodeError) -> InputError:
    return InputError("undecodable-file", f"{path} is not UTF-8, at byte {error.start}", hint="Save it as UTF-8.")
