"""``clearway freeze``: what is installed, as requirements that install the same again (pip's ``freeze``).

With requirement files the output keeps their order, their comments and their options, each line of those once; what is
installed beside comes after it. What was installed from a URL is told by that (PEP 610), what is in editable mode by
the commit of its checkout, if it is in one that others can reach, else by its folder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import ClearwayError
from clearway.model.files import parse_wheel_name
from clearway.model.names import NormalizedName, is_name, normalize
from clearway.model.requirements import parse_requirement
from clearway.model.urls import file_name

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from clearway.commands.entries import Entry
    from clearway.model.direct_urls import Checkout

HEADING = "## The following requirements were added by pip freeze:"
"""What stands before requirements that no file names; scripts look for it in pip's words."""

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s*=\s*|\s*)(?P<where>.*)")
_EGG = re.compile(r"[#&]egg=([^&\[]+)")


class File(msgspec.Struct, frozen=True):
    """A requirement file: what it is called, and its lines."""

    name: str
    lines: tuple[str, ...]


def freeze(
    entries: Mapping[NormalizedName, Entry],
    files: Sequence[File],
    skip: Container[NormalizedName],
    look: Callable[[str], Checkout | None],
    warn: Callable[[str], None],
) -> Iterator[str]:
    """Yield the lines.

    :param skip: what is left out unless a file names it.
    :param look: asks version control about a folder.
    :param warn: told of what a file names that is not installed, or names twice.
    """
    left = dict(entries)
    if files:
        yield from _in_order(left, files, look, warn)
        yield HEADING
    for entry in sorted(left.values(), key=lambda entry: entry.name.lower()):
        if entry.key not in skip:
            yield from _frozen(entry, look)


def _in_order(
    left: dict[NormalizedName, Entry],
    files: Iterable[File],
    look: Callable[[str], Checkout | None],
    warn: Callable[[str], None],
) -> Iterator[str]:
    """Yield the lines of files, their requirements frozen; these are taken out of what is left."""
    kept: set[str] = set()
    places: dict[NormalizedName, list[str]] = {}
    for file in files:
        for line in _joined(file.lines):
            bare = _COMMENT.sub("", line).strip()
            editable = _EDITABLE.fullmatch(bare)
            if not bare or (bare.startswith("-") and editable is None):
                if line.rstrip() not in kept:
                    kept.add(line.rstrip())
                    yield line.rstrip()
                continue
            name = _named(editable["where"] if editable else re.split(r"\s--", bare)[0].strip())
            if not name:
                warn(f"{file.name} names {bare}, but not which project that is; add #egg=NAME to it.")
            elif name in left:
                yield from _frozen(left.pop(name), look)
                places.setdefault(name, []).append(file.name)
            elif name in places:
                places[name].append(file.name)
            else:
                warn(f"{file.name} names {bare}, but {name} is not installed.")
    for name, where in places.items():
        if len(where) > 1:
            warn(f"{name} is named several times: {', '.join(sorted(set(where)))}.")


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with those that a backslash continues put together."""
    before = ""
    for line in lines:
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            before += line[:-1]
        else:
            yield before + line
            before = ""
    if before:
        yield before


def _named(text: str) -> NormalizedName | None:
    """Return the project that a requirement, a path or a URL names, None where it does not say."""
    if (egg := _EGG.search(text)) is not None and is_name(egg[1]):
        return normalize(egg[1])
    try:
        return parse_requirement(text).name
    except ClearwayError:
        wheel = parse_wheel_name(file_name(text.replace("\\", "/")))
        return wheel.name if wheel is not None else None


def _frozen(entry: Entry, look: Callable[[str], Checkout | None]) -> Iterator[str]:
    if not entry.project:
        yield entry.direct.requirement(entry.name) if entry.direct is not None else entry.requirement
        return
    checkout = look(entry.project)
    if checkout is None or not checkout.remote or not checkout.commit:
        yield from _remarks(checkout, entry.requirement)
        yield f"-e {entry.project}"
        return
    inside = f"&subdirectory={checkout.subdirectory}" if checkout.subdirectory else ""
    yield f"-e git+{checkout.remote}@{checkout.commit}#egg={entry.name.replace('-', '_')}{inside}"


def _remarks(checkout: Checkout | None, requirement: str) -> Iterator[str]:
    """Say, in pip's words, why an editable project can be told by its folder alone."""
    if checkout is None:
        yield f"# Editable install with no version control ({requirement})"
    elif checkout.unusable:
        yield f"# Editable Git install ({requirement}) with either a deleted local remote or invalid URI:"
        yield f"# '{checkout.unusable}'"
    elif not checkout.remote:
        yield f"# Editable Git install with no remote ({requirement})"
    else:
        yield "## !! Could not determine repository location"
