"""From a listing to an offer: the releases that a target can use, each with its wheels, best first.

Only what fits is numbered (DESIGN 4.2); of what does not the reasons are kept, for explanations. The order of
versions is
PEP 440's; of wheels in a release PEP 425's (the target's most preferred tag first) and then the build number's (PEP
427). An offer is what the cache keeps of a listing: files stay encoded until a release is looked at.
"""

from __future__ import annotations

from functools import cache
from itertools import compress
from typing import TYPE_CHECKING

import msgspec

from clearway.index.records import File
from clearway.model.files import SDIST_SUFFIXES, expand_tags, parse_wheel_name
from clearway.model.names import NormalizedName, normalize
from clearway.model.versions import admits, parse_version

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from packaging.version import Version

    from clearway.index.entries import Named
    from clearway.index.records import Listing
    from clearway.model.targets import Target

_encode = msgspec.msgpack.Encoder().encode
_decode_files = msgspec.msgpack.Decoder(tuple[File, ...]).decode
_decode_misfits = msgspec.msgpack.Decoder(dict[str, tuple[str, ...]]).decode

_SDIST, _FORBIDDEN, _PYTHON = "sdist", "no-binary", "python "
_MOST_REASONS = 6
"""Reasons that are kept of one release: as many as somebody reads."""


_Ranked = tuple[int, tuple[()] | tuple[int, str], File]
"""The rank of a wheel's best tag, its build number, the wheel."""


class Offer(msgspec.Struct, array_like=True, frozen=True):
    """What one index offers of one project to one target.

    :param versions: the usable releases, oldest first; release *n* of the solver is ``versions[n - 1]``.
    :param prereleases: hex of a mask: bit *n* is set where release *n* is a pre-release.
    :param yanked: hex of a mask: every usable file of release *n* is yanked (PEP 592).
    :param encoded_files: per release its usable wheels, best first, encoded; read with :meth:`files`.
    :param encoded_misfits: releases that cannot be used and why, encoded; read with :meth:`misfits`.
    :param status: PEP 792 project status, with its reason.
    """

    versions: tuple[str, ...] = ()
    prereleases: str = "0"
    yanked: str = "0"
    encoded_files: tuple[msgspec.Raw, ...] = ()
    encoded_misfits: msgspec.Raw = msgspec.Raw(_encode({}))
    status: str = "active"
    status_reason: str = ""

    def files(self, number: int) -> tuple[File, ...]:
        """Return the usable wheels of release ``number`` (from 1), best first."""
        return _decode_files(self.encoded_files[number - 1])

    def misfits(self) -> dict[str, str]:
        """Return why the other releases cannot be used, in words, by version."""
        return {version: _told(reasons) for version, reasons in _decode_misfits(self.encoded_misfits).items()}


class Sieve:
    """Tells which files of one project a target can use, before they are read, and remembers the others.

    A :data:`clearway.index.entries.Keep`. A large resolution goes through a hundred thousand files: what repeats (the
    end of the name with the tags, Python specifiers) is decided once, and why a file does not fit is put into words
    only when somebody asks.

    :param wheels: False where the person forbade this project's wheels (``--no-binary``).
    """

    def __init__(self, name: NormalizedName, target: Target, *, wheels: bool = True) -> None:
        self.target = target
        self._name = name
        self._wheels = wheels
        self._reasons: dict[tuple[str, str], str | None] = {}
        self._misfits: dict[str, list[str]] = {}
        self._sources: list[str] = []

    def __call__(self, files: Iterable[Named]) -> list[bool]:
        """Tell of each file whether the target can use it."""
        reasons, name, owner, mine = self._reasons, self._name, "", False
        wanted = []
        for file in files:
            filename = file.filename
            if not filename.endswith(".whl"):
                self._sources.append(filename)
                wanted.append(False)
                continue
            spelled, _, rest = filename.partition("-")
            version, _, end = rest.partition("-")
            if spelled != owner:
                owner, mine = spelled, normalize(spelled) == name
            python = file.requires_python or ""
            try:
                reason = reasons[end, python]
            except KeyError:
                reason = reasons[end, python] = self._reason(end, python)
            wanted.append(mine and reason is None)
            if mine and reason is not None:
                self._misfits.setdefault(version, []).append(reason)
        return wanted

    def misfits(self, usable: Container[str]) -> dict[str, tuple[str, ...]]:
        """Return the reasons of each release that is not usable, the first few of each."""
        found = {
            version: tuple(dict.fromkeys(reasons))[:_MOST_REASONS]
            for version, reasons in self._misfits.items()
            if version not in usable
        }
        for filename in self._sources:
            version = _sdist_version(filename)
            if version and version not in usable:
                found.setdefault(version, (_SDIST,))
        return found

    def _reason(self, end: str, python: str) -> str | None:
        """Return why a wheel does not fit, None if it does.

        :param end: the end of its name, after the version.
        """
        if not self._wheels:
            return _FORBIDDEN
        tags = end[:-4].rsplit("-", 2) if end.count("-") == 2 else end[:-4].split("-")[-3:]
        if len(tags) != 3 or rank_of("-".join(tags), self.target) is None:
            return end
        return None if admits(python, self.target.python_version) else _PYTHON + python


