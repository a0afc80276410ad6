"""What is meant by a command or an option that there is not: errors that say where it belongs, or what is like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import InputError
from clearway.model.urls import mask
from clearway.settings.foreign import FOREIGN
from clearway.settings.option import COMMANDS as EVERY
from clearway.settings.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_FOREIGN_COMMANDS = {
    "pip": "Leave it out: clearway COMMAND",
    "lock": "Locks are installed, by install -r pylock.toml, but not written yet: have another tool write one",
    "search": "Look at a project with: clearway index versions NAME",
    "remove": "Did you mean uninstall?",
    "add": "Did you mean install?",
    "update": "Did you mean install --upgrade?",
    "upgrade": "Did you mean install --upgrade?",
    "outdated": "Did you mean list --outdated?",
    "info": "Did you mean show?",
    "version": "Did you mean --version?",
}
"""What other package managers, or pip of old, call what we call otherwise."""


def shown(word: str) -> str:
    """Return a word of the command line as a message may show it: short, on one line, and without user info."""
    masked = mask(word)  # all of it: user info is known by the @ behind it
    return repr(masked if len(masked) <= 80 else f"{masked[:77]}...")


def near(word: str, known: Iterable[str]) -> str:
    """Return what a word may be a misspelling of; empty if there is nothing like it."""
    from difflib import get_close_matches  # late: only for who has made a mistake

    return next(iter(get_close_matches(word[:80], list(known), 1)), "")


def unknown_command(word: str, commands: Collection[str]) -> InputError:
    """Return the error that there is no such command."""
    likely = near(word, commands)
    hint = f"Did you mean {likely}?" if likely else "See: clearway --help"
    return InputError(
        "bad-arguments",
        f"There is no command {shown(word)}",
        context=(f"commands: {', '.join(commands)}",),
        hint=_FOREIGN_COMMANDS.get(word, hint),
    )


def unknown_action(command: str, word: str, actions: Collection[str]) -> InputError:
    """Return the error that a command has no such action."""
    likely = near(word, actions)
    return InputError(
        "bad-arguments",
        f"clearway {command} has no action {shown(word)}; there are {', '.join(actions)}",
        hint=f"Did you mean {likely}?" if likely else f"See: clearway {command} --help",
    )


def unknown_option(spelled: str, flag: str, command: str, known: Collection[str]) -> InputError:
    """Return the error that a command does not take an option.

    :param spelled: what was written, ``flag`` the option in it.
    :param command: empty for options before the command.
    :param known: the flags that would be taken.
    """
    spelled = mask(spelled) if spelled.isprintable() and len(spelled) <= 80 else shown(spelled)
    takers = [option.commands for option in TABLE if flag in option.flags]
    name = flag.removeprefix("--")
    where = f"clearway {command}" if command else "clearway, before a command,"
    if takers and not command:
        why = f"{spelled} stands behind the command, not before it"
        return InputError("bad-arguments", why, hint=f"It is an option of {_named(takers)}.")
    if takers:
        why = f"{spelled} is no option of {where} but of {_named(takers)}"
        return InputError("bad-arguments", why, hint=f"Leave it out, or see: {where} --help")
    if name in FOREIGN:
        return InputError(
            "bad-arguments",
            f"{where} does not take pip's option {flag}: {FOREIGN[name].why}",
            hint=FOREIGN[name].advice,
        )
    return _no_option(spelled, flag, where, known)


def _no_option(spelled: str, flag: str, where: str, known: Collection[str]) -> InputError:
    likely = near(flag, (one for one in known if one.startswith("--"))) if flag.startswith("--") else ""
    if not flag[1:].isascii() or not flag.strip("-"):
        hint = "An option begins with two plain dashes; what is no option but begins with one stands after --"
    elif likely:
        hint = f"Did you mean {likely}?"
    else:
        hint = f"See: {where.partition(',')[0]} --help"
    return InputError("bad-arguments", f"{where} has no option {spelled}", hint=hint)


def _named(takers: Iterable[tuple[str, ...]]) -> str:
    names = [name for name in EVERY if any(name in commands for commands in takers)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
