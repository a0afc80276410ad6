"""All the lines with pip and with clearway, side by side: ``python -m tests.drop_in [NAME ...]``.

It takes some minutes, nearly all of them pip's; the lines that are marked quick run with the tests.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from drop_in.scripts import Played, Script, compare, play, possible, read_scripts, topics
from drop_in.state import Yard, version_of
from support.simulator import IndexSimulator


def installed_pip() -> Path:
    """Return the folder that the pip of this Python is in."""
    found = importlib.util.find_spec("pip")
    if found is None or found.origin is None:
        sys.exit("this Python has no pip to compare with; name one with --pip FOLDER")
    return Path(found.origin).parent.parent


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.drop_in", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="the scripts to run (default: all)")
    parser.add_argument("--quick", action="store_true", help="only those that run with the tests")
    parser.add_argument(
        "--pip", type=Path, metavar="FOLDER", help="the site-packages that holds the pip to compare with"
    )
    parser.add_argument("--verbose", "-v", action="store_true", help="print what both said")
    return parser.parse_args()


class Session:
    """What has been compared so far.

    :param release: of the pip that is compared with.
    """

    def __init__(self, yard: Yard, release: str, *, verbose: bool) -> None:
        self._yard = yard
        self._release = release
        self._verbose = verbose
        self._known = topics()
        self._spent = {"pip": 0.0, "clearway": 0.0}
        self._lines = self._purposes = 0
        self.bad = 0

    def compare(self, script: Script) -> None:
        """Run a script with both tools, and print what is not as it must be."""
        played = [self._play(script, tool) for tool in self._spent]
        for line, pips, ours in zip(possible(script, self._release), *played, strict=True):
            wrong = list(compare(line, pips, ours))
            if line.because and line.because not in self._known:
                wrong.append(f"no row {line.because!r} in the list of differences")
            self._lines += 1
            self._purposes += bool(line.because)
            self.bad += bool(wrong)
            if wrong or self._verbose:
                print(f"{'FAILED' if wrong else 'same'}  {script.name}: {line.run}", *wrong, sep="\n    ", flush=True)
            if self._verbose:
                _show(("pip", pips), ("clearway", ours))

    def sum_up(self) -> None:
        """Print what it came to."""
        good = self._lines - self.bad
        print(f"{self._lines} lines with pip {self._release}: {good} as they must be, {self.bad} not")
        print(f"{self._purposes} of them differ on purpose")
        print(", ".join(f"{tool} took {seconds:.0f} s" for tool, seconds in self._spent.items()))

    def _play(self, script: Script, tool: str) -> list[Played]:
        start = time.monotonic()
        played = play(self._yard, script, tool, self._release)
        self._spent[tool] += time.monotonic() - start
        return played


def main() -> int:
    """Run the scripts and print what is not the same; return how a program ends."""
    wanted = parse()
    pip = (wanted.pip or installed_pip()).resolve()
    scripts = [one for one in read_scripts() if not wanted.names or one.name in wanted.names]
    with IndexSimulator() as index, tempfile.TemporaryDirectory() as folder:
        session = Session(Yard(Path(folder).resolve(), index, pip), version_of(pip), verbose=wanted.verbose)
        for script in scripts:
            if script.quick or not wanted.quick:
                session.compare(script)
    session.sum_up()
    return 1 if session.bad else 0


def _show(*played: tuple[str, Played]) -> None:
    for tool, came in played:
        for line in (*came.out.splitlines(), *(f"(stderr) {text}" for text in came.err.splitlines())):
            print(f"    {tool:8} | {line}")


if __name__ == "__main__":
    sys.exit(main())
