"""The programs of the real servers, installed once into a folder of the checkout that nobody commits, and used again.

devpi-server and pypiserver stand in dependency groups of ``pyproject.toml`` and get an environment each, made by
clearway from whatever index this machine is configured for; they share nothing with the environment of the tests. nginx
is the one on the path; else Debian's package, fetched and unpacked without changing the machine. Where none of that
can be had, :class:`Missing` says why.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = _ROOT / "build" / "peers"
_PATIENCE = 300


class Missing(Exception):
    """A server's program cannot be had here; the text says why."""


def python_program(group: str, name: str) -> Path:
    """Return a program from the environment of a dependency group.

    :raises Missing: when the group cannot be installed from this machine's index.
    """
    requirements = tomllib.loads((_ROOT / "pyproject.toml").read_text())["dependency-groups"][group]
    digest = hashlib.sha256("\n".join([*requirements, sys.version]).encode()).hexdigest()
    with _alone(group) as folder:
        stamp = folder / "stamp"
        if not stamp.is_file() or stamp.read_text() != digest:
            shutil.rmtree(folder)
            _run([sys.executable, "-m", "venv", "--without-pip", folder])
            place = ("--python", folder / "bin" / "python", "--cache-dir", _FOLDER / "cache")
            _run([sys.executable, "-m", "clearway", "install", "--compile", *place, *requirements])
            stamp.write_text(digest)
        return folder / "bin" / name


def nginx() -> Path:
    """Return the nginx program.

    :raises Missing: when it is neither on the path nor to be had as a Debian package.
    """
    found = shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/sbin") or shutil.which("nginx")
    if found:
        return Path(found)
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Missing("nginx is not on the path, and this is no Debian to fetch its package from")
    with _alone("nginx") as folder:
        program = folder / "usr" / "sbin" / "nginx"
        if not program.exists():
            _run(["apt-get", "--quiet", "--quiet", "--option", "APT::Sandbox::User=root", "download", "nginx"], folder)
            (package,) = folder.glob("nginx_*.deb")
            _run(["dpkg-deb", "--extract", package, folder])
            package.unlink()
        _run([program, "-v"])  # the libraries that it needs are there
        return program


@contextmanager
def _alone(name: str) -> Iterator[Path]:
    """Let nobody else work on a folder meanwhile; yield it."""
    folder = _FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(exist_ok=True)
        yield folder


def _run(command: Sequence[object], folder: Path = _ROOT) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE)
    if done.returncode:
        raise Missing(f"{' '.join(words[:4])} failed: {(done.stderr or done.stdout).strip()[:2000]}")
