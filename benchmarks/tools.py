"""The tools that are compared, and the places where they work.

Each tool lives below ``.work/`` in a clean environment of its own, installed as users install it, except uv, which is
a program by itself and comes with the project's ``bench`` dependency group. Nothing in this file is timed but the
commands that it gives.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from measure import Sample, environment, run

ROOT = Path(__file__).resolve().parent.parent
_SETTLING = 65.0  # seconds for which the file system remembers what was removed
_FRESH = 300.0  # seconds for which a warm cache is used before its listings, good for 600, are renewed


class ToolError(Exception):
    """A tool did not do what it was asked to do.

    :param sample: what its run cost; None where it was not one run that failed.
    :param said: what the tool printed last.
    :ivar counted: what the mirror counted, where that is known.
    """

    def __init__(self, message: str, sample: Sample | None = None, said: str = "") -> None:
        super().__init__(message)
        self.sample = sample
        self.said = said
        self.counted: dict[str, Any] = {}


class Job(NamedTuple):
    """What one run is to do."""

    target: Path
    cache: Path
    requirements: tuple[str, ...]
    dry_run: bool


class Tool:
    """One installer.

    :param name: as it is called on the command line.
    :param base: the interpreter that the tool's own environment is made from.
    """

    def __init__(self, name: str, base: Path, work: Path) -> None:
        self.name = name
        self.base = base
        self.work = work
        self.home = work / f"tool-{name}"

    def prepare(self) -> None:
        """Install the tool, unless that has been done."""

    def install(self, job: Job, index: str) -> list[str | Path]:
        """Return the command that does a job."""
        shared: list[str | Path] = ["--cache-dir", job.cache, "--index-url", index]
        if job.dry_run:
            shared.append("--dry-run")
        return [*self.program(), *self.verb(job.target), *shared, *job.requirements]

    def program(self) -> list[str | Path]:
        """Return the command that starts the tool."""
        raise NotImplementedError

    def verb(self, target: Path) -> list[str | Path]:
        """Return the tool's way of saying "install there"."""
        raise NotImplementedError

    def _make_home(self) -> Path:
        """Make the tool's environment and return its interpreter."""
        shutil.rmtree(self.home, ignore_errors=True)
        _call([self.base, "-m", "venv", self.home])
        return self.home / "bin" / "python"


class Pip(Tool):
    """pip, the newest one, outside of the environment that it changes.

    It does not ask for news about itself. The mirror is called trusted, because pip keeps nothing in its cache that
    came by plain HTTP from a host that is not.
    """

    def prepare(self) -> None:
        """Install pip."""
        if not (self.home / "stamp").is_file():
            _call([self._make_home(), "-m", "pip", "install", "--quiet", "--upgrade", "pip"])
            (self.home / "stamp").touch()

    def program(self) -> list[str | Path]:
        """Return the command that starts pip."""
        return [self.home / "bin" / "pip"]

    def verb(self, target: Path) -> list[str | Path]:
        """Return pip's arguments."""
        quiet = ["--disable-pip-version-check", "--trusted-host", "127.0.0.1"]
        return ["--python", target / "bin" / "python", "install", *quiet]


class Uv(Tool):
    """uv.

    Before an index that asks for a credential it gets the configuration without which it ends at the first refusal: a
    file, because no option says it.
    """

    def install(self, job: Job, index: str) -> list[str | Path]:
        """Return the command that does a job, after its configuration is written."""
        command = super().install(job, index)
        if "@" not in index:
            return command
        configuration = self.work / "uv.toml"
        configuration.write_text(
            f'[[index]]\nname = "mirror"\nurl = "{index}"\ndefault = true\nignore-error-codes = [403]\n'
        )
        place = command.index("--index-url")
        return [*command[:place], "--config-file", configuration, *command[place + 2 :]]

    def program(self) -> list[str | Path]:
        """Return the command that starts uv."""
        return [Path(sys.prefix) / "bin" / "uv"]

    def verb(self, target: Path) -> list[str | Path]:
        """Return uv's arguments."""
        return ["pip", "install", "--python", target / "bin" / "python"]


