"""Which renames put staged files where they belong.

A staged folder whose place is free moves there whole; one whose place is a folder already is gone into. A file that is
in the way is put aside, and belongs to nobody or to a distribution that is told about; anything else in the way is a
conflict.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from clearway.site.faults import file_conflict
from clearway.site.files import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.site.layout import Layout


class Merge:
    """Finds the renames.

    :param gone: paths that will not be there any more.
    :param same: the key under which a file system sees two names as one.
    :ivar inside: staged paths and where they go; ``.dist-info`` folders last.
    :ivar replaced: files that are in the way.
    """

    def __init__(self, layout: Layout, gone: list[str], same: Callable[[str], str] = str) -> None:
        self._layout = layout
        self._same = same
        self._gone = {same(path) for path in gone}
        self.inside: list[tuple[str, str]] = []
        self.replaced: list[str] = []

    def run(self, new: str) -> None:
        """Go through everything that is staged below a folder.

        :raises TargetError: ``file-conflict``.
        """
        for number, root in enumerate(self._layout.roots):
            staged = os.path.join(new, str(number))
            if kind_of(staged):
                os.makedirs(root, exist_ok=True)
                self._into(staged, root)
        self.inside.sort(key=lambda move: move[1].endswith(".dist-info"))

    def _into(self, staged: str, folder: str) -> None:
        with os.scandir(staged) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            path = os.path.join(folder, entry.name)
            kind = 0 if self._same(path) in self._gone else kind_of(path)
            if not kind:
                self.inside.append((entry.path, path))
            elif entry.is_dir(follow_symlinks=False):
                self._into(entry.path, self._real_folder(path, kind))
            elif kind == stat.S_IFDIR:
                raise file_conflict(path, "it is a folder, and a file is to be installed there")
            else:
                self.replaced.append(path)
                self.inside.append((entry.path, path))

    def _real_folder(self, path: str, kind: int) -> str:
        """Return the folder to go into: the path itself, or where it links to inside the environment."""
        if kind == stat.S_IFDIR:
            return path
        real = os.path.realpath(path)
        if kind == stat.S_IFLNK and kind_of(real) == stat.S_IFDIR and self._layout.holds(real):
            return real
        raise file_conflict(path, "a folder is to be installed there, and it is not a folder of this environment")
