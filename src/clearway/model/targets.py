"""Targets: the interpreter and platform that a resolution is for (PEP 508 markers, PEP 425 tags).

Everything that is computed *for* a target takes a list of them: one for an installation, several for a lock.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_identities = count()


class MarkerEnvironment:
    """The values of PEP 508's environment markers, with an identity by which decisions about them are remembered."""

    __slots__ = ("identity", "values")

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)
        self.identity = next(_identities)


class Target:
    """One interpreter on one platform.

    :param markers: PEP 508's environment marker values, ``python_full_version`` among them.
    :param tags: the wheel tags that it accepts, ``py-abi-platform``, most preferred first (PEP 425).
    """

    __slots__ = ("environment", "python_version", "ranks", "tags")

    def __init__(self, markers: Mapping[str, str], tags: Sequence[str]) -> None:
        self.environment = MarkerEnvironment(markers)
        self.python_version = markers["python_full_version"]
        self.tags = tuple(tags)
        self.ranks = {tag: rank for rank, tag in enumerate(self.tags)}


class Scheme(msgspec.Struct, frozen=True):
    """Where the parts of a wheel go in one environment: absolute folders (PEP 427; ``sysconfig``'s keys)."""

    purelib: str
    platlib: str
    scripts: str
    headers: str
    data: str


class Environment(msgspec.Struct, frozen=True):
    """An interpreter as probed, with the folders in which it looks and installs.

    :param executable: absolute path of the interpreter, not resolved (a virtual environment's own link).
    :param scheme: where installations go.
    :param search: every folder in which its installed distributions are looked for, first found wins.
    :param stdlib: the folder of its standard library.
    :param externally_managed: the message of PEP 668's marker file, or None.
    """

    executable: str
    prefix: str
    base_prefix: str
    markers: dict[str, str]
    tags: tuple[str, ...]
    scheme: Scheme
    search: tuple[str, ...]
    stdlib: str = ""
    externally_managed: str | None = None

    @property
    def target(self) -> Target:
        """The target to resolve for."""
        return Target(self.markers, self.tags)
