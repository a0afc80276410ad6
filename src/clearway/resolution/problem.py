"""What is asked of a resolution and what comes out of it: values only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.catalog.located import Located
from clearway.model.inputs import Stated
from clearway.model.installed import Installed
from clearway.model.metadata import Metadata
from clearway.model.names import NormalizedName
from clearway.policy.absence import Absence
from clearway.settings.releases import Releases

if TYPE_CHECKING:
    from collections.abc import Mapping

Upgrade = Literal["no", "only-if-needed", "eager"]


class Wishes(msgspec.Struct, frozen=True):
    """How versions are preferred.

    :param upgrade: ``no`` keeps whatever is installed and fits; ``only-if-needed`` takes the newest of what was asked
        for by name and keeps the rest; ``eager`` takes the newest of everything.
    :param releases: of which projects pre-releases count, and how much.
    :param no_deps: dependencies are not looked at; ``only_deps``: what is asked for itself is left out in the end.
    :param reinstall: what is installed does not count.
    :param require_hashes: every release must be pinned and carry a hash.
    :param prefer_binary: a release with a wheel that fits is preferred to a newer one with a source archive alone.
    """

    upgrade: Upgrade = "no"
    releases: Releases = Releases()
    no_deps: bool = False
    only_deps: bool = False
    reinstall: bool = False
    require_hashes: bool = False
    prefer_binary: bool = False


class Problem:
    """What a resolution is asked.

    :param requirements: what must be installed.
    :param constraints: what must hold for a project if it is selected.
    :param installed: what is in the environment, by name.
    """

    __slots__ = ("constraints", "installed", "requirements", "wishes")

    def __init__(
        self,
        requirements: tuple[Stated, ...],
        constraints: tuple[Stated, ...],
        installed: Mapping[NormalizedName, Installed],
        wishes: Wishes,
    ) -> None:
        self.requirements = requirements
        self.constraints = constraints
        self.installed = installed
        self.wishes = wishes


class Pin(msgspec.Struct, frozen=True):
    """A project at one version, with the file that was chosen for it.

    :param located: a wheel, or what one is built from, or None where the installed distribution is kept.
    :param installed: the distribution that is installed now, or None.
    :param requested: it was asked for by name.
    :param direct: it was asked for by URL.
    """

    name: NormalizedName
    version: str
    metadata: Metadata
    located: Located | None
    installed: Installed | None
    extras: tuple[str, ...] = ()
    requested: bool = False
    direct: bool = False
    yanked: str | None = None


class Passed(msgspec.Struct, frozen=True):
    """A file of a release that an index did not hand out."""

    name: NormalizedName
    version: str
    absence: Absence


class HeldBack(msgspec.Struct, frozen=True):
    """A project that is installed at an older release because newer ones could not be had.

    :param versions: the newer releases, newest first.
    :param needs: the requirement of theirs that cannot be met; empty where they themselves were not handed out.
    :param passed: what was not handed out: the newest of them, or what they need.
    """

    name: NormalizedName
    chosen: str
    versions: tuple[str, ...]
    passed: Passed
    needs: str = ""


class Resolution(msgspec.Struct, frozen=True):
    """A solution.

    :param pins: sorted by name.
    :param passed: every file that an index would not hand out on the way.
    :param held_back: what is older for that reason.
    :param warnings: sentences for people.
    """

    pins: tuple[Pin, ...]
    passed: tuple[Passed, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    warnings: tuple[str, ...] = ()
