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
    from collections.abc import Collection, Iterator, Sequence

_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = _ROOT / "build" / "peers"
_PATIENCE = 300
_UNREACHABLE = 3
"""clearway's exit status when an index cannot be reached."""
_NO_PACKAGES = 100
"""apt-get's, for whatever keeps it from a package."""
_NO_LIBRARY = 127
"""The dynamic linker's."""


class Missing(Exception):
    """A server's program is out of reach here; the text says why."""


def python_program(group: str, name: str) -> Path:
    """Return a program from the environment of a dependency group.

    :raises Missing: when the group cannot be installed from this machine's index.
    """
    own = f"{group}-{sys.version_info.major}.{sys.version_info.minor}"
    requirements = tomllib.loads((_ROOT / "pyproject.toml").read_text())["dependency-groups"][group]
    digest = hashlib.sha256("\n".join([*requirements, sys.version]).encode()).hexdigest()
    with _alone(own) as folder:
        stamp = folder / "stamp"
        if not stamp.is_file() or stamp.read_text() != digest:
            shutil.rmtree(folder)
            _run((sys.executable, "-m", "venv", "--without-pip", folder))
            place = ("--python", folder / "bin" / "python", "--cache-dir", _FOLDER / "cache")
            mixed = ("--index-strategy", "unsafe-best-match")  # of this machine's indexes, some may have little
            command = (sys.executable, "-m", "clearway", "install", "--compile", *mixed, *place, *requirements)
            _run(command, excused=(_UNREACHABLE,))
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
            _download("nginx", folder)
            (package,) = folder.glob("nginx_*.deb")
            _run(("dpkg-deb", "--extract", package, folder))
            package.unlink()
        _run((program, "-v"), excused=(_NO_LIBRARY,))
        return program


def _download(package: str, folder: Path) -> None:
    """Fetch a Debian package; if the machine has no list of packages (an image may not), with one of our own."""
    command = ("apt-get", "--quiet", "--quiet", "--option", "APT::Sandbox::User=root")
    try:
        _run((*command, "download", package), folder, excused=(_NO_PACKAGES,))
    except Missing:
        lists = folder / "lists"
        (lists / "partial").mkdir(parents=True, exist_ok=True)
        own = (*command, "--option", f"Dir::State::Lists={lists}")
        _run((*own, "update"), folder, excused=(_NO_PACKAGES,))
        _run((*own, "download", package), folder, excused=(_NO_PACKAGES,))
        shutil.rmtree(lists)


@contextmanager
def _alone(name: str) -> Iterator[Path]:
    """Let nobody else work on a folder meanwhile; yield it."""
    folder = _FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(exist_ok=True)
        yield folder


def _run(command: Sequence[object], folder: Path = _ROOT, *, excused: Collection[int] = ()) -> None:
    """Run a command.

    :param excused: the statuses with which it may fail without anything being wrong here.
    :raises Missing: when it ends with one of those.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE)
    failure = f"{' '.join(words)}: {(done.stderr or done.stdout).strip()[:2000]}"
    if done.returncode in excused:
        raise Missing(failure)
    assert done.returncode == 0, failure
