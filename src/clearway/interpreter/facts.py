"""What an interpreter tells about itself: the shape of the line that ``script.py`` prints."""

from __future__ import annotations

import msgspec

from clearway.model.targets import Scheme


class Facts(msgspec.Struct, frozen=True):
    """One interpreter on one machine, in its own words.

    :param version: major and minor.
    :param executable: ``sys.executable``: not what was asked for where that is a wrapper.
    :param nodot: ``py_version_nodot`` of ``sysconfig``.
    :param free_threaded: built without the global interpreter lock (PEP 703).
    :param platform: ``sysconfig.get_platform()``.
    :param glibc: the version of the C library, empty where it is another one.
    :param musl: likewise for musl (PEP 656).
    :param elf: word size, little-endianness, machine and flags of the executable; None where it is no ELF file.
    :param refused: manylinux versions that the distributor's ``_manylinux`` module rules out, ``2_17`` (PEP 600).
    :param macos: the version of macOS, ``machine`` its architecture.
    :param user, user_enabled, below_prefix, below_home: as in :class:`clearway.model.targets.Environment`.
    """

    version: tuple[int, int]
    executable: str
    prefix: str
    base_prefix: str
    stdlib: str
    scheme: Scheme
    search: tuple[str, ...]
    markers: dict[str, str]
    implementation: str
    nodot: str
    ext_suffix: str
    debug: bool
    free_threaded: bool
    system: str
    platform: str
    bits: int
    glibc: str = ""
    musl: str = ""
    elf: tuple[int, bool, int, int] | None = None
    refused: tuple[str, ...] = ()
    macos: str = ""
    machine: str = ""
    user: Scheme | None = None
    user_enabled: bool = False
    below_prefix: Scheme | None = None
    below_home: Scheme | None = None
