"""Links that join an owner: pages and folders given with ``--find-links`` (pip's format; no PEP defines it).

A local folder is listed, a page is fetched and read like a listing of many projects. Each is an index of its own
(DESIGN 4.7): its files carry its name, and its credential if it has one goes to its own origin only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from clearway.catalog.listings import PAGE_LIMIT
from clearway.errors import CredentialWanted, IndexFailure, InputError
from clearway.index.html_page import parse_links
from clearway.index.records import File, Listing
from clearway.model.files import parse_wheel_name
from clearway.model.urls import file_url, path_of
from clearway.ports import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearway.index.records import Index
    from clearway.model.names import NormalizedName
    from clearway.ports import Fetcher

Linked = tuple[tuple["Index", tuple[File, ...]], ...]
"""The files of each page or folder, in the order in which they were given."""


def read_links(fetcher: Fetcher, indexes: Sequence[Index]) -> Linked:
    """Read every page and folder.

    :raises InputError: ``no-such-links`` for a folder or page that is not there.
    :raises IndexFailure: when a page cannot be had.
    """
    return tuple((index, _read(fetcher, index)) for index in indexes)


def linked_listing(files: Sequence[File], name: NormalizedName) -> Listing:
    """Return those of the files that belong to a project; source archives by how their name begins."""
    prefix = name.replace("-", "")
    own = [file for file in files if _may_be(file.filename, name, prefix)]
    return Listing(name, tuple(own))


def _may_be(filename: str, name: NormalizedName, prefix: str) -> bool:
    wheel = parse_wheel_name(filename)
    if wheel is not None:
        return wheel.name == name
    return filename.lower().replace("-", "").replace("_", "").replace(".", "").startswith(prefix.replace(".", ""))


def _read(fetcher: Fetcher, index: Index) -> tuple[File, ...]:
    if index.url.startswith("file:"):
        path = path_of(index.url)
        if os.path.isdir(path):
            return tuple(_in_folder(path))
    with fetcher.open(Request(url=index.url, index=index, accept="text/html, */*;q=0.1")) as response:
        if response.status == 200:
            return parse_links(response.read(PAGE_LIMIT), response.url)
        if index.url.startswith("file:"):
            raise InputError(
                "no-such-links",
                f"There is no folder or page at {index.name}, which --find-links names",
                hint="Correct the place, or leave it out.",
            )
        message = f"The page of links {index.name} answered {response.status}"
        if response.status == 401:
            raise CredentialWanted(
                message,
                index=index.name,
                url=index.url,
                username=index.credential.username if index.credential else "",
                hint="Check the user name and the password in the URL given with --find-links.",
            )
        raise IndexFailure("links-refused", message, hint="Correct the URL given with --find-links, or leave it out.")


def _in_folder(path: str) -> list[File]:
    try:
        with os.scandir(path) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file())
    except OSError as error:
        raise InputError(
            "no-such-links",
            f"The folder {path}, which --find-links names, cannot be read: {error.strerror}",
            hint="Have its permissions corrected, or leave it out.",
        ) from None
    return [File(name, file_url(os.path.join(path, name))) for name in names]
