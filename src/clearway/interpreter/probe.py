"""Asks an interpreter what it is, once: the answer is kept for as long as nothing that decides it changes.

The interpreter runs ``script.py`` in a process of its own. What it says is hostile input: it may hang, print garbage,
or print without end. The answer is stored under the path of the executable, with a stamp of all that it depends on: the
executable, its ``pyvenv.cfg``, the running kernel and C library, and what decides about the user's site folder. What a
wrapper says (a shim that picks an interpreter by the folder it is called in) is not kept: it depends on more than that.

PEP 405 (virtual environments), PEP 668 (externally managed environments).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import msgspec

from clearway import __version__
from clearway.errors import TargetError
from clearway.model.targets import HOME, PREFIX, Environment

if TYPE_CHECKING:
    from subprocess import Popen

    from clearway.interpreter.facts import Facts
    from clearway.ports import Store

TABLE = "interpreters"
OLDEST = (3, 8)
PATIENCE = 30.0
_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "script.py")
_MARK = b"\nclearway-facts:"
_MOST = 1 << 20
_SHAPE = 2
"""Of what is kept; another number for another shape, so that an answer of before is asked for again."""
_DECODER = msgspec.msgpack.Decoder(Environment)


def probe(executable: str, store: Store | None = None) -> Environment:
    """Return what an interpreter tells about itself and its environment.

    :param executable: absolute path.
    :param store: where earlier answers are kept; None to always ask.
    :raises TargetError: ``bad-interpreter`` when it cannot be used, ``python-too-old`` when it is older than 3.8.
    """
    return start_probe(executable, store).finish()


def start_probe(executable: str, store: Store | None = None) -> Probing:
    """Look up what an interpreter told before, or start asking it without waiting for the answer.

    :raises TargetError: ``bad-interpreter`` when there is no such file, or it cannot be run.
    """
    stamp = _stamp(executable)
    value = store.get(TABLE, executable) if store is not None else None
    if value is not None and value.startswith(stamp):
        try:
            return Probing(executable, stamp, store, known=_DECODER.decode(memoryview(value)[len(stamp) :]))
        except msgspec.MsgspecError:
            pass  # written by a damaged or other program: ask again
    return Probing(executable, stamp, store, process=_start(executable))


class Probing:
    """A question that may still be under way."""

    __slots__ = ("_executable", "_known", "_process", "_stamp", "_store")

    def __init__(
        self,
        executable: str,
        stamp: bytes,
        store: Store | None,
        *,
        known: Environment | None = None,
        process: Popen[bytes] | None = None,
    ) -> None:
        self._executable = executable
        self._stamp = stamp
        self._store = store
        self._known = known
        self._process = process

    @property
    def running(self) -> bool:
        """Whether the interpreter is being asked, and :meth:`finish` will wait for it."""
        return self._process is not None

    def finish(self, patience: float = PATIENCE) -> Environment:
        """Wait for the answer and return it.

        :param patience: seconds after which the interpreter counts as hanging.
        :raises TargetError: ``bad-interpreter``, ``python-too-old``.
        """
        process, self._process = self._process, None
        if process is not None:
            facts = _facts(self._executable, process, patience)
            self._known = _environment(self._executable, facts)
            self._keep(self._known)
        assert self._known is not None
        return _with_manager(self._known)

    def stop(self) -> None:
        """End a question whose answer nobody waits for any more."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)
            assert process.stdout is not None
            process.stdout.close()

    def _keep(self, environment: Environment) -> None:
        same = os.path.realpath(environment.executable) == os.path.realpath(self._executable)
        if same and self._store is not None:
            self._store.put(TABLE, self._executable, self._stamp + msgspec.msgpack.encode(environment))


def _stamp(executable: str) -> bytes:
    """Return all that an answer depends on, as one text."""
    try:
        executable.encode()  # what is stored and shown is text
        status = os.stat(executable)
    except UnicodeEncodeError:
        raise _unusable(ascii(executable), "its path is not text") from None
    except OSError as error:
        raise _unusable(executable, error.strerror or str(error), _advice(executable)) from None
    folder = os.path.dirname(executable)
    parts: list[object] = [__version__, _SHAPE, status.st_mtime_ns, status.st_size]
    for place in (folder, os.path.dirname(folder)):
        try:
            parts.append(os.stat(os.path.join(place, "pyvenv.cfg")).st_mtime_ns)
        except OSError:
            parts.append("")
    parts.extend(_machine())
    parts.extend(os.environ.get(name, "") for name in ("HOME", "APPDATA", "PYTHONUSERBASE", "PYTHONNOUSERSITE"))
    return "\n".join(map(str, parts)).encode("utf-8", "surrogateescape") + b"\0"


def _machine() -> tuple[str, ...]:
    if sys.platform == "win32":
        return (str(sys.getwindowsversion()),)
    system = os.uname()
    try:
        library = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (OSError, ValueError):
        library = ""
    return (system.release, system.version, system.machine, library)


