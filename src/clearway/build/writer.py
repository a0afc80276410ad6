"""The members of a source archive, written into a new folder by the rules of PEP 706's ``data`` filter.

Nothing is written outside of the folder: no absolute path, no path that climbs, no link that leads out. A name that
breaks a rule is refused, not repaired. Links are made last, when every file is written, so that nothing is ever written
through one; then each is followed, and the archive is refused if one leads out. Owners are not taken over, of modes
only whether a file can be executed; times are, because build tools compare them. (The filter of the standard library
came with 3.11.4 only, and looks at links one by one.)
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from clearway.build.faults import bad_source, shown
from clearway.wheel.paths import fault_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clearway.build.streams import Budget

_EARLIEST = 315_619_200  # 1980-01-02: a wheel is a zip archive, which knows no earlier time
_LATEST = 4_102_444_800
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
WINDOWS = sys.platform == "win32"


class Writer:
    """Writes one archive's members.

    :param folder: new, and nobody else's.
    :param budget: what the files together may be.
    """

    def __init__(self, folder: str, budget: Budget) -> None:
        self.source = budget.source
        self._folder = os.path.realpath(folder)
        self._budget = budget
        self._links: dict[str, str] = {}
        self._made = {""}

    def add_folder(self, name: str) -> None:
        """Make a folder.

        :raises IntegrityError: ``bad-archive``.
        """
        self._budget.take_member()
        self._make(self._checked(name))

    def add_file(self, name: str, pieces: Iterable[bytes], executable: bool, time: float | None = None) -> None:
        """Write a file; one of that name that was there before is replaced, as an archive that was added to means it.

        :raises IntegrityError: ``bad-archive``.
        """
        self._budget.take_member()
        path = self._place(name)
        file = os.open(path, _NEW, 0o777 if executable else 0o666)
        with os.fdopen(file, "wb", buffering=0) as stream:
            for piece in pieces:
                self._budget.take(len(piece))
                rest = memoryview(piece)
                while rest:
                    rest = rest[stream.write(rest) :]
        if time is not None:
            time = min(max(time, _EARLIEST), _LATEST)
            os.utime(path, (time, time))

    def add_link(self, name: str, target: str) -> None:
        """Note a symbolic link; :meth:`finish` makes it.

        :raises IntegrityError: ``bad-archive``.
        """
        self._budget.take_member()
        path = self._checked(name)
        if not path or not target or os.path.isabs(target) or target.startswith(("/", "\\")):
            raise bad_source(self.source, "a link leads out of it", f"link: {shown(name)}", f"to: {shown(target)}")
        self._links[path] = target

    def add_hard_link(self, name: str, target: str) -> None:
        """Make a second name for a file that was written before.

        :raises IntegrityError: ``bad-archive``.
        """
        self._budget.take_member()
        existing = os.path.join(self._folder, self._checked(target))
        if not os.path.isfile(existing):
            raise bad_source(self.source, "a link leads nowhere", f"link: {shown(name)}", f"to: {shown(target)}")
        path = self._place(name)
        if not os.path.lexists(existing):
            raise bad_source(self.source, "a link is its own target", f"link: {shown(name)}")
        os.link(existing, path)

    def finish(self) -> None:
        """Make the links, and see where they lead.

        :raises IntegrityError: ``bad-archive``.
        """
        for path in self._links:
            if any(path[:at] in self._links for at, letter in enumerate(path) if letter == "/"):
                raise bad_source(self.source, "a path leads through a link", f"link: {shown(path)}")
        for path, target in self._links.items():
            os.symlink(target, self._place(path))
        for path, target in self._links.items():
            end = os.path.realpath(os.path.join(self._folder, path))
            if end != self._folder and not end.startswith(self._folder + os.sep):
                raise bad_source(self.source, "a link leads out of it", f"link: {shown(path)}", f"to: {shown(target)}")

    def _place(self, name: str) -> str:
        """Return where a file goes, free and in a folder that is there."""
        path = self._checked(name)
        if not path:
            raise bad_source(self.source, "a file has no name")
        self._make(path.rpartition("/")[0])
        place = os.path.join(self._folder, path)
        if os.path.lexists(place):
            os.unlink(place)
        return place

    def _make(self, path: str) -> None:
        if path not in self._made:
            os.makedirs(os.path.join(self._folder, path), exist_ok=True)
            self._made.add(path)

    def _checked(self, name: str) -> str:
        """Return a name as a plain relative path; empty for the top."""
        parts = [part for part in name.split("/") if part not in {"", "."}]
        path = "/".join(parts)
        fault = ""
        if name.startswith("/"):
            fault = "a path is absolute"
        elif ".." in parts:
            fault = "a path climbs out of it"
        elif WINDOWS:
            fault = fault_of(path, windows=True) if path else ""
        if fault:
            raise bad_source(self.source, fault, f"member: {shown(name)}")
        return path
