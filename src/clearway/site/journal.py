"""The journal of a change: what is renamed, so that it can be undone after a kill at any point (DESIGN 4.9).

A change has two lists of renames: old paths go *aside*, then new ones are *put in*. Both are written to a file before
the first rename, and the file's name says how far the change has come::

    removing     some old paths are aside                      undo: bring them back
    installing   all old paths are aside, some new ones in     undo: take the new ones out, then it is ``removing``
    done         nothing is left to do but to delete what is aside

Each step from one name to the next is one rename. What makes a distribution visible, its ``.dist-info``, goes first and
comes last, in either direction, so that whatever can be seen is complete at every moment. What undoes is the same for
an error, for Ctrl-C and for the next run that finds the journal of a killed one; it may be killed itself, and begins
again where it was. Paths are kept relative to the site folder, so that the copy of an environment with a journal in it
undoes its own change and not that of the original.

Nothing is flushed to the device: the promise is about processes that end, not about power that fails.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Literal

import msgspec

from clearway.errors import TargetError
from clearway.site.files import move, remove_tree, write_new

Phase = Literal["removing", "installing", "done"]
_TRASH = "trash-"
_PHASES: tuple[Phase, ...] = ("done", "installing", "removing")


class Moves(msgspec.Struct, frozen=True):
    """The renames of a change: absolute paths, from and to.

    :param aside: old paths and where they are kept; folders and files.
    :param inside: new paths and where they belong; nothing is there once the old ones are aside.
    """

    aside: list[tuple[str, str]]
    inside: list[tuple[str, str]]


class Journal:
    """The journal in a work folder. The environment's lock is held as long as it is used."""

    def __init__(self, work: str) -> None:
        self._work = work
        self._site = os.path.dirname(work)

    def make(self, moves: Moves) -> None:
        """Do a change: whole, or not at all if anything fails or interrupts it."""
        self._write(moves)
        try:
            os.makedirs(os.path.join(self._work, "old"), exist_ok=True)
            for source, destination in moves.aside:
                move(source, destination)
            self._step("removing", "installing")
            for source, destination in moves.inside:
                move(source, destination)
            self._step("installing", "done")
        except BaseException:
            self.settle()
            raise

    def settle(self) -> Phase | None:
        """Undo a change that is not done; delete what is left of one that is.

        :returns: how far it had come, or None if there was none.
        :raises TargetError: ``damaged-journal``.
        """
        phase = next((phase for phase in _PHASES if os.path.lexists(self._path(phase))), None)
        if phase in ("removing", "installing"):
            moves = self._read(phase)
            if phase == "installing":
                for source, destination in reversed(moves.inside):
                    move(destination, source)
                    remove_tree(destination)  # what was copied and is at both places
                self._step("installing", "removing")
            for source, destination in reversed(moves.aside):
                move(destination, source)
        self._clear()
        return phase

    def _clear(self) -> None:
        """Delete everything but the lock; the journal last.

        What cannot be deleted (a file that is immutable, or still open on a network file system) is put out of the way
        of the next change, and tried again whenever one is settled: it has no part in anything any more.
        """
        for name in os.listdir(self._work):
            if name.startswith(_TRASH):
                with suppress(OSError):
                    remove_tree(os.path.join(self._work, name))
        for name in ("old", "new", "journal"):
            path = os.path.join(self._work, name)
            try:
                remove_tree(path)
            except OSError:
                os.rename(path, os.path.join(self._work, f"{_TRASH}{os.urandom(8).hex()}"))
        for phase in _PHASES:
            remove_tree(self._path(phase))

    def _write(self, moves: Moves) -> None:
        relative = Moves(
            [self._relative(move) for move in moves.aside], [self._relative(move) for move in moves.inside]
        )
        path = os.path.join(self._work, "journal")
        write_new(path, msgspec.json.encode(relative), 0o600)
        os.rename(path, self._path("removing"))

    def _read(self, phase: Phase) -> Moves:
        try:
            with open(self._path(phase), "rb") as file:
                moves = msgspec.json.decode(file.read(), type=Moves)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise TargetError(
                "damaged-journal",
                f"A change of {self._site} was cut off, and its journal is damaged",
                context=(f"journal: {self._path(phase)}", f"replaced files: {os.path.join(self._work, 'old')}"),
                hint=f"Make the environment anew; or delete {self._work} and install what is missing again.",
            ) from None
        return Moves([self._absolute(move) for move in moves.aside], [self._absolute(move) for move in moves.inside])

    def _relative(self, move: tuple[str, str]) -> tuple[str, str]:
        return _relative(move[0], self._site), _relative(move[1], self._site)

    def _absolute(self, move: tuple[str, str]) -> tuple[str, str]:
        return os.path.normpath(os.path.join(self._site, move[0])), os.path.normpath(os.path.join(self._site, move[1]))

    def _step(self, before: Phase, after: Phase) -> None:
        os.rename(self._path(before), self._path(after))

    def _path(self, phase: Phase) -> str:
        return os.path.join(self._work, f"journal-{phase}")


def _relative(path: str, site: str) -> str:
    """Return a path relative to the site folder where there is such a thing: Windows has drives."""
    if path.startswith(site + os.sep):
        return path[len(site) + 1 :]
    try:
        return os.path.relpath(path, site)
    except ValueError:
        return path
