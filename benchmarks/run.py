"""Benchmarks of clearway beside pip and uv on a frozen loopback mirror: ``./dev bench [ARGUMENT ...]``.

What is compared, what is allowed and how runs are ordered stands here; see README.md for how to read the results.
"""

from __future__ import annotations

import argparse
import fcntl
import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import policed_bars
from measure import Mirror, run
from report import Bar, Cell, differences, markdown, missed, plain, rows, table
from tools import TOOLS, Job, Tool, ToolError, Workplace

HERE = Path(__file__).resolve().parent
FROZEN = HERE / ".frozen"
WORK = HERE / ".work"

WORKLOADS = {
    "flask": ("flask",),
    "jupyterlab": ("jupyterlab",),
    "apache-airflow": ("apache-airflow",),
    "science": ("pandas", "scikit-learn", "matplotlib"),
}
KINDS = {
    "cold": "install into a new environment, with an empty cache",
    "warm": "install into a new environment, with a cache that holds everything",
    "satisfied": "install into an environment that has everything",
    "resolve-cold": "--dry-run into a new environment, with an empty cache",
    "resolve-warm": "--dry-run into an empty environment seen before, with a cache that holds everything",
    "start-up": "--version, beside `python -c pass`",
}
ROUND_TRIPS = (0, 20)
BARS = (
    Bar("cold", 0.8, workload="jupyterlab"),
    Bar("cold", 0.8, workload="apache-airflow"),
    Bar("cold", 1.0),
    Bar("warm", 1.5),
    Bar("satisfied", 3.0),
    Bar("resolve-cold", 1.5, rtt=20),
    Bar("resolve-warm", 3.0),
    Bar("start-up", 3.0, reference="python"),
)