def _start(executable: str) -> Popen[bytes]:
    import subprocess  # late: 20 ms, and an interpreter is asked once

    environment = {name: value for name, value in os.environ.items() if name != "__PYVENV_LAUNCHER__"}
    environment["SYSTEM_VERSION_COMPAT"] = "0"  # macOS 11 and newer call themselves 10.16 otherwise
    environment["SETUPTOOLS_USE_DISTUTILS"] = "stdlib"
    try:
        return subprocess.Popen(
            [executable, "-I", "-B", _SCRIPT],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # so that whatever it starts can be ended with it
        )
    except OSError as error:
        raise _unusable(executable, error.strerror or str(error)) from None


def _facts(executable: str, process: Popen[bytes], patience: float) -> Facts:
    """Read the answer; end the process when it takes too long or prints too much."""
    from threading import Thread  # late: an interpreter is asked once

    stream = process.stdout
    assert stream is not None
    output: list[bytes] = []
    # A thread reads, because whatever the process started may hold the pipe open for longer than it lives itself.
    reader = Thread(target=lambda: output.append(stream.read(_MOST)), daemon=True)
    reader.start()
    try:
        reader.join(patience)
        overdue = reader.is_alive()
    finally:
        _end(process)
    reader.join(1)
    if not reader.is_alive():
        stream.close()
    if overdue:
        raise _unusable(executable, f"no answer within {patience:g} seconds")
    return _decode(executable, output[0])


def _end(process: Popen[bytes]) -> None:
    """End a process and what it started, if any of it still runs."""
    if sys.platform == "win32":
        process.kill()
    else:
        from contextlib import suppress  # late: an interpreter is asked once

        with suppress(PermissionError):  # so macOS says that only the dead are left
            os.killpg(process.pid, 9)  # nobody waited for the process yet, so that its number is still its own
    process.wait()


def _decode(executable: str, output: bytes) -> Facts:
    from clearway.interpreter.facts import Facts  # late: a known interpreter needs none of it

    line = output.rpartition(_MARK)[2].partition(b"\n")[0] if _MARK in output else b""
    if b"Unknown option: -I" in output:
        raise _too_old(executable, "older than 3.4")
    try:
        told = msgspec.json.decode(line, type=_Version).version
        if told >= OLDEST:
            return msgspec.json.decode(line, type=Facts)
    except msgspec.MsgspecError:
        if line:
            raise _unusable(executable, "its answer cannot be read") from None
        printed = _printed(output)
        reason = "it does not answer as Python does" if printed else "it printed nothing"
        raise _unusable(executable, reason, context=printed) from None
    raise _too_old(executable, f"{told[0]}.{told[1]}")


class _Version(msgspec.Struct):
    version: tuple[int, int]


def _environment(executable: str, facts: Facts) -> Environment:
    from clearway.interpreter.tags import tags  # late: imports packaging

    return Environment(
        executable=facts.executable or executable,
        prefix=facts.prefix,
        base_prefix=facts.base_prefix,
        markers=facts.markers,
        tags=tags(facts),
        scheme=facts.scheme,
        search=facts.search,
        stdlib=facts.stdlib,
        user=facts.user,
        user_enabled=facts.user_enabled,
        below_prefix=facts.below_prefix or PREFIX,
        below_home=facts.below_home or HOME,
    )


def _with_manager(environment: Environment) -> Environment:
    """Add the message of PEP 668's marker file, which comes and goes without the interpreter noticing."""
    if environment.is_virtual:
        return environment
    marker = os.path.join(environment.stdlib, "EXTERNALLY-MANAGED")
    try:
        with open(marker, encoding="utf-8", errors="replace") as file:
            content = file.read(_MOST)
    except OSError:
        return environment
    from clearway.interpreter.managed import message  # late: most environments are not managed

    return msgspec.structs.replace(environment, externally_managed=message(content))


def _printed(output: bytes) -> tuple[str, ...]:
    """Return what was printed, its beginning and its end, made harmless, for people."""
    lines = [line.strip()[:200] for line in output.decode("utf-8", "replace").split("\n") if line.strip()]
    shown = lines if len(lines) <= 6 else [*lines[:3], *lines[-3:]]
    return tuple("".join(letter if letter.isprintable() else "?" for letter in line) for line in shown)


def _unusable(executable: str, reason: str, hint: str = "", context: tuple[str, ...] = ()) -> TargetError:
    return TargetError(
        "bad-interpreter",
        f"{executable} cannot be used as a Python interpreter: {reason}",
        context=context,
        hint=hint or "Name a working interpreter or an environment's folder with --python.",
    )


def _advice(executable: str) -> str:
    if os.path.islink(executable):
        return f"It is a link to {os.path.realpath(executable)}, which is gone: create the environment again."
    return ""


def _too_old(executable: str, version: str) -> TargetError:
    return TargetError(
        "python-too-old",
        f"{executable} is Python {version}, and the oldest that can be installed for is {OLDEST[0]}.{OLDEST[1]}",
        hint="Name a newer interpreter or environment with --python.",
    )
