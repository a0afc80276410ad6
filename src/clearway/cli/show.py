"""``clearway show`` and ``inspect``, from settings to the last line (``docs/reference/commands.md``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.cli.distributions import STANDARD_LIBRARY, read_distributions, within
from clearway.errors import InputError
from clearway.interpreter.contents import declared_files, read_text
from clearway.model.names import normalize

if TYPE_CHECKING:
    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring


def show(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Show what is known of distributions; 1 if none of them is installed.

    :raises InputError: ``nothing-asked``.
    """
    from clearway.commands.show import show as told
    from clearway.commands.show import show_files, show_more

    if not operands:
        raise InputError("nothing-asked", "No package was named to show", hint="Name one: clearway show NAME")
    entries = read_distributions(wiring, output)
    missing = sorted({name for name in operands if normalize(name) not in entries})
    if missing:
        output.warn(f"Package(s) not found: {', '.join(missing)}")
    found = [entries[key] for key in map(normalize, operands) if key in entries]
    for place, entry in enumerate(found):
        lines = list(told(entry, entries, wiring.target.environment))
        lines += show_more(entry, read_text) if output.verbosity > 0 else ()
        lines += show_files(entry, declared_files) if wiring.settings.files else ()
        for line in (*(["---"] if place else []), *lines):
            output.data(line)
    return 0 if found else 1


def inspect(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Write what is installed with all of its metadata as JSON."""
    from clearway.cli.data import to_json
    from clearway.commands.inspect import inspect as report

    del operands  # it takes none
    chosen = within(wiring.settings, wiring.environment)
    entries = [
        entry
        for name, entry in read_distributions(wiring, output).items()
        if name not in STANDARD_LIBRARY and (chosen is None or chosen(entry))
    ]
    output.data(to_json(report(entries, wiring.target.environment)))
    return 0
