"""How a source tree says that it is built: the table ``[build-system]`` (PEP 518, PEP 517).

A tree without one, or without a pyproject.toml, is built by setuptools in its legacy way, as PEP 517 has it.
"""

from __future__ import annotations

import os
import re
from typing import Any

import msgspec

from clearway.build.faults import bad_project, shown
from clearway.errors import BuildError, InputError
from clearway.model.requirements import parse_requirement

_LONGEST = 4 << 20
_BACKEND = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?::[^\W\d]\w*(?:\.[^\W\d]\w*)*)?")
_SETUPTOOLS = "setuptools>=40.8.0"
_LEGACY = "setuptools.build_meta:__legacy__"
_DEEPEST = 100


class BuildSystem(msgspec.Struct, frozen=True):
    """Who builds a tree.

    :param requires: what has to be installed first, as spelled.
    :param backend: ``module`` or ``module:object``.
    :param backend_path: folders of the tree, relative to it, in which the backend is looked for first.
    """

    requires: tuple[str, ...] = (_SETUPTOOLS,)
    backend: str = _LEGACY
    backend_path: tuple[str, ...] = ()


class _Table(msgspec.Struct, rename="kebab"):
    requires: list[str]
    build_backend: str = ""
    backend_path: list[str] = []


def read_pyproject(tree: str, label: str) -> dict[str, Any] | None:
    """Return the document of a tree's pyproject.toml, or None where there is none.

    :raises BuildError: ``bad-pyproject`` when it is no TOML.
    """
    from tomllib import TOMLDecodeError, loads  # late: 8 ms

    try:
        with open(os.path.join(tree, "pyproject.toml"), "rb") as file:
            content = file.read(_LONGEST + 1)
        if len(content) > _LONGEST:  # what is cut off might say something else
            raise bad_project(label, f"its pyproject.toml is larger than {_LONGEST >> 20} MiB")
        if any(map(_is_deep, content.splitlines())):
            raise bad_project(label, "its pyproject.toml has a key of more than a hundred parts")
        return loads(content.decode())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise bad_project(label, f"its pyproject.toml cannot be read: {error.strerror or error}") from None
    except (TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_project(label, f"its pyproject.toml is not TOML: {shown(str(error))[1:-1]}") from None


def _is_deep(line: bytes) -> bool:
    """Whether a line looks like a key of more parts than anybody writes.

    tomllib takes time by the square of them: 32 kB are seconds, a megabyte hours.
    """
    parts = line.partition(b"=")[0].strip(b" \t[]").split(b".") if line.count(b".") > _DEEPEST else []
    return len(parts) > _DEEPEST and all(part and b" " not in part.strip() for part in parts)


def build_system(document: dict[str, Any] | None, tree: str, label: str) -> BuildSystem:
    """Return who builds a tree.

    :param document: what :func:`read_pyproject` returned.
    :raises BuildError: ``not-a-project``, ``bad-pyproject``.
    """
    table = None if document is None else document.get("build-system")
    if table is None:
        if document is None and not os.path.isfile(os.path.join(tree, "setup.py")):
            raise BuildError(
                "not-a-project",
                f"{label} is not a project: it has neither pyproject.toml nor setup.py",
                context=(f"folder: {tree}",),
                hint="Name the folder that holds one of them; below a repository, with #subdirectory=FOLDER.",
            )
        return BuildSystem()
    try:
        stated = msgspec.convert(table, _Table)
    except msgspec.ValidationError as error:
        raise bad_project(label, f"its table [build-system] is not as it must be: {error}") from None
    requires = _checked_requires(stated.requires, label)
    if not stated.build_backend:  # PEP 517: then it is setuptools, which trees from before it do not always require
        if stated.backend_path:
            raise bad_project(label, "its table [build-system] has a backend-path and no build-backend")
        named = {parse_requirement(text).name for text in requires}
        return BuildSystem(requires if "setuptools" in named else (*requires, _SETUPTOOLS))
    if not _BACKEND.fullmatch(stated.build_backend):
        raise bad_project(label, f"its build-backend {shown(stated.build_backend)} is not the name of an object")
    return BuildSystem(requires, stated.build_backend, _checked_path(stated.backend_path, tree, label))


def _checked_requires(requires: list[str], label: str) -> tuple[str, ...]:
    for text in requires:
        try:
            parse_requirement(text)
        except InputError as error:
            raise bad_project(label, "its build requirements cannot be read", error.message) from None
    return tuple(requires)


def _checked_path(folders: list[str], tree: str, label: str) -> tuple[str, ...]:
    """Return the folders of ``backend-path``, each of which must lie in the tree (PEP 517)."""
    root = os.path.realpath(tree)
    for folder in folders:
        place = os.path.realpath(os.path.join(root, folder))
        inside = place == root or place.startswith(root + os.sep)
        if os.path.isabs(folder) or not inside or not os.path.isdir(place):
            raise bad_project(label, f"its backend-path {shown(folder)} is not a folder inside of it")
    return tuple(folders)
