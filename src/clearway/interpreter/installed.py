"""The distributions that are installed in an environment, from the names of their folders (PEP 376, 610, 627).

One ``scandir`` for each folder of the search path, one ``listdir`` and one ``stat`` for each distribution: metadata is
not parsed before somebody asks for it. The first folder that has a project wins, as it does when Python imports. What
is broken is flagged and never an error, so that it can be told and repaired.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import IntegrityError, TargetError
from clearway.model.installed import Installed
from clearway.model.metadata import Metadata, parse_metadata
from clearway.model.names import NormalizedName, is_name, normalize
from clearway.model.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.model.targets import Environment

# Folders whose names tell all; the others need packaging, which takes 25 ms to import.
_COMMON = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._]*[A-Za-z0-9])?)"
    r"-(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?(?:\+[a-z0-9]+(?:[._][a-z0-9]+)*)?)"
    r"(?:\.dist-info|(?:-py\d+\.\d+)?\.egg-info)",
    re.ASCII,
)
_KINDS = (".dist-info", ".egg-info", ".egg-link")
_SMALL = 1 << 16
_MOST = 1 << 24
_NAMELESS = "its metadata has no valid name and version"


def installed(environment: Environment) -> list[Installed]:
    """Return the distributions of an environment, ordered by name: at most one sound one for each project.

    Further copies of a project in one folder come flagged as broken; copies that an earlier folder hides do not come.

    :raises TargetError: ``environment-unreadable``.
    """
    found: dict[NormalizedName, list[Installed]] = {}
    own = {environment.scheme.purelib, environment.scheme.platlib}
    for folder in environment.search:
        here: dict[NormalizedName, list[Installed]] = {}
        for distribution in _scan(folder, own=folder in own):
            here.setdefault(distribution.name, []).append(distribution)
        for name, copies in here.items():
            found.setdefault(name, copies if len(copies) == 1 else _choose(copies))
    return [distribution for name in sorted(found) for distribution in found[name]]


def read_metadata(distribution: Installed) -> Metadata:
    """Read the core metadata of an installed distribution.

    :raises TargetError: ``broken-distribution`` when it is missing or cannot be read.
    """
    try:
        inside = os.listdir(distribution.info) if os.path.isdir(distribution.info) else []
        metadata = parse_metadata(_read(_metadata_path(distribution.info, inside)), distribution.info)
    except OSError as error:
        raise _broken(distribution, _unreadable(error)) from None
    except IntegrityError:
        raise _broken(distribution, _NAMELESS) from None
    if metadata.requires_dist or distribution.info.endswith(".dist-info"):
        return metadata
    from clearway.interpreter.egg_info import with_requires_txt  # late: a format of the past

    return with_requires_txt(metadata, distribution.info)


def _choose(copies: list[Installed]) -> list[Installed]:
    """Return the copies of one project in one folder, the one to believe first and the others flagged.

    A sound one is believed before a broken one, ``.dist-info`` before ``.egg-info``, and the newest before older ones:
    its files have replaced theirs.
    """

    def rank(copy: Installed) -> tuple[bool, bool, int, str]:
        return bool(copy.broken), copy.info.endswith(".egg-info"), -_modified(copy.info), copy.info

    first, *others = sorted(copies, key=rank)
    flag = f"a second copy of {first.name}, beside {os.path.basename(first.info)}"
    return [first, *(msgspec.structs.replace(other, broken=other.broken or flag) for other in others)]


def _scan(folder: str, *, own: bool) -> Iterator[Installed]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.name.endswith(_KINDS)]
    except (FileNotFoundError, NotADirectoryError):  # most search paths name folders that do not exist
        return
    except OSError as error:
        if own:  # what is in it cannot be told from nothing
            raise _unreadable_folder(folder, error) from None
        return  # Python, too, finds nothing there
    for name in names:
        if name.endswith(".egg-link"):
            yield from _linked(folder, name)
        else:
            yield _look(folder, name)


def _look(folder: str, name: str) -> Installed:
    """Describe one ``.dist-info`` or ``.egg-info``."""
    info = folder + os.sep + name  # texts are joined by hand here: this runs for each of hundreds
    try:
        inside = os.listdir(info)
    except OSError:  # distutils wrote a file
        inside = []
    broken = ""
    try:
        status = os.stat(_metadata_path(info, inside))
        stamp = (status.st_mtime_ns, status.st_size)
    except OSError as error:
        stamp, broken = (0, 0), _unreadable(error)
    told = _COMMON.fullmatch(name)
    if told:
        spelling, version = told[1], told[2]
    else:
        spelling, version, broken = _uncommon(info, inside, broken)
    return Installed(
        name=normalize(spelling) if told or is_name(spelling) else NormalizedName(spelling.lower()),
        spelling=spelling,
        version=version,
        location=folder,
        info=info,
        stamp=stamp,
        installer=_text(info, "INSTALLER") if "INSTALLER" in inside else "",
        requested="REQUESTED" in inside,
        direct_url=_text(info, "direct_url.json") if "direct_url.json" in inside else "",
        broken=broken,
    )


def _uncommon(info: str, inside: list[str], broken: str) -> tuple[str, str, str]:
    """Return name, version and what is wrong, for a folder whose name is not of the common kind.

    ``.egg-info`` may say no version, or more than that (``name-1.0-py3.8``); old tools escaped names otherwise.
    """
    stem, _, kind = os.path.basename(info).rpartition(".")
    parts = stem.split("-")
    if is_name(parts[0]) and (len(parts) == 2 or (len(parts) > 2 and kind == "egg-info")) and parse_version(parts[1]):
        return parts[0], parts[1], broken
    if stem.startswith("~"):  # so pip renames what it is about to remove
        return stem, "", "it was left behind by an uninstallation that did not finish"
    if broken:
        return stem, "", broken
    try:
        metadata = parse_metadata(_read(_metadata_path(info, inside)), os.path.basename(info))
    except OSError as error:
        return stem, "", _unreadable(error)
    except IntegrityError:
        return stem, "", _NAMELESS
    return metadata.name, metadata.version, ""


def _linked(folder: str, name: str) -> Iterator[Installed]:
    """Yield what an ``.egg-link`` of ``setup.py develop`` leads to: its first line names a folder."""
    try:
        lines = _read(os.path.join(folder, name)).decode("utf-8", "replace").splitlines()
        target = os.path.join(folder, next((line.strip() for line in lines if line.strip()), ""))
        found = [entry for entry in os.listdir(target) if entry.endswith(".egg-info")]
    except (OSError, ValueError):
        return
    for entry in found:
        yield msgspec.structs.replace(_look(target, entry), location=folder)


def _metadata_path(info: str, inside: list[str]) -> str:
    if info.endswith(".dist-info"):
        return info + os.sep + "METADATA"
    return info + os.sep + "PKG-INFO" if inside else info


def _text(info: str, name: str) -> str:
    """Return the content of a small file, stripped; empty where it cannot be read."""
    try:
        descriptor = os.open(info + os.sep + name, os.O_RDONLY)  # half the time of open(): there are hundreds
        try:
            return os.read(descriptor, _SMALL).decode("utf-8", "replace").strip()
        finally:
            os.close(descriptor)
    except OSError:
        return ""


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_MOST)


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _unreadable(error: OSError) -> str:
    return f"its metadata cannot be read: {error.strerror or error}"


def _unreadable_folder(folder: str, error: OSError) -> TargetError:
    return TargetError(
        "environment-unreadable",
        f"What is installed in {folder} cannot be listed: {error.strerror or error}",
        hint="Run as the owner of the environment, or make a virtual environment and name that with --python.",
    )


def _broken(distribution: Installed, reason: str) -> TargetError:
    return TargetError(
        "broken-distribution",
        f"The installed {distribution.spelling} {distribution.version} is broken: {reason}",
        context=(distribution.info,),
        hint=f"Install it again with --force-reinstall {distribution.name}.",
    )
