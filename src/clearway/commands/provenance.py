"""Where a distribution came from when no index chose it: direct_url.json, written and compared (PEP 610)."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import msgspec

from clearway.model.files import SDIST_SUFFIXES
from clearway.model.hashes import stated_hashes
from clearway.model.urls import file_name, file_url, is_local, split_user_info

if TYPE_CHECKING:
    from clearway.catalog.catalog import Catalog
    from clearway.catalog.located import Located
    from clearway.model.inputs import Stated
    from clearway.model.installed import Installed
    from clearway.ports import Tree

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def direct_url(located: Located, tree: Tree, catalog: Catalog) -> str:
    """Return the text of direct_url.json for what was asked for by URL or path."""
    recipe = located.recipe
    if recipe is None:
        return _written({"url": located.file.url, **_archive(tree.key.removeprefix("sha256:"))})
    if recipe.form == "archive":
        sha256 = located.file.hashes.get("sha256") or catalog.digest(located)  # a kept wheel needs no archive
        return _written({"url": located.file.url, **_archive(sha256), **_inside(recipe.subdirectory)})
    return _written(place_info(located, catalog))


def place_info(located: Located, catalog: Catalog) -> dict[str, Any]:
    """Return what direct_url.json says of a folder, or of a repository that has been checked out."""
    recipe, checkout = located.recipe, catalog.builds.checkout(located)
    assert recipe is not None
    if checkout is None:
        folder = os.path.join(catalog.builds.path(located), recipe.subdirectory)
        return {"url": file_url(folder), "dir_info": {"editable": True} if recipe.editable else {}}
    if recipe.editable:
        folder = os.path.join(checkout.path, checkout.subdirectory)
        return {"url": file_url(folder), "dir_info": {"editable": True}}
    info = {"vcs": "git", "commit_id": checkout.commit}
    if checkout.requested:
        info["requested_revision"] = checkout.requested
    return {"url": checkout.url, "vcs_info": info, **_inside(checkout.subdirectory)}


def is_from(installed: Installed, stated: Stated) -> bool:
    """Whether an installed distribution came from the very URL that a requirement names, and need not be had again.

    A folder changes, and so may a source archive on this machine and where a branch points: those are had again.
    """
    url = stated.requirement.url.partition("#")[0]
    try:
        plain = split_user_info(url)[0]
        known: dict[str, Any] = msgspec.json.decode(installed.direct_url, type=dict[str, Any])
    except (msgspec.DecodeError, ValueError):
        return False
    if plain.startswith("git+"):
        place, _, ref = plain.removeprefix("git+").rpartition("@")
        info = known.get("vcs_info")
        commit = info.get("commit_id") if isinstance(info, dict) else None
        return not stated.editable and known.get("url") == place and ref == commit and bool(_COMMIT.fullmatch(ref))
    if is_local(plain) and file_name(plain).endswith(SDIST_SUFFIXES):
        return False
    archive = known.get("archive_info")
    return known.get("url") == plain and isinstance(archive, dict) and _is_meant(archive, stated)


def _is_meant(archive: dict[str, Any], stated: Stated) -> bool:
    """Whether an archive that was installed is one of those whose sha256 is stated, where any is."""
    wanted = [text.removeprefix("sha256:") for text in stated.hashes if text.startswith("sha256:")]
    wanted += [digest for name, digest in stated_hashes(stated.requirement.url).items() if name == "sha256"]
    hashes = archive.get("hashes")
    return not wanted or (isinstance(hashes, dict) and hashes.get("sha256") in wanted)


def _archive(sha256: str) -> dict[str, Any]:
    return {"archive_info": {"hash": f"sha256={sha256}", "hashes": {"sha256": sha256}}}


def _inside(subdirectory: str) -> dict[str, Any]:
    return {"subdirectory": subdirectory} if subdirectory else {}


def _written(content: dict[str, Any]) -> str:
    """Return the file's text: its keys in order, on one line with spaces, as pip writes it."""
    return msgspec.json.format(msgspec.json.encode(content, order="sorted"), indent=0).decode()