Samples = dict[Cell, list[dict[str, Any]]]


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = "\n".join(f"{kind}: {meaning}" for kind, meaning in KINDS.items())
    parser.add_argument("--workload", action="append", choices=WORKLOADS)
    parser.add_argument("--kind", action="append", choices=KINDS, help=kinds)
    parser.add_argument("--tool", action="append", choices=TOOLS)
    parser.add_argument(
        "--rtt", action="append", type=int, metavar="MS", help="simulated round-trip time, 0 and 20 by default"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each tool for each median (default: 5)")
    parser.add_argument(
        "--python", type=Path, default=_base(), help="the interpreter to install for (default: this one)"
    )
    parser.add_argument(
        "--folder", type=Path, default=WORK, help="where environments and caches are made (default: benchmarks/.work)"
    )
    parser.add_argument(
        "--record", action="store_true", help="fetch from the real index what the mirror lacks, and measure nothing"
    )
    parser.add_argument(
        "--policed",
        action="store_true",
        help="an index behind a firewall, that refuses newest releases (see README.md)",
    )
    parser.add_argument(
        "--bandwidth",
        type=float,
        default=0.0,
        metavar="MB",
        help="megabytes a second of the mirror (default: no limit)",
    )
    parser.add_argument("--check", action="store_true", help="fail when a bar is missed")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args(arguments)


def _base() -> Path:
    """Return the interpreter behind this one's virtual environment."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def prepare(kind: str, tool: Tool, requirements: tuple[str, ...], workplace: Workplace, index: str) -> Job:
    """Make what one run of a kind starts from; nothing of this is timed."""
    dry_run = kind.startswith("resolve")
    if kind.endswith("cold"):
        return Job(workplace.empty(), workplace.folder(), requirements, dry_run)
    seed = workplace.seed(tool, requirements, index)
    if kind == "warm":
        return Job(workplace.empty(), seed.cache, requirements, dry_run)
    target = seed.target if kind == "satisfied" else workplace.seen(tool)
    return Job(target, seed.cache, requirements, dry_run)


def sample(kind: str, tool: Tool, workload: str, workplace: Workplace, mirror: Mirror) -> dict[str, Any]:
    """Measure one run; again where it met a hole in the mirror, after that was filled.

    :raises ToolError: when the tool fails, and not for a hole.
    """
    for _attempt in range(5):
        failure, holes = None, []
        try:
            job = prepare(kind, tool, WORKLOADS[workload], workplace, mirror.url)
            holes = mirror.count()["holes"]
            os.sync()  # what the run before has left to be written is not this one's to pay for
            result = workplace.do(tool, job, mirror.url)
        except ToolError as error:
            failure = error
        counted = mirror.count()
        holes += counted["holes"]
        if not holes:
            if failure:
                failure.counted = counted
                raise failure
            return {**result._asdict(), **counted}
        print(f"{tool.name} asked for more than was recorded: {' '.join(holes)}", file=sys.stderr, flush=True)
        mirror.fill(holes)
    raise ToolError(f"{tool.name} asks for something else each time")


def measure(
    cells: list[tuple[str, str, int]], tools: list[Tool], runs: int, workplace: Workplace, mirror: Mirror
) -> tuple[Samples, dict[Cell, ToolError]]:
    """Measure all cells, one after the other; in each the tools take turns, and the one that begins changes.

    :returns: the samples, and which tools failed; a tool that failed is left out of the rest of its cell.
    """
    samples: Samples = {}
    failures: dict[Cell, ToolError] = {}
    for workload, kind, rtt in cells:
        mirror.set_rtt(rtt)
        able = list(tools)
        first = (
            0 if kind.endswith("cold") else -1
        )  # what a first run leaves for the later ones is there for all of them
        for turn, position in itertools.product(range(first, runs), range(len(tools))):
            tool = tools[(turn + position) % len(tools)]
            if tool not in able:
                continue
            try:
                taken = sample(kind, tool, workload, workplace, mirror)
            except ToolError as error:
                failures[Cell(workload, kind, rtt, tool.name)] = error
                able.remove(tool)
                continue
            if turn >= 0:
                samples.setdefault(Cell(workload, kind, rtt, tool.name), []).append(taken)
        print(f"{workload} {kind} {rtt} ms", file=sys.stderr, flush=True)
    order = {tool.name: place for place, tool in enumerate(tools)}
    ordered = sorted(samples.items(), key=lambda item: (cells.index(item[0][:3]), order[item[0].tool]))
    return dict(ordered), failures


def start_up(tools: list[Tool], runs: int, workplace: Workplace) -> Samples:
    """Measure how long it takes to start each tool, and an interpreter that does nothing."""
    commands: dict[str, list[str | Path]] = {"python": [_base(), "-c", "pass"]}
    commands |= {tool.name: [*tool.program(), "--version"] for tool in tools}
    samples: Samples = {}
    nothing = {"requests": 0, "bytes": 0, "connections": 0, "cpu": 0.0}
    for turn, (name, command) in itertools.product(range(-1, 4 * runs), commands.items()):
        result = run(command, workplace.variables, workplace.work / "log.txt")
        if turn >= 0:
            samples.setdefault(Cell("", "start-up", 0, name), []).append({**result._asdict(), **nothing})
    return samples


def record(workloads: list[str], tools: list[Tool], workplace: Workplace, *, policed: bool) -> None:
    """Have each tool do each workload through a recording mirror, so that all it asks for is held from then on."""
    if policed:
        tools = [tool for tool in tools if tool.name != "pip"]  # it ends at the first refusal
        decide(workplace)
    with Mirror(FROZEN, record=True, policed=policed) as mirror:
        for rtt in (0, 20):  # what a tool asks for ahead of need depends on how late the answers are
            mirror.set_rtt(rtt)
            for workload, tool, dry_run in itertools.product(workloads, tools, (False, True)):
                job = Job(workplace.empty(), workplace.folder(), WORKLOADS[workload], dry_run)
                sample = workplace.do(tool, job, mirror.url)
                counted = mirror.count()
                print(f"{workload:15} {tool.name:9} {sample.wall:7.1f} s  {json.dumps(counted['kinds'])}", flush=True)
    size = sum(path.stat().st_size for path in FROZEN.rglob("*") if path.is_file())
    print(f"{FROZEN.name} holds {size / 1e6:.0f} MB")


def decide(workplace: Workplace) -> None:
    """Choose once what the policed mirror refuses, from what uv installs when nothing is refused."""
    if (FROZEN / "policed.json").is_file():
        return
    import policy  # needs packaging, which a measurement does not

    uv = TOOLS["uv"]("uv", _base(), WORK)
    with Mirror(FROZEN) as mirror:
        for workload in WORKLOADS:
            sample("cold", uv, workload, workplace, mirror)
    picks = {name: version for sets in workplace.chosen.values() for name, version in sets["uv"].items()}
    chosen = policy.write(FROZEN, picks)
    print(f"refused of {len(chosen)} of {len(picks)} projects: {' '.join(chosen)}")


def compare(options: argparse.Namespace, tools: list[Tool], workplace: Workplace) -> int:
    """Measure, print, keep, and check."""
    asked = options.kind or (policed_bars.KINDS if options.policed else KINDS)
    kinds = [kind for kind in asked if kind != "start-up"]
    cells = list(itertools.product(options.workload or WORKLOADS, kinds, options.rtt or ROUND_TRIPS))
    samples: Samples = {}
    if "start-up" in asked:
        samples |= start_up(tools, options.runs, workplace)
    workplace.settle()
    with Mirror(FROZEN, policed=options.policed, bandwidth=options.bandwidth) as mirror:
        measured, failures = measure(cells, tools, options.runs, workplace, mirror)
        samples |= measured
    for requirements, sets in workplace.chosen.items():
        for line in differences(sets):
            print(f"{' '.join(requirements)}: {line}")
    found = rows(samples)
    lay = markdown if options.markdown else plain
    print(lay(table(found)))
    kept = WORK / f"results-{time.strftime('%Y%m%d-%H%M%S')}.json"
    results = [{**cell._asdict(), "samples": taken} for cell, taken in samples.items()]
    results += [{**cell._asdict(), "failed": str(error), **error.counted} for cell, error in failures.items()]
    kept.write_text(json.dumps(results, indent=1))
    print(f"samples: {kept.relative_to(HERE.parent)}")
    sentences = firewalled(options, measured, workplace) if options.policed else missed(found, BARS)
    for sentence in sentences:
        print(f"missed: {sentence}")
    failed = report_failures(failures, policed=options.policed)
    return 1 if failed or (sentences and options.check) else 0


def report_failures(failures: dict[Cell, ToolError], *, policed: bool) -> bool:
    """Print which tools failed, and tell whether one did that should not have: pip ends at a refusal."""
    failed = False
    for cell, error in failures.items():
        if policed and cell.tool == "pip":
            print(f"dead end: {policed_bars.dead_end(cell, error)}")
        else:
            failed = True
            print(f"failed: {cell.workload} {cell.kind} at {cell.rtt} ms: {error}")
    return failed


def firewalled(options: argparse.Namespace, samples: Samples, workplace: Workplace) -> list[str]:
    """Print what the policed mirror counted, and return a sentence for each bar that is missed."""
    found = rows(samples)
    installed = {name: workplace.chosen.get(WORKLOADS[name], {}).get("clearway", {}) for name in WORKLOADS}
    need = policed_bars.needs(samples, FROZEN, installed)
    bandwidth = options.bandwidth * 1e6
    lines = policed_bars.table(samples, found, need, bandwidth)
    print(markdown(lines) if options.markdown else plain(lines))
    return policed_bars.missed(samples, found, need, bandwidth)


def main(arguments: list[str]) -> int:
    """Run the benchmarks or a recording, when no other session does."""
    options = parse(arguments)
    if options.policed and not options.record and not (FROZEN / "policed.json").is_file():
        sys.exit("nothing is recorded for this yet; do that first: ./dev bench --policed --record")
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another session to end", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        return session(options)


def session(options: argparse.Namespace) -> int:
    """Do what was asked; there must be no other session on this machine meanwhile."""
    tools = [TOOLS[name](name, _base(), WORK) for name in options.tool or TOOLS]
    for tool in tools:
        tool.prepare()
    workplace = Workplace(options.folder.resolve(), options.python.resolve())
    try:
        if options.record:
            record(options.workload or list(WORKLOADS), tools, workplace, policed=options.policed)
            return 0
        return compare(options, tools, workplace)
    finally:
        workplace.clear()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
