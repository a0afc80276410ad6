"""``clearway uninstall``: remove distributions by their records, as one change (PEP 376, 627)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.model.names import normalize
from clearway.ports import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clearway.model.installed import Installed
    from clearway.model.names import NormalizedName
    from clearway.ports import Site


def select(
    names: Iterable[str], installed: Mapping[NormalizedName, Installed]
) -> tuple[tuple[Installed, ...], tuple[str, ...]]:
    """Return the distributions that are meant, each once, and the names that are not installed."""
    found: dict[NormalizedName, Installed] = {}
    missing: dict[str, None] = {}
    for name in names:
        distribution = installed.get(normalize(name))
        if distribution is None:
            missing[name] = None
        else:
            found[distribution.name] = distribution
    return tuple(found.values()), tuple(missing)


def uninstall(distributions: tuple[Installed, ...], site: Site) -> None:
    """Remove distributions, all or none.

    :raises TargetError: ``no-record``, ``environment-unwritable``.
    """
    if distributions:
        site.apply(Change(remove=distributions, install=()))
