"""Offers without what was uploaded too late (``--uploaded-prior-to``; PEP 700, ``upload-time``).

The store keeps offers whole, and they are cut each time that one is read: so what is kept depends on nobody's cut-off,
and one that is an age moves with the clock. In a run it stands still. An index that does not say when a file was
uploaded cannot be asked this way: that stops the run, as with pip. Local files are nobody's uploads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.offers import LATE, Offer
from clearway.errors import IndexFailure

if TYPE_CHECKING:
    from clearway.index.records import File, Index
    from clearway.settings.formats import Use

_encode = msgspec.msgpack.Encoder().encode
_decode_misfits = msgspec.msgpack.Decoder(dict[str, tuple[str, ...]]).decode


class Cutoffs:
    """Cuts the offers of one run.

    :param now: seconds of the epoch: from when the ages of cut-offs count.
    """

    def __init__(self, now: float) -> None:
        self._now = now

    def identity(self, index: Index) -> str:
        """Return a text that differs where an index's cut-off does; empty where it has none."""
        cutoff = index.rules.uploaded_prior_to
        return "" if cutoff is None else f"{cutoff.moment(self._now):.0f}"

    def cut(self, index: Index, offer: Offer, use: Use) -> Offer:
        """Return an offer without the files that its index's cut-off leaves out.

        :param use: which files of a release count. An offer to be cut holds wheels and source archives beside each
            other: a wheel that came late leaves the source archive that was there before.
        :raises IndexFailure: ``no-upload-time``.
        """
        cutoff = index.rules.uploaded_prior_to
        if cutoff is None:
            return offer
        moment = cutoff.moment(self._now)
        late = (f"{LATE}{cutoff.shown(self._now)}",)
        misfits = _decode_misfits(offer.encoded_misfits)
        made = _Made(offer)
        for number, version in enumerate(offer.versions, start=1):
            files = offer.files(number)
            left = _counting([file for file in files if _is_early(file, index, moment)], use)
            if left:
                made.add(number, left, whole=len(left) == len(files))
            else:
                misfits[version] = late
        return made.offer(misfits)


class _Made:
    """What is left of an offer, numbered anew."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._numbers: list[int] = []
        self._files: list[msgspec.Raw] = []
        self._unbuilt = 0

    def add(self, number: int, left: list[File], *, whole: bool) -> None:
        """Take in a release, with the files that are left of it."""
        self._numbers.append(number)
        self._files.append(self._offer.encoded_files[number - 1] if whole else msgspec.Raw(_encode(tuple(left))))
        if not left[0].filename.endswith(".whl"):
            self._unbuilt |= 1 << len(self._numbers)

    def offer(self, misfits: dict[str, tuple[str, ...]]) -> Offer:
        """Return it."""
        return msgspec.structs.replace(
            self._offer,
            versions=tuple(self._offer.versions[number - 1] for number in self._numbers),
            prereleases=self._renumbered(self._offer.prereleases),
            yanked=self._renumbered(self._offer.yanked),
            unbuilt=f"{self._unbuilt:x}",
            encoded_files=tuple(self._files),
            encoded_misfits=msgspec.Raw(_encode(misfits)),
        )

    def _renumbered(self, mask: str) -> str:
        bits = int(mask, 16)
        return f"{sum((bits >> old & 1) << new for new, old in enumerate(self._numbers, start=1)):x}"


def is_moving(index: Index) -> bool:
    """Whether an index has a cut-off that moves with the clock: what follows from it today may not tomorrow."""
    cutoff = index.rules.uploaded_prior_to
    return cutoff is not None and cutoff.age is not None


def _counting(files: list[File], use: Use) -> list[File]:
    """Return the files that count: a source archive only where no wheel is left, unless both are wanted."""
    wheels = [file for file in files if file.filename.endswith(".whl")] if use == "either" else []
    return wheels or files


def _is_early(file: File, index: Index, moment: float) -> bool:
    if file.url.startswith("file:"):
        return True
    from datetime import UTC, datetime  # late: hardly any run has a cut-off

    try:
        uploaded = datetime.fromisoformat(file.upload_time)
        if uploaded.tzinfo is None:
            uploaded = uploaded.replace(tzinfo=UTC)  # PEP 700 wants UTC, and says so by a Z
        return uploaded.timestamp() < moment
    except (ValueError, OverflowError):
        raise IndexFailure(
            "no-upload-time",
            f"The index {index.name} does not say when {file.filename} was uploaded, as --uploaded-prior-to wants it",
            hint="Say uploaded-prior-to in the tables of the indexes that tell upload times (PEP 700), or for none.",
        ) from None
