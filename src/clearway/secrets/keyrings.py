"""Keyrings: what the ``keyring`` package keeps for this user, asked as pip asks it (``--keyring-provider``).

Both providers are a process of their own: ``import`` runs our own interpreter on the package that is installed beside
us, ``subprocess`` the command that PATH names. So a backend that hangs, prints or crashes is bounded like any other
command. The service is the full URL of the index, which two projects on one host do not share; then the host, as pip
has it. What a person gives is saved under the full URL.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from clearway.model.secrets import Credential, Secret
from clearway.secrets.commands import CommandFault, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clearway.secrets.commands import Result

Provider = Literal["auto", "disabled", "import", "subprocess"]

_NOT_THERE = 3
_GET = f"""\
import sys
import keyring
username = sys.stdin.read()
found = keyring.get_credential(sys.argv[1], username or None)
if found is None or found.password is None:
    sys.exit({_NOT_THERE})
sys.stdout.write(f"{{found.username or username}}\\n{{found.password}}\\n")
"""
_SET = """\
import sys
import keyring
keyring.set_password(sys.argv[1], sys.argv[2], sys.stdin.read())
"""


class Keyring:
    """The keyring of this user.

    :param warn: told once if it cannot be asked; it is not asked again then.
    """

    def __init__(self, provider: Provider, environ: Mapping[str, str], warn: Callable[[str], None]) -> None:
        self._provider = provider
        self._environ = {**environ, "PYTHONIOENCODING": "utf-8"}
        self._warn = warn
        self._base: tuple[str, ...] | None = None
        self._broken = False

    @property
    def name(self) -> str:
        """What it is called where people are told what was asked; empty if there is none."""
        base = self._find()
        if not base:
            return ""
        return f"the keyring command {base[0]}" if self._is_command else "the keyring package"

    def find(self, url: str, username: str = "") -> Credential | None:
        """Return what is kept for an index: under its URL, else under its host.

        :param username: who it has to be for, if that is known.
        """
        for service in (url, urlsplit(url).netloc):
            found = self._get(service, username)
            if found is not None:
                return found
        return None

    def save(self, url: str, username: str, password: Secret) -> None:
        """Keep a password for an index."""
        words = ("set", url, username) if self._is_command else ("-c", _SET, url, username)
        given = password.reveal() + (os.linesep if self._is_command else "")
        result = self._run(words, given)
        if result is not None and result.status:
            self._warn(f"The password was not saved: {result.complaint or f'status {result.status}'}")

    def _get(self, service: str, username: str) -> Credential | None:
        if not self._is_command:
            result = self._run(("-c", _GET, service), username)
        elif username:
            result = self._run(("get", service, username))
        else:
            result = self._run(("--mode", "creds", "get", service))
        if result is None:
            return None
        if result.status:
            if result.complaint and result.status != _NOT_THERE:
                self._give_up(f"it failed: {result.complaint}")
            return None
        alone = self._is_command and bool(username)
        user, _, password = (username, "", result.out) if alone else result.out.partition("\n")
        password = password.removesuffix("\r")
        return Credential(user.removesuffix("\r"), Secret(password), "the keyring") if password else None

    def _run(self, words: tuple[str, ...], given: str = "") -> Result | None:
        base = self._find()
        if not base or self._broken:
            return None
        try:
            return run((*base, *words), self._environ, given)
        except CommandFault as fault:
            self._give_up(f"it {fault}")
            return None

    def _give_up(self, why: str) -> None:
        self._broken = True
        self._warn(f"The keyring is not asked any more: {why}")

    @property
    def _is_command(self) -> bool:
        return len(self._find()) == 1

    def _find(self) -> tuple[str, ...]:
        """Return what a keyring is run with; nothing where there is none."""
        if self._base is None:
            provider = self._provider
            self._base = _package() if provider in {"auto", "import"} else ()
            if not self._base and provider in {"auto", "subprocess"}:
                self._base = _command(self._environ)
            if not self._base and provider in {"import", "subprocess"}:
                where = "there is no keyring package beside clearway" if provider == "import" else "it is not on PATH"
                self._give_up(where)
        return self._base


def _package() -> tuple[str, ...]:
    """Return the interpreter to run with the package; no folder that somebody happens to be in is looked at (-P)."""
    from importlib.util import find_spec  # late: only who needs a keyring looks for it

    return (sys.executable, "-P", "-X", "utf8") if find_spec("keyring") is not None else ()


def _command(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command on PATH; one in the folder that somebody happens to be in is none."""
    from shutil import which  # late: as above

    found = which("keyring", path=environ.get("PATH", os.defpath))
    if found is None or not os.path.isabs(found) or os.path.dirname(found) == os.getcwd():
        return ()
    return (found,)
