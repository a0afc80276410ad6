"""``clearway completion``: what a shell needs to complete commands, and the answers when it asks.

The script that a shell reads at its start asks ``clearway completion -- WORD ...`` at each press of the key: so what is
offered is what this version understands, and the names of what is installed are known. Where nothing is offered, shells
complete the names of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.cli.arguments import COMMANDS
from clearway.errors import ClearwayError, InputError
from clearway.settings.table import options_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
        for word in candidates(operands, lambda: _installed(wiring)):
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


def candidates(words: Sequence[str], installed: Callable[[], Iterable[str]]) -> list[str]:
    """Return what may stand in place of the last word; nothing where that is a file, or anybody's guess.

    :param words: of a command line, the program first.
    :param installed: returns the names of what is installed.
    """
    *before, current = words[1:] or ("",)
    if current == "=":  # bash cuts --name=value into three words
        current = ""
    elif before[-1:] == ["="]:
        before.pop()
    offered = list(_offered(before, current, installed))
    return [word for word in dict.fromkeys(offered) if word.startswith(current)]


def _offered(before: Sequence[str], current: str, installed: Callable[[], Iterable[str]]) -> Iterable[str]:
    if not before:
        return ("--help", "--version") if current.startswith("-") else COMMANDS
    command, *rest = before
    if command == "help" or command not in COMMANDS:
        return COMMANDS if command == "help" and not rest else ()
    options = {flag: option for option in options_for(command) for flag in option.flags}
    asked = options.get(rest[-1]) if rest else None
    if asked is not None and not _is_alone(asked):
        return asked.choices
    if current.startswith("-"):
        name, equals, _ = current.partition("=")
        if equals:
            return [f"{name}={choice}" for choice in options[name].choices] if name in options else ()
        return [flag for flag in (*options, "--help") if flag not in rest or _is_repeated(options.get(flag))]
    if COMMANDS[command].choices:
        return () if set(rest) & set(COMMANDS[command].choices) else COMMANDS[command].choices
    if command in _INSTALLED:
        return [name for name in installed() if name not in rest]
    return ()


def _is_alone(option: Option) -> bool:
    """Whether an option takes no value."""
    return option.kind in {"flag", "count"}


def _is_repeated(option: Option | None) -> bool:
    """Whether an option may be given several times."""
    return option is not None and option.kind in {"list", "formats", "count"}


def _installed(wiring: Wiring) -> list[str]:
    from clearway.interpreter.installed import installed  # late: only some commands name what is installed

    try:
        return [one.name for one in installed(wiring.environment) if not one.broken]
    except ClearwayError:  # nobody waits for a message here
        return []
