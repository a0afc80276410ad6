"""What an index says: files, listings and the index itself (PEP 503, 691, 700, 792)."""

from __future__ import annotations

from typing import Literal

import msgspec

from clearway.model.names import NormalizedName
from clearway.model.secrets import Credential
from clearway.policy.rules import Rules


class File(msgspec.Struct, frozen=True, gc=False):
    """One file of a listing (PEP 691, "Project Detail"; PEP 700; PEP 714).

    :param url: absolute, without fragment.
    :param hashes: algorithm to hex digest, both lower case; may be empty.
    :param requires_python: a specifier as spelled, empty where there is none.
    :param yanked: the reason (possibly empty) if the file is yanked, else None.
    :param size: in bytes, or None if the index does not say.
    :param upload_time: ISO 8601 as spelled, empty where the index does not say.
    :param sidecar: the hashes of the metadata sidecar (possibly none given), or None if the index offers no sidecar.
    """

    filename: str
    url: str
    hashes: dict[str, str] = {}
    requires_python: str = ""
    yanked: str | None = None
    size: int | None = None
    upload_time: str = ""
    sidecar: dict[str, str] | None = None


class Listing(msgspec.Struct, frozen=True):
    """What an index says about one project.

    :param status: ``active``, ``archived``, ``quarantined`` or ``deprecated`` (PEP 792).
    :param skipped: names of listed files that could not be read as records, for explanations.
    """

    name: NormalizedName
    files: tuple[File, ...] = ()
    status: str = "active"
    status_reason: str = ""
    skipped: tuple[str, ...] = ()


class Index(msgspec.Struct, frozen=True):
    """One configured source of listings.

    :param name: what people call it: a configured name, else the URL without user info.
    :param url: without user info and fragment; for ``simple`` with a trailing slash.
    :param kind: a simple repository, or one page or folder of links (``--find-links``).
    :param credential: the credential that was given for this index; it goes nowhere else (DESIGN 4.7).
    :param rules: how its answers are read.
    :param origins: further origins, ``https://host``, to which the credential may go with files that it lists.
    :param claims: patterns of project names that are asked of this index and of no other (``corp-*``).
    :param lent: it is a project's file that claims them: they are no claims to what the user's own file claims.
    :param explicit: it is asked for the names that it claims, and for nothing else.
    :param forwarded: what becomes of a listing that it forwards to another origin: followed when every index has said
        that it does not have the project, or never.
    :param client_cert: a PEM file with a client certificate (and its key, if ``client_key`` names none).
    """

    name: str
    url: str
    kind: Literal["simple", "find-links"] = "simple"
    credential: Credential | None = None
    rules: Rules = Rules()
    origins: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    lent: bool = False
    explicit: bool = False
    forwarded: Literal["last", "refuse"] = "last"
    client_cert: str = ""
    client_key: str = ""
