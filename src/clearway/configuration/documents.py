"""The TOML documents among the files that are named: every pyproject.toml and every lock, each read once.

What a project requires is known at once. A lock waits until all is read: which of its groups are wanted may be said
later, and nothing else may stand beside it (as what it holds is all there is, with what it needs).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from clearway.errors import InputError
from clearway.model.urls import file_name, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clearway.configuration.extras import Extras
    from clearway.configuration.locks import LockFile
    from clearway.configuration.named_files import Fetch, NamedFile
    from clearway.model.inputs import Stated, Unnamed
    from clearway.model.targets import Target

PROJECT = "pyproject.toml"
_LOCK = r"(?:.*[/\\])?pylock(?:\.[^./\\]+)?\.toml"


def is_lock(name: str) -> bool:
    """Whether a path or URL is named as locks are (specification "pylock.toml", "File Name")."""
    if ".toml" not in name:
        return False
    path = file_name(name) if name.lower().startswith(("http:", "https:")) else name
    return re.fullmatch(_LOCK, path, re.DOTALL) is not None


def is_document(file: NamedFile) -> bool:
    """Whether a file is TOML, and not lines of requirements."""
    return file.basename.endswith(".toml")


def split_group(text: str) -> tuple[str, str]:
    """Split the value of ``--group`` into the file, empty where none is named, and the name of the group.

    :raises InputError: ``malformed-option``.
    """
    name, colon, group = text.rpartition(":")
    if not group or (colon and name.replace("\\", "/").rpartition("/")[2] != PROJECT and not is_lock(name)):
        raise InputError(
            "malformed-option",
            f"--group {mask(text)[:200]} names no group of a {PROJECT}",
            hint=f"Write --group NAME, or with the file: --group FOLDER/{PROJECT}:NAME.",
        )
    return name, group


class Documents:
    """The documents of a run.

    :ivar groups_of_locks: those that are wanted of every lock.
    """

    def __init__(self, extras: Extras) -> None:
        self.groups_of_locks: list[str] = []
        self._extras = extras
        self._projects: dict[str, dict[str, Any]] = {}
        self._locks: dict[str, LockFile] = {}

    @property
    def has_locks(self) -> bool:
        """Whether a lock was named."""
        return bool(self._locks)

    def take(self, file: NamedFile, content: bytes) -> Iterable[Stated]:
        """Take a document in that was named with ``-r``; return what it requires already.

        :raises InputError: ``not-a-requirement-file``, ``unusable-constraint``, and what is wrong with a project.
        """
        if file.option == "-c":
            raise _no_constraints(file.label)
        if is_lock(file.location):
            self._lock(file, content).whole = True
            return ()
        if file.basename != PROJECT:
            raise InputError(
                "not-a-requirement-file",
                f"{file.label} is neither {PROJECT} nor a lock",
                hint="A lock is named pylock.toml or pylock.NAME.toml; lines of requirements do not stand in .toml.",
            )
        from clearway.configuration.project_files import read_project  # late: few runs read one

        return read_project(self._project(file, content), file.label, self._extras)

    def take_group(self, file: NamedFile, group: str, fetch: Fetch) -> Iterable[Stated]:
        """Take in a dependency group of a file; return what it requires already.

        :raises InputError: what is wrong with the file, or the group.
        """
        known = self._projects.get(file.location)
        content = b"" if known is not None else file.read(fetch)
        if is_lock(file.location):
            self._lock(file, content).groups.append(group)
            return ()
        from clearway.configuration.project_files import read_group

        return read_group(self._project(file, content), file.spelled, group)

    def locked(
        self, target: Callable[[], Target] | None, others: Sequence[Stated | Unnamed]
    ) -> tuple[list[Stated], list[str]]:
        """Return what the locks install, and notes for people.

        :param others: what else is required.
        :raises InputError: ``lock-not-alone``, ``unusable-constraint``, and what is wrong with a lock.
        """
        if not self._locks:
            return [], []
        if target is None:
            raise _no_constraints(next(iter(self._locks.values())).label)
        from clearway.configuration.locks import read_lock

        lock, *more = self._locks.values()
        other = more[0].label if more else others[0].origin if others else ""
        if other:
            raise InputError(
                "lock-not-alone",
                f"{lock.label} is a lock, and something else is asked for beside it ({other})",
                hint="Install it alone: a lock holds all that is needed, and nothing is resolved for it.",
            )
        lock.groups += self.groups_of_locks
        return read_lock(lock, self._extras, target())

    def _project(self, file: NamedFile, content: bytes) -> dict[str, Any]:
        if file.location not in self._projects:
            from clearway.configuration.toml_files import parse_toml

            self._projects[file.location] = parse_toml(content, file.label)
        return self._projects[file.location]

    def _lock(self, file: NamedFile, content: bytes) -> LockFile:
        from clearway.configuration.locks import LockFile

        if file.location not in self._locks:
            self._locks[file.location] = LockFile(file.location, file.label, content)
        return self._locks[file.location]


def _no_constraints(label: str) -> InputError:
    return InputError(
        "unusable-constraint",
        f"{label} is no file of constraints",
        hint="Write the constraints as lines into a file of text.",
    )
