"""``clearway config debug``: every file and variable that is looked at, whether it is there, and what it says."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from clearway.cli.config import find_fault, hide, prefix_of, show_value
from clearway.configuration.own_files import document_of, place_of_projects, place_of_users, read_text
from clearway.configuration.pip_files import places_of_pip, read_pip_file
from clearway.errors import ClearwayError
from clearway.settings.strays import find_strays
from clearway.settings.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.configuration.own_files import Place
    from clearway.settings.ini import Entry

_OTHERS = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NETRC", "VISUAL", "EDITOR", "VIRTUAL_ENV")
_SECRET = re.compile(r"_(?:PASSWORD|TOKEN)$")


def debug(wiring: Wiring, output: Output) -> int:
    """Tell of all files and variables, the weakest first."""
    environ = wiring.environ
    output.result("env_var:")
    for line in _variables(environ):
        output.result(f"  {line}")
    files: list[tuple[str, tuple[Entry, ...]]] = []
    kind = ""
    for place in places_of_pip(environ, prefix_of(wiring)):
        if place.kind != kind:
            kind = place.kind
            output.result(f"{kind}: (of pip)")
        counts = not (wiring.settings.isolated and kind == "user")
        output.result(f"  {place.path}, exists: {os.path.exists(place.path)}{'' if counts else ', does not count'}")
        try:
            entries = read_pip_file(place.path) or ()
        except ClearwayError as error:
            output.result(f"    {error.message}")
            continue
        files += [(place.path, entries)] if counts else []
        for entry in entries:
            output.result(f"    {entry.section}.{entry.key}: {_without_secrets(entry.key, entry.value)}")
    indexes = [name for place in _own(wiring) for name in _tell(place, wiring, output)]
    for stray in find_strays(environ, files, indexes):
        output.result(f"{'WARNING' if stray.matters else 'note'}: {stray.text}")
    return 0


def _own(wiring: Wiring) -> Iterator[Place]:
    if not wiring.settings.isolated:
        yield place_of_users(wiring.environ)
    yield place_of_projects(wiring.environ, os.getcwd())


def _tell(place: Place, wiring: Wiring, output: Output) -> list[str]:
    """Tell of one of our own files; return the names of its indexes."""
    output.result(f"{place.owner}:")
    output.result(f"  {place.label}, exists: {os.path.exists(place.path)}")
    if not os.path.exists(place.path):
        return []
    try:
        text = read_text(place)
        document = document_of(place, text.encode())
    except ClearwayError as error:
        output.result(f"    {error.message}")
        return []
    for setting in survey({}, (), [(document, text, place.prefix)]):
        output.result(f"    {setting.name}: {show_value(setting.value, setting.name)}")
    if fault := find_fault(place, wiring):
        output.result(f"ERROR: {fault}")
    tables = document.content.get("index")
    named = tables if isinstance(tables, list) else []
    return [str(table["name"]) for table in named if isinstance(table, dict) and "name" in table]


def _variables(environ: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(environ):
        if name.startswith(("CLEARWAY_", "PIP_")) or name in _OTHERS:
            yield f"{name}={_without_secrets(name, environ[name])!r}"


def _without_secrets(name: str, value: str) -> str:
    return "****" if _SECRET.search(name.upper()) else hide(value)