def make_offer(listing: Listing, sieve: Sieve) -> Offer:
    """Cut a listing down to what a target can use."""
    fitting: dict[Version, list[_Ranked]] = {}
    spelled: dict[Version, str] = {}
    for file in compress(listing.files, sieve(listing.files)):
        name = parse_wheel_name(file.filename)
        version = parse_version(name.version) if name is not None else None
        if name is not None and version is not None:
            spelled.setdefault(version, name.version)
            fitting.setdefault(version, []).append((rank_of(name.tags, sieve.target) or 0, name.build, file))
    return _numbered(listing, fitting, spelled, sieve)


def _numbered(
    listing: Listing,
    fitting: dict[Version, list[_Ranked]],
    spelled: dict[Version, str],
    sieve: Sieve,
) -> Offer:
    order = sorted(fitting)
    prereleases = yanked = 0
    files = []
    for number, version in enumerate(order, start=1):
        ranked = sorted(fitting[version], key=lambda one: (-one[0], one[1]), reverse=True)
        best_first = [file for _, _, file in ranked]
        standing = [file for file in best_first if file.yanked is None]
        if version.is_prerelease:
            prereleases |= 1 << number
        if not standing:
            yanked |= 1 << number
        files.append(msgspec.Raw(_encode(tuple(standing or best_first))))
    return Offer(
        versions=tuple(spelled[version] for version in order),
        prereleases=f"{prereleases:x}",
        yanked=f"{yanked:x}",
        encoded_files=tuple(files),
        encoded_misfits=msgspec.Raw(_encode(sieve.misfits(set(spelled.values())))),
        status=listing.status,
        status_reason=listing.status_reason,
    )


def _sdist_version(filename: str) -> str:
    """Return the version that a source archive's name ends in, or an empty text."""
    stem = filename.removesuffix(".tar.gz")
    if stem == filename:  # rarely: nearly all of them end in .tar.gz
        stem = filename.removesuffix(next((end for end in SDIST_SUFFIXES if filename.endswith(end)), ""))
        if stem == filename:
            return ""
    version = stem.rpartition("-")[2]
    return version if version[:1].isdigit() else ""


def _told(reasons: tuple[str, ...]) -> str:
    """Put the reasons why one release cannot be used into words; Python first, because that one people can change."""
    if _FORBIDDEN in reasons:
        return "its wheels are forbidden by --no-binary"
    reasons = tuple(" ".join(reason.split()) for reason in reasons)  # a listing may put lines into them
    pythons = [reason.removeprefix(_PYTHON) for reason in reasons if reason.startswith(_PYTHON)]
    if pythons:
        return f"needs Python {' or '.join(pythons)}"
    tags = ["-".join(reason.removesuffix(".whl").split("-")[-3:]) for reason in reasons if reason != _SDIST]
    return f"wheels for {', '.join(tags)} only" if tags else "only a source archive"


@cache
def rank_of(tags: str, target: Target) -> int | None:
    """Return the place of a wheel's best tag in the target's order, or None if it has none there."""
    ranks = target.ranks
    places = [ranks[tag] for tag in expand_tags(tags) if tag in ranks]
    return min(places) if places else None
