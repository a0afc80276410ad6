"""Checkouts that stay: a repository that is installed in editable mode lies in the person's folder for checkouts.

What is there already is the person's: it is brought to the commit that is asked for only if it is a checkout of the
same repository without changes of theirs; what becomes of anything else is theirs to say (``--exists-action``).
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from clearway.build.repositories import Git, Repository
from clearway.errors import InputError, TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.build.processes import Processes

Exists = Literal["switch", "ignore", "wipe", "backup", "abort"]
_UNWRITABLE = "checkout-unwritable"


class Space(msgspec.Struct, frozen=True):
    """Where a builder puts what it makes.

    :param temporary: where its own folder is made; empty for the system's folder for temporary files.
    :param keep: its own folder stays (``--no-clean``).
    :param checkouts: the folder for checkouts that stay.
    :param exists: what becomes of something else that is in a checkout's place.
    """

    temporary: str = ""
    keep: bool = False
    checkouts: str = ""
    exists: Exists = "abort"


def check_out(
    repository: Repository, name: str, space: Space, environ: Mapping[str, str], processes: Processes
) -> tuple[str, str]:
    """Check a repository out into the folder for checkouts; return where it is, and the id of the commit.

    The id is empty where something is taken as it is that is no checkout.

    :param name: of its folder there.
    :raises InputError: ``checkout-in-the-way``, ``checkout-changed``, and as :meth:`Git.checkout` does.
    """
    path = os.path.join(os.path.abspath(space.checkouts), name)
    git = Git(repository, path, environ, processes)
    if os.path.lexists(path):
        is_folder = os.path.isdir(path)
        if is_folder and git.is_checkout():
            changed = git.changes()
            if not changed or repository.ref == git.commit():
                return path, git.commit() if changed else git.update()
            if space.exists in {"abort", "switch"}:
                raise InputError(
                    "checkout-changed",
                    f"{path} has changes that are in no commit, and may have to be brought to another one",
                    context=tuple(changed[:5]),
                    hint="Commit or stash them, or install the folder as it is: -e " + path + "; or say what is to "
                    "become of them: --exists-action i (leave it as it is), b (keep it under another name), w (delete "
                    "it).",
                )
        elif space.exists == "abort" or (not is_folder and space.exists in {"switch", "ignore"}):
            raise _in_the_way(path, repository.url)
        if space.exists == "ignore":
            return path, git.commit() if git.is_top() else ""
        if space.exists == "switch":
            return path, git.switch()
        _make_room(path, wipe=space.exists == "wipe")
    return path, _begin(git, path)


def _begin(git: Git, path: str) -> str:
    """Check out where nothing is yet; where that fails nothing is there again."""
    parent = os.path.dirname(path)
    had_parent = os.path.isdir(parent)
    try:
        return git.checkout()
    except BaseException:
        from shutil import rmtree  # late: 10 ms

        rmtree(path, ignore_errors=True)
        if not had_parent:
            with suppress(OSError):
                os.rmdir(parent)
        raise


def _make_room(path: str, *, wipe: bool) -> None:
    """Delete what is in the way, or give it another name."""
    try:
        if not wipe:
            number = next(n for n in range(1, 10_000) if not os.path.lexists(_backup(path, n)))
            os.rename(path, _backup(path, number))
        elif os.path.islink(path) or not os.path.isdir(path):
            os.unlink(path)
        else:
            from shutil import rmtree  # late: 10 ms

            rmtree(path)
    except OSError as error:
        raise TargetError(
            _UNWRITABLE,
            f"{path} cannot be moved out of the way: {error.strerror or error}",
            hint="Move it yourself, or name another folder for checkouts with --src.",
        ) from None


def _backup(path: str, number: int) -> str:
    return f"{path}.bak{number if number > 1 else ''}"


def _in_the_way(path: str, url: str) -> InputError:
    return InputError(
        "checkout-in-the-way",
        f"{path} exists, and is no checkout of {url}",
        hint="Move it, name another folder with --src, or say what is to become of it: --exists-action s (have it "
        "follow this repository), i (take it as it is), b (keep it under another name), w (delete it).",
    )
