"""``clearway list`` and ``freeze``, from settings to the last line (``docs/reference/commands.md``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.cli.distributions import STANDARD_LIBRARY, read_distributions, within
from clearway.errors import InputError
from clearway.interpreter.contents import read_text
from clearway.model.names import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.commands.entries import Entry
    from clearway.commands.freeze import File
    from clearway.commands.newest import Newest
    from clearway.model.inputs import Given
    from clearway.model.names import NormalizedName
    from clearway.settings.settings import Settings


def list_(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """List what is installed."""
    from clearway.commands.listing import as_columns, as_data, as_requirements

    del operands  # it takes none; the parser has seen to that
    settings = wiring.settings
    _check(settings)
    entries, newest = _chosen(wiring, output)
    newest = newest if settings.outdated else {}
    verbose = output.verbosity > 0
    if settings.format == "json":
        from clearway.cli.data import to_json

        output.data(to_json(as_data(entries, newest, verbose=verbose), indent=0))
    elif settings.format == "freeze":
        for line in as_requirements(entries, verbose=verbose):
            output.data(line)
    else:
        for line in as_columns(entries, read_text, newest, verbose=verbose):
            output.data(line)
    return 0


def _check(settings: Settings) -> None:
    """See that the options go together.

    :raises InputError: ``conflicting-options``.
    """
    if settings.outdated and settings.uptodate:
        raise InputError(
            "conflicting-options", "--outdated and --uptodate exclude each other", hint="Leave one of them out."
        )
    if settings.outdated and settings.format == "freeze":
        raise InputError(
            "conflicting-options",
            "--outdated has more to say than the format freeze can",
            hint="Take --format columns or json.",
        )


def _chosen(wiring: Wiring, output: Output) -> tuple[list[Entry], dict[NormalizedName, Newest]]:
    """Return what is listed, and, where they are compared, the newest releases."""
    from clearway.commands.listing import Choice, choose, compare

    settings = wiring.settings
    entries = read_distributions(wiring, output)
    choice = Choice(
        within(settings, wiring.environment),
        "only" if settings.only_editable else "none" if settings.exclude_editable else "all",
        settings.not_required,
        STANDARD_LIBRARY | _names(settings.exclude),
    )
    chosen = choose(entries.values(), choice, lambda: wiring.target.environment)
    if settings.only_editable and settings.exclude_editable:
        chosen = []
    if not (settings.outdated or settings.uptodate):
        return chosen, {}
    from clearway.cli.index_versions import ask  # late: it needs the whole HTTP stack

    newest = ask(wiring, output, [entry.key for entry in chosen])
    return list(compare(chosen, newest, outdated=settings.outdated)), newest


def freeze(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Write what is installed as requirements."""
    from clearway.commands.freeze import freeze as frozen
    from clearway.interpreter.checkout import checkout_of

    del operands  # it takes none
    settings = wiring.settings
    files = [_read(given.value) for given in settings.requirement]
    chosen = within(settings, wiring.environment)
    entries = {
        name: entry
        for name, entry in read_distributions(wiring, output).items()
        if (chosen is None or chosen(entry)) and not (entry.project and settings.exclude_editable)
    }
    skip = STANDARD_LIBRARY | _names(settings.exclude)
    if not settings.all:
        skip |= _tools(wiring.environment.markers["python_version"])
    for line in frozen(entries, files, skip, checkout_of, output.warn):
        output.data(line)
    return 0


def _tools(python: str) -> frozenset[NormalizedName]:
    """Return what an environment was made with: it is in every one of them, and nobody asked for it."""
    older = tuple(map(int, python.split("."))) < (3, 12)  # newer environments come without setuptools
    return frozenset(map(normalize, ("pip", "distribute", "setuptools", "wheel") if older else ("pip",)))


def _names(given: Iterable[Given]) -> frozenset[NormalizedName]:
    return frozenset(normalize(one.value) for one in given)


def _read(name: str) -> File:
    """Read a requirement file, whose order and comments are kept.

    :raises InputError: ``unreadable-file``.
    """
    from clearway.commands.freeze import File
    from clearway.configuration.requirement_lines import decode

    try:
        with open(name, "rb") as file:
            lines: Sequence[str] = decode(file.read(), name).splitlines()
    except OSError as error:
        raise InputError(
            "unreadable-file",
            f"The requirement file {name} cannot be read: {error.strerror}",
            hint="Name a file on this machine with -r.",
        ) from None
    return File(name, tuple(lines))
