"""``clearway config``: what is configured, where, and changes of our own files (``docs/reference/commands.md``).

pip's files and variables are shown, since they count, and never changed. What is broken can be looked at and mended
with this command: so it reads the files itself, and those alone that it needs.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from clearway.configuration.own_files import VARIABLE, document_of, place_of_projects, place_of_users, read_text
from clearway.errors import ClearwayError, InputError
from clearway.model.urls import mask
from clearway.settings.edits import Name, change, check, read_name, read_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.configuration.own_files import Place
    from clearway.settings.documents import Document
    from clearway.settings.survey import Setting

_ARGUMENTS = {"list": "", "get": "NAME", "set": "NAME VALUE", "unset": "NAME", "edit": "", "debug": ""}


def config(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Show or change what is configured.

    :raises InputError: for what is malformed, in a file or on the command line.
    :raises TargetError: ``configuration-unwritable``.
    """
    action, *words = operands
    wanted = _ARGUMENTS[action].split()
    if len(words) < len(wanted) or (len(words) > len(wanted) and action != "set"):
        raise InputError(
            "bad-arguments",
            f"clearway config {action} takes {' and '.join(wanted) or 'no arguments'}, "
            f"but {len(words) or 'none'} {'was' if len(words) < 2 else 'were'} given",
            hint="See: clearway config --help",
        )
    if wiring.settings.users_file and wiring.settings.projects_file:
        raise InputError(
            "conflicting-options", "--user and --project exclude each other", hint="Leave one of them out."
        )
    if action in {"set", "unset"}:
        return _change(wiring, output, words[0], words[1:] if action == "set" else None)
    if action == "edit":
        return _edit(wiring, output)
    if action == "get":
        return _get(wiring, output, words[0])
    if action == "list":
        return _list(wiring, output)
    from clearway.cli.config_files import debug

    return debug(wiring, output)


def settings_in_force(wiring: Wiring) -> tuple[Setting, ...]:
    """Return what is set, in the file that was asked for, or anywhere."""
    from clearway.configuration.pip_files import read_pip_files
    from clearway.settings.survey import survey

    settings, environ = wiring.settings, wiring.environ
    places = [place for place in _places(environ, isolated=settings.isolated) if os.path.isfile(place.path)]
    if settings.users_file or settings.projects_file:
        places = [place for place in places if (place.owner == "user") == settings.users_file]
    texts = [read_text(place) for place in places]
    documents = [
        (document_of(place, text.encode()), text, place.prefix) for place, text in zip(places, texts, strict=True)
    ]
    if settings.users_file or settings.projects_file:
        return survey({}, (), documents)
    return survey(environ, read_pip_files(environ, prefix_of(wiring), isolated=settings.isolated), documents)


def prefix_of(wiring: Wiring) -> str:
    """Return the prefix of the environment, which may have a file of pip's; empty if there is none."""
    try:
        return os.path.dirname(os.path.dirname(wiring.executable))
    except ClearwayError:  # nothing is installed here: it is no mistake that there is nothing to install into
        return ""


def show_value(value: object, name: str) -> str:
    """Return a value as TOML spells it, without what is secret in it."""
    from clearway.settings.toml_text import spell_value

    return "****" if name.rpartition(".")[2] in {"password", "token"} else hide(spell_value(value))


def hide(text: str) -> str:
    """Return a text without user info and queries of URLs, not even of those that are none: a slash in a password."""
    return mask(re.sub(r"://[^\s\"']*@", "://****@", text))


def _places(environ: Mapping[str, str], *, isolated: bool) -> list[Place]:
    """Return the places of our own files, the strongest last."""
    users = [] if isolated else [place_of_users(environ)]
    return [*users, place_of_projects(environ, os.getcwd())]


def find_fault(place: Place, wiring: Wiring) -> str:
    """Return what is wrong with a file, so that any other command ends with it; empty if there is nothing."""
    try:
        if os.path.lexists(place.path):
            check(_with_others(wiring, document_of(place, read_text(place).encode())))
    except InputError as error:
        return error.message
    return ""


def _list(wiring: Wiring, output: Output) -> int:
    for setting in settings_in_force(wiring):
        if setting.counts or output.verbosity > 0:
            overridden = "" if setting.counts else " (overridden)"
            output.result(f"{setting.name} = {show_value(setting.value, setting.name)}  # {setting.origin}{overridden}")
    for place in _places(wiring.environ, isolated=wiring.settings.isolated):
        if fault := find_fault(place, wiring):
            output.warn(f"{fault}.")
    return 0


