"""Servers as processes on loopback, the people who may use them, and the archives that they hand out."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from support.wheels import Wheel

    Command = Sequence[object]

HOST = "127.0.0.1"
_PATIENCE = 60.0
_MORTAL = (
    (
        sys.executable,
        "-c",
        "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])",
    )
    if sys.platform == "linux"
    else ()
)
"""Put before a command: the kernel ends it when its parent is killed (prctl(2), PR_SET_PDEATHSIG)."""


@dataclass(frozen=True)
class Account:
    """Somebody with a password that URLs and headers have to encode."""

    username: str
    password: str = field(default_factory=lambda: f"s3/{secrets.token_hex(8)}@%:é{secrets.token_hex(4)}")

    def into(self, url: str, password: str | None = None) -> str:
        """Return a URL with this credential in it, or with another password."""
        told = self.password if password is None else password
        return url.replace("://", f"://{self.username}:{quote(told, '')}@", 1)

    @property
    def authorization(self) -> str:
        """What an Authorization header says (RFC 7617)."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def line(self) -> str:
        """A line of a password file, in the one form that nginx and passlib both read."""
        digest = base64.b64encode(hashlib.sha1(self.password.encode()).digest()).decode()
        return f"{self.username}:{{SHA}}{digest}\n"


class Server:
    """A process that listens on a port of its own, and is gone at the end of its ``with`` block.

    :param make_command: returns the command line for a port.
    :param folder: where its output goes.
    :param probe: a path that it answers, whatever the status, once it is ready.
    :param variables: what is added to its environment.
    """

    def __init__(
        self, make_command: Callable[[int], Command], folder: Path, probe: str = "/", **variables: str
    ) -> None:
        self._make_command = make_command
        self._output = folder / "output"
        self._probe = probe
        self._variables = variables
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        for _ in range(3):  # somebody else may take the port before the server does
            self.port = free_port()
            with self._output.open("wb") as output:
                self._process = subprocess.Popen(
                    [*_MORTAL, *(str(word) for word in self._make_command(self.port))],
                    env={**os.environ, **self._variables},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            if self._comes_up(self._process):
                return self
            self.stop()
        raise AssertionError(f"the server does not start: {self._output.read_text(errors='replace')[-3000:]}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process: politely, then not."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _comes_up(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            try:
                ask(self.port, "GET", self._probe)
            except OSError:
                time.sleep(0.02)  # nobody tells when a server listens
            else:
                return True
        return False


def free_port() -> int:
    """Return a port that the system has just given out and taken back."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Send one request of the tests' own, and read its answer to the end."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request(method, path, body, {"Connection": "close", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def write_all(folder: Path, wheels: Sequence[Wheel]) -> Path:
    """Write archives into a folder, which is made, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in wheels:
        wheel.write(folder)
    return folder
