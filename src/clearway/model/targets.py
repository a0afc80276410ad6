"""Targets: the interpreter and platform that a resolution is for (PEP 508 markers, PEP 425 tags).

Everything that is computed *for* a target takes a list of them: one for an installation, several for a lock.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import msgspec

from clearway.model.versions import admits

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
    :param python_version: what Requires-Python is held against, where that is not the version of the markers.
    :param any_python: Requires-Python does not count at all.
    """

    __slots__ = ("any_python", "environment", "python_version", "ranks", "tags")

    def __init__(
        self, markers: Mapping[str, str], tags: Sequence[str], python_version: str = "", *, any_python: bool = False
    ) -> None:
        self.environment = MarkerEnvironment(markers)
        self.python_version = python_version or markers["python_full_version"]
        self.any_python = any_python
        self.tags = tuple(tags)
        self.ranks = {tag: rank for rank, tag in enumerate(self.tags)}

    def takes(self, requires_python: str) -> bool:
        """Whether a release with this Requires-Python is for it (core metadata)."""
        return self.any_python or admits(requires_python, self.python_version)

    @property
    def identity(self) -> str:
        """All that decides which files fit, as one text."""
        return "\n".join(("any" if self.any_python else self.python_version, *self.tags))


class Scheme(msgspec.Struct, frozen=True):
    """Where the parts of a wheel go: folders (PEP 427; ``sysconfig``'s keys).

    Absolute in an environment; relative where they are those of a folder that is yet to be named.
    """

    purelib: str
    platlib: str
    scripts: str
    headers: str
    data: str


HOME = Scheme("lib/python", "lib/python", "bin", "include/python", "")
"""Below a plain folder, where an interpreter does not say otherwise: ``posix_home``."""
PREFIX = Scheme("lib/python/site-packages", "lib/python/site-packages", "bin", "include", "")
"""Likewise below a prefix."""


class Environment(msgspec.Struct, frozen=True):
    """An interpreter as probed, with the folders in which it looks and installs.

    :param executable: absolute path of the interpreter, not resolved (a virtual environment's own link).
    :param prefix: its own; of ``--target``, ``--prefix`` and ``--root`` the folder that was named.
    :param scheme: where installations go.
    :param search: every folder in which its installed distributions are looked for, first found wins.
    :param stdlib: the folder of its standard library.
    :param externally_managed: the message of PEP 668's marker file, or None.
    :param user: where the user's own packages go (PEP 370); None in an environment that can never see them.
    :param user_enabled: it looks there.
    :param below_prefix, below_home: the schemes of ``--prefix`` and ``--target``, relative to the folder.
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
    user: Scheme | None = None
    user_enabled: bool = False
    below_prefix: Scheme = PREFIX
    below_home: Scheme = HOME

    @property
    def is_virtual(self) -> bool:
        """Whether it is a virtual environment (PEP 405)."""
        return self.prefix != self.base_prefix

    @property
    def target(self) -> Target:
        """The target to resolve for."""
        return Target(self.markers, self.tags)
