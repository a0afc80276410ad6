"""From a listing to an offer: the releases that a target can use, each with its wheels, best first.

Only what fits is numbered (DESIGN 4.2); what does not is kept as one line a release for explanations. The order of
versions is
PEP 440's; of wheels in a release PEP 425's (the target's most preferred tag first) and then the build number's (PEP
427). An offer is what the cache keeps of a listing: files stay encoded until a release is looked at.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from clearway.index.records import File
from clearway.model.files import expand_tags, parse_sdist_name, parse_wheel_name
from clearway.model.versions import admits, parse_version

if TYPE_CHECKING:
    from packaging.version import Version

    from clearway.index.records import Listing
    from clearway.model.files import WheelName
    from clearway.model.targets import Target

_encode = msgspec.msgpack.Encoder().encode
_decode_files = msgspec.msgpack.Decoder(tuple[File, ...]).decode
_decode_misfits = msgspec.msgpack.Decoder(dict[str, str]).decode


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
        """Return why the other releases cannot be used, by version."""
        return _decode_misfits(self.encoded_misfits)


def make_offer(listing: Listing, target: Target, *, wheels: bool) -> Offer:
    """Cut a listing down to what a target can use.

    :param wheels: False where the person forbade this project's wheels (``--no-binary``).
    """
    fitting: dict[Version, list[_Ranked]] = {}
    spelled: dict[Version, str] = {}
    misfits: dict[str, str] = {}
    for file in listing.files:
        name = parse_wheel_name(file.filename)
        if name is None or name.name != listing.name:
            text = parse_sdist_name(file.filename, listing.name)
            if text is not None:
                misfits.setdefault(text, "only a source archive")
            continue
        why = _misfit(file, name, target) if wheels else "its wheels are forbidden by --no-binary"
        version = parse_version(name.version)
        if version is None:
            continue
        if why:
            misfits[name.version] = _worse(misfits.get(name.version, ""), why)
            continue
        spelled.setdefault(version, name.version)
        fitting.setdefault(version, []).append((_rank(name.tags, target) or 0, name.build, file))
    return _numbered(listing, fitting, spelled, misfits)


def _numbered(
    listing: Listing,
    fitting: dict[Version, list[_Ranked]],
    spelled: dict[Version, str],
    misfits: dict[str, str],
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
        misfits.pop(spelled[version], None)
    return Offer(
        versions=tuple(spelled[version] for version in order),
        prereleases=f"{prereleases:x}",
        yanked=f"{yanked:x}",
        encoded_files=tuple(files),
        encoded_misfits=msgspec.Raw(_encode(misfits)),
        status=listing.status,
        status_reason=listing.status_reason,
    )


def _misfit(file: File, name: WheelName, target: Target) -> str:
    """Say why a target cannot use a wheel; empty if it can."""
    if _rank(name.tags, target) is None:
        return f"wheels for {name.tags} only"
    if file.requires_python and not admits(file.requires_python, target.python_version):
        return f"needs Python {file.requires_python}"
    return ""


def _worse(known: str, why: str) -> str:
    """Join the reasons of one release's files: each once, Python first, because that one people can change."""
    if not known or known == "only a source archive" or why in known:
        return why if known != why and why not in known else known
    if known.startswith("wheels for ") and why.startswith("wheels for "):
        return f"{known.removesuffix(' only')}, {why.removeprefix('wheels for ')}"
    return why if why.startswith("needs Python") else known


@cache
def _rank(tags: str, target: Target) -> int | None:
    """Return the place of a wheel's best tag in the target's order, or None if it has none there."""
    ranks = target.ranks
    places = [ranks[tag] for tag in expand_tags(tags) if tag in ranks]
    return min(places) if places else None
