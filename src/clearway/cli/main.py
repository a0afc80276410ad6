"""One run: arguments to settings, settings to a command, whatever goes wrong to one message and one exit status."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, NoReturn

from clearway.cli.arguments import Help, parse
from clearway.cli.output import Output, wants_colour
from clearway.cli.wiring import Wiring
from clearway.configuration.own_files import read_own_files
from clearway.configuration.pip_files import read_pip_files
from clearway.errors import ClearwayError, Interrupted, TargetError
from clearway.settings.merge import merge
from clearway.settings.strays import find_strays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from clearway.settings.ini import Entry
    from clearway.settings.settings import Settings

    Command = Callable[[Wiring, Output, tuple[str, ...]], int]

PLACELESS = frozenset({"cache", "hash", "completion"})
"""The commands that have nothing to do with an environment."""
CHANGING = frozenset({"install", "uninstall", "download", "wheel"})
"""The commands that change something, and tell of it on standard output; of the others it has the answer."""
BUG = 70
"""The exit status of our own mistakes (``sysexits.h``, EX_SOFTWARE)."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status."""
    environ = os.environ
    colour = "--no-color" not in arguments and wants_colour(environ, sys.stderr)
    output = Output(0, colour=colour)
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
        if output.untouched:
            interrupted.hint = "Nothing was changed; run the command again."
        output.fail(interrupted)
        return interrupted.exit_status
    except Exception as error:  # noqa: BLE001 - the outermost face: nobody else is left to tell
        _tell_bug(output, error)
        return BUG


def _run(arguments: Sequence[str], output: Output) -> int:
    given = parse(arguments)
    _check_folder()
    environ, isolated = _heeded(given.options)
    if given.command == "config":  # it reads the files itself: it is there to mend them
        settings = merge(given.command, given.options, environ, ())
        _set_up_output(output, settings, given.command)
        return _command("config")(Wiring(settings, environ, output.warn), output, given.operands)
    files = read_pip_files(os.environ, "", isolated=isolated)
    documents = read_own_files(environ, os.getcwd(), isolated=isolated)
    settings = merge(given.command, given.options, environ, files, documents)
    wiring = Wiring(settings, environ, lambda text: output.warn(f"{text}."), output)
    output.spare = wiring.without_secrets
    if given.command not in PLACELESS:  # the target environment may have a file of its own
        prefix = os.path.dirname(os.path.dirname(wiring.executable))
        with_own = read_pip_files(os.environ, prefix, isolated=isolated)
        if with_own != files:
            files = with_own
            wiring.settings = merge(given.command, given.options, environ, files, documents)
    _set_up_output(output, wiring.settings, given.command)
    _tell_strays(wiring, files, output)
    try:
        return _command(given.command)(wiring, output, given.operands)
    finally:
        with _undisturbed():
            wiring.close()


def _set_up_output(output: Output, settings: Settings, command: str) -> None:
    """Have said what the settings ask for, where they ask for it.

    :raises TargetError: ``log-unwritable``.
    """
    output.verbosity = settings.verbosity
    output.answers = command not in CHANGING
    output.untouched = command in CHANGING
    if settings.no_color:
        output.colour = False
    if settings.log:
        from clearway import __version__
        from clearway.cli.log import Log  # late: only with --log

        output.log = Log(settings.log)
        output.log.write(f"clearway {__version__} (Python {'.'.join(map(str, sys.version_info[:3]))}): {command}")


def _heeded(options: Sequence[tuple[str, str]]) -> tuple[Mapping[str, str], bool]:
    """Return the variables that count, and whether the run is isolated: then those of ours and of pip's do not.

    What says where pip's files are does, as with pip.
    """
    isolated = any(name == "isolated" for name, _ in options)
    if not isolated and (said := os.environ.get("CLEARWAY_ISOLATED", "").strip()):
        from clearway.settings.table import BY_NAME  # late, as the next: hardly anybody says so
        from clearway.settings.values import read_boolean

        isolated = read_boolean(said, BY_NAME["isolated"], "CLEARWAY_ISOLATED")
    if not isolated:
        return os.environ, False
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "PIP_CONFIG_FILE" or not name.startswith(("CLEARWAY_", "PIP_"))
    }
    return kept, True


def _tell_strays(wiring: Wiring, files: Sequence[tuple[str, Sequence[Entry]]], output: Output) -> None:
    """Tell of settings that say nothing to anybody."""
    for stray in find_strays(wiring.environ, files, (one.name for one in wiring.settings.indexes)):
        if stray.matters:
            output.warn(f"{stray.text}.")
        else:
            output.detail(f"{stray.text}.")


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
        case "download":
            from clearway.cli.download import download

            return download
        case "wheel":
            from clearway.cli.download import wheel

            return wheel
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
        case "config":
            from clearway.cli.config import config

            return config
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

    # what is ignored, as nohup has it, stays so; and Ctrl-C has a handler already
    known = [number for number in _ending_signals() if signal.getsignal(number) is signal.SIG_DFL]
    for number in known:
        signal.signal(number, interrupt)


def _ending_signals() -> list[int]:
    """Return what ends a program, as far as this system has it."""
    return [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a run come to its end tidily: who wants it to end a second time wants what is about to happen."""
    known = {}
    if current_thread() is main_thread():
        known = {number: handler for number in _ending_signals() if callable(handler := signal.getsignal(number))}
    for number in known:
        signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in known.items():
            signal.signal(number, handler)


def leave(status: int) -> NoReturn:
    """End the process without waiting for worker threads: a call into the HTTP library cannot be interrupted."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
