"""What was asked for: requirements and constraints as people stated them, and the options inside requirement files."""

from __future__ import annotations

from typing import Literal

import msgspec

from clearway.model.names import NormalizedName
from clearway.model.requirements import Requirement

FormatStatement = tuple[Literal["no-binary", "only-binary"], str]
"""One ``--no-binary`` or ``--only-binary`` with its value; the order of several matters."""


ReleaseStatement = tuple[Literal["all-releases", "only-final"], str]
"""Likewise of ``--all-releases`` and ``--only-final``."""


class Stated(msgspec.Struct, frozen=True):
    """A requirement, and where it was stated.

    :param requirement: a wheel that was named by path or URL alone is one by URL, named as its file is. The URL may
        lead to a source archive, to a folder (``file:``) or to a repository (``git+https:``) as well.
    :param origin: for people: ``command line``, ``-r requirements.txt, line 3``.
    :param hashes: ``algorithm:hex`` of each file that is allowed; empty for any.
    :param editable: the folder or repository is to be installed in editable mode (PEP 660).
    :param settings: PEP 517's config settings for it alone, as stated.
    """

    requirement: Requirement
    origin: str
    hashes: tuple[str, ...] = ()
    editable: bool = False
    settings: tuple[tuple[str, str], ...] = ()


class Unnamed(msgspec.Struct, frozen=True):
    """A source tree that was named by its place alone: what project it is, its metadata tells.

    :param url: ``file:`` of a folder or an archive, ``http(s)`` of an archive, ``git+https:`` and the like of a
        repository; with the fragment and the user info that were given.
    :param extras, marker: as in a :class:`~clearway.model.requirements.Requirement`.
    :param origin, hashes, editable, settings: as in :class:`Stated`.
    """

    url: str
    origin: str
    extras: frozenset[NormalizedName] = frozenset()
    marker: str = ""
    hashes: tuple[str, ...] = ()
    editable: bool = False
    settings: tuple[tuple[str, str], ...] = ()


class Given(msgspec.Struct, frozen=True):
    """The value of an option, and where it was given, for people. A URL may carry user info: it is not for printing."""

    value: str
    origin: str


class Inputs(msgspec.Struct, frozen=True):
    """All that the command line's requirements and the requirement files state.

    :param unnamed: source trees whose names are not known yet.
    :param constraints: named requirements without extras.
    :param find_links: pages and folders; relative paths already resolved against the file that they stand in.
    :param formats: what may be installed as a wheel, what must be.
    :param releases: of which projects pre-releases count, of which final releases alone.
    :param notes: what people should know of what they stated, a sentence each, without full stop.
    :param no_deps: the requirements are all there is, with what they need: they come from a lock (PEP 751).
    """

    requirements: tuple[Stated, ...] = ()
    unnamed: tuple[Unnamed, ...] = ()
    constraints: tuple[Stated, ...] = ()
    index_url: Given | None = None
    extra_index_urls: tuple[Given, ...] = ()
    find_links: tuple[Given, ...] = ()
    formats: tuple[FormatStatement, ...] = ()
    releases: tuple[ReleaseStatement, ...] = ()
    no_index: bool = False
    pre: bool = False
    require_hashes: bool = False
    no_require_hashes: bool = False
    prefer_binary: bool = False
    notes: tuple[str, ...] = ()
    no_deps: bool = False
