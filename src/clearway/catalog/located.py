"""A file at the index that listed it: what is asked for, and with whose credential and rules."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from clearway.index.records import File, Index

FileKey: TypeAlias = tuple[Index, str, str]
"""An index, the URL of a file there with the folder in it that is meant, and the file's name."""


class Recipe(msgspec.Struct, frozen=True):
    """How what is located becomes a wheel, because it is none: a source archive, a folder, a repository (PEP 517).

    :param name: the normalized name that it must have; empty where that is not known yet.
    :param version: the version that it must have; empty for any.
    :param subdirectory: the project's folder in it, with ``/``.
    :param editable: the wheel refers to the tree (PEP 660).
    :param settings: PEP 517's config settings for it alone, as stated.
    """

    form: Literal["archive", "folder", "repository"] = "archive"
    name: str = ""
    version: str = ""
    subdirectory: str = ""
    editable: bool = False
    settings: tuple[tuple[str, str], ...] = ()


class Located(msgspec.Struct, frozen=True):
    """A file at the index that listed it.

    :param allowed: the hashes that the person allows for it, ``algorithm:hex``; empty for any.
    :param recipe: how it becomes a wheel; None for a wheel. The file of a folder or a repository stands for that.
    """

    file: File
    index: Index
    allowed: frozenset[str] = frozenset()
    recipe: Recipe | None = None

    @property
    def key(self) -> FileKey:
        """What a run knows a file by. Any index may list any URL: what one of them met there holds for itself alone."""
        within = self.recipe.subdirectory if self.recipe is not None else ""
        return self.index, f"{self.file.url}#subdirectory={within}" if within else self.file.url, self.file.filename

    @property
    def project(self) -> str:
        """The project's name as the file spells it, in lower case: a key for what is known of its files."""
        if self.recipe is not None and self.recipe.name:
            return self.recipe.name
        return self.file.filename.partition("-")[0].lower()

    @property
    def fetched(self) -> bool:
        """Whether it is one file that is downloaded, and not a folder or a repository."""
        return self.recipe is None or self.recipe.form == "archive"


def locate_listed(file: File, index: Index, name: str, version: str, allowed: frozenset[str] = frozenset()) -> Located:
    """Return a file that an index lists for a release.

    :param name: the normalized name of its project.
    """
    recipe = None if file.filename.endswith(".whl") else Recipe(name=name, version=version)
    return Located(file, index, allowed, recipe)
