"""netrc: user names and passwords by host, in a file of the user's (the format of ftp(1); read as pip reads it).

The file is the one that ``NETRC`` names, else ``~/.netrc`` or ``~/_netrc``. A machine may be named with a port, which
beats the host alone; of several entries of one machine that with the user name that is known counts, else the last.
``default`` is for hosts that have no entry. What is wrong with the file is a warning, and nothing of it is shown.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from clearway.model.secrets import Credential, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# The grammar, compiled where it is used: most users have no such file, and compiling takes half a millisecond.
_WORD = r'"(?:[^"\\]|\\.)*"|(?:\\.|[^\s\\])+'
_SPACE = r"\s*"
_EMPTY_LINE = r"\n[ \t\r]*\n"
_OTHERS = 0o077
_FIELDS = {"login": "login", "user": "login", "password": "password", "account": "account"}


class Entry(NamedTuple):
    """One entry; ``machine`` is in lower case, and empty for ``default``."""

    machine: str
    login: str
    password: str


class Malformed(Exception):
    """The file does not have the format. The only argument is the line."""


class Netrc:
    """The user's file, read when it is first needed.

    :param warn: told what is wrong with it.
    """

    def __init__(self, environ: Mapping[str, str], warn: Callable[[str], None]) -> None:
        self._environ = environ
        self._warn = warn
        self._open_to_others = False

    def find(self, url: str, username: str = "") -> Credential | None:
        """Return the credential for the host of an index.

        :param username: who it has to be for, if that is known.
        """
        path, entries = self._file
        parts = urlsplit(url)
        for machine in (parts.netloc.lower(), (parts.hostname or "").lower(), ""):
            own = [one for one in entries if one.machine == machine]
            fitting = [one for one in own if one.password and (not username or one.login in {"", username})]
            if fitting:
                chosen = fitting[-1]
                self._warn_of_others()
                return Credential(chosen.login or username, Secret(chosen.password), path)
            if own:
                return None
        return None

    @property
    def path(self) -> str:
        """The file that there is; empty for none."""
        return self._file[0]

    @cached_property
    def _file(self) -> tuple[str, tuple[Entry, ...]]:
        path = self._locate()
        if not path:
            return "", ()
        try:
            with open(path, encoding="utf-8-sig") as file:
                mode = os.fstat(file.fileno()).st_mode
                entries = tuple(parse(file.read()))
        except OSError as error:
            self._warn(f"{path} is not used: it cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            self._warn(f"{path} is not used: it is not UTF-8")
        except Malformed as fault:
            self._warn(f"{path} is not used: line {fault} is not understood")
        else:
            self._open_to_others = os.name == "posix" and bool(mode & _OTHERS)
            return path, entries
        return "", ()

    def _warn_of_others(self) -> None:
        """Tell once that others may read what is used."""
        if self._open_to_others:
            self._open_to_others = False
            self._warn(f"Others than you may read or change {self.path}: chmod 600 {self.path}")

    def _locate(self) -> str:
        if named := self._environ.get("NETRC"):
            return named if os.path.exists(named) else ""
        home = self._environ.get("HOME") or os.path.expanduser("~")
        places = (os.path.join(home, name) for name in (".netrc", "_netrc"))
        return next((place for place in places if os.path.exists(place)), "")


def parse(text: str) -> Iterator[Entry]:
    """Yield the entries of a file.

    :raises Malformed: with the line.
    """
    tokens = _Tokens(text)
    entry: dict[str, str] | None = None
    while word := tokens.keyword():
        if word in _FIELDS and entry is not None:
            entry[_FIELDS[word]] = tokens.value()
        elif word == "macdef":
            tokens.skip_macro()
        elif word in {"machine", "default"}:
            if entry is not None:
                yield _made(entry)
            entry = {"machine": tokens.value().lower() if word == "machine" else ""}
        else:
            raise Malformed(tokens.line)
    if entry is not None:
        yield _made(entry)


def _made(entry: Mapping[str, str]) -> Entry:
    return Entry(entry["machine"], entry.get("login", ""), entry.get("password", ""))


class _Tokens:
    """The words of a file, one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._word = re.compile(_WORD, re.DOTALL)
        self._space = re.compile(_SPACE)
        self._place = 0
        self._begin = 0

    @property
    def line(self) -> int:
        """The line of the last word."""
        return self._text.count("\n", 0, self._begin) + 1

    def keyword(self) -> str:
        """Return the next word where a comment may stand; empty at the end."""
        while (word := self._next()).startswith("#"):
            end = self._text.find("\n", self._begin)
            self._place = len(self._text) if end < 0 else end
        return word

    def value(self) -> str:
        """Return the next word, without quotes and backslashes; whatever it is, it has to be there."""
        word = self._next()
        quoted = word.startswith('"')
        if not word or (quoted and (len(word) < 2 or not word.endswith('"'))):
            raise Malformed(self.line)
        return re.sub(r"\\(.)", r"\1", word[1:-1] if quoted else word, flags=re.DOTALL)

    def skip_macro(self) -> None:
        """Go on after the empty line that ends a macro."""
        end = re.compile(_EMPTY_LINE).search(self._text, self._place)
        self._place = end.end() if end else len(self._text)

    def _next(self) -> str:
        space = self._space.match(self._text, self._place)
        self._begin = space.end() if space else self._place
        found = self._word.match(self._text, self._begin)
        if found is None:
            if self._begin < len(self._text):
                raise Malformed(self.line)
            return ""
        self._place = found.end()
        return found[0]
