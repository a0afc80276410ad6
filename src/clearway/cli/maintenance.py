"""``clearway uninstall`` and ``check``, from settings to the last line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from clearway.errors import InputError, TargetError
from clearway.interpreter.installed import installed as read_installed
from clearway.model.urls import mask

if TYPE_CHECKING:
    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.model.installed import Installed


def uninstall(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Remove distributions."""
    from clearway.cli.inputs import inputs_for
    from clearway.cli.places import warn_root
    from clearway.commands.uninstall import select
    from clearway.commands.uninstall import uninstall as remove

    settings = wiring.settings
    if not operands and not settings.requirement:
        raise InputError("nothing-asked", "Nothing was named to remove", hint="Name a package, or a file with -r.")
    inputs = inputs_for(wiring, operands)
    if inputs.unnamed:
        nameless = inputs.unnamed[0]
        raise InputError(
            "nothing-asked",
            f"{mask(nameless.url)} does not say which project is meant ({nameless.origin})",
            hint="Name the project itself.",
        )
    wiring.make_sound()
    distributions = read_installed(wiring.environment)
    by_name = {one.name: one for one in reversed(distributions)}
    chosen, missing = select((stated.requirement.name for stated in inputs.requirements), by_name)
    for name in missing:
        output.warn(f"Skipping {name} as it is not installed.")
    chosen = _inside(chosen, wiring, output)
    if not chosen:
        return 0
    _keep_own(chosen, wiring)
    for one in chosen:
        output.say(f"Found existing installation: {one.spelling} {one.version}")
        output.say(f"Uninstalling {one.spelling}-{one.version}:")
        if not settings.yes or output.wants(1):
            _tell_files(one, wiring, output, always=not settings.yes)
    if not settings.yes and not _agreed(no_input=settings.no_input):
        output.say("Nothing was removed.")
        return 0
    output.untouched = False
    remove(chosen, wiring.site)
    for one in chosen:
        output.say(f"  Successfully uninstalled {one.spelling}-{one.version}")
    names = {one.name for one in chosen}
    for one in distributions:
        if one.name in names and one not in chosen:
            output.warn(f"Another copy is still there: {one.info}. Run the command again to remove it.")
    warn_root(wiring, output)
    return 0


def _tell_files(one: Installed, wiring: Wiring, output: Output, *, always: bool) -> None:
    """Show what goes with a distribution: folders that go whole as one.

    :param always: and not only with ``-v``.
    """
    from clearway.site.layout import Layout
    from clearway.site.removal import is_outside, removed_paths

    layout = next(layout for home in wiring.homes if not is_outside(one, layout := Layout(home)))
    paths = sorted(removed_paths([one], layout, lambda _: None))
    for line in ("  Would remove:", *(f"    {path}{'/*' if os.path.isdir(path) else ''}" for path in paths)):
        if always:
            output.say(line)
        else:
            output.detail(line)


def _keep_own(chosen: tuple[Installed, ...], wiring: Wiring) -> None:
    """See that clearway is not left without what it runs on, unless it goes too.

    :raises InputError: ``own-requirement``.
    """
    from clearway.cli.own import own_requirements

    names = {one.name for one in chosen}
    needed = names & {stated.requirement.name for stated in own_requirements(wiring.environment)}
    if needed and "clearway" not in names:
        raise InputError(
            "own-requirement",
            f"{', '.join(sorted(needed))}: clearway itself runs on this, in this environment",
            hint="Nothing was removed. Name another environment with --python, or remove clearway with it.",
        )


def _inside(distributions: tuple[Installed, ...], wiring: Wiring, output: Output) -> tuple[Installed, ...]:
    """Return those that the environment holds; tell of the others, which are not its own to remove."""
    from clearway.site.layout import Layout
    from clearway.site.removal import is_outside

    layouts = [Layout(home) for home in wiring.homes]
    outside = [one for one in distributions if all(is_outside(one, layout) for layout in layouts)]
    for one in outside:
        output.warn(
            f"Not uninstalling {one.spelling} {one.version} at {one.location}, "
            f"outside environment {wiring.environment.prefix}."
        )
    return tuple(one for one in distributions if one not in outside)


def _agreed(*, no_input: bool) -> bool:
    """Ask a person, or whatever answers for one (``yes | clearway uninstall demo``); who says nothing does not agree.

    :raises InputError: ``nobody-to-ask``.
    """
    answer = ""
    if not no_input and sys.stdin is not None:
        sys.stdout.write("Proceed (Y/n)? ")
        sys.stdout.flush()
        try:
            answer = sys.stdin.readline()
        except UnicodeDecodeError:
            return False
    if not answer:
        raise InputError(
            "nobody-to-ask", "Removing needs an answer, and there is nobody to ask", hint="Say it with --yes."
        )
    return answer.strip().lower() in {"", "y", "yes"}


def check(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Tell what does not fit together; 1 if anything does not."""
    from clearway.commands.check import check as examine
    from clearway.interpreter.installed import read_metadata

    del operands  # it takes none; the parser has seen to that
    unsettled = _settle(wiring, output)
    faults = [*unsettled, *examine(read_installed(wiring.environment), read_metadata, wiring.target)]
    for fault in faults:
        output.result(fault)
    if not faults:
        output.say("No broken requirements found.")
    return 1 if faults else 0


def _settle(wiring: Wiring, output: Output) -> tuple[str, ...]:
    """Finish or roll back what a killed run left behind, before anybody judges what is there (DESIGN 4.9).

    :returns: that it is still there, where this user cannot change it; else nothing.
    """
    if not wiring.is_unsettled:
        return ()
    try:
        recovered = wiring.site.recover()
    except TargetError as error:
        return (f"A change of {wiring.environment.prefix} is under way or was cut off. {error.message}.",)
    if recovered:
        output.warn(f"{recovered}.")
    return ()
