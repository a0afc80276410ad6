"""A keyring for tests: a module named ``keyring`` and a command of that name, over one JSON file."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_MODULE = """\
import json, os, pathlib
PLACE = pathlib.Path({place!r})

class Found:
    def __init__(self, username, password):
        self.username, self.password = username, password

def get_credential(service, username):
    state = json.loads(PLACE.read_text())
    state["asked"].append([service, username])
    PLACE.write_text(json.dumps(state))
    if state["broken"]:
        raise RuntimeError(state["broken"])
    for user, password in state["kept"].get(service, {{}}).items():
        if username in (None, user):
            return Found(user, password)
    return None

def set_password(service, username, password):
    state = json.loads(PLACE.read_text())
    state["kept"].setdefault(service, {{}})[username] = password
    PLACE.write_text(json.dumps(state))
"""

_COMMAND = """\
#!{python}
import json, os, sys
sys.path.insert(0, {modules!r})
import keyring
state = json.loads(keyring.PLACE.read_text())
state["words"].append(sys.argv[1:])
keyring.PLACE.write_text(json.dumps(state))
match sys.argv[1:]:
    case ["get", service, user]:
        found = keyring.get_credential(service, user)
        if found is None:
            sys.exit(1)
        print(found.password)
    case ["--mode", "creds", "get", service]:
        found = keyring.get_credential(service, None)
        if found is None:
            sys.exit(1)
        print(found.username)
        print(found.password)
    case ["set", service, user]:
        keyring.set_password(service, user, sys.stdin.read().removesuffix("\\n"))
    case _:
        sys.exit("keyring: error: unknown")
"""


class FakeKeyring:
    """One keyring.

    :ivar modules: the folder to put on a module path; ``commands``: the folder to put on PATH.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / "given-keyring.json"
        self.modules = folder / "given-modules"
        self.commands = folder / "given-commands"
        self.modules.mkdir()
        self.commands.mkdir()
        (self.modules / "keyring.py").write_text(_MODULE.format(place=str(self._place)))
        command = self.commands / "keyring"
        command.write_text(_COMMAND.format(python=sys.executable, modules=str(self.modules)))
        command.chmod(0o755)
        self._write({"kept": {}, "asked": [], "words": [], "broken": ""})

    def keep(self, service: str, username: str, password: str) -> None:
        state = self._read()
        state["kept"].setdefault(service, {})[username] = password
        self._write(state)

    def break_it(self, words: str) -> None:
        self._write({**self._read(), "broken": words})

    @property
    def kept(self) -> dict[str, dict[str, str]]:
        kept: dict[str, dict[str, str]] = self._read()["kept"]
        return kept

    @property
    def asked(self) -> list[tuple[str, str | None]]:
        """The services and user names that it was asked for."""
        return [(service, username) for service, username in self._read()["asked"]]

    @property
    def words(self) -> list[list[str]]:
        """The arguments of the command, of each time that it was run."""
        words: list[list[str]] = self._read()["words"]
        return words

    def _read(self) -> Any:
        return json.loads(self._place.read_text())

    def _write(self, state: object) -> None:
        self._place.write_text(json.dumps(state))
