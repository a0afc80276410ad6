"""What a folder with environments holds, so that two that were made in different ways can be compared.

Left out is what may differ between installers that do the same: bytecode, who installed (INSTALLER, PEP 376), the
text of the launchers that entry points ask for, and the rows of RECORD that speak of those. Everything else counts
byte for byte, with the bit that makes a file executable; what is JSON by its standard (direct_url.json, PEP 610) counts
by what it says, RECORD by its rows in any order.
"""

from __future__ import annotations

import configparser
import csv
import hashlib
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_LAUNCHED = ("console_scripts", "gui_scripts")


def read_contents(root: Path, skipped: Collection[str] = (), *, place: str = "") -> dict[str, str]:
    """Return what stands below a folder: by path, what it is and a digest of what it says.

    :param skipped: paths below it that are passed over, with everything in them.
    :param place: stands for the folder's own path in texts and paths, where two folders are compared.
    """
    launchers = set(_launchers(root))
    found = {}
    for path in _files(root, skipped):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = f"link to {_placed(os.readlink(path).encode(), root, place).decode()}"
        elif path in launchers:
            found[name] = f"launcher{_mode(path)}"
        else:
            said = _said(path, root, place, launchers)
            found[name] = f"{hashlib.sha256(said).hexdigest()[:16]} {len(said)}{_mode(path)}"
    return found


def differences(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """Return the paths that are not in both, or not the same there, each with what is wrong."""
    only = [f"{path}: only the first has it" for path in first.keys() - second.keys()]
    only += [f"{path}: only the second has it" for path in second.keys() - first.keys()]
    both = first.keys() & second.keys()
    return sorted(only + [f"{path}: {first[path]} / {second[path]}" for path in both if first[path] != second[path]])


def distributions(root: Path) -> dict[str, str]:
    """Return the versions of what is installed anywhere below a folder, by name as metadata folders spell it."""
    infos = (path.stem.rpartition("-") for path in root.rglob("*.dist-info"))
    return {name: version for name, _, version in sorted(infos)}


def _files(root: Path, skipped: Collection[str]) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        kept = [name for name in folders if name != "__pycache__" and name not in links]
        folders[:] = [name for name in kept if (here / name).relative_to(root).as_posix() not in skipped]
        for name in (*files, *links):
            path = here / name
            told = path.relative_to(root).as_posix()
            if told not in skipped and path.suffix != ".pyc" and not told.endswith(".dist-info/INSTALLER"):
                yield path


def _launchers(root: Path) -> Iterator[Path]:
    """Yield the commands that entry points of what is installed ask for, wherever their RECORD has them."""
    for points in root.rglob("*.dist-info/entry_points.txt"):
        parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(points.read_text(encoding="utf-8"))
        names = {name for group in _LAUNCHED if parser.has_section(group) for name in parser[group]}
        record = points.with_name("RECORD")
        for row in _rows(record) if record.exists() else ():
            if row[0].rpartition("/")[2] in names:
                yield Path(os.path.normpath(points.parent.parent / row[0]))


def _said(path: Path, root: Path, place: str, launchers: set[Path]) -> bytes:
    content = path.read_bytes()
    if path.parent.suffix == ".dist-info" and path.name == "RECORD":
        return _record(path, launchers)
    if path.name == "direct_url.json":
        content = json.dumps(json.loads(content), sort_keys=True).encode()
    return _placed(content, root, place)


def _record(path: Path, launchers: set[Path]) -> bytes:
    """Return the rows that two installers have to agree on."""
    kept = []
    for name, digest, size in _rows(path):
        own = name.rpartition("/")[2]
        if name.endswith(".pyc") or (name.endswith(f".dist-info/{own}") and own == "INSTALLER"):
            continue
        what = Path(os.path.normpath(path.parent.parent / name))
        free = what in launchers or own == "direct_url.json" or _is_command(what)
        kept.append((name, "", "") if free else (name, digest, size))
    return repr(sorted(kept)).encode()


def _is_command(path: Path) -> bool:
    """Whether its first line names an interpreter, which depends on where it was installed."""
    if path.parent.name not in {"bin", "Scripts"} or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _rows(record: Path) -> list[tuple[str, str, str]]:
    text = record.read_text(encoding="utf-8")
    return [(row[0], row[1], row[2]) for row in csv.reader(io.StringIO(text, newline="")) if row]


def _placed(content: bytes, root: Path, place: str) -> bytes:
    return content.replace(str(root).encode(), place.encode()) if place else content


def _mode(path: Path) -> str:
    return " executable" if path.stat().st_mode & 0o100 else ""
