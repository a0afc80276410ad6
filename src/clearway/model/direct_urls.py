"""Where an installed distribution came from when no index was asked: ``direct_url.json`` (PEP 610), a checkout of git.

What the file holds is hostile: it is checked, and user info is taken off its URL unless it names environment variables
or is the ``git`` of a public remote (PEP 610, "Specification").
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from clearway.model.urls import path_of

_HARMLESS = re.compile(r"git|\$\{[A-Za-z0-9_-]+\}(?::\$\{[A-Za-z0-9_-]+\})?", re.ASCII)
_KINDS = ("archive_info", "vcs_info", "dir_info")


class _Archive(msgspec.Struct, omit_defaults=True):
    hash: str | None = None
    hashes: dict[str, str] | None = None


class _Checkout(msgspec.Struct, omit_defaults=True):
    vcs: str
    commit_id: str
    requested_revision: str | None = None


class _Folder(msgspec.Struct, omit_defaults=True):
    editable: bool = False


class DirectUrl(msgspec.Struct, frozen=True, omit_defaults=True):
    """The content of a direct_url.json; one of the three infos is there."""

    url: str
    archive_info: _Archive | None = None
    vcs_info: _Checkout | None = None
    dir_info: _Folder | None = None
    subdirectory: str = ""

    @property
    def editable(self) -> str:
        """The folder of a project that is installed in editable mode; empty for anything else."""
        return path_of(self.url) if self.dir_info is not None and self.dir_info.editable else ""

    def requirement(self, name: str) -> str:
        """Return the requirement that installs the same again (PEP 508, "name @ url")."""
        fragments = []
        url = self.url
        if self.vcs_info is not None:
            url = f"{self.vcs_info.vcs}+{url}@{self.vcs_info.commit_id}"
        elif self.archive_info is not None and self.archive_info.hashes:
            algorithm, digest = next(iter(self.archive_info.hashes.items()))
            fragments.append(f"{algorithm}={digest}")
        if self.subdirectory:
            fragments.append(f"subdirectory={self.subdirectory}")
        return f"{name} @ {url}{'#' if fragments else ''}{'&'.join(fragments)}"

    def as_json(self) -> dict[str, Any]:
        """Return the content as it is written to files."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built


class Checkout(msgspec.Struct, frozen=True):
    """A folder that git knows.

    :param remote: the URL of its repository, empty where it has none that others can use.
    :param unusable: what stands there instead.
    :param commit: the one that is checked out, empty where there is none yet.
    :param subdirectory: the folder inside of the repository, empty for its top.
    """

    remote: str = ""
    unusable: str = ""
    commit: str = ""
    subdirectory: str = ""


_DECODER = msgspec.json.Decoder(DirectUrl)


def parse_direct_url(text: str) -> DirectUrl | None:
    """Return what a direct_url.json says, or None if it is not valid."""
    try:
        told = _DECODER.decode(text.encode("utf-8", "replace"))
        url = without_secret(told.url)
        local = urlsplit(url).scheme == "file"
    except (msgspec.MsgspecError, ValueError):
        return None
    if sum(getattr(told, kind) is not None for kind in _KINDS) != 1 or (told.dir_info is not None and not local):
        return None
    archive = told.archive_info
    if archive is not None and not _complete(archive):
        return None
    return msgspec.structs.replace(told, url=url)


def _complete(archive: _Archive) -> bool:
    """Let the hash of the old spelling and those of the new one say the same; False where they cannot."""
    if archive.hash is not None:
        algorithm, equals, digest = archive.hash.partition("=")
        if not equals:
            return False
        archive.hashes = archive.hashes or {algorithm: digest}
        return archive.hashes.get(algorithm) == digest
    if archive.hashes:
        algorithm, digest = next(iter(archive.hashes.items()))
        archive.hash = f"{algorithm}={digest}"
    return True


def without_secret(url: str) -> str:
    """Return a URL without its user info, unless that is no secret.

    :raises ValueError: it is not a URL.
    """
    parts = urlsplit(url)
    info, at, host = parts.netloc.rpartition("@")
    return url if not at or _HARMLESS.fullmatch(info) else urlunsplit(parts._replace(netloc=host))
