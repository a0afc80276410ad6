"""``clearway show``: what is known of some of the installed distributions (pip's ``show``)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from clearway.errors import ClearwayError
from clearway.model.names import normalize
from clearway.model.requirements import parse_requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from clearway.commands.entries import Entry, ReadText
    from clearway.model.installed import Installed
    from clearway.model.names import NormalizedName
    from clearway.model.targets import MarkerEnvironment

    ReadFiles = Callable[[Installed], list[str] | None]

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_LABEL = re.compile(r"[^0-9a-z]+")


def show(entry: Entry, entries: Mapping[NormalizedName, Entry], environment: MarkerEnvironment) -> Iterator[str]:
    """Yield what is told of a distribution.

    :param entries: all that is installed: which of it needs this one.
    """
    core = entry.core
    yield f"Name: {entry.name}"
    yield f"Version: {entry.version}"
    yield f"Summary: {core.get('summary')}"
    yield f"Home-page: {_homepage(entry)}"
    yield f"Author: {core.get('author')}"
    yield f"Author-email: {core.get('author-email')}"
    if core.get("license-expression") and _at_least(core.get("metadata-version").strip(), 2, 4):
        yield f"License-Expression: {core.get('license-expression')}"
    else:
        yield f"License: {core.get('license')}"
    yield f"Location: {entry.location}"
    if entry.project:
        yield f"Editable project location: {entry.project}"
    yield f"Requires: {', '.join(_requires(entry, environment))}"
    needing = [one.name for one in entries.values() if _needs(one, entry.key, environment)]
    yield f"Required-by: {', '.join(sorted(needing, key=str.lower))}"


def show_more(entry: Entry, read_text: ReadText) -> Iterator[str]:
    """Yield what is told besides with ``-v``."""
    core = entry.core
    yield f"Metadata-Version: {core.get('metadata-version')}"
    yield f"Installer: {entry.installed.installer.partition(chr(10))[0].strip()}"
    yield "Classifiers:"
    yield from (f"  {classifier}" for classifier in core.all("classifier"))
    yield "Entry-points:"
    yield from (f"  {line.strip()}" for line in (read_text(entry.installed, "entry_points.txt") or "").splitlines())
    yield "Project-URLs:"
    yield from (f"  {url}" for url in core.all("project-url"))


def show_files(entry: Entry, read_files: ReadFiles) -> Iterator[str]:
    """Yield the files of a distribution, relative to where it is."""
    files = read_files(entry.installed)
    yield "Files:"
    if files is None:
        yield "Cannot locate RECORD or installed-files.txt"
    else:
        yield from (f"  {path.strip()}" for path in sorted(files))


def _needs(one: Entry, name: NormalizedName, environment: MarkerEnvironment) -> bool:
    """Whether a distribution needs a project without any extra; markers of other requirements are not looked at."""
    for text in one.core.all("requires-dist"):
        found = _NAME.match(text)
        if found is not None and normalize(found[1]) == name:
            with suppress(ClearwayError):  # what nobody can read is no requirement
                if parse_requirement(text.strip()).applies(environment):
                    return True
    return False


def _requires(entry: Entry, environment: MarkerEnvironment) -> list[str]:
    """Return the projects that it needs, as it spells them; all that it says where that cannot be read."""
    names = set()
    texts = [text.strip() for text in entry.core.all("requires-dist")]
    for text in texts:
        try:
            applies = parse_requirement(text).applies(environment)
        except ClearwayError:
            return sorted(texts, key=str.lower)
        if applies and (found := _NAME.match(text)) is not None:
            names.add(found[1])
    return sorted(names, key=str.lower)


def _homepage(entry: Entry) -> str:
    """Return the home page: what the field says, else the URL that is labelled so (PEP 753)."""
    told = entry.core.get("home-page")
    for line in entry.core.all("project-url") if not told else ():
        label, _, url = line.partition(",")
        if _LABEL.sub("", label.lower()) == "homepage":
            return url.strip()
    return told


def _at_least(version: str, major: int, minor: int) -> bool:
    parts = version.split(".")
    return (
        len(parts) == 2 and all(part.isdecimal() for part in parts) and (int(parts[0]), int(parts[1])) >= (major, minor)
    )
