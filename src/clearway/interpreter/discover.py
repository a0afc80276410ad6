"""Finds the interpreter that is meant: the one that was named, else the active environment's, else our own.

Nothing is run here; whether what was found is a usable interpreter is for :mod:`clearway.interpreter.probe` to say.
PEP 405 (the layout of virtual environments), PEP 514 (the registry of Windows).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from clearway.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = re.compile(r"\d+(\.\d+)?t?", re.ASCII)
_WINDOWS = os.name == "nt"
_PLACES = ("Scripts\\python.exe", "python.exe") if _WINDOWS else ("bin/python", "bin/python3")


def find_interpreter(python: str | None, environ: Mapping[str, str], own: str) -> str:
    """Return the absolute path of the interpreter to install for, links not resolved.

    :param python: what was named: an interpreter, an environment's folder, ``3.12``, or a command on PATH.
    :param own: the interpreter that clearway runs on; empty if there is none.
    :raises TargetError: ``no-interpreter`` when what was named is not there, ``no-environment`` when nothing was named
        and nothing is active.
    """
    if python:
        return _named(python, environ.get("PATH", ""))
    active = environ.get("VIRTUAL_ENV", "")
    if active:
        return _interpreter_in(active) or _fail_inactive(active)
    conda = environ.get("CONDA_PREFIX", "")
    found = (_interpreter_in(conda) if conda else "") or own
    if found:
        return found
    raise TargetError(
        "no-environment",
        "No environment is active and none was named",
        hint="Name one with --python, or create one with `python -m venv .venv` and activate it.",
    )


def _named(python: str, search: str) -> str:
    path = os.path.abspath(os.path.expanduser(python))
    if os.path.isdir(path):
        found = _interpreter_in(path)
        if found:
            return found
    if os.path.dirname(python) or python in {os.curdir, os.pardir}:
        if os.path.lexists(path) and not os.path.isdir(path):
            return path
        what = "the folder holds no Python environment" if os.path.isdir(path) else "there is no such file"
        raise _missing(f"{python}: {what}", "Name an interpreter, or create an environment with `python -m venv`.")
    command = f"python{python}" if _VERSION.fullmatch(python) else python
    found = _on_path(command, search)
    if not found and _VERSION.fullmatch(python):
        from clearway.interpreter.registry import registered  # late: Windows only, and by version only

        found = registered(python)
    if found:
        return found
    raise _missing(
        f"There is no command {command!r} on PATH",
        "Name a version as 3.12, a command on PATH, or the path of an interpreter or of an environment's folder.",
    )


def _interpreter_in(folder: str) -> str:
    """Return the interpreter of an environment's folder, even a dangling link; empty if there is none."""
    paths = (os.path.join(os.path.abspath(folder), place) for place in _PLACES)
    return next((path for path in paths if os.path.lexists(path)), "")


def _on_path(command: str, search: str) -> str:
    name = f"{command}.exe" if _WINDOWS and not command.lower().endswith(".exe") else command
    for folder in filter(None, search.split(os.pathsep)):
        path = os.path.join(os.path.abspath(folder), name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return ""


def _missing(message: str, hint: str) -> TargetError:
    return TargetError("no-interpreter", message, hint=hint)


def _fail_inactive(folder: str) -> str:
    raise TargetError(
        "no-environment",
        f"VIRTUAL_ENV names {folder}, where there is no Python environment",
        hint="Create it again with `python -m venv`, unset VIRTUAL_ENV, or name another environment with --python.",
    )
