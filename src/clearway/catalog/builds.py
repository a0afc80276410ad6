"""The source trees of one run, and the wheels and the metadata that they become (PEP 517, PEP 643, PEP 660).

What is built from an archive whose hash is known, or from a commit, is kept under everything that it may depend on:
the archive or commit, the settings, the interpreter's tags, the constraints of the build. What a folder becomes is not
kept, nor what was built in an environment that is not its own. Plain functions, called in workers.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.direct import repository_url
from clearway.errors import BuildError
from clearway.model.hashes import identity
from clearway.model.metadata import Metadata
from clearway.model.names import normalize
from clearway.model.urls import is_local, mask, path_of
from clearway.model.versions import parse_version
from clearway.ports import Source

if TYPE_CHECKING:
    from clearway.catalog.indexes import Edges
    from clearway.catalog.located import FileKey, Located, Recipe
    from clearway.catalog.terms import Settings, Terms
    from clearway.model.targets import Target
    from clearway.ports import Builder, Checkout, Spool, Tree

_TABLE = "built-1"
_PIECE = 1 << 20
_DEEPEST = 16
"""Builds that are under way for the sake of one another, at most: who publishes can make up projects without end."""


class _Work:
    """One tree in work: whoever comes second waits."""

    __slots__ = ("checkout", "digest", "lock", "source")

    def __init__(self) -> None:
        self.lock = Lock()
        self.source: Source | None = None
        self.checkout: Checkout | None = None
        self.digest = ""


class Builds:
    """The source trees of one run.

    :param whole: whether wheels are wanted in the end, and not only metadata.
    """

    def __init__(self, edges: Edges, target: Target, terms: Terms, *, whole: bool) -> None:
        self._build = edges.builder
        self._archives = edges.archives
        self._store = edges.store
        self._tags = target.tags
        self._terms = terms
        self._whole = whole
        self._works: dict[FileKey, _Work] = {}
        self._fleeting: list[Tree] = []

    def kept_metadata(self, located: Located) -> Metadata | None:
        """Return metadata that is kept from an earlier run, if it is of the release that is meant."""
        key = self._key(located)
        row = self._store.get(_TABLE, f"metadata/{key}") if key else None
        try:
            metadata = msgspec.msgpack.decode(row, type=Metadata) if row else None
        except msgspec.DecodeError:
            return None
        assert located.recipe is not None
        return metadata if metadata is not None and _is_of(metadata, located.recipe) else None

    def holds(self, located: Located) -> bool:
        """Whether the cache seems to have the wheel that was built from it."""
        kept = self._kept_wheel(located)
        return bool(kept) and self._archives.has(kept)

    def kept_tree(self, located: Located) -> Tree | None:
        """Return the unpacked wheel that was built from it, if it is there and sound."""
        kept = self._kept_wheel(located)
        tree = self._archives.find(kept) if kept else None
        assert located.recipe is not None
        return tree if tree is not None and _is_of(tree.metadata, located.recipe) else None

    def metadata(self, located: Located, spool: Spool | None) -> Metadata:
        """Return the metadata of the wheel that it becomes.

        :param spool: the archive, for one.
        :raises BuildError: it cannot be built; ``build-cycle``.
        :raises IntegrityError: what came is not what was listed.
        """
        source = self._source(located, spool)
        if self._is_known_late(located) and (kept := self.kept_metadata(located)) is not None:
            return kept
        metadata = self._builder.metadata(source, wanted=self._whole and not source.version)
        if key := self._key(located):
            self._store.put(_TABLE, f"metadata/{key}", msgspec.msgpack.encode(metadata))
        return metadata

    def tree(self, located: Located, spool: Spool | None) -> Tree:
        """Build the wheel and unpack it into the cache.

        :raises BuildError: it cannot be built; ``build-cycle``.
        """
        source = self._source(located, spool)
        kept = self.kept_tree(located) if self._is_known_late(located) else None
        key = self._key(located)
        tree = kept or self._unpack(self._builder.wheel(source), passing=not key and self._terms.fleeting)
        self._builder.release(source)
        if spool is not None:
            spool.close()
        if key:
            self._store.put(_TABLE, f"wheel/{key}", tree.key.encode())
        elif self._terms.fleeting:
            self._fleeting.append(tree)
        return tree

    def wheel(self, located: Located, spool: Spool | None) -> str:
        """Build the wheel; return where it is until the run ends."""
        return self._builder.wheel(self._source(located, spool))

    def digest(self, located: Located) -> str:
        """Return the sha256 of the archive that was unpacked; empty where there was none."""
        work = self._works.get(located.key)
        return work.digest if work is not None else ""

    def checkout(self, located: Located) -> Checkout | None:
        """Return what was checked out of a repository."""
        work = self._works.get(located.key)
        return work.checkout if work is not None else None

    def path(self, located: Located) -> str:
        """Return the folder of the person's that is built in place."""
        return os.path.abspath(path_of(located.file.url))

    def close(self) -> None:
        """Take out of the cache what nobody will ask for again. The builder is closed by whoever made it."""
        for tree in self._fleeting:
            self._archives.forget(tree)
        self._fleeting.clear()

    @property
    def _builder(self) -> Builder:
        assert self._build is not None, "whoever asks for metadata or wheels gives one"
        return self._build

    def _source(self, located: Located, spool: Spool | None) -> Source:
        """Return the tree, unpacked or checked out once."""
        assert located.recipe is not None
        name, above = located.recipe.name or _label(located), self._terms.above
        if name in above:
            raise _cycle((*above, name))
        if len(above) >= _DEEPEST:
            raise _too_deep((*above, name))
        work = self._works.setdefault(located.key, _Work())
        with work.lock:
            if work.source is None:
                path, subdirectory = self._place(located, spool, work)
                recipe = located.recipe
                work.source = Source(
                    path,
                    _label(located),
                    subdirectory,
                    recipe.name,
                    recipe.version,
                    self._settings(located),
                    self._terms.isolated,
                    recipe.editable,
                    recipe.form == "archive",
                )
            return work.source

    def _place(self, located: Located, spool: Spool | None, work: _Work) -> tuple[str, str]:
        """Return where the tree is, and the project's folder in it."""
        recipe, file = located.recipe, located.file
        assert recipe is not None
        match recipe.form:
            case "archive":
                assert spool is not None
                work.digest = spool.digest("sha256")
                return self._builder.unpack(spool.view(), file.filename), recipe.subdirectory
            case "folder":
                return self.path(located), recipe.subdirectory
            case "repository":
                work.checkout = self._builder.checkout(repository_url(located), lasting=recipe.editable and self._whole)
                return work.checkout.path, work.checkout.subdirectory

    def _unpack(self, path: str, *, passing: bool) -> Tree:
        """Unpack a wheel into the cache."""
        spool = self._archives.spool(os.path.getsize(path))
        try:
            with open(path, "rb") as file:
                while chunk := file.read(_PIECE):
                    spool.write(chunk)
            return self._archives.unpack(spool, os.path.basename(path), passing=passing)
        finally:
            spool.close()

    def _settings(self, located: Located) -> Settings:
        assert located.recipe is not None
        return (*self._terms.settings, *(located.recipe.settings or self._terms.own.get(located.recipe.name, ())))

    def _is_known_late(self, located: Located) -> bool:
        """Whether it is known only now, that it is here, what it is: which commit, or which archive."""
        return not identity(located.file.hashes) and bool(self._key(located))

    def _key(self, located: Located) -> str:
        """Return under what it is kept; empty for what is not."""
        recipe = located.recipe
        assert recipe is not None
        if not self._terms.isolated or recipe.editable:
            return ""
        digest = self.digest(located)
        known = identity(located.file.hashes) or (f"sha256:{digest}" if digest else "")
        if (checkout := self.checkout(located)) is not None:
            known = f"{checkout.url}@{checkout.commit}"
        if not known:
            return ""
        stated = Source("", "", recipe.subdirectory, settings=self._settings(located))
        return stated.key(known, self._tags, self._terms.constraints)

    def _kept_wheel(self, located: Located) -> str:
        key = self._key(located)
        return (self._store.get(_TABLE, f"wheel/{key}") or b"").decode() if key else ""


