"""The same question to pip and to clearway, about one environment."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import Run

if TYPE_CHECKING:
    from end_to_end.world import World

needs_pip = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="there is no pip to compare with")


def _is_recent() -> bool:
    """Whether the pip here shows what pip has shown since 24: the home page that only Project-URL names."""
    try:
        return int(importlib.metadata.version("pip").partition(".")[0]) >= 24
    except importlib.metadata.PackageNotFoundError:
        return False


needs_recent_pip = pytest.mark.skipif(not _is_recent(), reason="there is no pip of 24 or newer to compare with")


def ask_pip(world: World, *line: object) -> Run:
    """Return what pip says of the environment of a world."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", world.python, *line]
    done = subprocess.run([str(part) for part in command], env=dict(os.environ), capture_output=True, text=True)
    return Run(done.returncode, done.stdout, done.stderr)


def same(world: World, *line: object) -> str:
    """Ask both, see that they print the same and end alike, and return what they print."""
    ours, pips = world.clearway(line[0], *world.place(), *line[1:]), ask_pip(world, *line)
    assert (ours.status, ours.out) == (pips.status, pips.out), (ours.err, pips.err)
    return ours.out
