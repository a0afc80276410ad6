"""A file at the index that listed it: what is asked for, and with whose credential and rules."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from clearway.index.records import File, Index

FileKey: TypeAlias = tuple[Index, str, str]
"""An index, the URL of a file there, and the file's name."""


class Located(msgspec.Struct, frozen=True):
    """A file at the index that listed it.

    :param allowed: the hashes that the person allows for it, ``algorithm:hex``; empty for any.
    """

    file: File
    index: Index
    allowed: frozenset[str] = frozenset()

    @property
    def key(self) -> FileKey:
        """What a run knows a file by. Any index may list any URL: what one of them met there holds for itself alone."""
        return self.index, self.file.url, self.file.filename

    @property
    def project(self) -> str:
        """The project's name as the file spells it, in lower case: a key for what is known of its files."""
        return self.file.filename.partition("-")[0].lower()
