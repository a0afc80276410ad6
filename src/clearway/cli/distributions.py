"""What is installed, for the commands that tell of it: in the environment or in other folders; neither is changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from clearway.commands.entries import read_entries
from clearway.errors import InputError
from clearway.interpreter.contents import read_core_metadata
from clearway.interpreter.installed import installed
from clearway.model.names import normalize

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.commands.entries import Entry
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Environment
    from clearway.settings.settings import Settings

STANDARD_LIBRARY = frozenset(map(normalize, ("argparse", "python", "wsgiref")))
"""Names under which parts of the standard library were once distributed; as with pip they count as installed never."""


def read_distributions(wiring: Wiring, output: Output) -> dict[NormalizedName, Entry]:
    """Return what is installed, by name; tell of what is broken.

    :raises InputError: ``conflicting-options`` for ``--path`` with ``--user`` or ``--local``.
    :raises TargetError: ``environment-unreadable``.
    """
    settings, environment = wiring.settings, wiring.environment
    if settings.path:
        if settings.user or settings.local:
            raise InputError(
                "conflicting-options",
                "--path names folders, so that --user and --local have nothing to choose from",
                hint="Leave out --user and --local, or --path.",
            )
        folders = tuple(os.path.abspath(given.value) for given in settings.path)
        environment = msgspec.structs.replace(environment, search=folders)
    elif wiring.is_unsettled:
        output.warn(
            f"A change of {environment.prefix} is under way or was cut off: the answer is about what is there now."
        )
    return read_entries(installed(environment), read_core_metadata, output.warn)


def within(settings: Settings, environment: Environment) -> Callable[[Entry], bool] | None:
    """Return what tells which distributions ``--local`` and ``--user`` leave; None where they leave all.

    In a virtual environment its own are local, elsewhere all.
    """
    roots: list[tuple[str, ...]] = []
    if settings.local and environment.is_virtual:
        roots.append((os.path.realpath(environment.prefix),))
    if settings.user:
        user = environment.user
        roots.append(() if user is None else (os.path.realpath(user.purelib), os.path.realpath(user.platlib)))
    if not roots:
        return None

    def is_within(entry: Entry) -> bool:
        folder = os.path.realpath(entry.installed.location)
        return all(any(_is_below(folder, root) for root in choice) for choice in roots)

    return is_within


def _is_below(folder: str, root: str) -> bool:
    return os.path.normcase(folder + os.sep).startswith(os.path.normcase(root.rstrip(os.sep) + os.sep))
