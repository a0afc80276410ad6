"""``clearway inspect``: what is installed, with all of its metadata, as JSON (pip, "pip inspect", version 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway import __version__
from clearway.model.urls import file_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.commands.entries import Entry
    from clearway.model.targets import MarkerEnvironment


def inspect(entries: Iterable[Entry], environment: MarkerEnvironment) -> dict[str, object]:
    """Return the report."""
    return {
        "version": "1",
        "pip_version": f"clearway {__version__}",
        "installed": [_item(entry) for entry in entries],
        "environment": {key: value for key, value in environment.values.items() if key != "extra"},
    }


def _item(entry: Entry) -> dict[str, object]:
    one = entry.installed
    item: dict[str, object] = {"metadata": entry.core.as_json(), "metadata_location": one.info}
    if entry.direct is not None:
        item["direct_url"] = entry.direct.as_json()
    elif entry.project:
        item["direct_url"] = {"url": file_url(entry.project), "dir_info": {"editable": True}}
    if one.installer:
        item["installer"] = one.installer
    if one.info.endswith(".dist-info"):
        item["requested"] = one.requested
    return item
