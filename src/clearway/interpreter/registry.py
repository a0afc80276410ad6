"""The interpreters that installers of Python have entered into the registry of Windows (PEP 514).

There, commands such as ``python3.12`` are hardly ever on PATH: a version is what the ``py`` launcher looks up, in the
same place. The user's own entries come before those of the machine, Python's own company before others.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = "Software\\Python"
_CORE = "PythonCore"
_MOST = 200
"""Entries of one key that are looked at."""


class Registry(Protocol):
    """What is needed of the module ``winreg``."""

    HKEY_CURRENT_USER: Any
    HKEY_LOCAL_MACHINE: Any

    def OpenKey(self, key: Any, sub_key: str) -> Any:
        """Open a key, a context manager; OSError if it is not there."""

    def EnumKey(self, key: Any, index: int) -> str:
        """Return the name of a key below; OSError behind the last."""

    def QueryValueEx(self, key: Any, name: str | None) -> tuple[Any, int]:
        """Return a value and its type; OSError if it is not there."""


def registered(version: str, registry: Registry | None = None) -> str:
    """Return the interpreter of a version that is registered and there; else an empty text.

    :param version: ``3.12``, ``3.13t``, or ``3`` for the newest.
    """
    if registry is None:
        if os.name != "nt":
            return ""
        from importlib import import_module  # late: Windows only

        registry = cast("Registry", import_module("winreg"))
    for root in (registry.HKEY_CURRENT_USER, registry.HKEY_LOCAL_MACHINE):
        for company in sorted(_names(registry, root, _ROOT), key=lambda name: (name != _CORE, name)):
            tags = [tag for tag in _names(registry, root, f"{_ROOT}\\{company}") if _is_of(tag, version)]
            for tag in sorted(tags, key=_order):
                found = _interpreter(registry, root, f"{_ROOT}\\{company}\\{tag}\\InstallPath")
                if found:
                    return found
    return ""


def _is_of(tag: str, version: str) -> bool:
    """Whether a tag, ``3.12`` or ``3.12-32``, is of a version."""
    own = tag.partition("-")[0]
    return own == version or bool(version.isdigit() and re.fullmatch(rf"{version}\.\d+", own))


def _order(tag: str) -> tuple[int, str]:
    """Return what sorts the newest first, and the ordinary build of a version before one for another machine."""
    return -int(tag.partition("-")[0].rstrip("t").partition(".")[2] or 0), tag


def _names(registry: Registry, root: Any, path: str) -> Iterator[str]:
    try:
        with registry.OpenKey(root, path) as key:
            for number in range(_MOST):
                yield registry.EnumKey(key, number)
    except OSError:  # there is no such key, or none more
        return


def _interpreter(registry: Registry, root: Any, path: str) -> str:
    """Return the interpreter that an InstallPath names: by itself, or by its folder."""
    try:
        with registry.OpenKey(root, path) as key:
            try:
                found = str(registry.QueryValueEx(key, "ExecutablePath")[0])
            except OSError:
                found = os.path.join(str(registry.QueryValueEx(key, None)[0]), "python.exe")
    except OSError:
        return ""
    return found if os.path.isfile(found) else ""
