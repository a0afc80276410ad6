"""``clearway download`` and ``clearway wheel``: what would be installed, as files in a folder.

Resolved as for an installation into an environment in which nothing is installed, and with the same rules: a file that
is refused is stepped around, and said so. Files are written when all of them are there, each whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import msgspec

from clearway.commands.plan import make_plan
from clearway.errors import InputError, TargetError
from clearway.policy.absence import Absence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from clearway.catalog.catalog import Catalog
    from clearway.catalog.located import FileKey, Located
    from clearway.commands.events import Listener
    from clearway.crew import Crew, Slot
    from clearway.model.names import NormalizedName
    from clearway.ports import Spool
    from clearway.resolution.problem import Pin, Resolution

_PIECE = 1 << 20


class Gathered(msgspec.Struct, frozen=True):
    """One file, on its way into the folder.

    :param filename: how it is called there.
    :param spool: its bytes; None where a build has put it somewhere, or it is there already.
    :param path: where it is now; empty where ``spool`` holds it.
    """

    filename: str
    spool: Spool | None = None
    path: str = ""


class Saving:
    """Gathers the chosen files (see :class:`clearway.commands.gathering.Gatherer`).

    :param folder: what it holds already need not come again.
    :param built: sources are built (``wheel``), and not only those that are no single file (``download``).
    """

    def __init__(self, catalog: Catalog, crew: Crew, listener: Listener, folder: str, *, built: bool) -> None:
        self._catalog = catalog
        self._crew = crew
        self._listener = listener
        self._folder = folder
        self._built = built
        self._there: dict[FileKey, bool] = {}

    def start(self, located: Located) -> None:
        """Begin to download a wheel."""
        self._begin(located)

    def is_here(self, located: Located) -> bool:
        """Whether the folder has it."""
        return self._is_there(located)

    def gather(self, resolution: Resolution) -> tuple[list[tuple[Pin, Absence]], dict[NormalizedName, Gathered]]:
        """Wait for the files."""
        wanted = [(pin, pin.located, self._begin(pin.located)) for pin in resolution.pins if pin.located is not None]
        self._listener.downloading(make_plan(resolution.pins))
        absent: list[tuple[Pin, Absence]] = []
        gathered: dict[NormalizedName, Gathered] = {}
        for pin, located, slot in wanted:
            while not slot.arrived:
                self._crew.take()
            found = slot.result()
            if isinstance(found, Absence):
                absent.append((pin, found))
            else:
                gathered[pin.name] = self._gathered(located, found)
                self._listener.unpacked(located.file)
        _check_names(gathered)
        return absent, gathered

    def _begin(self, located: Located) -> Slot[Spool | Absence] | Slot[str | Absence] | Slot[Absence | None]:
        """Have a file downloaded or built; where the folder has it, have it proven that it is handed out."""
        if located.recipe is not None and (self._built or not located.fetched):
            return self._catalog.wheel(located)
        if self._is_there(located):
            return self._catalog.proof(located)
        return self._catalog.archive(located)

    def _gathered(self, located: Located, found: Spool | str | None) -> Gathered:
        if isinstance(found, str):
            return Gathered(os.path.basename(found), path=found)
        filename = located.file.filename
        if found is None:
            return Gathered(filename, path=os.path.join(self._folder, filename))
        return Gathered(filename, found)

    def _is_there(self, located: Located) -> bool:
        """Whether the folder has the very file that the index lists; read once, for it may be large."""
        known = self._there.get(located.key)
        if known is None:
            known = self._there[located.key] = self._has(located)
        return known

    def _has(self, located: Located) -> bool:
        listed = located.file.hashes.get("sha256")
        path = os.path.join(self._folder, located.file.filename)
        if not listed or not os.path.isfile(path):
            return False
        try:
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return False
        return digest == listed and (not located.allowed or f"sha256:{digest}" in located.allowed)


def _check_names(gathered: Mapping[NormalizedName, Gathered]) -> None:
    """See that no file takes the place of another one.

    :raises InputError: ``same-file-name``.
    """
    found: dict[str, NormalizedName] = {}
    for name, one in gathered.items():
        other = found.setdefault(one.filename, name)
        if other != name:
            raise InputError(
                "same-file-name",
                f"{other} and {name} come from two files of one name: {one.filename}",
                hint="Nothing was saved. Save one of them into another folder.",
            )


def save(gathered: Gathered, folder: str) -> bool:
    """Write a file into a folder, whole or not at all; tell whether that was needed.

    :raises TargetError: ``folder-unwritable``.
    """
    final = os.path.join(folder, gathered.filename)
    if gathered.path and os.path.abspath(gathered.path) == os.path.abspath(final):
        return False
    partial = f"{final}.{os.urandom(4).hex()}.part"
    try:
        try:
            with open(partial, "wb") as target:
                if gathered.spool is not None:
                    target.write(gathered.spool.view())
                else:
                    _pour(gathered.path, target)
            os.replace(partial, final)
        except BaseException:
            if os.path.lexists(partial):
                os.unlink(partial)
            raise
    except OSError as error:
        raise unwritable(folder, error) from None
    return True


def make_folder(folder: str) -> None:
    """See that a folder is there.

    :raises TargetError: ``folder-unwritable``.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None


def unwritable(folder: str, error: OSError) -> TargetError:
    """Return the error for a folder in which nothing can be written."""
    return TargetError(
        "folder-unwritable",
        f"Nothing can be written into the folder {folder}: {error.strerror or error}",
        hint="Name another one, or make space.",
    )


def _pour(path: str, target: BinaryIO) -> None:
    with open(path, "rb") as source:
        while chunk := source.read(_PIECE):
            target.write(chunk)
