"""pip's configuration files: where they are on this machine, and what they say ("Configuration" in pip's manual).

Global files are beaten by the user's, those by the target environment's own, those by the one that PIP_CONFIG_FILE
names; that one also takes the place of the user's. A PIP_CONFIG_FILE of ``os.devnull`` means none at all. A file that
is not there or may not be read says nothing, as with pip; a malformed one is an error that names the line.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from clearway.configuration.requirement_lines import decode
from clearway.settings.ini import Entry, parse_ini

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 1 << 20


def read_pip_files(
    environ: Mapping[str, str], prefix: str, platform: str = sys.platform
) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Read all of pip's configuration files; the one that beats the others comes last.

    :param prefix: of the target environment, which may have a file of its own; empty where it is not known yet.
    :raises InputError: ``malformed-configuration``, ``undecodable-file``.
    """
    found = []
    for path in locate_pip_files(environ, prefix, platform):
        try:
            with open(path, "rb") as file:
                content = file.read(_MOST)
        except OSError:
            continue
        found.append((path, parse_ini(decode(content, path), path)))
    return tuple(found)


def locate_pip_files(environ: Mapping[str, str], prefix: str, platform: str = sys.platform) -> list[str]:
    """Return the paths at which pip looks, whether anything is there or not, the strongest last."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    name = "pip.ini" if platform == "win32" else "pip.conf"
    paths = [os.path.join(folder, name) for folder in _global_folders(environ, platform)]
    if not named or not os.path.exists(named):
        paths += [os.path.join(folder, name) for folder in _user_folders(environ, platform)]
    if prefix:
        paths.append(os.path.join(prefix, name))
    return [*paths, named] if named else paths


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
