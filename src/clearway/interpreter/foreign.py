"""Another target than the interpreter: ``--python-version``, ``--platform``, ``--implementation``, ``--abi``; PEP 425.

What is not said is the interpreter's. The tags are those that pip takes; so are the markers, which stay the
interpreter's own: the version that is named decides over wheels and Requires-Python alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clearway.model.targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clearway.model.targets import Environment

_MACOS = re.compile(r"macosx_(\d+)_(\d+)_(.+)")
_IOS = re.compile(r"ios_(\d+)_(\d+)_(.+)")
_ANDROID = re.compile(r"android_(\d+)_(.+)")
_OLDER = {"manylinux2014": ("manylinux2010", "manylinux1"), "manylinux2010": ("manylinux1",)}
"""Which wheels run as well where those of a name do: the newer specifications say so (PEP 571, PEP 599)."""


def foreign_target(
    environment: Environment,
    *,
    python_version: str = "",
    platforms: Sequence[str] = (),
    implementation: str = "",
    abis: Sequence[str] = (),
    any_python: bool = False,
) -> Target:
    """Return a target with what is named in the place of what the interpreter is.

    :param python_version: one to three numbers with dots; empty for the interpreter's.
    :param any_python: as in :class:`clearway.model.targets.Target`.
    """
    tags = tuple(_tags(environment, python_version, platforms, implementation, abis))
    full = ".".join((*python_version.split("."), "0", "0")[:3]) if python_version else ""
    return Target(environment.markers, tags, full, any_python=any_python)


def _tags(
    environment: Environment, python_version: str, platforms: Sequence[str], implementation: str, abis: Sequence[str]
) -> Iterator[str]:
    from packaging.tags import compatible_tags, cpython_tags, generic_tags  # late: 45 ms, and only for another target

    own, own_abi, _ = environment.tags[0].split("-", 2)
    name = implementation or own.rstrip("0123456789_")
    stated = tuple(map(int, python_version.split(".")[:2])) if python_version else ()
    version = stated or tuple(map(int, environment.markers["python_version"].split(".")))
    interpreter = name + ("".join(map(str, stated)) if stated else own.lstrip("abcdefghijklmnopqrstuvwxyz"))
    places = _expanded(platforms) if platforms else _own_platforms(environment)
    if name == "cp":
        taken = list(abis) if abis else _cpython_abis(environment, own_abi, stated)
        yield from map(str, cpython_tags(version, taken, places))
    else:
        yield from map(str, generic_tags(interpreter, list(abis) or [own_abi], places))
    yield from map(str, compatible_tags(version, interpreter, places))


def _cpython_abis(environment: Environment, own_abi: str, version: tuple[int, ...]) -> list[str]:
    """Return the ABIs of a CPython of another version that was built as the interpreter is."""
    if not version:
        return list(dict.fromkeys(abi for abi in map(_abi_of, environment.tags) if abi.startswith("cp")))
    if len(version) == 1:
        return []
    flags = own_abi.lstrip("cp0123456789") if own_abi.startswith("cp") else ""
    threads = "t" if "t" in flags and version >= (3, 13) else ""
    ordinary = f"cp{version[0]}{version[1]}{threads}"
    return [f"{ordinary}d", ordinary] if "d" in flags else [ordinary]


def _abi_of(tag: str) -> str:
    return tag.split("-", 2)[1]


def _own_platforms(environment: Environment) -> list[str]:
    platforms = (tag.split("-", 2)[2] for tag in environment.tags)
    return list(dict.fromkeys(platform for platform in platforms if platform != "any"))


def _expanded(platforms: Iterable[str]) -> list[str]:
    """Return platforms, each with the older ones whose wheels run there as well; each once."""
    found: dict[str, None] = {}
    for platform in platforms:
        if platform not in found:  # else it was an older one of another, and that one's order holds
            found.update(dict.fromkeys(_with_older(platform)))
    return list(found)


def _with_older(platform: str) -> Iterator[str]:
    from packaging.tags import android_platforms, ios_platforms, mac_platforms  # late: as above

    family, _, machine = platform.partition("_")
    if macos := _MACOS.fullmatch(platform):
        yield from mac_platforms((int(macos[1]), int(macos[2])), macos[3])
    elif ios := _IOS.fullmatch(platform):
        yield from ios_platforms((int(ios[1]), int(ios[2])), ios[3])
    elif android := _ANDROID.fullmatch(platform):
        yield from android_platforms(int(android[1]), android[2])
    else:
        yield platform
        older = _OLDER.get(family, ()) if machine in {"x86_64", "i686"} or family == "manylinux2010" else ()
        yield from (f"{name}_{machine}" for name in older)
