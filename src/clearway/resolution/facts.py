"""Reasons and origins: the opaque values that the driver hands to the solver and gets back when a failure is told."""

from __future__ import annotations

import msgspec

from clearway.model.names import NormalizedName
from clearway.model.requirements import Requirement
from clearway.policy.absence import Absence


class Asked(msgspec.Struct, frozen=True):
    """A requirement or constraint of the person.

    :param origin: where it stands: "command line", "requirements.txt, line 3".
    """

    requirement: Requirement
    origin: str
    constraint: bool = False


class Needs(msgspec.Struct, frozen=True):
    """A requirement of a release's metadata.

    :param local: the release lies on this machine, and may name its neighbours.
    """

    requirement: Requirement
    local: bool = False


class WrongPython(msgspec.Struct, frozen=True):
    """The release's metadata does not allow the target's Python."""

    specifier: str


class Unreadable(msgspec.Struct, frozen=True):
    """The release's metadata holds a requirement that nobody can read."""

    text: str


class NoFile(msgspec.Struct, frozen=True):
    """No file of the release can be had: refused or gone."""

    absence: Absence


class NoAllowedHash(msgspec.Struct, frozen=True):
    """No file of the release has a hash that the person gave."""


class NotAdmitted(msgspec.Struct, frozen=True):
    """Only pre-releases or yanked releases are left, and nothing in force admits them.

    :param yanked: all of them are yanked; ``some_yanked``: some are.
    :param final: final releases alone are wanted of the project.
    """

    yanked: bool
    final: bool = False
    some_yanked: bool = False


class OtherUrl(msgspec.Struct, frozen=True):
    """Two requirements want one project from two URLs."""

    name: NormalizedName
    first: str
    second: str


class Astray(msgspec.Struct, frozen=True):
    """The metadata of a release wants a project from a URL, and its name is claimed by an index that is elsewhere."""

    name: NormalizedName
    url: str


class Inward(msgspec.Struct, frozen=True):
    """The metadata of a release that was fetched wants a project from a place that is no server's: this machine."""

    name: NormalizedName
    url: str


class Unbuilt(msgspec.Struct, frozen=True):
    """The metadata of a release that was fetched wants a project built from a URL, and the person wants it unbuilt."""

    name: NormalizedName
    url: str


Reason = WrongPython | Unreadable | NoFile | NoAllowedHash | NotAdmitted | OtherUrl | Astray | Inward | Unbuilt
