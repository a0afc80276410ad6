"""Which files count in a run, and how what is no wheel is built, as the person has it (PEP 517, PEP 660): values."""

from __future__ import annotations

import msgspec

from clearway.settings.formats import Formats

Settings = tuple[tuple[str, str], ...]
"""PEP 517's config settings, as stated."""


class Terms(msgspec.Struct, frozen=True):
    """Which files count in a run, and how what is no wheel is built.

    :param formats: whether wheels of a project count, and whether source archives do.
    :param settings: for every tree; ``own`` those of single ones, by the project's normalized name or its URL as
        stated.
    :param editable: the URLs that are to be installed in editable mode.
    :param isolated: each in an environment of its own.
    :param constraints: what constrains those environments, in words, with the hashes that were given.
    :param above: the projects for whose building this run is: to build them again for that would not end.
    :param refresh: the projects whose listings are asked for again, though fresh ones are kept; or ``:all:``.
    :param fleeting: what will not be asked for again is not to stay in the cache.
    """

    formats: Formats = Formats()
    settings: Settings = ()
    own: dict[str, Settings] = {}
    editable: frozenset[str] = frozenset()
    isolated: bool = True
    constraints: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    refresh: frozenset[str] = frozenset()
    fleeting: bool = True
