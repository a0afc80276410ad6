"""A builder that runs nothing: trees that state their metadata, and the plain wheels that they would become."""

from __future__ import annotations

import io
import os
import tarfile
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from typing import TYPE_CHECKING

from clearway.errors import BuildError, InputError, IntegrityError, Interrupted
from clearway.model.metadata import parse_metadata
from clearway.model.names import normalize
from clearway.model.versions import parse_version
from support.wheels import make_wheel

if TYPE_CHECKING:
    from clearway.model.metadata import Metadata
    from clearway.ports import Checkout, Source


_HINT = "Ask for something else."


class StatedBuilder:
    """Builds what an sdist's PKG-INFO states (see :class:`clearway.ports.Builder`); there is no git.

    :ivar built: the labels of what was built into a wheel.
    """

    def __init__(self) -> None:
        self.built: list[str] = []
        self._stated: dict[str, bytes] = {}
        self._wheels: dict[Source, str] = {}
        self._folder = ""
        self._stopped = False
        self._lock = Lock()
        self._numbers = count(1)

    def unpack(self, archive: memoryview | str, filename: str) -> str:
        try:
            content = Path(archive).read_bytes() if isinstance(archive, str) else bytes(archive)
        except OSError:
            raise InputError("unreadable-archive", f"{archive} cannot be read", hint=_HINT) from None
        try:
            with tarfile.open(fileobj=io.BytesIO(content)) as members:
                top = members.getnames()[0].partition("/")[0]
                member = members.extractfile(f"{top}/PKG-INFO")
                assert member is not None
                stated = member.read()
        except (tarfile.TarError, EOFError, LookupError):
            raise IntegrityError("bad-archive", f"{filename} is not a sound source archive", hint=_HINT) from None
        path = f"/sources/{next(self._numbers)}"
        self._stated[path] = stated
        return path

    def checkout(self, url: str, *, lasting: bool = False) -> Checkout:
        if not url.startswith("git+"):
            raise InputError("unsupported-repository", f"{url} is not a repository", hint=_HINT)
        raise BuildError("no-git", "there is no git", hint=_HINT)

    def metadata(self, source: Source, *, wanted: bool = False) -> Metadata:
        if self._stopped and wanted:
            raise Interrupted
        metadata = parse_metadata(self._stated[source.path], source.label)
        name, version = source.name, source.version
        same_name = not name or normalize(metadata.name) == name
        if not same_name or (version and parse_version(metadata.version) != parse_version(version)):
            told = f"{source.label} is {metadata.name} {metadata.version}"
            raise IntegrityError("wrong-source", told, hint=_HINT)
        return metadata

    def wheel(self, source: Source) -> str:
        with self._lock:  # a run that is over may still have one in work
            return self._wheel(source)

    def _wheel(self, source: Source) -> str:
        if self._stopped:
            raise Interrupted
        if source not in self._wheels:
            metadata = self.metadata(source)
            self._folder = self._folder or mkdtemp(prefix="stated-")
            made = make_wheel(metadata.name, metadata.version, metadata=self._stated[source.path])
            folder = Path(self._folder, str(next(self._numbers)))
            folder.mkdir()
            self._wheels[source] = str(made.write(folder))
            self.built.append(source.label)
        return self._wheels[source]

    def release(self, source: Source) -> None:
        self._stated.pop(source.path, None)
        if wheel := self._wheels.pop(source, ""):
            os.unlink(wheel)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self.stop()
        with self._lock:
            if self._folder:
                rmtree(self._folder)
                self._folder = ""
