"""``clearway check``: whether what is installed fits together (pip's ``check``).

Each installed distribution's requirements that apply to the target are compared with what is installed. Extras are
not looked at, since an environment does not record which were asked for.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from clearway.errors import ClearwayError
from clearway.model.requirements import parse_requirement
from clearway.model.versions import admits

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from clearway.model.installed import Installed
    from clearway.model.metadata import Metadata
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Target


def check(
    distributions: Iterable[Installed], read_metadata: Callable[[Installed], Metadata], target: Target
) -> Iterator[str]:
    """Yield one sentence for each thing that does not fit."""
    everything = list(distributions)
    sound = {one.name: one for one in everything if not one.broken}
    for one in everything:
        if one.broken:
            yield f"{f'{one.spelling} {one.version}'.strip()} is broken: {one.broken}."
            continue
        try:
            metadata = read_metadata(one)
        except ClearwayError as error:
            yield f"{error.message}."
            continue
        yield from _check_one(metadata, sound, target)


def left_behind(
    changed: Container[NormalizedName],
    distributions: Iterable[Installed],
    read_metadata: Callable[[Installed], Metadata],
    target: Target,
) -> Iterator[str]:
    """Yield one sentence for each requirement of others that what was changed no longer meets.

    A resolution looks at what was asked for and what that needs, not at whatever else is installed, as pip does it.
    """
    everything = [one for one in distributions if not one.broken]
    sound = {one.name: one for one in everything if one.name in changed}
    for one in everything:
        if one.name not in changed:
            with suppress(ClearwayError):  # a broken one is for `clearway check` to tell
                yield from _mismatches(read_metadata(one), sound, target)


def _check_one(metadata: Metadata, installed: dict[NormalizedName, Installed], target: Target) -> Iterator[str]:
    label = f"{metadata.name} {metadata.version}"
    if metadata.requires_python and not target.takes(metadata.requires_python):
        yield f"{label} requires Python {metadata.requires_python}, but this is Python {target.python_version}."
    for text in metadata.requires_dist:
        try:
            requirement = parse_requirement(text)
        except ClearwayError as error:
            yield f"{label} has a requirement that cannot be read: {error.message}."
            continue
        if requirement.name not in installed and requirement.applies(target.environment):
            yield f"{label} requires {requirement.name}, which is not installed."
    yield from _mismatches(metadata, installed, target)


def _mismatches(metadata: Metadata, installed: dict[NormalizedName, Installed], target: Target) -> Iterator[str]:
    """Yield one sentence for each requirement whose project is installed at a version that does not meet it."""
    for text in metadata.requires_dist:
        try:
            requirement = parse_requirement(text)
        except ClearwayError:
            continue
        other = installed.get(requirement.name)
        if other is None or requirement.url or not requirement.applies(target.environment):
            continue
        if not admits(requirement.specifier, other.version):
            yield (
                f"{metadata.name} {metadata.version} has requirement {requirement.name}{requirement.specifier}, "
                f"but you have {other.spelling} {other.version}."
            )