def _is_of(metadata: Metadata, recipe: Recipe) -> bool:
    """Whether what is kept is of the release that is meant: any index may list the hash of any archive."""
    same_name = not recipe.name or normalize(metadata.name) == recipe.name
    return same_name and (not recipe.version or parse_version(metadata.version) == parse_version(recipe.version))


def _label(located: Located) -> str:
    """Return what people are told that is built: a release, or what is known of a tree without a name: its place."""
    recipe, url = located.recipe, located.file.url.partition("#")[0]
    assert recipe is not None
    if recipe.name:
        return f"{recipe.name} {recipe.version}".strip()
    place = os.path.abspath(path_of(url)) if is_local(url) else mask(url)
    return f"{place}#subdirectory={recipe.subdirectory}" if recipe.subdirectory else place


def _too_deep(names: tuple[str, ...]) -> BuildError:
    return BuildError(
        "build-too-deep",
        f"{names[0]} cannot be built: {len(names) - 1} builds would have to be done, one build in another",
        context=(f"to be built, {' needs '.join(names[:4])}, and so on",),
        hint="Let wheels be used for what the builds need: do not forbid them with --no-binary; or install what is "
        "needed beforehand, and build with --no-build-isolation.",
    )


def _cycle(names: tuple[str, ...]) -> BuildError:
    needed = " needs ".join(names[names.index(names[-1]) :])
    return BuildError(
        "build-cycle",
        f"{names[-1]} cannot be built: to build it, it is needed itself",
        context=(f"to be built, {needed}",),
        hint=f"Let a wheel of {names[-1]} be used: do not forbid it with --no-binary; or install what the build needs "
        "beforehand, and build with --no-build-isolation.",
    )
