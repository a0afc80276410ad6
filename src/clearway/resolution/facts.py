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
    """A requirement of a release's metadata."""

    requirement: Requirement


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
    """Only pre-releases or yanked releases are left, and nothing in force admits them."""

    yanked: bool


class OtherUrl(msgspec.Struct, frozen=True):
    """Two requirements want one project from two URLs."""

    name: NormalizedName
    first: str
    second: str


class Astray(msgspec.Struct, frozen=True):
    """The metadata of a release wants a project from a URL, and its name is claimed by an index that is elsewhere."""

    name: NormalizedName
    url: str


Reason = WrongPython | Unreadable | NoFile | NoAllowedHash | NotAdmitted | OtherUrl | Astray
