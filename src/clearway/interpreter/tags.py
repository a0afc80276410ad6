"""The wheel tags that an interpreter accepts, most preferred first (PEP 425, 600, 656).

``packaging.tags`` describes the interpreter that *it* runs in; of it only the public parts that take parameters can be
used for another one: the order of interpreters and ABIs, and macOS. The platforms of Linux and the names of ABIs are
worked out here from the facts. The rule: the answer equals ``packaging.tags.sys_tags()`` inside that interpreter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clearway.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.interpreter.facts import Facts

_MANYLINUX = frozenset({"x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"})
_LEGACY = {"2_5": "manylinux1", "2_12": "manylinux2010", "2_17": "manylinux2014"}
_LAST_GLIBC_MINOR = 50  # of a major version that is over; none is yet, and packaging assumes this number
_ELF_386, _ELF_ARM = 3, 40
_ARM_EABI5, _ARM_EABI_MASK, _ARM_HARD_FLOAT = 0x05000000, 0xFF000000, 0x400


def tags(facts: Facts) -> tuple[str, ...]:
    """Return the tags that an interpreter accepts.

    :raises TargetError: ``bad-interpreter`` when the facts contradict each other.
    """
    from packaging.tags import compatible_tags, cpython_tags, generic_tags  # late: 45 ms, needed after a probe only

    platforms = list(_platforms(facts))
    if facts.implementation == "cpython":
        specific = cpython_tags(facts.version, _cpython_abis(facts), platforms)
        universal = f"cp{facts.nodot}"
    else:
        short = {"pypy": "pp", "python": "py"}.get(facts.implementation, facts.implementation)
        specific = generic_tags(f"{short}{facts.nodot}", _generic_abis(facts), platforms)
        universal = "pp3" if short == "pp" else ""
    common = compatible_tags(facts.version, universal, platforms)
    return (*map(str, specific), *map(str, common))


def _cpython_abis(facts: Facts) -> list[str]:
    """Return the ABIs of a CPython: its own, and for a debug build the ordinary one as well (since 3.8)."""
    threads = "t" if facts.free_threaded and facts.version >= (3, 13) else ""
    ordinary = f"cp{facts.version[0]}{facts.version[1]}{threads}"
    return [f"{ordinary}d", ordinary] if facts.debug else [ordinary]


def _generic_abis(facts: Facts) -> list[str]:
    """Return the ABI that the suffix of extension modules spells: ``.pypy310-pp73-x86_64-linux-gnu.so``."""
    parts = facts.ext_suffix.split(".")
    if len(parts) < 3 or parts[0]:
        raise TargetError(
            "bad-interpreter",
            f"{facts.executable} does not tell the ABI of its extension modules",
            context=(f"EXT_SUFFIX: {facts.ext_suffix!r}",),
            hint="Repair or reinstall the interpreter, or name another one with --python.",
        )
    soabi = parts[1].split("-")
    if soabi[0] == "cpython":
        return [f"cp{soabi[1]}"]
    for family, length in (("pypy", 2), ("graalpy", 3), ("cp", 1)):
        if soabi[0].startswith(family):
            return [_underscored("-".join(soabi[:length]))]
    return [_underscored(parts[1])] if parts[1] else []


def _underscored(text: str) -> str:
    return text.replace(".", "_").replace("-", "_").replace(" ", "_")


def _platforms(facts: Facts) -> Iterator[str]:
    if facts.system == "Darwin":
        return _macos(facts)
    platform = _underscored(facts.platform)
    if facts.system == "Linux" and platform.startswith("linux_"):
        return _linux(facts, platform.removeprefix("linux_"))
    return iter([platform])


def _macos(facts: Facts) -> Iterator[str]:
    from packaging.tags import mac_platforms  # late: 45 ms

    major, _, minor = facts.macos.partition(".")
    architecture = facts.machine
    if facts.bits == 32:
        architecture = "ppc" if architecture.startswith("ppc") else "i386"
    return mac_platforms((int(major), int(minor.partition(".")[0] or 0)), architecture)


def _linux(facts: Facts, architecture: str) -> Iterator[str]:
    """Yield the plain platforms, then those of manylinux, then those of musllinux."""
    if facts.bits == 32:  # a 32-bit interpreter on a 64-bit kernel
        architecture = {"x86_64": "i686", "aarch64": "armv8l"}.get(architecture, architecture)
    architectures = ["armv8l", "armv7l"] if architecture == "armv8l" else [architecture]
    for name in architectures:
        yield f"linux_{name}"
    if facts.glibc and _has_manylinux_abi(facts, architectures):
        for name in architectures:
            yield from _manylinux(facts, name, 4 if {"x86_64", "i686"} & set(architectures) else 16)
    musl = re.match(r"(\d+)\.(\d+)", facts.musl)
    if musl:
        for name in architectures:
            yield from (f"musllinux_{musl[1]}_{minor}_{name}" for minor in range(int(musl[2]), -1, -1))


def _manylinux(facts: Facts, architecture: str, too_old: int) -> Iterator[str]:
    """Yield the versions of manylinux that the C library can serve, newest first, each with its old name (PEP 600)."""
    version = re.match(r"(\d+)\.(\d+)", facts.glibc)
    if version is None:
        return
    newest = (int(version[1]), int(version[2]))
    for major, last in [newest, *((major, _LAST_GLIBC_MINOR) for major in range(newest[0] - 1, 1, -1))]:
        for minor in range(last, too_old if major == 2 else -1, -1):
            name = f"{major}_{minor}"
            if name not in facts.refused:
                yield f"manylinux_{name}_{architecture}"
                if name in _LEGACY:
                    yield f"{_LEGACY[name]}_{architecture}"


def _has_manylinux_abi(facts: Facts, architectures: list[str]) -> bool:
    """Whether the executable has the ABI that manylinux wheels are built for: on 32-bit ARM, hard floats."""
    if "armv7l" in architectures:
        if facts.elf is None or facts.elf[:3] != (32, True, _ELF_ARM):
            return False
        flags = facts.elf[3]
        return flags & _ARM_EABI_MASK == _ARM_EABI5 and bool(flags & _ARM_HARD_FLOAT)
    if "i686" in architectures:
        return facts.elf is not None and facts.elf[:3] == (32, True, _ELF_386)
    return not _MANYLINUX.isdisjoint(architectures)
