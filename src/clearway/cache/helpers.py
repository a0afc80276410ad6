"""Processes that unpack wheels beside this one.

Unpacking is ten thousand short calls of the system with a little Python between them. Two threads that do this hand the
interpreter's lock to and fro so often that they take as long as one; two processes take half of the time, and leave the
main thread its lock to solve with. So the larger installations start helpers while their first archives arrive. A
helper is only ever used when it is idle and has said that it is ready; else, and wherever one fails, the caller does
the work itself. That is also all that happens where processes are not started this way (Windows).

A helper reads jobs from its standard input and answers on its standard output. It ends when its input does: when its
parent closes it, or ends in whatever way.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from struct import Struct
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import IntegrityError
from clearway.model.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    Unpack = Callable[[memoryview, str, str, str], Metadata]

_LENGTH = Struct("<Q")
_READY = b"\1"
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from clearway.cache.helpers import serve; serve()"
_PIPE_SIZE = 1031, 1 << 20  # F_SETPIPE_SZ of Linux: fewer switches between the two processes


class _Job(msgspec.Struct, frozen=True, array_like=True):
    """An archive to unpack; its bytes follow."""

    size: int
    filename: str
    key: str
    work: bytes


class _Answer(msgspec.Struct, frozen=True, array_like=True):
    """What became of a job: metadata, or a refused archive, or what the file system refused."""

    metadata: Metadata | None = None
    integrity: tuple[str, str, tuple[str, ...], str] | None = None
    system: tuple[int, str, str] | None = None


class Helpers:
    """Helper processes, started when asked; any thread may use them.

    :param count: how many; none where they are not supported.
    """

    def __init__(self, count: int) -> None:
        self._count = count if hasattr(os, "posix_spawn") and sys.platform != "win32" else 0
        self._lock = Lock()
        self._idle: list[_Helper] = []

    def start(self) -> None:
        """Start them, once; they are ready a little later."""
        with self._lock:
            count, self._count = self._count, 0
        with suppress(OSError):  # too many processes or open files
            for _ in range(count):
                helper = _Helper.start()
                with self._lock:
                    self._idle.append(helper)

    def unpack(self, view: memoryview, filename: str, key: str, work: str) -> Metadata | None:
        """Let a helper unpack an archive; return its metadata, or None if no helper is there or the one there failed.

        :raises IntegrityError: what the helper found wrong with the archive.
        :raises OSError: what the file system refused to it.
        """
        helper = self._take()
        if helper is None:
            return None
        try:
            answer = helper.ask(_Job(len(view), filename, key, os.fsencode(work)), view)
        except (OSError, EOFError, msgspec.DecodeError):  # it was killed, or has run out of memory
            helper.close()
            return None
        with self._lock:
            self._idle.append(helper)
        if answer.integrity is not None:
            code, message, context, hint = answer.integrity
            raise IntegrityError(code, message, context=context, hint=hint)
        if answer.system is not None:
            raise OSError(*answer.system)
        return answer.metadata

    def close(self) -> None:
        """Let those that are idle end."""
        with self._lock:
            idle, self._idle, self._count = self._idle, [], 0
        for helper in idle:
            helper.close()

    def _take(self) -> _Helper | None:
        with self._lock:
            for at, helper in enumerate(self._idle):
                if helper.is_ready():
                    return self._idle.pop(at)
        return None


class _Helper:
    """One helper process, as its parent sees it."""

    def __init__(self, process: int, jobs: int, answers: int) -> None:
        self._process = process
        self._jobs = jobs
        self._answers = answers
        self._ready = False

    @classmethod
    def start(cls) -> _Helper:
        """Start a process.

        :raises OSError: it cannot be started.
        """
        jobs_out, jobs_in = os.pipe()
        answers_out, answers_in = os.pipe()
        _widen(jobs_in)
        command = [sys.executable, "-I", "-S", "-c", _PROGRAM, *filter(None, sys.path)]
        streams = [
            (os.POSIX_SPAWN_DUP2, jobs_out, 0),
            (os.POSIX_SPAWN_DUP2, answers_in, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),  # what it cannot do, the parent does and tells
        ]
        try:
            process = os.posix_spawn(sys.executable, command, os.environ, file_actions=streams)
        except OSError:
            os.close(jobs_in)
            os.close(answers_out)
            raise
        finally:
            os.close(jobs_out)
            os.close(answers_in)
        os.set_blocking(answers_out, False)
        return cls(process, jobs_in, answers_out)

    def is_ready(self) -> bool:
        """Whether it has said that it is ready."""
        if not self._ready:
            try:
                self._ready = os.read(self._answers, 1) == _READY
            except BlockingIOError:
                return False
            os.set_blocking(self._answers, True)
        return self._ready

    def ask(self, job: _Job, archive: memoryview) -> _Answer:
        """Give it a job and wait for what becomes of it.

        :raises OSError: it is gone.
        :raises EOFError: it went away.
        """
        _write_message(self._jobs, msgspec.msgpack.encode(job))
        _write(self._jobs, archive)
        return msgspec.msgpack.decode(_read_message(self._answers), type=_Answer)

    def close(self) -> None:
        """Close its input, and wait for it to end."""
        os.close(self._jobs)
        os.close(self._answers)
        os.waitpid(self._process, 0)


def serve() -> None:
    """Do jobs until there are none: what runs in a helper."""
    import signal  # late: the parent has no need of it

    from clearway.cache.unpacking import unpack_archive

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # they are for the parent, whose end is the end of the input
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    answers = os.dup(1)
    _write(answers, memoryview(_READY))
    while True:
        try:
            job = msgspec.msgpack.decode(_read_message(0), type=_Job)
            archive = _read(0, job.size)
        except EOFError:
            return
        _write_message(answers, msgspec.msgpack.encode(_answer(job, archive, unpack_archive)))


def _answer(job: _Job, archive: bytearray, unpack: Unpack) -> _Answer:
    try:
        return _Answer(unpack(memoryview(archive), job.filename, job.key, os.fsdecode(job.work)))
    except IntegrityError as error:
        return _Answer(integrity=(error.code, error.message, error.context, error.hint))
    except OSError as error:
        return _Answer(system=(error.errno or 0, error.strerror or str(error), str(error.filename or "")))


def _widen(pipe: int) -> None:
    if sys.platform == "linux":
        from fcntl import fcntl  # not on every system

        with suppress(OSError):  # the system may allow less
            fcntl(pipe, *_PIPE_SIZE)


def _write_message(pipe: int, message: bytes) -> None:
    _write(pipe, memoryview(_LENGTH.pack(len(message)) + message))


def _read_message(pipe: int) -> bytearray:
    return _read(pipe, _LENGTH.unpack(_read(pipe, _LENGTH.size))[0])


def _write(pipe: int, content: memoryview) -> None:
    while content:
        content = content[os.write(pipe, content) :]


def _read(pipe: int, size: int) -> bytearray:
    """Read so many bytes.

    :raises EOFError: the other end was closed before.
    """
    content = bytearray(size)
    rest = memoryview(content)
    while rest:
        count = os.readv(pipe, [rest])
        if not count:
            raise EOFError
        rest = rest[count:]
    return content
