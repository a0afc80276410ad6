"""Which names of an archive may become files (APPNOTE 4.4.17; PEP 427).

The rule: a name is a relative path of plain components, joined by ``/``, that means the same file on every system that
it can be unpacked on. Whatever climbs out, starts at a root, hides a drive or a separator, or cannot be a file name
here is refused, not repaired.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}(?:/|\Z))+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OWN = re.compile(r"(?:^|/)\.clearway(?:/|\Z)", re.IGNORECASE)  # where changes of an environment are journalled
_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)
_LONGEST_PATH = 1024
_LONGEST_COMPONENT = 255
WINDOWS = sys.platform == "win32"


def fault_of(name: str, *, windows: bool = WINDOWS) -> str:
    """Say why a member's name must not be unpacked; empty if it may be. A folder's name may end with ``/``.

    :param windows: refuse as well what Windows would read as something else: devices, streams, trailing dots.
    """
    if len(name) <= _LONGEST_PATH and _PLAIN.fullmatch(name) and not windows:
        return ""
    if len(name) > _LONGEST_PATH:
        return "a path is too long"
    if _CONTROL.search(name):
        return "a path holds a control character"
    if "\\" in name:
        return "a path holds a backslash"
    if name.startswith("/") or _DRIVE.match(name):
        return "a path is absolute"
    if _OWN.search(name):
        return "a path is one that clearway keeps for itself"
    for component in name.removesuffix("/").split("/"):
        if component == "..":
            return "a path climbs out of the wheel"
        if component in {"", "."}:
            return "a path has an empty component"
        if len(component.encode()) > _LONGEST_COMPONENT:
            return "a path has a component that is too long"
        if windows and _means_another(component):
            return "a path cannot be a file on Windows"
    return ""


def _means_another(component: str) -> bool:
    """Whether Windows reads a component as a device, a stream of another file, or a name without its end."""
    return ":" in component or component[-1] in ". " or _DEVICE.fullmatch(component) is not None


def folders_of(names: Iterable[str]) -> list[str]:
    """Return every folder that the files lie in, parents before their children."""
    known: set[str] = set()
    ordered: list[str] = []
    for name in names:
        folder = name[: max(name.rfind("/"), 0)]
        if folder and folder not in known:
            missing: list[str] = []
            while folder and folder not in known:
                known.add(folder)
                missing.append(folder)
                folder = folder.rpartition("/")[0]
            ordered += reversed(missing)
    return ordered
