"""What a command line names, with the files that it names: read alike for every command that takes requirements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.configuration.requirement_files import Asked, read_inputs
from clearway.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.cli.wiring import Wiring
    from clearway.model.inputs import Inputs
    from clearway.settings.settings import Settings


def names_something(operands: tuple[str, ...], settings: Settings) -> bool:
    """Whether a command line names anything to install."""
    return bool(
        operands or settings.requirement or settings.editable or settings.group or settings.requirements_from_script
    )


def check_named(operands: tuple[str, ...], settings: Settings, verb: str) -> None:
    """See that a command line names something.

    :param verb: what would be done with it, for people.
    :raises InputError: ``nothing-asked``.
    """
    if not names_something(operands, settings):
        raise InputError(
            "nothing-asked", f"Nothing was named to {verb}", hint="Name a package, or a file of requirements with -r."
        )


def check_wishes(settings: Settings) -> None:
    """See that what was said of the choice of releases goes together.

    :raises InputError: ``conflicting-options``.
    """
    if settings.pre and settings.releases:
        raise _conflict("pre", dict(settings.releases), settings, "--pre speaks of every project already")
    if settings.only_deps:
        others = {"no-deps": settings.no_deps, "requirement": settings.requirement, "group": settings.group}
        others["requirements-from-script"] = settings.requirements_from_script
        given = [name for name, value in others.items() if value]
        if given:
            why = "nothing is left" if settings.no_deps else "what is listed there would all be left out"
            raise _conflict("only-deps", given, settings, why)


def _conflict(option: str, others: Iterable[str], settings: Settings, why: str) -> InputError:
    names = (option, *others)
    return InputError(
        "conflicting-options",
        f"--{option} cannot be combined with {' and '.join(f'--{name}' for name in names[1:])}: {why}",
        context=tuple(f"--{name}: said by {settings.sources[name]}" for name in names if name in settings.sources),
        hint="Leave out one of them.",
    )


def inputs_for(wiring: Wiring, operands: tuple[str, ...]) -> Inputs:
    """Read all that was asked for, and tell what people should know of it.

    :raises InputError: for anything malformed.
    """
    settings = wiring.settings
    check_wishes(settings)
    asked = Asked(
        requirements=operands,
        editables=tuple(given.value for given in settings.editable),
        requirement_files=tuple(given.value for given in settings.requirement),
        scripts=tuple(given.value for given in settings.requirements_from_script),
        constraint_files=tuple(given.value for given in settings.constraint),
        groups=tuple(given.value for given in settings.group),
        extras=tuple(given.value for given in settings.extra),
        all_extras=settings.all_extras,
    )
    inputs = read_inputs(asked, wiring.environ, wiring.fetch, lambda: wiring.target)
    for note in inputs.notes:
        wiring.warn(note)
    if (settings.require_hashes or inputs.require_hashes) and (settings.no_require_hashes or inputs.no_require_hashes):
        raise _conflict("require-hashes", ["no-require-hashes"], settings, "they say the opposite of each other")
    return inputs
