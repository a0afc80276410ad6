"""What a test of builds asks of a world: which hooks were called, and what was left behind."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import World

IDENTITY = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com")


def hooks(world: World) -> list[str]:
    """Return which hooks of the toy backend were called for what, with the settings if there were any; forget them."""
    log = world.root / "toy.log"
    if not log.exists():
        return []
    lines = log.read_text().splitlines()
    log.unlink()
    return [line.removesuffix(" null") for line in lines]


def built(world: World) -> list[str]:
    """Return what was built into a wheel, sorted; forget all hooks."""
    return sorted(line.split()[1] for line in hooks(world) if line.split()[0] in {"build", "editable"})


def left(world: World) -> list[str]:
    """Return what lies in the folders for temporary files: the system's and the cache's."""
    places = (world.root / "tmp", world.cache / "temporary-1")
    return [str(path) for place in places if place.is_dir() for path in place.iterdir()]


def trees(world: World) -> int:
    """Count the unpacked wheels in the cache."""
    return sum(1 for _ in world.cache.glob("trees-*/*"))


def direct_url(world: World, name: str) -> str:
    """Return the direct_url.json of a distribution; an empty text where it has none."""
    (info,) = world.site.glob(f"{name}-*.dist-info")
    path = info / "direct_url.json"
    return path.read_text() if path.exists() else ""


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, for nobody in particular."""
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-C", str(folder), *IDENTITY, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout.strip()


def make_repository(folder: Path) -> str:
    """Make a repository of what lies in a folder; return the id of its commit."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return git(folder, "rev-parse", "HEAD")
