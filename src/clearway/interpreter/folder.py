"""Installing into a plain folder, as ``--target`` asks: the scheme that pip uses for it (``posix_home``)."""

from __future__ import annotations

import os

import msgspec

from clearway.model.targets import Environment, Scheme


def in_folder(environment: Environment, folder: str) -> Environment:
    """Return an environment that installs into a folder and looks nowhere else, for the same interpreter.

    The folder belongs to whoever named it, so that nobody else manages it (PEP 668).
    """
    folder = os.path.abspath(folder)
    scheme = Scheme(
        purelib=folder,
        platlib=folder,
        scripts=os.path.join(folder, "bin"),
        headers=os.path.join(folder, "include", "python"),
        data=folder,
    )
    return msgspec.structs.replace(environment, prefix=folder, scheme=scheme, search=(folder,), externally_managed=None)
