"""Settings that say nothing to anybody: variables and keys of pip's files that are not understood.

In our own files such a key is an error. Variables may be meant for another version of this program, and pip's files
and variables for pip: what is not understood there is passed over, but not in silence. What changes what is installed
is warned of, and so is what looks like a slip; the rest is told to who asks for more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from clearway.settings.table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from clearway.settings.ini import Entry

OWN_VARIABLES = frozenset({"CLEARWAY_CONFIG_FILE", "CLEARWAY_ISOLATED"})
_PIPS_OWN = frozenset({"config-file", "version", "help"})
_INDEX = r"CLEARWAY_INDEX_([A-Z0-9_]+)_(?:URL|USERNAME|PASSWORD|TOKEN)"
_OF_PIP = frozenset(name for name, option in BY_NAME.items() if option.shared)


class Stray(NamedTuple):
    """A setting that says nothing.

    :ivar text: a sentence for people, without full stop.
    :ivar matters: people are warned; else it is told with ``-v``.
    """

    text: str
    matters: bool


def find_strays(
    environ: Mapping[str, str], files: Sequence[tuple[str, Sequence[Entry]]], indexes: Iterable[str]
) -> tuple[Stray, ...]:
    """Return what says nothing, variables first.

    :param files: path and content of each of pip's configuration files.
    :param indexes: the names of the indexes that are configured.
    """
    names = frozenset(re.sub("[^A-Z0-9]", "_", name.upper()) for name in indexes)
    return (*_in_variables(environ, names), *_in_files(files))


def _in_variables(environ: Mapping[str, str], indexes: frozenset[str]) -> Iterator[Stray]:
    for variable, value in environ.items():
        if not value.strip():
            continue
        if variable.startswith("PIP_"):
            name = variable[4:].lower().replace("_", "-")
            if name not in _OF_PIP and name not in _PIPS_OWN:
                yield _foreign(name, variable)
        elif variable.startswith("CLEARWAY_") and not _is_known(variable):
            yield from _unknown_variable(variable, indexes)


def _is_known(variable: str) -> bool:
    return variable in OWN_VARIABLES or variable[9:].lower().replace("_", "-") in BY_NAME


def _unknown_variable(variable: str, indexes: frozenset[str]) -> Iterator[Stray]:
    """Tell of a variable that is no option's.

    One that is for an index may be set for other projects, so that an index which is not configured here is no slip,
    unless its name is nearly that of one that is.
    """
    from difflib import get_close_matches  # late: only for what is not understood

    if of_index := re.fullmatch(_INDEX, variable):
        if of_index[1] not in indexes:
            near = get_close_matches(of_index[1], indexes, 1, 0.75)
            hint = f"; did you mean {variable.replace(of_index[1], near[0])}" if near else ""
            yield Stray(f"{variable} is for an index that is not configured here{hint}", bool(near))
        return
    options = [f"CLEARWAY_{name.upper().replace('-', '_')}" for name in BY_NAME]
    near = get_close_matches(variable[:80], [*OWN_VARIABLES, *options], 1)
    shown = variable if variable.isprintable() else repr(variable)
    hint = f"; did you mean {near[0]}" if near else ""
    yield Stray(f"{shown[:80]} is set, but is no variable that clearway knows{hint}", matters=True)


def _in_files(files: Sequence[tuple[str, Sequence[Entry]]]) -> Iterator[Stray]:
    for path, entries in files:
        for entry in entries:
            name = entry.key.removeprefix("--").replace("_", "-")
            if entry.value.strip() and name not in _OF_PIP:
                yield _foreign(name, f"{path}, line {entry.line}")


def _foreign(name: str, origin: str) -> Stray:
    from clearway.settings.foreign import FOREIGN  # late: machines rarely have such a setting

    known = FOREIGN.get(name)
    shown = name[:80] if name.isprintable() else repr(name[:80])
    if known is None:
        return Stray(f"{origin} sets {shown}, which clearway does not have; it is passed over", matters=False)
    return Stray(f"{origin} sets pip's {shown}, which is passed over: {known.why}", known.matters)
