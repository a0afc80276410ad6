"""One run: arguments to settings, settings to a command, whatever goes wrong to one message and one exit status."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from clearway.cli.arguments import Help, parse
from clearway.cli.output import Output
from clearway.cli.wiring import Wiring
from clearway.configuration.own_files import read_own_files
from clearway.configuration.pip_files import read_pip_files
from clearway.errors import ClearwayError, Interrupted, TargetError
from clearway.settings.merge import merge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    Command = Callable[[Wiring, Output, tuple[str, ...]], int]

PLACELESS = frozenset({"cache", "hash", "completion"})
"""The commands that have nothing to do with an environment."""
BUG = 70
"""The exit status of our own mistakes (``sysexits.h``, EX_SOFTWARE)."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status."""
    output = Output(0)
    return output.finish(_guarded(arguments, output))


def _guarded(arguments: Sequence[str], output: Output) -> int:
    """Run a command line; tell whatever goes wrong."""
    try:
        return _run(arguments, output)
    except Help as text:
        output.result(str(text).rstrip("\n"))
        return 0
    except ClearwayError as error:
        output.fail(error)
        return error.exit_status
    except KeyboardInterrupt as interrupt:
        interrupted = Interrupted(*interrupt.args)
        output.fail(interrupted)
        return interrupted.exit_status
    except Exception as error:  # noqa: BLE001 - the outermost face: nobody else is left to tell
        _tell_bug(output, error)
        return BUG


def _run(arguments: Sequence[str], output: Output) -> int:
    given = parse(arguments)
    _check_folder()
    environ = os.environ
    files = read_pip_files(environ, "")
    documents = read_own_files(environ, os.getcwd())
    settings = merge(given.command, given.options, environ, files, documents)
    wiring = Wiring(settings, environ, lambda text: output.warn(f"{text}."))
    output.spare = wiring.without_secrets
    if given.command not in PLACELESS:  # the target environment may have a file of its own
        prefix = os.path.dirname(os.path.dirname(wiring.executable))
        with_own = read_pip_files(environ, prefix)
        if with_own != files:
            wiring.settings = merge(given.command, given.options, environ, with_own, documents)
    output.verbosity = wiring.settings.verbosity
    try:
        return _command(given.command)(wiring, output, given.operands)
    finally:
        wiring.close()


def _check_folder() -> None:
    """See that relative paths mean something.

    :raises TargetError: ``no-folder``.
    """
    try:
        os.getcwd()
    except OSError as error:
        raise TargetError(
            "no-folder",
            f"The folder that clearway was started in cannot be used: {error.strerror}",
            hint="Change to a folder that is there, then run the command again.",
        ) from None


def _command(name: str) -> Command:
    """Return what runs a command; its module is imported now, and no other's."""
    match name:
        case "install":
            from clearway.cli.install import install

            return install
        case "why":
            from clearway.cli.why import why

            return why
        case "index":
            from clearway.cli.index import index

            return index
        case "uninstall":
            from clearway.cli.maintenance import uninstall

            return uninstall
        case "check":
            from clearway.cli.maintenance import check

            return check
        case "cache":
            from clearway.cli.cache import cache

            return cache
        case _:
            return _telling(name)


def _telling(name: str) -> Command:
    """Return what runs a command that reads and changes nothing."""
    match name:
        case "list":
            from clearway.cli.listing import list_

            return list_
        case "freeze":
            from clearway.cli.listing import freeze

            return freeze
        case "show":
            from clearway.cli.show import show

            return show
        case "inspect":
            from clearway.cli.show import inspect

            return inspect
        case "hash":
            from clearway.cli.hashing import hash_

            return hash_
        case "debug":
            from clearway.cli.debug import debug

            return debug
        case _:
            from clearway.cli.completion import completion

            return completion


def _tell_bug(output: Output, error: Exception) -> None:
    from traceback import format_exception  # late: only for what must not happen

    from clearway import __version__

    output.fail(
        ClearwayError(
            "bug",
            f"clearway {__version__} has made a mistake: {type(error).__name__}: {error}",
            context=tuple("".join(format_exception(error)).splitlines()),
            hint="This is a bug of clearway, not of yours. Please report it with the lines above.",
        )
    )


def heed_signals() -> None:
    """Let what ends a program (SIGTERM; SIGHUP of a terminal that is closed) end a run as Ctrl-C does: tidily.

    The second one changes nothing: whoever sends it wants the run to end, which it is about to do.
    """

    def interrupt(number: int, _: FrameType | None) -> NoReturn:
        for heeded in known:
            signal.signal(heeded, signal.SIG_IGN)
        raise KeyboardInterrupt(signal.Signals(number).name, number)

    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has one
    known = [number for number in wanted if signal.getsignal(number) is signal.SIG_DFL]  # nohup: ignored, and stays so
    for number in known:
        signal.signal(number, interrupt)


def leave(status: int) -> NoReturn:
    """End the process without waiting for worker threads: a call into the HTTP library cannot be interrupted."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
