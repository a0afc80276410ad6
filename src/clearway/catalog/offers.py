"""From a listing to an offer: the releases that a target can use, each with its files, best first.

Only what fits is numbered (DESIGN 4.2); of what does not the reasons are kept, for explanations. The order of
versions is
PEP 440's; of wheels in a release PEP 425's (the target's most preferred tag first) and then the build number's (PEP
427); a source archive comes after every wheel, and counts only where no wheel fits, unless something else was asked
for.
An offer is what the cache keeps of a listing: files stay encoded until a release is looked at.
"""

from __future__ import annotations

from functools import cache
from itertools import compress
from typing import TYPE_CHECKING

import msgspec

from clearway.index.records import File
from clearway.model.files import SDIST_SUFFIXES, expand_tags, parse_sdist_name, parse_wheel_name
from clearway.model.names import NormalizedName, normalize
from clearway.model.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from packaging.version import Version

    from clearway.index.entries import Named
    from clearway.index.records import Listing
    from clearway.model.targets import Target
    from clearway.settings.formats import Use

_encode = msgspec.msgpack.Encoder().encode
_decode_files = msgspec.msgpack.Decoder(tuple[File, ...]).decode
_decode_misfits = msgspec.msgpack.Decoder(dict[str, tuple[str, ...]]).decode

_SDIST, _FORBIDDEN, _PYTHON = "sdist", "no-binary", "python "
LATE = "uploaded after "
"""How the reason begins that a release was uploaded after the cut-off, which follows; told as it is."""
_MOST_REASONS = 6
"""Reasons that are kept of one release: as many as somebody reads."""


_Ranked = tuple[float, tuple[()] | tuple[int, str], File]
"""The rank of a wheel's best tag, its build number, the wheel; a source archive has the last rank."""
_LAST = float("inf")
_PREFERENCE = {suffix: place for place, suffix in enumerate(reversed(SDIST_SUFFIXES))}


class Offer(msgspec.Struct, array_like=True, frozen=True):
    """What one index offers of one project to one target.

    :param versions: the usable releases, oldest first; release *n* of the solver is ``versions[n - 1]``.
    :param prereleases: hex of a mask: bit *n* is set where release *n* is a pre-release.
    :param yanked: hex of a mask: every usable file of release *n* is yanked (PEP 592).
    :param unbuilt: hex of a mask: of release *n* there is a source archive alone.
    :param encoded_files: per release its usable files, best first, encoded; read with :meth:`files`.
    :param encoded_misfits: releases that cannot be used and why, encoded; read with :meth:`misfits`.
    :param status: PEP 792 project status, with its reason.
    """

    versions: tuple[str, ...] = ()
    prereleases: str = "0"
    yanked: str = "0"
    unbuilt: str = "0"
    encoded_files: tuple[msgspec.Raw, ...] = ()
    encoded_misfits: msgspec.Raw = msgspec.Raw(_encode({}))
    status: str = "active"
    status_reason: str = ""

    def files(self, number: int) -> tuple[File, ...]:
        """Return the usable files of release ``number`` (from 1), best first."""
        return _decode_files(self.encoded_files[number - 1])

    def misfits(self) -> dict[str, str]:
        """Return why the other releases cannot be used, in words, by version."""
        return {version: _told(reasons) for version, reasons in _decode_misfits(self.encoded_misfits).items()}


class Sieve:
    """Tells which files of one project a target can use, before they are read, and remembers the others.

    A :data:`clearway.index.entries.Keep`. A large resolution goes through a hundred thousand files: what repeats (the
    end of the name with the tags, Python specifiers) is decided once, and why a file does not fit is put into words
    only when somebody asks.

    :param use: which files of a release count.
    """

    def __init__(self, name: NormalizedName, target: Target, use: Use = "either") -> None:
        self.target = target
        self.name = name
        self.use = use
        self._reasons: dict[tuple[str, str], str | None] = {}
        self._misfits: dict[str, list[str]] = {}
        self._sources: list[str] = []

    def __call__(self, files: Iterable[Named]) -> list[bool]:
        """Tell of each file whether the target can use it."""
        reasons, name, owner, mine = self._reasons, self.name, "", False
        wanted: list[bool] = []
        fitting: set[str] = set()
        sources: list[tuple[int, Named]] = []
        for file in files:
            filename = file.filename
            if not filename.endswith(".whl"):
                sources.append((len(wanted), file))
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
            if mine and reason is None:
                fitting.add(version)
                wanted.append(True)
                continue
            wanted.append(False)
            if mine and reason is not None:
                self._misfits.setdefault(version, []).append(reason)
        for place, file in sources:
            wanted[place] = self._wants_source(file, fitting)
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

    def _wants_source(self, file: Named, fitting: Container[str]) -> bool:
        """Whether a file that is no wheel is a source archive that counts.

        :param fitting: the releases of which a wheel fits.
        """
        filename = file.filename
        version = _sdist_version(filename)
        if self.use == "wheels":
            self._sources.append(filename)
            return False
        if not version or (self.use == "either" and version in fitting):
            return False
        python = file.requires_python or ""
        if python and not self.target.takes(python):
            self._misfits.setdefault(version, []).append(_PYTHON + python)
            return False
        return True

    def _reason(self, end: str, python: str) -> str | None:
        """Return why a wheel does not fit, None if it does.

        :param end: the end of its name, after the version.
        """
        if self.use == "sources":
            return _FORBIDDEN
        tags = end[:-4].rsplit("-", 2) if end.count("-") == 2 else end[:-4].split("-")[-3:]
        if len(tags) != 3 or rank_of("-".join(tags), self.target) is None:
            return end
        return None if self.target.takes(python) else _PYTHON + python


