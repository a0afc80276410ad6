"""``clearway completion``: what a shell needs to complete commands, and the answers when it asks.

The script that a shell reads at its start asks ``clearway completion -- WORD ...`` at each press of the key: so what is
offered is what this version understands, and the names of what is installed are known. Where nothing is offered, shells
complete the names of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.cli.arguments import COMMANDS
from clearway.errors import ClearwayError, InputError
from clearway.settings.table import BY_NAME, TABLE, options_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.settings.option import Option

_INSTALLED = frozenset({"show", "uninstall", "why"})
"""The commands whose operands are what is installed."""

_SCRIPTS = {
    "bash": """\
_clearway_completion() {
    local IFS=$'\\n'
    COMPREPLY=( $( "$1" completion -- "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null ) )
}
complete -o default -o bashdefault -F _clearway_completion clearway""",
    "zsh": """\
#compdef clearway
_clearway_completion() {
    local -a found
    found=( "${(@f)$( "$words[1]" completion -- "${(@)words[1,CURRENT]}" 2>/dev/null )}" )
    if (( ${#found[@]} )) && [[ -n "$found[1]" ]]; then compadd -- "$found[@]"; else _files; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _clearway_completion "$@"
else
    compdef _clearway_completion clearway
fi""",
    "fish": """\
function __clearway_completion
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l found (command $words[1] completion -- $words (commandline --current-token --cut-at-cursor) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline --current-token --cut-at-cursor)
    end
end
complete --no-files --command clearway --arguments '(__clearway_completion)'""",
}


def completion(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Write the script of a shell, or what may stand in place of the last of the words.

    :raises InputError: ``nothing-asked``.
    """
    if operands:
        for word in candidates(operands, lambda python: _installed(wiring, python)):
            output.data(word)
        return 0
    settings = wiring.settings
    wanted = [name for name in _SCRIPTS if getattr(settings, name)]
    if not wanted:
        raise InputError("nothing-asked", "No shell was named", hint="Name one: --bash, --zsh or --fish.")
    for name in wanted:
        for line in _SCRIPTS[name].splitlines():
            output.data(line)
    return 0


def candidates(words: Sequence[str], installed: Callable[[str], Iterable[str]]) -> list[str]:
    """Return what may stand in place of the last word; nothing where that is a file, or anybody's guess.

    :param words: of a command line, the program first.
    :param installed: returns the names of what is installed in the environment that ``--python`` names, if it does.
    """
    *before, current = _joined(words[1:]) or ("",)
    general = {flag: option for option in TABLE if option.is_general for flag in option.flags}
    command, rest = _command(before, general)
    if command:
        offered = _offered(command, rest, current, lambda: installed(_python(before)))
    else:
        asked = _asked(before, general)
        flags = (*general, "--help", "--version") if current.startswith("-") else COMMANDS
        offered = asked.choices if asked is not None else flags
    found = [word for word in dict.fromkeys(offered) if word.startswith(current)]
    if not found and current.startswith("--") and "=" in current:
        return _after_equals(current, general | _options(command))
    return found


def _joined(words: Sequence[str]) -> list[str]:
    """Return words in which ``--name=value``, which bash cuts in three, is ``--name`` and the value."""
    whole = [word for number, word in enumerate(words) if word != "=" or number + 1 == len(words)]
    return [*whole[:-1], ""] if whole[-1:] == ["="] else whole


def _command(words: Sequence[str], general: Mapping[str, Option]) -> tuple[str, Sequence[str]]:
    """Return the command among words, and what stands behind it; empty if there is none yet."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        option = general.get(words[at])
        at += 2 if option is not None and not option.is_alone else 1
    return (words[at], words[at + 1 :]) if at < len(words) else ("", ())


def _python(words: Sequence[str]) -> str:
    """Return what ``--python`` names."""
    named = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--python"]
    named += [word.partition("=")[2] for word in words if word.startswith("--python=")]
    return named[-1] if named else ""


def _options(command: str) -> dict[str, Option]:
    return {flag: option for option in options_for(command) for flag in option.flags}


def _asked(words: Sequence[str], options: Mapping[str, Option]) -> Option | None:
    """Return the option whose value comes next, if one does."""
    option = options.get(words[-1]) if words else None
    return option if option is not None and not option.is_alone else None


def _after_equals(word: str, options: Mapping[str, Option]) -> list[str]:
    name, _, begun = word.partition("=")
    choices = options[name].choices if name in options else ()
    return [f"{name}={choice}" for choice in choices if choice.startswith(begun)]


def _offered(command: str, rest: Sequence[str], current: str, installed: Callable[[], Iterable[str]]) -> Iterable[str]:
    if command == "help" or command not in COMMANDS:
        return COMMANDS if command == "help" and not rest else ()
    options = _options(command)
    if asked := _asked(rest, options):
        return asked.choices
    if current.startswith("-"):
        return [
            flag for flag in (*options, "--help") if flag not in rest or (flag in options and options[flag].is_repeated)
        ]
    if choices := COMMANDS[command].choices:
        action = next((at for at, word in enumerate(rest) if word in choices), None)
        if action is None:
            return choices
        return _settings(rest[action], rest[action + 1 :]) if command == "config" else ()
    if command in _INSTALLED:
        return [name for name in installed() if name not in rest]
    return ()


def _settings(action: str, words: Sequence[str]) -> Iterable[str]:
    """Return the names of settings, or the values that one of them may have."""
    names = [word for word in words if not word.startswith("-")]
    if action not in {"get", "set", "unset"} or len(names) > 1 or (names and action != "set"):
        return ()
    if not names:
        return [option.name for option in TABLE if option.files != "none"]
    option = BY_NAME.get(names[0])
    return () if option is None else ("true", "false") if option.kind == "flag" else option.choices


def _installed(wiring: Wiring, python: str) -> list[str]:
    import msgspec

    from clearway.interpreter.installed import installed  # late: only some commands name what is installed

    if python:
        wiring.settings = msgspec.structs.replace(wiring.settings, python=python)
    try:
        return [one.name for one in installed(wiring.environment) if not one.broken]
    except ClearwayError:  # nobody waits for a message here
        return []
