"""Reads what was asked for: the command line's requirements, the files and groups that it names, what they include.

Files are read here, remote ones through a function of the caller's. What a pyproject.toml requires and what a lock
holds stand beside what lines of text say; beside a lock nothing else is installed. In a file that was named with ``-c``
everything is a constraint, but what that file includes with ``-r`` is required: so pip reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.configuration.documents import Documents, is_document, is_lock, split_group
from clearway.configuration.extras import Extras
from clearway.configuration.named_files import name_file
from clearway.configuration.places import split_extras
from clearway.configuration.requirement_lines import Line, decode, parse_lines
from clearway.configuration.statements import Particulars, parse_constraint, parse_statement
from clearway.errors import InputError
from clearway.model.inputs import FormatStatement, Given, Inputs, ReleaseStatement, Stated, Unnamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from clearway.configuration.named_files import Fetch, NamedFile
    from clearway.model.targets import Target

    Opened = tuple[NamedFile, Iterator[Line]]
    """A file of lines that is being read, and those that are left."""

_MOST_FILES = 500


class Asked(msgspec.Struct, frozen=True):
    """What a command line names to install, as it spells it.

    :param editables: the values of ``-e``.
    :param scripts: those of ``--requirements-from-script``.
    :param groups: those of ``--group``: ``NAME``, or ``FILE:NAME``.
    :param extras: those of ``--extra``; ``all_extras`` for every one that a file has.
    """

    requirements: tuple[str, ...] = ()
    editables: tuple[str, ...] = ()
    requirement_files: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    constraint_files: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False


def read_inputs(
    asked: Asked, environ: Mapping[str, str], fetch: Fetch, target: Callable[[], Target] | None = None
) -> Inputs:
    """Read all that was asked for.

    :param environ: what ``${NAME}`` in files stands for.
    :param fetch: returns the content at an ``http`` or ``https`` URL, which may carry user info.
    :param target: returns what to install for; asked for a lock alone. None where a lock means nothing.
    :raises InputError: for anything malformed, naming file and line or key.
    """
    files = [_file_and_extras(name) for name in asked.requirement_files]
    extras = Extras([*asked.extras, *(extra for _, found in files for extra in found)], every=asked.all_extras)
    reader = _Reader(environ, fetch, Documents(extras))
    for text in asked.requirements:
        reader.add(parse_statement(text, "command line"))
    for text in asked.editables:
        reader.add(parse_statement(text, "command line", Particulars(editable=True)))
    reader.read_groups(asked.groups, of_locks=any(is_lock(name) for name, _ in files))
    for name, _ in files:
        reader.read(name, "-r")
    for name in asked.scripts:
        reader.read_script(name, target)
    for name in asked.constraint_files:
        reader.read(name, "-c")
    inputs = reader.inputs(target)
    extras.check()
    return inputs


def _file_and_extras(name: str) -> tuple[str, list[str]]:
    """Cut the extras off that pip lets stand behind the name of a lock."""
    path, extras = split_extras(name)
    return (path, [extra.strip() for extra in extras.split(",") if extra.strip()]) if is_lock(path) else (name, [])


class _Reader:
    """Collects what the files say, in the order in which they say it."""

    def __init__(self, environ: Mapping[str, str], fetch: Fetch, documents: Documents) -> None:
        self._requirements: list[Stated] = []
        self._unnamed: list[Unnamed] = []
        self._notes: list[str] = []
        self._constraints: list[Stated] = []
        self._single: dict[str, Given] = {}
        self._many: dict[str, list[Given]] = {"extra-index-url": [], "find-links": []}
        self._formats: list[FormatStatement] = []
        self._releases: list[ReleaseStatement] = []
        self._flags: set[str] = set()
        self._environ = environ
        self._fetch = fetch
        self._documents = documents
        self._count = 0

    def inputs(self, target: Callable[[], Target] | None) -> Inputs:
        """Return all that was collected.

        :raises InputError: ``lock-not-alone``, and what is wrong with a lock.
        """
        locked, notes = self._documents.locked(target, [*self._requirements, *self._unnamed])
        return Inputs(
            requirements=(*self._requirements, *locked),
            unnamed=tuple(self._unnamed),
            constraints=tuple(self._constraints),
            index_url=self._single.get("index-url"),
            extra_index_urls=tuple(self._many["extra-index-url"]),
            find_links=tuple(self._many["find-links"]),
            formats=tuple(self._formats),
            releases=tuple(self._releases),
            no_index="no-index" in self._flags,
            pre="pre" in self._flags,
            require_hashes="require-hashes" in self._flags,
            no_require_hashes="no-require-hashes" in self._flags,
            prefer_binary="prefer-binary" in self._flags,
            notes=(*self._notes, *notes),
            no_deps=self._documents.has_locks,
        )

    def add(self, stated: Stated | Unnamed) -> None:
        """Take in a requirement."""
        if isinstance(stated, Stated):
            self._requirements.append(stated)
        else:
            self._unnamed.append(stated)

    def read_groups(self, groups: Sequence[str], *, of_locks: bool) -> None:
        """Read dependency groups.

        :param of_locks: groups without a file are those of the locks that are named, not of a pyproject.toml.
        """
        for text in groups:
            name, group = split_group(text)
            if not name and of_locks:
                self._documents.groups_of_locks.append(group)
                continue
            file = name_file(name or "pyproject.toml", "--group")
            for stated in self._documents.take_group(file, group, self._fetch):
                self.add(stated)

    def read_script(self, name: str, target: Callable[[], Target] | None) -> None:
        """Read what a script says that it needs."""
        from clearway.configuration.scripts import read_script  # late: few runs read one

        file = name_file(name, "--requirements-from-script")
        for stated in read_script(decode(file.read(self._fetch), file.label), file.label, target):
            self.add(stated)

    def read(self, name: str, option: Literal["-r", "-c"]) -> None:
        """Read a file and all that it includes; an included file is read where it is named."""
        opened = self._open(name, option, [])
        while opened:
            file, lines = opened[-1]
            line = next(lines, None)
            if line is None:
                opened.pop()
                continue
            included = self._take(file, line)
            if included is not None:
                nested_option, nested = included
                opened += self._open(nested, nested_option, [file for file, _ in opened])

    def _open(self, name: str, option: Literal["-r", "-c"], above: list[NamedFile]) -> list[Opened]:
        """Open a file of lines; take in at once what is none."""
        file = name_file(name, option, above[-1] if above else None)
        self._count += 1
        if any(file.location == one.location for one in above) or self._count > _MOST_FILES:
            raise InputError(
                "requirements-cycle",
                f"{file.label} is included by itself"
                if self._count <= _MOST_FILES
                else f"More than {_MOST_FILES} files are included",
                context=tuple(one.label for one in above[-20:]),
                hint="Remove one of the -r or -c lines that lead back to it.",
            )
        content = file.read(self._fetch)
        if is_document(file):
            for stated in self._documents.take(file, content):
                self.add(stated)
            return []
        return [(file, parse_lines(decode(content, file.label), self._environ, file.label))]

    def _take(self, file: NamedFile, line: Line) -> tuple[Literal["-r", "-c"], str] | None:
        """Take one line in; return the file that it includes, if it does."""
        origin = f"{file.label}, line {line.number}"
        self._notes += (f"{origin}: ${{{name}}} stays as it is: there is no such variable" for name in line.unset)
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
                case "editable" | "hash" | "config-settings":
                    what = "stands behind other options" if name == "editable" else "stands without a requirement"
                    raise InputError("malformed-options", f"{origin}: --{name} {what}", hint="Correct the line.")
                case "index-url":
                    self._single[name] = Given(value, origin)
                case "extra-index-url":
                    self._many[name].append(Given(value, origin))
                case "find-links":
                    self._many[name].append(Given(file.beside(value), origin))
                case "no-binary" | "only-binary":
                    self._formats.append(("no-binary" if name == "no-binary" else "only-binary", value))
                case "all-releases" | "only-final":
                    self._releases.append(("only-final" if name == "only-final" else "all-releases", value))
                case _:
                    self._flags.add(name)
        return included

    def _state(self, file: NamedFile, line: Line, origin: str) -> None:
        particular = {"config-settings"} if line.editable else {"hash", "config-settings"}
        other = next((name for name, _ in line.options if name not in particular), "")
        if other:
            raise InputError(
                "malformed-options",
                f"{origin}: --{other} stands beside {'-e' if line.editable else 'a requirement'}",
                hint=f"Give it a line of its own; to a requirement belong only {_listed(particular)}.",
            )
        particulars = Particulars(
            hashes=tuple(value for name, value in line.options if name == "hash"),
            settings=tuple(value for name, value in line.options if name == "config-settings"),
            editable=line.editable,
        )
        if file.option == "-c":
            self._constraints.append(parse_constraint(line.requirement, origin, particulars))
        else:
            self.add(parse_statement(line.requirement, origin, particulars))


def _listed(names: set[str]) -> str:
    return " and ".join(f"--{name}" for name in sorted(names, reverse=True))