def make_offer(listing: Listing, sieve: Sieve) -> Offer:
    """Cut a listing down to what a target can use."""
    fitting: dict[Version, list[_Ranked]] = {}
    spelled: dict[Version, str] = {}
    for file in compress(listing.files, sieve(listing.files)):
        rank: float = _LAST
        build: tuple[()] | tuple[int, str] = ()
        if file.filename.endswith(".whl"):
            name = parse_wheel_name(file.filename)
            text = name.version if name is not None else ""
            if name is not None:
                rank, build = rank_of(name.tags, sieve.target) or 0, name.build
        else:
            text = parse_sdist_name(file.filename, sieve.name) or ""
        version = parse_version(text) if text else None
        if version is not None:
            spelled.setdefault(version, text)
            fitting.setdefault(version, []).append((rank, build, file))
    return _numbered(listing, fitting, spelled, sieve)


def _numbered(
    listing: Listing,
    fitting: dict[Version, list[_Ranked]],
    spelled: dict[Version, str],
    sieve: Sieve,
) -> Offer:
    order = sorted(fitting)
    prereleases = yanked = unbuilt = 0
    files = []
    for number, version in enumerate(order, start=1):
        best_first = _best_first(fitting[version], sieve.use)
        standing = [file for file in best_first if file.yanked is None]
        if version.is_prerelease:
            prereleases |= 1 << number
        if not standing:
            yanked |= 1 << number
        if not (standing or best_first)[0].filename.endswith(".whl"):
            unbuilt |= 1 << number
        files.append(msgspec.Raw(_encode(tuple(standing or best_first))))
    return Offer(
        versions=tuple(spelled[version] for version in order),
        prereleases=f"{prereleases:x}",
        yanked=f"{yanked:x}",
        unbuilt=f"{unbuilt:x}",
        encoded_files=tuple(files),
        encoded_misfits=msgspec.Raw(_encode(sieve.misfits(set(spelled.values())))),
        status=listing.status,
        status_reason=listing.status_reason,
    )


def _best_first(files: list[_Ranked], use: Use) -> list[File]:
    """Return the files of one release, best first; where a wheel fits no source archive, unless they are wanted too."""
    if len(files) == 1:
        return [files[0][2]]
    ranked = sorted(files, key=lambda one: (-one[0], one[1] or (_suffix_rank(one[2]),)), reverse=True)
    wheels = [file for rank, _, file in ranked if rank != _LAST]
    return wheels if wheels and use == "either" else [file for _, _, file in ranked]


def _suffix_rank(file: File) -> int:
    """Return the place of a source archive's kind, worst first; 0 for a wheel."""
    return next((place for suffix, place in _PREFERENCE.items() if file.filename.endswith(suffix)), 0)


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
    if reasons[0].startswith(LATE):
        return reasons[0]
    if _FORBIDDEN in reasons:
        return "its wheels are forbidden by --no-binary"
    reasons = tuple(" ".join(reason.split()) for reason in reasons)  # a listing may put lines into them
    pythons = [reason.removeprefix(_PYTHON) for reason in reasons if reason.startswith(_PYTHON)]
    if pythons:
        return f"needs Python {' or '.join(pythons)}"
    tags = ["-".join(reason.removesuffix(".whl").split("-")[-3:]) for reason in reasons if reason != _SDIST]
    return f"wheels for {', '.join(tags)} only" if tags else "only a source archive, and --only-binary forbids it"


@cache
def rank_of(tags: str, target: Target) -> int | None:
    """Return the place of a wheel's best tag in the target's order, or None if it has none there."""
    ranks = target.ranks
    places = [ranks[tag] for tag in expand_tags(tags) if tag in ranks]
    return min(places) if places else None
