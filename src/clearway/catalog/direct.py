"""Wheels that are asked for by URL or path: each is an index of its own (DESIGN 4.7; PEP 508 "name @ url", PEP 610)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.catalog.located import Located
from clearway.errors import InputError
from clearway.index.records import File
from clearway.index.routing import make_index
from clearway.model.files import expand_tags, parse_wheel_name
from clearway.model.hashes import KNOWN
from clearway.model.urls import file_name, mask

if TYPE_CHECKING:
    from clearway.model.targets import Target
    from clearway.policy.rules import Rules


def locate(url: str, allowed: frozenset[str], target: Target, rules: Rules) -> Located:
    """Return the wheel at a URL, with the hashes that its fragment states.

    :raises InputError: ``not-a-wheel``; ``wrong-platform`` when the target cannot use it.
    """
    address, _, fragment = url.partition("#")
    filename = file_name(address)
    name = parse_wheel_name(filename)
    if name is None:
        raise InputError(
            "not-a-wheel",
            f"{mask(address)} is not a wheel",
            hint="This version of clearway installs wheels only; build one with: pip wheel --no-deps SOURCE",
        )
    if not any(tag in target.ranks for tag in expand_tags(name.tags)):
        raise InputError(
            "wrong-platform",
            f"{filename} is not for this Python and platform: it is for {name.tags}",
            context=(f"best tag here: {target.tags[0]}",),
            hint="Take the wheel that was built for this Python, or name another with --python.",
        )
    stated = [part.partition("=") for part in fragment.split("&")]
    hashes = {key.lower(): value.lower() for key, _, value in stated if key.lower() in KNOWN}
    index = make_index(address, kind="find-links", source="the requirement's URL", rules=rules)
    clean = index.url
    return Located(File(filename, clean, hashes), index, allowed)
