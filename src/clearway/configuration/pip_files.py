"""pip's configuration files: where they are on this machine, and what they say ("Configuration" in pip's manual).

Global files are beaten by the user's, those by the target environment's own, those by the one that PIP_CONFIG_FILE
names; that one also takes the place of the user's. A PIP_CONFIG_FILE of ``os.devnull`` means none at all. A file that
is not there or may not be read says nothing, as with pip; a malformed one is an error that names the line.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from clearway.configuration.requirement_lines import decode
from clearway.settings.ini import Entry, parse_ini

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 1 << 20


class Place(NamedTuple):
    """Where pip looks for a file.

    :ivar kind: what pip calls it: ``global``, ``user``, ``site``, or ``env`` for the one that a variable names.
    """

    kind: str
    path: str


def read_pip_files(
    environ: Mapping[str, str], prefix: str, platform: str = sys.platform, *, isolated: bool = False
) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Read all of pip's configuration files; the one that beats the others comes last.

    :param prefix: of the target environment, which may have a file of its own; empty where it is not known yet.
    :param isolated: the user's own files do not count.
    :raises InputError: ``malformed-configuration``, ``undecodable-file``.
    """
    found = []
    for path in locate_pip_files(environ, prefix, platform, isolated=isolated):
        entries = read_pip_file(path)
        if entries is not None:
            found.append((path, entries))
    return tuple(found)


def read_pip_file(path: str) -> tuple[Entry, ...] | None:
    """Read one file; None if it is not there or may not be read.

    :raises InputError: ``malformed-configuration``, ``undecodable-file``.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST)
    except OSError:
        return None
    return parse_ini(decode(content, path), path)


def locate_pip_files(
    environ: Mapping[str, str], prefix: str, platform: str = sys.platform, *, isolated: bool = False
) -> list[str]:
    """Return the paths at which pip looks, whether anything is there or not, the strongest last."""
    return [place.path for place in places_of_pip(environ, prefix, platform) if not (isolated and place.kind == "user")]


def places_of_pip(environ: Mapping[str, str], prefix: str, platform: str = sys.platform) -> list[Place]:
    """Return where pip looks, the strongest last."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    name = "pip.ini" if platform == "win32" else "pip.conf"
    places = [Place("global", os.path.join(folder, name)) for folder in _global_folders(environ, platform)]
    if not named or not os.path.exists(named):
        places += [Place("user", os.path.join(folder, name)) for folder in _user_folders(environ, platform)]
    if prefix:
        places.append(Place("site", os.path.join(prefix, name)))
    return [*places, Place("env", named)] if named else places


def _global_folders(environ: Mapping[str, str], platform: str) -> list[str]:
    if platform == "win32":
        return [os.path.join(environ.get("PROGRAMDATA") or "C:\\ProgramData", "pip")]
    if platform == "darwin":
        return ["/Library/Application Support/pip"]
    folders = environ.get("XDG_CONFIG_DIRS", "").strip() or "/etc/xdg"
    return [*(os.path.join(folder, "pip") for folder in folders.split(os.pathsep)), "/etc"]


def _user_folders(environ: Mapping[str, str], platform: str) -> list[str]:
    """Return the folder of old and that of today."""
    home = environ.get("HOME") or os.path.expanduser("~")
    if platform == "win32":
        home = environ.get("USERPROFILE") or home
        roaming = environ.get("APPDATA") or os.path.join(home, "AppData", "Roaming")
        return [os.path.join(home, "pip"), os.path.join(roaming, "pip")]
    legacy, today = os.path.join(home, ".pip"), os.path.join(home, ".config", "pip")
    if platform == "darwin":
        support = os.path.join(home, "Library", "Application Support", "pip")
        return [legacy, support if os.path.isdir(support) else today]
    configured = environ.get("XDG_CONFIG_HOME", "").strip()
    return [legacy, os.path.join(configured, "pip") if configured else today]
