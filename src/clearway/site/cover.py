"""The fewest renames that take a set of files away, and nothing else.

A folder that holds nothing but files to be removed, what Python compiled from them, and such folders, goes as a whole;
of any other folder each file goes by itself. What nobody recorded stays, and with it the folder it is in. Folders that
the environment is made of - the scheme's and whatever they lie in - always stay.
"""

from __future__ import annotations

import os
import stat

from clearway.site.files import kind_of


class Cover:
    """Computes the cover of a set of files.

    :param files: absolute paths, links in their folders resolved; they need not exist.
    :param keep: folders that stay.
    """

    def __init__(self, files: set[str], keep: set[str]) -> None:
        self._keep = keep
        self._names: dict[str, set[str]] = {}
        self._inner: dict[str, set[str]] = {}
        for path in files:
            folder, name = os.path.split(path)
            self._names.setdefault(folder, set()).add(name)
        for folder in list(self._names):
            self._register(folder)

    def _register(self, folder: str) -> None:
        """Make a folder known to all folders that it lies in."""
        parent, name = os.path.split(folder)
        while name:
            known = self._inner.setdefault(parent, set())
            if name in known:
                return
            known.add(name)
            parent, name = os.path.split(parent)

    def paths(self) -> list[str]:
        """Return the paths to rename: files and whole folders, each of which is there."""
        tops = [folder for folder in {*self._names, *self._inner} if self._is_top(folder)]
        return [path for folder in sorted(tops) for path in self._kept(folder)]

    def _is_top(self, folder: str) -> bool:
        return folder in self._keep and (folder in self._names or self._inner.get(folder, set()) != set())

    def _kept(self, folder: str) -> list[str]:
        """Return what goes of a folder that stays."""
        names = self._names.get(folder, set())
        files = (os.path.join(folder, name) for name in sorted(names))
        paths = [path for path in files if kind_of(path) not in {0, stat.S_IFDIR}]
        inner = self._inner.get(folder, set()) | ({"__pycache__"} if _stems(names) else set())
        for name in sorted(inner):
            path = os.path.join(folder, name)
            if path not in self._keep and os.path.isdir(path) and not os.path.islink(path):
                paths += self._of(path)
        return paths

    def _of(self, folder: str) -> list[str]:
        """Return what goes of a folder: itself alone, if it goes whole."""
        names = self._names.get(folder, set())
        parent, own_name = os.path.split(folder)
        stems = _stems(self._names.get(parent, set())) if own_name == "__pycache__" else set()
        if not names and not stems and folder not in self._inner:
            return [folder] if _is_bare(folder) else []
        paths: list[str] = []
        whole = True
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    gone = self._of(entry.path)
                    paths += gone
                    whole = whole and gone == [entry.path]
                elif entry.name in names or (entry.name.endswith(".pyc") and entry.name.partition(".")[0] in stems):
                    paths.append(entry.path)
                else:
                    whole = False
        return [folder] if whole else paths


def _is_bare(folder: str) -> bool:
    """Whether a folder holds no file, at any depth."""
    with os.scandir(folder) as entries:
        return all(entry.is_dir(follow_symlinks=False) and _is_bare(entry.path) for entry in entries)


def _stems(names: set[str]) -> set[str]:
    """Return the names under which Python keeps what it compiled from these files (PEP 3147)."""
    return {name[:-3] for name in names if name.endswith(".py")}
