"""Which index pip would use on this machine when nobody names one. No index is built in here (DESIGN 4.8).

pip states its default in one line of one of its modules. It is read there without importing anything: in the pip that
is installed in the target environment, beside clearway, or in the base of either; else in the wheel of pip that the
standard library carries for ``ensurepip``, or that the distributor keeps for it.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.model.inputs import Given

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clearway.model.targets import Environment
    from clearway.ports import Store

TABLE = "default-indexes"
_MODULE = "pip/_internal/models/index.py"
_STATEMENT = re.compile(rb"""^PyPI\s*=\s*PackageIndex\(\s*["'](https?://[^"'\s]+)["']""", re.MULTILINE)
_DISTRIBUTOR_WHEELS = "/usr/share/python-wheels"
_MOST = 1 << 20


def default_index(
    environment: Environment,
    store: Store | None = None,
    own_search: Sequence[str] = (),
    own_stdlib: str = os.path.dirname(os.__file__),
) -> Given:
    """Return the URL of the index that pip would use, and which pip says so.

    :param store: remembers what a wheel says, by its path, time and size.
    :param own_search: where clearway's own distributions are; ``sys.path`` when not given.
    :raises InputError: ``no-index`` when there is no pip that tells.
    """
    stdlibs = [environment.stdlib, own_stdlib] if environment.stdlib else [own_stdlib]
    folders = [
        *environment.search,
        *(own_search or sys.path),
        *(folder for stdlib in stdlibs for folder in _base(stdlib)),
    ]
    for folder in folders:
        url = _stated(_read(os.path.join(folder, _MODULE)))
        if url:
            return Given(url, f"the default of pip in {folder}")
    for wheel in _wheels([*(os.path.join(stdlib, "ensurepip", "_bundled") for stdlib in stdlibs), _DISTRIBUTOR_WHEELS]):
        url = _remembered(wheel, store)
        if url:
            return Given(url, f"the default of {wheel}")
    raise InputError(
        "no-index",
        "No index is configured, and there is no pip whose default could be taken",
        hint="Name one with --index-url URL, CLEARWAY_INDEX_URL, or index-url in pip's configuration or clearway.toml.",
    )


def _base(stdlib: str) -> tuple[str, str]:
    """Return the folders in which an interpreter or its distributor keeps distributions, by where its library is."""
    return os.path.join(stdlib, "site-packages"), os.path.join(os.path.dirname(stdlib), "python3", "dist-packages")


def _stated(module: bytes) -> str:
    """Return the URL that pip's module states, as the simple repository below it; empty if it states none."""
    found = _STATEMENT.search(module)
    return f"{found[1].decode('utf-8', 'replace').rstrip('/')}/simple" if found else ""


def _wheels(folders: Sequence[str]) -> Iterator[str]:
    for folder in folders:
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        yield from (os.path.join(folder, name) for name in sorted(names) if re.fullmatch(r"pip-.*\.whl", name))


def _remembered(wheel: str, store: Store | None) -> str:
    """Return what a wheel states; remembered, because opening it takes the import of ``zipfile``."""
    try:
        status = os.stat(wheel)
    except OSError:
        return ""
    stamp = f"{status.st_mtime_ns} {status.st_size}\n".encode()
    known = store.get(TABLE, wheel) if store is not None else None
    if known is not None and known.startswith(stamp):
        return known[len(stamp) :].decode("utf-8", "replace")
    url = _stated(_read_member(wheel))
    if store is not None:
        store.put(TABLE, wheel, stamp + url.encode())
    return url


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST)
    except OSError:
        return b""


def _read_member(wheel: str) -> bytes:
    import zipfile  # late: 25 ms, and only where no pip is installed
    import zlib

    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(_MODULE) as member:
            return member.read(_MOST)
    except (OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return b""
