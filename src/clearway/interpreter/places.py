"""Where an installation goes: the environment itself, the user's folder, a prefix, a plain folder, below another root.

Each turns an environment into one for the same interpreter with other folders; the folders are those that pip takes
(``sysconfig``'s schemes; PEP 370). What lies in the folders of before is still seen, so that it counts as installed,
but it is outside and is not removed. A plain folder alone (``--target``) is an environment of its own, which sees
nothing else.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import TargetError
from clearway.model.targets import Environment, Scheme

if TYPE_CHECKING:
    from collections.abc import Callable


def place(
    environment: Environment, *, target: str = "", prefix: str = "", root: str = "", user: bool = False
) -> Environment:
    """Return the environment to install into; the environment itself where nothing else was named.

    :param target, prefix, root: folders; of the first two and ``user`` one at most.
    :raises TargetError: ``no-user-site``.
    """
    if target:
        return in_folder(environment, target)
    if user:
        environment = in_user(environment)
    elif prefix:
        environment = in_prefix(environment, prefix)
    return in_root(environment, root) if root else environment


def in_folder(environment: Environment, folder: str) -> Environment:
    """Return an environment that installs into a plain folder and looks nowhere else (``--target``).

    The folder belongs to whoever named it, so that nobody else manages it (PEP 668).
    """
    folder = os.path.abspath(folder)
    home = environment.below_home
    scheme = Scheme(
        purelib=folder,
        platlib=folder,
        scripts=os.path.join(folder, home.scripts),
        headers=os.path.join(folder, home.headers),
        data=folder,
    )
    return msgspec.structs.replace(
        environment, prefix=folder, scheme=scheme, search=(folder,), externally_managed=None, user_enabled=False
    )


def in_prefix(environment: Environment, prefix: str) -> Environment:
    """Return an environment that installs below a prefix (``--prefix``)."""
    prefix = os.path.abspath(prefix)
    scheme = _moved(environment.below_prefix, lambda path: os.path.normpath(os.path.join(prefix, path)))
    return _elsewhere(environment, prefix, scheme)


def in_root(environment: Environment, root: str) -> Environment:
    """Return an environment that installs to where it would, but below another root (``--root``).

    What is written names the places that it has once that root is the real one: the interpreter above all.
    """
    root = os.path.abspath(root)
    scheme = _moved(environment.scheme, lambda path: os.path.join(root, os.path.splitdrive(path)[1].lstrip("/\\")))
    return _elsewhere(environment, root, scheme)


def in_user(environment: Environment) -> Environment:
    """Return an environment that installs into the user's own folder (``--user``; PEP 370).

    :raises TargetError: ``no-user-site`` where it would never look there.
    """
    user = environment.user
    if user is None:
        raise TargetError(
            "no-user-site",
            f"{environment.prefix} does not see packages of the user, so that --user cannot install for it",
            hint="Leave --user out: packages go into the environment itself. In a virtual environment that is what "
            "is wanted.",
        )
    search = environment.search if environment.user_enabled else _joined(user, environment.search)
    return msgspec.structs.replace(environment, scheme=user, search=search)


def is_writable(scheme: Scheme) -> bool:
    """Whether packages can be put into the folders of a scheme, as far as can be told without trying."""
    return all(_is_writable(folder) for folder in {scheme.purelib, scheme.platlib})


def _is_writable(folder: str) -> bool:
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return os.access(folder, os.W_OK)


def _elsewhere(environment: Environment, prefix: str, scheme: Scheme) -> Environment:
    """Return an environment with other folders, which nobody else manages (PEP 668)."""
    return msgspec.structs.replace(
        environment,
        prefix=prefix,
        scheme=scheme,
        search=_joined(scheme, environment.search),
        externally_managed=None,
        user_enabled=False,
    )


def _moved(scheme: Scheme, move: Callable[[str], str]) -> Scheme:
    return Scheme(**{key: move(path) for key, path in msgspec.structs.asdict(scheme).items()})


def _joined(scheme: Scheme, search: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folders of a scheme and those that are searched already, each once."""
    return tuple(dict.fromkeys((scheme.purelib, scheme.platlib, *search)))
