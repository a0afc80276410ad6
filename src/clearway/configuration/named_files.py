"""Files that a command line or another file names with ``-r``, ``-c`` or ``--group``: where they are, what is in them.

A nested file is named relative to the one that names it. One that comes from elsewhere cannot name one of this machine.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin

import msgspec

from clearway.errors import InputError
from clearway.model.urls import file_name, is_local, mask, path_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Fetch = Callable[[str], bytes]

Naming = Literal["-r", "-c", "--group", "--requirements-from-script"]
"""How a file may be named."""
_REMOTE = re.compile(r"https?:", re.IGNORECASE)
_MOST_BYTES = 1 << 26
_OTHER_FOLDER = "Run it in the folder of the project, or name the file: --group FOLDER/pyproject.toml:NAME."
_THEMSELVES = "Install the project itself, by the path of its folder."
_OTHER_KINDS = {
    "setup.py": _THEMSELVES,
    "setup.cfg": _THEMSELVES,
    "uv.lock": "Write what it locks as pylock.toml, which its own tool can do, and name that.",
    "poetry.lock": "Write what it locks as a requirement file, which its own tool can do, and name that.",
    "pdm.lock": "Write what it locks as pylock.toml, which its own tool can do, and name that.",
    "pipfile": "Write what it requires as a requirement file, and name that.",
    "pipfile.lock": "Write what it locks as a requirement file, which its own tool can do, and name that.",
    "environment.yml": "Write what it requires of Python packages as a requirement file, and name that.",
    "environment.yaml": "Write what it requires of Python packages as a requirement file, and name that.",
}


class NamedFile(msgspec.Struct, frozen=True):
    """A file that was named.

    :param option: how.
    :param location: absolute path or URL: what tells files apart.
    :param spelled: the path or URL for people, without user info.
    """

    option: Naming
    location: str
    spelled: str

    @property
    def label(self) -> str:
        """Option and path, for people."""
        return f"{self.option} {self.spelled}"

    @property
    def is_remote(self) -> bool:
        """Whether it is not on this machine."""
        return _REMOTE.match(self.location) is not None

    @property
    def basename(self) -> str:
        """Its own name, without folders."""
        if not self.is_remote:
            return os.path.basename(self.location)
        try:
            return file_name(self.location)
        except ValueError:  # no URL after all, as is told when it is fetched
            return ""

    def beside(self, value: str) -> str:
        """Return a path, resolved against the file it stands in where something is there (as pip does)."""
        path = os.path.join(os.path.dirname(self.location), value)
        return path if "://" not in value and not self.is_remote and os.path.exists(path) else value

    def read(self, fetch: Fetch) -> bytes:
        """Return its content.

        :param fetch: returns the content at an ``http`` or ``https`` URL, which may carry user info.
        :raises InputError: ``unreadable-file``, ``not-a-requirement-file``.
        """
        if self.basename.lower() in _OTHER_KINDS:
            raise InputError(
                "not-a-requirement-file",
                f"{self.label} is no file of requirements that can be read here",
                hint=_OTHER_KINDS[self.basename.lower()],
            )
        return fetch(self.location) if self.is_remote else _read(self.location, self)


def name_file(name: str, option: Naming, above: NamedFile | None = None) -> NamedFile:
    """Find out which file is meant.

    :param above: the file that names it; None for the command line.
    :raises InputError: ``local-file`` when a remote file names a local one.
    """
    remote = above is not None and above.is_remote
    if above is not None and remote:
        name = urljoin(above.location, name)
    if _REMOTE.match(name):
        return NamedFile(option, name, mask(name))
    if above is not None and remote:
        raise InputError(
            "local-file",
            f"A remote file names a local one: {mask(name)}",
            context=(above.label,),
            hint="Name the local file on the command line.",
        )
    path = path_of(name) if is_local(name) else name
    location = os.path.abspath(os.path.join(os.path.dirname(above.location) if above is not None else "", path))
    folder = os.path.dirname(above.spelled) if above is not None else ""
    return NamedFile(option, location, os.path.normpath(os.path.join(folder, path)))


def _read(path: str, named: NamedFile) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        hint = _OTHER_FOLDER if named.option == "--group" else _advice(path)
        raise InputError("unreadable-file", f"{named.label} cannot be read: {reason}", hint=hint) from None
    if len(content) > _MOST_BYTES:
        raise InputError("unreadable-file", f"{named.label} is larger than 64 MB", hint="Name a requirement file.")
    return content


def _advice(path: str) -> str:
    """Say what was likely meant by a path at which no file can be read."""
    if "\0" not in path and os.path.isdir(path):
        return "It is a folder: name a file in it; or install the project in it by its path, without -r."
    folder, name = os.path.split(path)
    if "\0" in path or not os.path.isdir(folder) or os.path.lexists(path):
        return "Correct the path."
    from difflib import get_close_matches  # late: for mistakes only

    try:
        near = get_close_matches(name, os.listdir(folder), 1)
    except OSError:
        near = []
    return f"Correct the path; {near[0]} is in that folder." if near else "Correct the path."
