"""Reads what was asked for: the command line's requirements, requirement and constraint files and what they include.

Files are read here, remote ones through a function of the caller's. A nested file is named relative to the one that
names it. In a file that was named with ``-c`` everything is a constraint, but what that file includes with ``-r`` is
required: so pip reads it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin

from clearway.configuration.requirement_lines import Line, decode, parse_lines
from clearway.configuration.statements import parse_constraint, parse_statement, reject_editable
from clearway.errors import InputError
from clearway.model.inputs import FormatStatement, Given, Inputs, Stated
from clearway.model.urls import mask, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Fetch = Callable[[str], bytes]

_REMOTE = re.compile(r"https?:", re.IGNORECASE)
_MOST_FILES = 500
_MOST_BYTES = 1 << 26


def read_inputs(
    requirements: Sequence[str],
    requirement_files: Sequence[str],
    constraint_files: Sequence[str],
    environ: Mapping[str, str],
    fetch: Fetch,
) -> Inputs:
    """Read all that was asked for.

    :param requirements: those of the command line.
    :param environ: what ``${NAME}`` in files stands for.
    :param fetch: returns the content at an ``http`` or ``https`` URL, which may carry user info.
    :raises InputError: for anything malformed, naming file and line.
    """
    reader = _Reader(environ, fetch)
    for text in requirements:
        reader.requirements.append(parse_statement(text, "command line"))
    for name in requirement_files:
        reader.read(name, "-r")
    for name in constraint_files:
        reader.read(name, "-c")
    return reader.inputs()


class _File:
    """A file that is being read.

    :ivar location: absolute path or URL: what tells files apart.
    :ivar spelled: the path or URL for people, without user info.
    """

    __slots__ = ("lines", "location", "option", "spelled")

    def __init__(self, option: Literal["-r", "-c"], location: str, spelled: str, lines: Iterator[Line]) -> None:
        self.option = option
        self.location = location
        self.spelled = spelled
        self.lines = lines

    @property
    def name(self) -> str:
        """Option and path: how the file was named."""
        return f"{self.option} {self.spelled}"


class _Reader:
    """Collects what the files say, in the order in which they say it."""

    def __init__(self, environ: Mapping[str, str], fetch: Fetch) -> None:
        self.requirements: list[Stated] = []
        self._constraints: list[Stated] = []
        self._single: dict[str, Given] = {}
        self._many: dict[str, list[Given]] = {"extra-index-url": [], "find-links": []}
        self._formats: list[FormatStatement] = []
        self._flags: set[str] = set()
        self._environ = environ
        self._fetch = fetch
        self._count = 0

    def inputs(self) -> Inputs:
        """Return all that was collected."""
        return Inputs(
            requirements=tuple(self.requirements),
            constraints=tuple(self._constraints),
            index_url=self._single.get("index-url"),
            extra_index_urls=tuple(self._many["extra-index-url"]),
            find_links=tuple(self._many["find-links"]),
            formats=tuple(self._formats),
            no_index="no-index" in self._flags,
            pre="pre" in self._flags,
            require_hashes="require-hashes" in self._flags,
        )

    def read(self, name: str, option: Literal["-r", "-c"]) -> None:
        """Read a file and all that it includes; an included file is read where it is named."""
        open_files = [self._open(name, option, ())]
        while open_files:
            file = open_files[-1]
            line = next(file.lines, None)
            if line is None:
                open_files.pop()
                continue
            included = self._take(file, line)
            if included is not None:
                nested_option, nested = included
                open_files.append(self._open(nested, nested_option, tuple(open_files)))

    def _open(self, name: str, option: Literal["-r", "-c"], above: tuple[_File, ...]) -> _File:
        location = _locate(name, above[-1] if above else None)
        spelled = mask(location)
        if not _REMOTE.match(location):
            folder = os.path.dirname(above[-1].spelled) if above else ""
            spelled = os.path.normpath(os.path.join(folder, name))
        label = f"{option} {spelled}"
        self._count += 1
        if any(file.location == location for file in above) or self._count > _MOST_FILES:
            raise InputError(
                "requirements-cycle",
                f"{label} is included by itself"
                if self._count <= _MOST_FILES
                else f"More than {_MOST_FILES} files are included",
                context=tuple(file.name for file in above[-20:]),
                hint="Remove one of the -r or -c lines that lead back to it.",
            )
        content = self._fetch(location) if _REMOTE.match(location) else _read(location, label)
        return _File(option, location, spelled, parse_lines(decode(content, label), self._environ, label))

    def _take(self, file: _File, line: Line) -> tuple[Literal["-r", "-c"], str] | None:
        """Take one line in; return the file that it includes, if it does."""
        origin = f"{file.name}, line {line.number}"
        if line.requirement:
            self._state(file, line, origin)
            return None
        included: tuple[Literal["-r", "-c"], str] | None = None
        for name, value in line.options:
            match name:
                case "requirement" | "constraint":
                    if included is not None:
                        raise InputError("malformed-options", f"{origin}: one file to a line", hint="Split the line.")
                    included = ("-r" if name == "requirement" else "-c", value)
                case "editable":
                    raise reject_editable(value, origin)
                case "hash":
                    raise InputError("malformed-options", f"{origin}: --hash without a requirement", hint="Correct it.")
                case "index-url":
                    self._single[name] = Given(value, origin)
                case "extra-index-url":
                    self._many[name].append(Given(value, origin))
                case "find-links":
                    self._many[name].append(Given(_beside(value, file), origin))
                case "no-binary" | "only-binary":
                    self._formats.append(("no-binary" if name == "no-binary" else "only-binary", value))
                case _:  # --prefer-binary among them: where wheels alone are installed they are preferred
                    self._flags.add(name)
        return included

    def _state(self, file: _File, line: Line, origin: str) -> None:
        other = next((name for name, _ in line.options if name != "hash"), "")
        if other:
            raise InputError(
                "malformed-options",
                f"{origin}: --{other} stands beside a requirement",
                hint="Give it a line of its own; only --hash belongs to a requirement.",
            )
        hashes = [value for _, value in line.options]
        if file.option == "-c":
            self._constraints.append(parse_constraint(line.requirement, origin, hashes))
        else:
            self.requirements.append(parse_statement(line.requirement, origin, hashes))


def _locate(name: str, above: _File | None) -> str:
    """Return the absolute path or URL of a file that is named on the command line or in another file.

    :raises InputError: ``local-file`` when a remote file names a local one.
    """
    remote = above is not None and _REMOTE.match(above.location) is not None
    if remote and above is not None:
        name = urljoin(above.location, name)
    if _REMOTE.match(name):
        return name
    if remote:
        raise InputError(
            "local-file",
            f"A remote file names a local one: {mask(name)}",
            context=(above.name,) if above is not None else (),
            hint="Name the local file on the command line.",
        )
    path = path_of(name) if name.lower().startswith("file:") else name
    return os.path.abspath(os.path.join(os.path.dirname(above.location) if above is not None else "", path))


def _beside(value: str, file: _File) -> str:
    """Return a find-links value, resolved against the file it stands in where something is there (as pip does)."""
    path = os.path.join(os.path.dirname(file.location), value)
    return path if "://" not in value and not _REMOTE.match(file.location) and os.path.exists(path) else value


def _read(path: str, label: str) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError("unreadable-file", f"{label} cannot be read: {reason}", hint="Correct the path.") from None
    if len(content) > _MOST_BYTES:
        raise InputError("unreadable-file", f"{label} is larger than 64 MB", hint="Name a requirement file.")
    return content
