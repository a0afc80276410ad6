"""Measuring: one run of one command, and the mirror that counts what the command asks for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from policed import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Sequence

_DROPPED = ("PIP_", "UV_", "CLEARWAY_", "PYTHON", "VIRTUAL_ENV", "CONDA_", "SSL_CERT_", "REQUESTS_CA_", "CURL_CA_")


class Sample(NamedTuple):
    """What one run of a command cost.

    :param wall: seconds from the start of the process to its end.
    :param user: seconds of CPU, with all its children.
    :param peak: the largest resident set of the process and its children, in bytes. The system counts the memory of
        whoever started a process as its own until it runs its program: nothing below about 30 MB can be told apart.
    """

    wall: float
    user: float
    system: float
    peak: int
    status: int


def environment(work: Path) -> dict[str, str]:
    """Return the environment variables for a measured command: those of a user who has configured nothing.

    Certificates are left out too: reading a bundle takes a tool longer than some of the runs measured here, and
    loopback needs none.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_DROPPED)}
    kept |= {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "XDG_CONFIG_HOME": str(work / "no-configuration")}
    return kept | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def run(command: Sequence[str | Path], variables: dict[str, str], log: Path) -> Sample:
    """Run a command to its end and measure it.

    :param log: gets what the command prints.
    """
    arguments = [str(part) for part in command]
    redirections = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    began = time.perf_counter()
    process = os.posix_spawn(arguments[0], arguments, variables, file_actions=redirections)
    _process, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024
    return Sample(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * unit, os.waitstatus_to_exitcode(status))


class Mirror:
    """The mirror's process, seen from the outside (see mirror.py).

    :param bandwidth: megabytes a second for all connections together; 0 for no limit.
    """

    def __init__(self, folder: Path, *, record: bool = False, policed: bool = False, bandwidth: float = 0.0) -> None:
        self._program = [sys.executable, str(Path(__file__).with_name("mirror.py")), str(folder)]
        if policed:
            self._program.append("--policed")
        command = [*self._program, "--bandwidth", str(bandwidth), *(["--record"] if record else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        credential = f"{USER}:{PASSWORD}@" if policed else ""
        self.url = f"http://{credential}127.0.0.1:{self._read()['port']}/simple/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.communicate()

    def set_rtt(self, milliseconds: float) -> None:
        """Set the simulated round-trip time."""
        self._write(f"rtt {milliseconds}")
        self.count()

    def count(self) -> dict[str, Any]:
        """Return what was served since the last call."""
        self._write("count")
        return self._read()

    def fill(self, holes: list[str]) -> None:
        """Have the real index asked for what the mirror lacks."""
        subprocess.run([*self._program, "--fetch", *holes], check=True)
        self._write("reload")

    def _write(self, line: str) -> None:
        """Send a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """Read an answer.

        :raises RuntimeError: when the mirror has ended.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the mirror has ended; what it said is above")
        answer: dict[str, Any] = json.loads(line)
        return answer
