"""From samples to medians, ratios, bars and tables."""

from __future__ import annotations

from statistics import median
from typing import Any, NamedTuple

GRACE = 0.120  # seconds on top of uv's that a short run may take, whatever the ratio
SHORT = 0.5  # seconds of uv's up to which a run counts as short
MEMORY = (1.5, 150e6)  # at most this ratio to uv's peak, or this many bytes


class Cell(NamedTuple):
    """One thing that is measured."""

    workload: str
    kind: str
    rtt: int
    tool: str


class Bar(NamedTuple):
    """What clearway may take at most.

    :param ratio: of the wall clock to the reference's.
    :param workload: the workload that it is for; empty for all that have no bar of their own.
    :param rtt: the round-trip time that it is for; None for all.
    :param reference: the tool that it is measured against.
    """

    kind: str
    ratio: float
    workload: str = ""
    rtt: int | None = None
    reference: str = "uv"


class Row(NamedTuple):
    """The medians of one cell."""

    cell: Cell
    wall: float
    fastest: float
    cpu: float
    peak: float
    requests: float
    bytes: float
    connections: float
    served: float


def rows(samples: dict[Cell, list[dict[str, Any]]]) -> dict[Cell, Row]:
    """Take the medians."""
    return {cell: _row(cell, measured) for cell, measured in samples.items()}


def _row(cell: Cell, measured: list[dict[str, Any]]) -> Row:
    """Take the medians of one cell."""

    def middle(name: str) -> float:
        return float(median(sample[name] for sample in measured))

    return Row(
        cell,
        middle("wall"),
        min(sample["wall"] for sample in measured),
        median(sample["user"] + sample["system"] for sample in measured),
        middle("peak"),
        middle("requests"),
        middle("bytes"),
        middle("connections"),
        middle("cpu"),
    )


_HEADINGS = (
    "workload",
    "kind",
    "rtt",
    "tool",
    "median s",
    "fastest",
    "to uv",
    "cpu s",
    "peak MB",
    "requests",
    "MB",
    "conns",
    "mirror s",
)


def table(found: dict[Cell, Row]) -> list[tuple[str, ...]]:
    """Return the rows as text, headings first."""
    lines: list[tuple[str, ...]] = [_HEADINGS]
    for cell, row in found.items():
        reference = found.get(cell._replace(tool="uv"))
        lines.append(
            (
                cell.workload,
                cell.kind,
                str(cell.rtt),
                cell.tool,
                f"{row.wall:.3f}",
                f"{row.fastest:.3f}",
                f"{row.wall / reference.wall:.2f}" if reference else "",
                f"{row.cpu:.2f}",
                f"{row.peak / 1e6:.0f}",
                f"{row.requests:.0f}",
                f"{row.bytes / 1e6:.2f}",
                f"{row.connections:.0f}",
                f"{row.served:.3f}",
            )
        )
    return lines


def plain(lines: list[tuple[str, ...]]) -> str:
    """Lay out a table for a terminal."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = 2  # columns on the left are text, the others numbers; the tool's name comes between numbers

    def lay(line: tuple[str, ...]) -> str:
        cells = zip(line, widths, range(len(line)), strict=True)
        return "  ".join(
            text.ljust(width) if column < texts or column == 3 else text.rjust(width) for text, width, column in cells
        )

    return "\n".join(lay(line).rstrip() for line in lines)


def markdown(lines: list[tuple[str, ...]]) -> str:
    """Lay out a table for a document."""
    rule = tuple("---" if column in {0, 1, 3} else "---:" for column in range(len(lines[0])))
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def missed(found: dict[Cell, Row], bars: tuple[Bar, ...]) -> list[str]:
    """Return a sentence for each bar that clearway misses."""
    sentences = []
    for cell, row in found.items():
        if cell.tool == "clearway":
            sentences.extend(_missed(row, found, bars))
    return sentences


def _missed(row: Row, found: dict[Cell, Row], bars: tuple[Bar, ...]) -> list[str]:
    """Hold one row against its bars."""
    where = f"{row.cell.workload} {row.cell.kind} at {row.cell.rtt} ms"
    sentences = []
    if bar := _bar(row.cell, bars):
        reference = found.get(row.cell._replace(tool=bar.reference))
        if reference and row.wall > (limit := _limit(bar, reference.wall)):
            sentences.append(
                f"{where}: {row.wall:.3f} s, at most {limit:.3f} allowed ({bar.reference}: {reference.wall:.3f} s)"
            )
    uv = found.get(row.cell._replace(tool="uv"))
    if uv is None or row.cell.kind == "start-up":
        return sentences
    if row.peak > max(MEMORY[0] * uv.peak, MEMORY[1]):
        sentences.append(f"{where}: {row.peak / 1e6:.0f} MB at its peak (uv: {uv.peak / 1e6:.0f} MB)")
    if row.cell.kind == "cold":
        if row.requests > uv.requests:
            sentences.append(f"{where}: {row.requests:.0f} requests (uv: {uv.requests:.0f})")
        if row.bytes > uv.bytes:
            sentences.append(f"{where}: {row.bytes / 1e6:.2f} MB (uv: {uv.bytes / 1e6:.2f} MB)")
    return sentences


def _bar(cell: Cell, bars: tuple[Bar, ...]) -> Bar | None:
    """Return the bar for a cell: its workload's own, else the one for all."""
    fitting = [bar for bar in bars if bar.kind == cell.kind and bar.rtt in {None, cell.rtt}]
    own = [bar for bar in fitting if bar.workload == cell.workload]
    return next(iter(own or [bar for bar in fitting if not bar.workload]), None)


def _limit(bar: Bar, wall: float) -> float:
    """Return the seconds that a bar allows."""
    if bar.reference == "uv" and wall <= SHORT:
        return max(bar.ratio * wall, wall + GRACE)
    return bar.ratio * wall


def differences(sets: dict[str, dict[str, str]]) -> list[str]:
    """Say how what a tool chose differs from what uv chose.

    :param sets: versions by project, by tool.
    """
    reference = sets.get("uv", {})
    lines = []
    for tool, found in sets.items():
        for name in sorted(reference.keys() | found.keys()):
            ours, theirs = found.get(name, "nothing"), reference.get(name, "nothing")
            if reference and ours != theirs:
                lines.append(f"{name}: {tool} chose {ours}, uv {theirs}")
    return lines
