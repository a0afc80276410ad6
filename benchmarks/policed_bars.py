"""What a tool may take at most before the policed mirror, and how far one came that ends at a refusal.

The bars speak of archives that are *needed*: those that are installed or that a solver has to read, because this index
says nothing about a release anywhere else. From outside that is what both clearway and the reference asked for, and
what clearway installed. An archive that only one of them asked for is either an accident of its search or a guess that
was wrong, and counts as not needed.
"""

from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from report import Cell, Row
    from tools import ToolError

    Samples = dict[Cell, list[dict[str, Any]]]

KINDS = ("cold", "resolve-cold")  # what there are bars for
ROUND_TRIP = 20  # milliseconds; the bars of the wall clock are for this one
WALL = 0.6  # of the reference's wall clock
BYTES = 1.05  # of one copy of each archive that is needed; pages come on top
LINK = 1.2  # of what the link takes for the bytes that a resolution must read
GRACE = 0.3  # seconds on top of that

_URL = re.compile(r"https?://\S+/([^/#\s]+\.(?:whl|tar\.gz))\S*")  # what matters of it is the name of the file
_HEADINGS = (
    "workload",
    "kind",
    "rtt",
    "tool",
    "archives",
    "twice",
    "refused",
    "again",
    "401",
    "archive MB",
    "page MB",
    "needed MB",
    "allowed s",
)


class Need(NamedTuple):
    """What cannot be done without, in bytes."""

    archives: int
    pages: int


def needs(samples: Samples, root: Path, installed: dict[str, dict[str, str]]) -> dict[Cell, Need]:
    """Return what clearway needed in each cell that the reference was measured in too.

    :param root: the frozen folder, which knows the sizes.
    :param installed: what clearway installed, by workload.
    """
    sizes = {path.name: path.stat().st_size for path in (root / "files").glob("*/*/*/*")}
    found = {}
    for cell, taken in samples.items():
        other = samples.get(cell._replace(tool="uv"))
        if cell.tool != "clearway" or cell.kind not in KINDS or not other:
            continue
        asked = _asked(taken)
        versions = installed.get(cell.workload, {})
        needed = {name for name in asked if name in _asked(other) or _is_one_of(name, versions)}
        pages = median(sample["volumes"].get("listing", 0) for sample in taken)
        found[cell] = Need(sum(sizes[name] for name in needed), int(pages))
    return found


def table(samples: Samples, found: dict[Cell, Row], need: dict[Cell, Need], bandwidth: float) -> list[tuple[str, ...]]:
    """Return what the mirror counted as text, headings first; of counts the worst run, of bytes the median."""
    lines: list[tuple[str, ...]] = [_HEADINGS]
    for cell, taken in samples.items():
        needed = need.get(cell)
        limit = _allowed(cell, found, needed, bandwidth)
        lines.append(
            (
                cell.workload,
                cell.kind,
                str(cell.rtt),
                cell.tool,
                str(max(len(sample["archives"]) for sample in taken)),
                str(_repeated(taken, "archives")),
                str(max(len(sample["refused"]) for sample in taken)),
                str(_repeated(taken, "refused")),
                str(max(sample["kinds"].get("unauthorized", 0) for sample in taken)),
                f"{_median_volume(taken, 'file') / 1e6:.2f}",
                f"{_median_volume(taken, 'listing') / 1e6:.2f}",
                f"{needed.archives / 1e6:.2f}" if needed else "",
                f"{limit:.3f}" if limit else "",
            )
        )
    return lines


def missed(samples: Samples, found: dict[Cell, Row], need: dict[Cell, Need], bandwidth: float) -> list[str]:
    """Return a sentence for each bar that clearway misses.

    :param bandwidth: of the mirror, in bytes a second; 0 for no limit.
    """
    sentences = []
    for cell, row in found.items():
        if cell.tool != "clearway":
            continue
        where = f"{cell.workload} {cell.kind} at {cell.rtt} ms"
        limit = _allowed(cell, found, need.get(cell), bandwidth)
        if limit and row.wall > limit:
            sentences.append(f"{where}: {row.wall:.3f} s, at most {limit:.3f} allowed")
        if (needed := need.get(cell)) and row.bytes > (most := BYTES * needed.archives + needed.pages):
            sentences.append(f"{where}: {row.bytes / 1e6:.2f} MB, at most {most / 1e6:.2f} allowed")
        for kind, what in (("archives", "archives fetched twice"), ("refused", "refused archives asked for again")):
            if count := _repeated(samples[cell], kind):
                sentences.append(f"{where}: {count} {what}")
    return sentences


def dead_end(cell: Cell, error: ToolError) -> str:
    """Say how far a tool came that ended at a refusal."""
    if error.sample is None or not error.counted:
        return f"{cell.workload} {cell.kind} at {cell.rtt} ms: {error}"
    counted = error.counted
    said = [line.strip() for line in error.said.splitlines() if "error" in line.lower()]
    why = _URL.sub(r"\1", said[-1]).partition(" for url")[0] if said else "it did not say why"
    return (
        f"{cell.workload} {cell.kind} at {cell.rtt} ms: {cell.tool} ended with status {error.sample.status} after "
        f"{error.sample.wall:.2f} s, {counted['requests']} requests ({len(counted['refused'])} refused) and "
        f"{counted['bytes'] / 1e6:.2f} MB: {why}"
    )


def _allowed(cell: Cell, found: dict[Cell, Row], need: Need | None, bandwidth: float) -> float:
    """Return the seconds that clearway may take in a cell; 0 where there is no bar."""
    reference = found.get(cell._replace(tool="uv"))
    if cell.tool != "clearway" or cell.rtt != ROUND_TRIP or cell.kind not in KINDS or reference is None:
        return 0.0
    if cell.kind == "cold" or need is None:
        return WALL * reference.wall
    seconds = (need.archives + need.pages) / bandwidth if bandwidth else 0.0
    return max(WALL * reference.wall, LINK * seconds + GRACE)


def _asked(taken: list[dict[str, Any]]) -> set[str]:
    """Return the archives that were handed out in any run, by file name."""
    return {name for sample in taken for name in sample["archives"]}


def _repeated(taken: list[dict[str, Any]], kind: str) -> int:
    """Return how many files were asked for more than once, in the worst run."""
    return int(max(sum(count > 1 for count in sample[kind].values()) for sample in taken))


def _median_volume(taken: list[dict[str, Any]], kind: str) -> float:
    """Return the bytes of a kind of answer."""
    return float(median(sample["volumes"].get(kind, 0) for sample in taken))


def _is_one_of(filename: str, versions: dict[str, str]) -> bool:
    """Tell whether a wheel is one of what was installed."""
    name, version, *_tags = filename.split("-")
    return versions.get(re.sub(r"[-_.]+", "-", name).lower()) == version
