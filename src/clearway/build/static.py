"""Metadata that a source tree states outright, so that nothing has to be run to know it.

An sdist's PKG-INFO of version 2.2 or newer holds for every wheel built from it, but for the fields that it calls
dynamic (PEP 643); the table ``[project]`` does too, but for those in its ``dynamic`` (PEP 621). Only the fields that
:class:`~clearway.model.metadata.Metadata` has are of interest here.
"""

from __future__ import annotations

import os
import re
from typing import Any

import msgspec

from clearway.errors import InputError
from clearway.model.metadata import Metadata, parse_metadata
from clearway.model.names import is_name, normalize
from clearway.model.requirements import Requirement, parse_requirement
from clearway.model.versions import parse_specifier, parse_version

_LONGEST = 4 << 20
_VERSION = re.compile(rb"^metadata-version:[ \t]*2\.(\d+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_DYNAMIC = re.compile(rb"^dynamic:[ \t]*([\w-]+)", re.IGNORECASE | re.MULTILINE)
_FIELDS = frozenset({b"name", b"version", b"requires-dist", b"provides-extra", b"requires-python"})
_KEYS = frozenset({"version", "dependencies", "optional-dependencies", "requires-python"})


def pkg_info(tree: str, label: str) -> Metadata | None:
    """Return the metadata of an unpacked sdist's PKG-INFO, or None where it does not settle it (PEP 643).

    :raises IntegrityError: ``bad-metadata`` when it would settle it, and has no valid name and version.
    """
    try:
        with open(os.path.join(tree, "PKG-INFO"), "rb") as file:
            content = file.read(_LONGEST + 1).replace(b"\r\n", b"\n")
    except OSError:
        return None
    if len(content) > _LONGEST:  # what is cut off might say something else
        return None
    head = content.lstrip(b"\xef\xbb\xbf\n").partition(b"\n\n")[0]
    version = _VERSION.search(head)
    dynamic = {field.lower() for field in _DYNAMIC.findall(head)}
    if version is None or int(version[1][:4]) < 2 or dynamic & _FIELDS:
        return None
    return parse_metadata(content, f"{label}, PKG-INFO")


class _Project(msgspec.Struct, rename="kebab"):
    name: str
    version: str
    dynamic: list[str] = []
    dependencies: list[str] = []
    optional_dependencies: dict[str, list[str]] = {}
    requires_python: str = ""


def project_table(document: dict[str, Any] | None) -> Metadata | None:
    """Return the metadata of a ``[project]`` table, or None where it does not settle it (PEP 621).

    A table that breaks the standard's rules settles nothing: its backend says best what is wrong. Nor does one beside
    ``[tool.poetry]``: backends of that family took the requirements from there before they knew of PEP 621.
    """
    table = (document or {}).get("project")
    if table is None or "poetry" in _tools(document):
        return None
    try:
        project = msgspec.convert(table, _Project)
        extras = {normalize(extra): extra for extra in project.optional_dependencies}
        requires = [str(parse_requirement(text)) for text in project.dependencies]
        for extra, texts in project.optional_dependencies.items():
            requires += [_of_extra(parse_requirement(text), extra) for text in texts]
    except (msgspec.ValidationError, InputError):
        return None
    sound = (
        is_name(project.name)
        and parse_version(project.version) is not None
        and all(map(is_name, extras))
        and len(extras) == len(project.optional_dependencies)
        and (not project.requires_python or parse_specifier(project.requires_python) is not None)
    )
    if not sound or _KEYS.intersection(project.dynamic):
        return None
    return Metadata(project.name, project.version, tuple(requires), tuple(extras), project.requires_python)


def _tools(document: dict[str, Any] | None) -> dict[str, Any]:
    tools = (document or {}).get("tool", {})
    return tools if isinstance(tools, dict) else {}


def _of_extra(requirement: Requirement, extra: str) -> str:
    """Return a requirement that holds with an extra only, as core metadata spells it."""
    condition = f'extra == "{normalize(extra)}"'
    marker = f"({requirement.marker}) and {condition}" if requirement.marker else condition
    return str(msgspec.structs.replace(requirement, marker=marker))
