"""The memo of resolutions: the same question over unchanged listings has the same answer (DESIGN 4.1, 4.12).

The solver is deterministic, so a resolution follows from the question and from what each listing said. Kept are the
answer and, as evidence, which offers it was drawn from, by their digests. While every one of them is still fresh in
the cache and still the same, the answer holds, and neither the solver nor a requirement parser is imported. Anything
else - a refusal, a URL, a page of links, a hash of the person's, a distribution that is kept, a listing that may not
be - is not remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.located import locate_listed
from clearway.index.records import File
from clearway.model.names import NormalizedName
from clearway.resolution.problem import Pin, Resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.catalog.catalog import Catalog
    from clearway.model.installed import Installed
    from clearway.ports import Store

_TABLE = "resolutions-1"


class _Row(msgspec.Struct, array_like=True, frozen=True):
    """A pin without what must not be written: the index is named by its place in the order."""

    name: NormalizedName
    version: str
    file: File
    index: int
    extras: tuple[str, ...]
    requested: bool


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    evidence: dict[str, str]
    rows: tuple[_Row, ...]
    warnings: tuple[str, ...]


class Memo:
    """Remembers one question.

    :param question: the digest of everything that was asked, the installed distributions included.
    """

    def __init__(self, store: Store, catalog: Catalog, question: str) -> None:
        self._store = store
        self._catalog = catalog
        self._key = f"{question}/{catalog.indexes.identity()}"

    def recall(self, installed: Mapping[NormalizedName, Installed]) -> Resolution | None:
        """Return the resolution if it is known and all of its evidence still holds. Never touches the network."""
        row = self._store.get(_TABLE, self._key)
        try:
            kept = msgspec.msgpack.decode(row, type=_Kept) if row is not None else None
        except msgspec.DecodeError:
            return None
        if kept is None or not self._catalog.indexes.still_hold(kept.evidence):
            return None
        pins = [self._pin(row, installed) for row in kept.rows]
        known = tuple(pin for pin in pins if pin is not None)
        return Resolution(known, warnings=kept.warnings) if len(known) == len(pins) else None

    def remember(self, resolution: Resolution) -> None:
        """Keep a resolution, if everything that it was drawn from can be checked again."""
        evidence = self._catalog.indexes.evidence()
        if evidence is None or resolution.passed:
            return
        rows = tuple(
            _Row(
                pin.name,
                pin.version,
                pin.located.file,
                self._catalog.indexes.place_of(pin.located.index),
                pin.extras,
                pin.requested,
            )
            for pin in resolution.pins
            if pin.located is not None and not pin.direct and not pin.located.allowed
        )
        if len(rows) == len(resolution.pins):
            self._store.put(_TABLE, self._key, msgspec.msgpack.encode(_Kept(evidence, rows, resolution.warnings)))

    def _pin(self, row: _Row, installed: Mapping[NormalizedName, Installed]) -> Pin | None:
        """Return a pin, or None where the metadata is no longer kept."""
        located = locate_listed(row.file, self._catalog.indexes.at(row.index), row.name, row.version)
        metadata = self._catalog.kept_metadata(located)
        if metadata is None:
            return None
        return Pin(
            name=row.name,
            version=row.version,
            metadata=metadata,
            located=located,
            installed=installed.get(row.name),
            extras=row.extras,
            requested=row.requested,
            yanked=row.file.yanked,
        )