class Clearway(Tool):
    """The checkout, installed as a user would have it: not editable, byte-compiled, with no more than it depends on."""

    def prepare(self) -> None:
        """Install clearway, again whenever its sources have changed."""
        digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes())
        for path in sorted((ROOT / "src").rglob("*.py")):
            digest.update(path.read_bytes())
        stamp = self.home / "stamp"
        if not stamp.is_file() or stamp.read_text() != digest.hexdigest():
            _call(
                [self._make_home(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--compile", ROOT]
            )
            stamp.write_text(digest.hexdigest())

    def program(self) -> list[str | Path]:
        """Return the command that starts clearway."""
        return [self.home / "bin" / "clearway"]

    def verb(self, target: Path) -> list[str | Path]:
        """Return clearway's arguments."""
        return ["install", "--python", target / "bin" / "python"]


TOOLS: dict[str, type[Tool]] = {"pip": Pip, "uv": Uv, "clearway": Clearway}


class Seed(NamedTuple):
    """What a tool has left behind after one installation of a workload: a warm cache and a satisfied environment."""

    target: Path
    cache: Path


class Workplace:
    """Environments and caches on one file system, made outside of what is timed and removed when everything is over.

    Nothing is removed in between: ext4 looks past the inodes that were freed within the last minute one by one, and an
    installation that follows the removal of another takes three times as long, most of it spent there.

    :param folder: where it is to be; on the file system that is to be measured.
    :param python: the interpreter to install for.
    :ivar chosen: what each tool installed, by requirements and tool.
    """

    def __init__(self, folder: Path, python: Path) -> None:
        self.work = folder
        self.variables = environment(folder)
        self._runs = folder / "runs"
        self._numbers = itertools.count()
        self._seeds: dict[tuple[str, tuple[str, ...]], Seed] = {}
        self._renewed: dict[Path, float] = {}
        self._seen: dict[str, Path] = {}
        self.chosen: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
        if self._runs.exists():  # from a run that was killed
            self.clear()
        self._runs.mkdir(parents=True)
        self._template = self.folder()
        _call([python, "-m", "venv", "--without-pip", self._template])

    def settle(self) -> None:
        """Wait until the last removal is long enough ago."""
        removal = self.work / "removed"
        rest = removal.stat().st_mtime + _SETTLING - time.time() if removal.exists() else 0.0
        if rest > 0:
            print(f"waiting {rest:.0f} s for the file system to forget what was removed", file=sys.stderr, flush=True)
            time.sleep(rest)

    def clear(self) -> None:
        """Remove all environments and caches."""
        shutil.rmtree(self._runs, ignore_errors=True)
        os.sync()
        (self.work / "removed").touch()

    def folder(self) -> Path:
        """Return a path that was never used before."""
        return self._runs / f"{next(self._numbers)}"

    def empty(self) -> Path:
        """Make an environment without packages; it differs from a new one in nothing that an installer reads."""
        target = self.folder()
        shutil.copytree(self._template, target, symlinks=True)
        return target

    def seen(self, tool: Tool) -> Path:
        """Return an environment without packages that stays the same for a tool."""
        if tool.name not in self._seen:
            self._seen[tool.name] = self.empty()
        return self._seen[tool.name]

    def seed(self, tool: Tool, requirements: tuple[str, ...], index: str) -> Seed:
        """Return a warm cache and a satisfied environment, with listings in the cache that are good for minutes."""
        key = (tool.name, requirements)
        if key not in self._seeds:
            job = Job(self.empty(), self.folder(), requirements, dry_run=False)
            self.do(tool, job, index)
            self._seeds[key] = Seed(job.target, job.cache)
            self._renewed[job.cache] = time.monotonic()
        seed = self._seeds[key]
        if time.monotonic() - self._renewed[seed.cache] > _FRESH:
            self.do(tool, Job(self.empty(), seed.cache, requirements, dry_run=True), index)
            self._renewed[seed.cache] = time.monotonic()
        return seed

    def do(self, tool: Tool, job: Job, index: str) -> Sample:
        """Have a tool do a job.

        :raises ToolError: with the end of what the tool said, when it fails.
        """
        log = self.work / "log.txt"
        sample = run(tool.install(job, index), self.variables, log)
        if sample.status:
            said = log.read_text(errors="replace")[-2000:]
            message = f"{tool.name} ended with status {sample.status} on {' '.join(job.requirements)}:\n{said}"
            raise ToolError(message, sample, said)
        if not job.dry_run:
            self.chosen.setdefault(job.requirements, {})[tool.name] = installed(job.target)
        return sample


def installed(target: Path) -> dict[str, str]:
    """Return the versions of what an environment holds, by normalized name."""
    stems = (path.name.removesuffix(".dist-info") for path in target.glob("lib/python*/site-packages/*.dist-info"))
    pairs = (stem.rpartition("-") for stem in stems)
    return {name.lower().replace("_", "-").replace(".", "-"): version for name, _dash, version in pairs}


def _call(command: list[str | Path]) -> None:
    """Run a command that prepares something."""
    subprocess.run([str(part) for part in command], check=True)