def _get(wiring: Wiring, output: Output, text: str) -> int:
    """Write a value alone, elements of a list a line each; 1 if nothing sets it."""
    name = read_name(text)
    known = {setting.name: setting for setting in settings_in_force(wiring) if setting.counts}
    found = known.get(name.shown) or known.get(name.key)
    if name.of:
        found = next((one for shown, one in known.items() if _is_of(name, shown)), None)
    if found is None:
        output.warn(f"{name.shown} is not set.")
        return 1
    for value in found.value if isinstance(found.value, list) else (found.value,):
        output.result(hide(value) if isinstance(value, str) else show_value(value, found.name))
    return 0


def _is_of(name: Name, shown: str) -> bool:
    """Whether a setting is the key of an index that is meant; an index may be spelled in several ways."""
    from clearway.model.names import normalize

    index, _, key = shown.removeprefix("index.").rpartition(".")
    return shown.startswith("index.") and key == name.key and normalize(index) == normalize(name.of)


def _change(wiring: Wiring, output: Output, text: str, words: Sequence[str] | None) -> int:
    from clearway.configuration.editing import write_configuration

    place = _chosen(wiring)
    content = read_text(place) if os.path.lexists(place.path) else ""
    document = document_of(place, content.encode())
    if words is None:
        name = Name(text) if text in document.content and text != "index" else read_name(text)
        changed = change(content, document, place.prefix, name, None)
    else:
        name = read_name(text)
        if not name.key or name.key == "name":
            raise InputError(
                "bad-arguments",
                f"{name.shown} is no setting, but an index" if not name.key else "The name of an index is not changed",
                hint=f"Set what it says: index.{name.of or 'NAME'}.url, for one.",
            )
        changed = change(content, document, place.prefix, name, read_words(name, words))
        check(_with_others(wiring, document_of(place, changed.encode())))
    private = place.owner == "user" and not wiring.environ.get(VARIABLE)  # one that is named may be for others too
    write_configuration(place.path, changed.encode(), private=private)
    output.say(f"{'Unset' if words is None else 'Set'} {name.shown} in {place.label}")
    return 0


def _with_others(wiring: Wiring, document: Document) -> list[Document]:
    """Return a file of the user's alone; with one of a project's that of the user too, which it may contradict."""
    user = place_of_users(wiring.environ)
    if document.owner == "user" or not os.path.isfile(user.path):
        return [document]
    return [document_of(user, read_text(user).encode()), document]


def _chosen(wiring: Wiring) -> Place:
    """Return the place of the file to change: the user's, unless the project's is asked for."""
    if wiring.settings.projects_file:
        return place_of_projects(wiring.environ, os.getcwd())
    return place_of_users(wiring.environ)


def _edit(wiring: Wiring, output: Output) -> int:
    """Open a file, and see afterwards that it can be understood."""
    import subprocess  # late: only for who edits

    place = _chosen(wiring)
    environ = wiring.environ
    editor = wiring.settings.editor or environ.get("VISUAL", "") or environ.get("EDITOR", "")
    if not editor.strip():
        raise InputError(
            "no-editor",
            "No editor is known",
            hint=f"Name one with --editor, or the variables VISUAL or EDITOR; the file is {place.path}",
        )
    try:
        os.makedirs(place.folder, exist_ok=True)
        status = subprocess.run([*_split(editor), place.path]).returncode
    except OSError as error:
        raise InputError(
            "no-editor", f"The editor {editor} cannot be run: {error.strerror}", hint="Name another one with --editor."
        ) from None
    if status:
        raise InputError(
            "no-editor",
            f"The editor {editor} ended with status {status}",
            hint=f"See what it said; the file is {place.path}",
        )
    if os.path.lexists(place.path):
        check(_with_others(wiring, document_of(place, read_text(place).encode())))
        output.say(f"{place.label} is in order")
    return 0


def _split(editor: str) -> list[str]:
    """Split an editor's command as a shell would; a path with spaces in it is one word if there is such a file."""
    from shlex import split  # late: as above

    if os.path.isfile(editor):
        return [editor]
    try:
        words = split(editor, posix=sys.platform != "win32")
    except ValueError as error:
        raise InputError(
            "no-editor", f"The editor {editor!r} cannot be split into words: {error}", hint="Correct its quotes."
        ) from None
    return words
