"""What a lock file says to install for one target: pylock.toml (PEP 751; specification "pylock.toml", "Installation").

``packaging`` reads, validates and selects. What comes of an index is asked of the indexes that are configured here, as
one version with the hashes that the lock has for it: where a lock was made says nothing about whose credential may go
where, nor what a policy lets through, and the hashes tell that it is what was locked (DESIGN 4.7, 4.8). So the URLs of
its files and its ``index`` are not asked; the latter is named where that version is not to be had. What a lock has
on this machine, or from no index at all, is a requirement by URL.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

import msgspec

from clearway.configuration.places import find_place
from clearway.configuration.statements import read_hash
from clearway.configuration.toml_files import parse_toml
from clearway.errors import InputError
from clearway.model.hashes import STRONG
from clearway.model.inputs import Stated
from clearway.model.names import normalize
from clearway.model.requirements import Requirement
from clearway.model.urls import file_url, is_local, mask, origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.pylock import (
        Package,
        PackageArchive,
        PackageDirectory,
        PackageSdist,
        PackageVcs,
        PackageWheel,
        Pylock,
    )

    from clearway.configuration.extras import Extras
    from clearway.model.targets import Target

    Source = PackageArchive | PackageDirectory | PackageSdist | PackageVcs | PackageWheel

_REMOTE = re.compile(r"https?:", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_SYSTEM = re.compile(r"[A-Za-z]+")
_VERSION = "1.0"


class LockFile(msgspec.Struct):
    """A lock that was named, and what of it is wanted.

    :param location: its absolute path or its URL.
    :param label: for people.
    :param groups: the dependency groups that were named.
    :param whole: it was named itself, and not for a group alone: its default groups are wanted too.
    """

    location: str
    label: str
    content: bytes
    groups: list[str] = []
    whole: bool = False


def read_lock(file: LockFile, extras: Extras, target: Target) -> tuple[list[Stated], list[str]]:
    """Return what a lock installs into a target, and notes for people.

    :raises InputError: ``malformed-lock``, ``unsupported-lock``, ``lock-not-for-target``, ``unknown-group``, and what
        is wrong with a place.
    """
    lock, notes = _parse(file)
    chosen = _select(lock, file, extras, target)
    return [_state(package, source, file) for package, source in chosen], notes


def _parse(file: LockFile) -> tuple[Pylock, list[str]]:
    import logging  # late, as packaging is, which imports it and warns through it

    from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

    logging.getLogger("packaging.pylock").addHandler(logging.NullHandler())
    document = parse_toml(file.content, file.label)
    try:
        lock = Pylock.from_dict(document)
    except PylockUnsupportedVersionError as error:
        raise InputError(
            "unsupported-lock",
            f"{file.label}: {error}",
            hint="Lock again with a tool that writes version 1.0, or take a newer clearway.",
        ) from None
    except (PylockValidationError, RecursionError) as error:
        raise _malformed(file.label, _shown(error)) from None
    version = str(document["lock-version"])
    newer = f"{file.label} is of version {version}: what is newer than {_VERSION} in it is passed over"
    return lock, [] if version == _VERSION else [newer]


def _select(lock: Pylock, file: LockFile, extras: Extras, target: Target) -> list[tuple[Package, Source]]:
    """Choose packages, and of each what it is installed from.

    :raises InputError: ``lock-not-for-target``, ``unknown-group``.
    """
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.pylock import PylockSelectError
    from packaging.tags import Tag

    wanted = extras.of(file.label, lock.extras or ())
    groups = {*_groups(lock, file), *((lock.default_groups or ()) if file.whole else ())}
    try:
        return list(
            lock.select(
                environment=target.environment.values,  # type: ignore[arg-type]
                tags=[Tag(*tag.split("-", 2)) for tag in target.tags],
                extras=wanted,
                dependency_groups=groups,
            )
        )
    except PylockSelectError as error:
        raise InputError(
            "lock-not-for-target",
            f"{file.label} cannot be installed here: {_shown(error)}",
            hint="Lock again for this Python and platform, or name another environment with --python.",
        ) from None
    except (UndefinedComparison, UndefinedEnvironmentName, RecursionError) as error:
        raise _malformed(file.label, _shown(error)) from None


def _groups(lock: Pylock, file: LockFile) -> Iterator[str]:
    """Yield the groups that were named, as the lock spells them."""
    known = {normalize(group): group for group in lock.dependency_groups or ()}
    for name in file.groups:
        if normalize(name) not in known:
            raise InputError(
                "unknown-group",
                f"There is no group {name[:80]} in {file.label}",
                hint=f"These are there: {', '.join(sorted(known))}" if known else "There is none at all: leave it out.",
            )
        yield known[normalize(name)]


# -- packages ----------------------------------------------------------------------------------------------------------


def _state(package: Package, source: Source, file: LockFile) -> Stated:
    from packaging.pylock import PackageArchive, PackageDirectory, PackageVcs

    where = f", locked from {mask(package.index)}" if package.index else ""
    place = f"{file.label}, {package.name}{where}"
    name = normalize(package.name)
    if isinstance(source, PackageVcs):
        return Stated(_by_url(name, _repository(source, file, place), place), place)
    if isinstance(source, PackageDirectory):
        url = _with_subdirectory(_location(source.path, None, file, place), source.subdirectory)
        if _REMOTE.match(url):
            raise _malformed(place, "a lock that comes from elsewhere cannot name a folder")
        return Stated(_by_url(name, url, place), place, editable=bool(source.editable))
    if isinstance(source, PackageArchive):
        url = _with_subdirectory(_location(source.path, source.url, file, place), source.subdirectory)
        return Stated(_by_url(name, url, place), place, _hashes((source.hashes,), place))
    if not source.url or is_local(source.url):
        requirement = _by_url(name, _location(source.path, source.url, file, place), place)
        return Stated(requirement, place, _hashes((source.hashes,), place))
    files = [*(package.wheels or ()), *((package.sdist,) if package.sdist else ())]
    requirement = Requirement(name, specifier=f"=={_version(package, source.filename)}")
    return Stated(requirement, place, _hashes((one.hashes for one in files), place))


def _version(package: Package, filename: str) -> str:
    from packaging.utils import parse_sdist_filename, parse_wheel_filename

    if package.version is not None:
        return str(package.version)
    parsed = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
    return str(parsed(filename)[1])


def _by_url(name: Any, url: str, place: str) -> Requirement:
    found = find_place(url, place)
    if found.kind == "wheel" and found.name != name:
        raise _malformed(place, f"{mask(url)} is a wheel of {found.name}")
    return Requirement(name, url=found.url)


def _repository(source: PackageVcs, file: LockFile, place: str) -> str:
    if not _COMMIT.fullmatch(source.commit_id):
        raise _malformed(place, f"the commit {source.commit_id[:80]!r} is no hash")
    if not _SYSTEM.fullmatch(source.type):  # with more in it, it would be an address of its own
        raise _malformed(place, f"{source.type[:80]!r} is no version control system")
    url = _location(source.path, source.url, file, place)
    return _with_subdirectory(f"{source.type}+{url}@{source.commit_id}", source.subdirectory)


def _location(path: str | None, url: str | None, file: LockFile, place: str) -> str:
    """Return where something is, without a fragment; a relative path is beside the lock.

    :raises InputError: ``local-file`` when a lock that comes from elsewhere leads to this machine, or to another one.
    """
    if not _REMOTE.match(file.location):
        return (url or "").partition("#")[0] if path is None else file_url(os.path.join(_folder(file), path))
    found = (url or "").partition("#")[0] if path is None else urljoin(file.location, path)
    if not _REMOTE.match(found) or (path is not None and origin(found) != origin(file.location)):
        raise InputError(
            "local-file",
            f"{place}: a remote lock names a place that is not beside it: {mask(path or found)}",
            hint="Take the lock and its files to this machine, and name it here.",
        )
    return found


def _folder(file: LockFile) -> str:
    return os.path.dirname(file.location)


def _with_subdirectory(url: str, subdirectory: str | None) -> str:
    return f"{url}#subdirectory={quote(subdirectory)}" if subdirectory else url


def _hashes(tables: Iterable[Mapping[str, str]], place: str) -> tuple[str, ...]:
    """Return the hashes that tell files apart; of those that do not there may be more.

    :raises InputError: ``malformed-lock`` when there are none.
    """
    texts = (f"{name}:{table[name]}" for table in tables for name in STRONG if name in table)
    found = tuple(dict.fromkeys(read_hash(text, place) for text in texts))
    if not found:
        raise _malformed(place, f"its files have none of the hashes {', '.join(sorted(STRONG))}")
    return found


def _malformed(place: str, reason: str) -> InputError:
    return InputError("malformed-lock", f"{place}: {reason}", hint="Lock again; a lock is not for editing by hand.")


def _shown(error: Exception) -> str:
    """Return what a library says of somebody else's text, in one line that has an end."""
    words = "it nests too deeply" if isinstance(error, RecursionError) else mask(" ".join(str(error).split()))
    return words.rstrip(".") if len(words) <= 300 else f"{words[:300]}..."
