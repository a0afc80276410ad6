"""Runs the processes of builds, each as the head of a group of its own, so that nothing that they start outlives them.

Each runs without a terminal and with nothing to read, so that none can wait for a person. Whatever ends the run ends
them: first by the signal that Ctrl-C would have sent, so that compilers and backends take their files away, then by
the one that cannot be refused.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from threading import Condition, Semaphore, Thread
from time import sleep
from typing import TYPE_CHECKING

from clearway.errors import BuildError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clearway.build.output import Output

GRACE = 2.0
"""Seconds between the two signals."""
_FAREWELL = 1.0
_PIECE = 64 << 10


class Processes:
    """The processes of all builds of a run. Any thread may use it.

    :param most: how many of them run at once; the others wait.
    """

    def __init__(self, most: int = 0) -> None:
        self._places = Semaphore(most or os.cpu_count() or 2)
        self._changed = Condition()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._engaged = 0
        self._stopped = False

    def run(self, command: Sequence[str], *, cwd: str, environ: Mapping[str, str], output: Output) -> int:
        """Run a process to its end, and end what it leaves behind.

        :returns: its exit status; negative for the signal that ended it.
        :raises BuildError: ``cannot-run``.
        :raises Interrupted: :meth:`stop` was called, before or meanwhile.
        """
        with self._places:
            return self._run(command, cwd, environ, output)

    def _run(self, command: Sequence[str], cwd: str, environ: Mapping[str, str], output: Output) -> int:
        process = self._start(command, cwd, environ)
        # A thread reads, because what the process started may hold the pipe open for longer than it lives itself.
        reader = Thread(target=_read, args=(process, output), daemon=True)
        reader.start()
        try:
            status = self._wait(process, reader)
        finally:
            with self._changed:
                _end(process)
                self._running.discard(process)
                self._changed.notify_all()
            reader.join(_FAREWELL)
            if not reader.is_alive() and process.stdout is not None:
                process.stdout.close()
            output.close()
        if self._stopped:
            raise Interrupted
        return status

    @contextmanager
    def engaged(self) -> Iterator[None]:
        """Have :meth:`stop` wait until the work inside has put away what it made for its process."""
        with self._changed:
            self._engaged += 1
        try:
            yield
        finally:
            with self._changed:
                self._engaged -= 1
                self._changed.notify_all()

    def stop(self) -> None:
        """End every process, and let none start any more."""
        with self._changed:
            self._stopped = True
            for process in self._alive():
                _signal(process, killing=False)
            self._changed.wait_for(lambda: not self._running, GRACE)
            for process in self._alive():
                _signal(process, killing=True)
            self._changed.wait_for(lambda: not self._engaged and not self._running, _FAREWELL)

    def _alive(self) -> list[subprocess.Popen[bytes]]:
        """Return the processes whose numbers are still their own."""
        return [process for process in self._running if process.returncode is None]

    def _start(self, command: Sequence[str], cwd: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self._changed:
            if self._stopped:
                raise Interrupted
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=cwd,
                    env=dict(environ),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    bufsize=0,
                    start_new_session=True,
                )
            except OSError as error:
                raise BuildError(
                    "cannot-run",
                    f"{command[0]} cannot be run: {error.strerror or error}",
                    context=(f"in the folder {cwd}",),
                    hint="See whether it is there and may be run.",
                ) from None
            self._running.add(process)
            return process

    def _wait(self, process: subprocess.Popen[bytes], reader: Thread) -> int:
        """Wait for the end of a process; its number is given back under the lock only, lest a signal go astray."""
        pause = 0.001
        while True:
            with self._changed:
                status = process.poll()
            if status is not None:
                return status
            if reader.is_alive():
                reader.join(0.1)
            else:  # it has closed its output: at its end, nearly always
                sleep(pause)
                pause = min(2 * pause, 0.1)


def _read(process: subprocess.Popen[bytes], output: Output) -> None:
    assert process.stdout is not None
    with suppress(ValueError, OSError):  # closed by somebody who would wait no longer
        while chunk := process.stdout.read(_PIECE):
            output.write(chunk)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a process and its group, and wait for its head."""
    _signal(process, killing=True)
    process.wait()


def _signal(process: subprocess.Popen[bytes], *, killing: bool) -> None:
    """Tell a process and its group to end; also what is left of a group whose head has gone."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):  # macOS says so of the dead
            os.killpg(process.pid, signal.SIGKILL if killing else signal.SIGINT)
    elif killing and process.poll() is None:
        with suppress(OSError):
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
            process.kill()
