"""The folders of an environment, links resolved: what lies inside, what it is made of, how new files are laid out.

New files are staged below one folder for each *root*. The roots are the scheme's folders without those that lie in
another one; in nearly every environment there is one, its prefix, so that what is staged is a picture of the
environment, and two wheels that install one path meet in it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, get_args

from clearway.site.lock import WORK
from clearway.wheel.plan import SchemeKey

if TYPE_CHECKING:
    from clearway.model.targets import Environment


class Layout:
    """The folders of an environment.

    :ivar folders: by key of its scheme, absolute, links resolved.
    :ivar base: what people call it: the folder of its data, which is its prefix.
    :ivar roots: the outermost of them.
    :ivar standing: the folders that an environment is made of, which no removal takes away.
    """

    def __init__(self, environment: Environment) -> None:
        scheme = environment.scheme
        self.base = scheme.data
        self.folders: dict[SchemeKey, str] = {
            key: os.path.realpath(getattr(scheme, key)) for key in get_args(SchemeKey)
        }
        distinct = sorted(set(self.folders.values()))
        self.roots = [folder for folder in distinct if not any(_lies_in(folder, other) for other in distinct)]
        self.standing = {folder for inner in distinct for folder in _ancestry(inner)}
        self._resolved: dict[str, str] = {}
        self._executable = self.resolved(environment.executable)
        self._marker = os.path.join(os.path.realpath(environment.prefix), "pyvenv.cfg")
        self._work = os.path.join(self.folders["purelib"], WORK)

    def holds(self, path: str) -> bool:
        """Whether a resolved path lies inside the environment."""
        return any(_lies_in(path, root) for root in self.roots)

    def vital(self, path: str) -> bool:
        """Whether a resolved path is one that no distribution owns: the environment, or a change, needs it."""
        if os.path.dirname(path) != os.path.dirname(self._executable):
            return path in {self._marker, self._work} or path.startswith(self._work + os.sep)
        return os.path.realpath(path) == os.path.realpath(self._executable)

    def resolved(self, path: str) -> str:
        """Return an absolute path with the links of its folders resolved, its last part as it is."""
        folder, name = os.path.split(path)
        return os.path.join(self._resolve(folder), name)

    def _resolve(self, folder: str) -> str:
        known = self._resolved.get(folder)
        if known is None:
            parent, name = os.path.split(folder)
            known = os.path.join(self._resolve(parent), name) if name else folder
            if os.path.islink(known):
                known = os.path.realpath(known)
            self._resolved[folder] = known
        return known

    def staged(self, new: str) -> dict[SchemeKey, str]:
        """Return below which paths, each with a separator at its end, files of the scheme's folders are staged."""
        return {key: self._staged(new, folder) + os.sep for key, folder in self.folders.items()}

    def _staged(self, new: str, folder: str) -> str:
        number, root = next((i, root) for i, root in enumerate(self.roots) if folder == root or _lies_in(folder, root))
        return os.path.normpath(os.path.join(new, str(number), os.path.relpath(folder, root)))

    def recorded(self, site: str) -> dict[SchemeKey, str]:
        """Return what stands before the path of a file of each of the scheme's folders in a RECORD (PEP 376).

        :param site: the folder that holds the ``.dist-info``.
        """
        return {key: _relative(folder, site) for key, folder in self.folders.items()}


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(folder + os.sep if not folder.endswith(os.sep) else folder) and path != folder


def _ancestry(folder: str) -> list[str]:
    """Return a folder and all folders that it lies in."""
    found = [folder]
    while (parent := os.path.dirname(folder)) != folder:
        found.append(parent)
        folder = parent
    return found


def _relative(folder: str, site: str) -> str:
    if folder == site:
        return ""
    try:
        return os.path.relpath(folder, site).replace(os.sep, "/") + "/"
    except ValueError:  # another drive of Windows: absolute
        return folder.replace(os.sep, "/") + "/"
