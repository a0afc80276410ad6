"""What was seen of one index when it was looked at: values only, for people and programs alike."""

from __future__ import annotations

from typing import Literal

import msgspec

from clearway.errors import IndexFailure
from clearway.index.records import Index
from clearway.model.names import NormalizedName

Level = Literal["problem", "advice", "note"]
"""How much a remark matters: an installation stops there; it could be better, or will surprise; good to know."""


class Answer(msgspec.Struct, frozen=True):
    """What one request was answered.

    :param status: 0 where no answer came.
    :param reason: why it was refused, in the server's words; empty where it does not say.
    :param leads: the origin to which it redirects, where that is another one than it was asked of.
    :param failure: why there is no answer, or none that can be read.
    """

    status: int = 0
    reason: str = ""
    leads: str = ""
    failure: IndexFailure | None = None


class Root(msgspec.Struct, frozen=True):
    """The root page.

    :param anonymous: what was answered without the credential; None if there is none to leave out.
    :param projects: how many projects it lists; None if it is not there, too large to read, or something else.
    :param is_large: it is too large to be read.
    :param title: of what came in its place.
    """

    answer: Answer
    anonymous: Answer | None = None
    projects: int | None = None
    is_large: bool = False
    title: str = ""


class Unknown(msgspec.Struct, frozen=True):
    """The listing of a project that nobody has.

    :param files: how many files it lists, if it is answered as a listing.
    """

    name: NormalizedName
    answer: Answer
    files: int | None = None


class Seen(msgspec.Struct, frozen=True):
    """The listing of a project that the index has.

    :param anonymous: as for the root page; ``is_public``: without the credential the same listing came.
    :param files, wheels: how many it lists.
    :param sidecars: how many wheels have a metadata file, as announced; ``hashes``, ``sizes``, ``upload_times``,
        ``yanked``: how many files have that.
    :param skipped: how many links could not be read.
    :param etag: whether it has a validator; ``revalidated``: whether asking with it was answered by 304.
    :param elsewhere: further origins that files lie on, and that the credential does not go to.
    """

    name: NormalizedName
    anonymous: Answer | None
    is_public: bool
    form: Literal["json", "html"]
    status: str
    files: int
    wheels: int
    sidecars: int
    hashes: int
    sizes: int
    upload_times: int
    yanked: int
    skipped: int
    etag: bool
    revalidated: bool
    elsewhere: tuple[str, ...] = ()


class Handed(msgspec.Struct, frozen=True):
    """One file of that listing.

    :param answer: what the file itself was answered with, or a part of it.
    :param is_page: an HTML page came in its place.
    :param ranged: whether its end came when that alone was asked for.
    :param sidecar: what its metadata file was answered with; None where none is announced.
    :param agrees: whether that is the one that is listed.
    :param elsewhere: the origin that it lies on, where the credential does not go there.
    """

    filename: str
    answer: Answer
    is_page: bool = False
    ranged: bool = False
    sidecar: Answer | None = None
    agrees: bool = True
    elsewhere: str = ""


class Remark(msgspec.Struct, frozen=True):
    """Something to know about an index, as one or more sentences."""

    level: Level
    text: str


class Findings(msgspec.Struct, frozen=True):
    """What was seen of an index.

    :param asked: the projects that were asked for, and what was answered, until one was found.
    :param unknown: None where nobody answered at all; ``seen``, ``file``: None where nothing was found.
    :param round_trip: seconds until an answer begins, as a rule; None where none came.
    """

    index: Index
    root: Root
    unknown: Unknown | None = None
    asked: tuple[tuple[NormalizedName, Answer], ...] = ()
    seen: Seen | None = None
    file: Handed | None = None
    round_trip: float | None = None
