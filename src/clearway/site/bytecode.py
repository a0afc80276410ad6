"""Compiling what was installed, by the interpreter that will run it (PEP 3147; ``--compile``).

One process compiles everything. It is told where each source lies now and where it will lie, and says which files it
has made; a source that does not compile - a template, code for another Python - is left out, as importing it would
fail anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRAM = """
import importlib.util, py_compile, sys
lines = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\\0")
for source, final in zip(lines[::2], lines[1::2]):
    target = importlib.util.cache_from_source(source)
    try:
        py_compile.compile(source, target, final, doraise=True)
    except (py_compile.PyCompileError, OSError, ValueError, RecursionError):
        target = ""
    sys.stdout.buffer.write(target.encode("utf-8", "surrogateescape") + b"\\0")
"""


def compile_sources(executable: str, sources: Sequence[tuple[str, str]]) -> list[str]:
    """Compile sources.

    :param executable: the target interpreter.
    :param sources: where each lies, and what its tracebacks shall name.
    :returns: the file that was made for each source, empty where there is none.
    :raises TargetError: ``broken-interpreter``.
    """
    import subprocess  # late: 12 ms, and only with --compile

    told = "\0".join(part for source in sources for part in source).encode("utf-8", "surrogateescape")
    try:
        done = subprocess.run(
            [executable, "-I", "-X", "utf8", "-c", _PROGRAM], input=told, capture_output=True, check=False
        )
    except OSError as error:
        raise _broken(executable, error.strerror or str(error)) from None
    made = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    if done.returncode or len(made) != len(sources):
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _broken(executable, lines[-1][:200] if lines else f"it ended with status {done.returncode}")
    return made


def _broken(executable: str, reason: str) -> TargetError:
    return TargetError(
        "broken-interpreter",
        f"The interpreter {executable} could not compile what is being installed: {reason}",
        hint="The environment is as it was. Repair the interpreter, or install without --compile.",
    )
