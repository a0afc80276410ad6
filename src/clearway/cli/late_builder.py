"""The builder of a run, made when something has to be built: most runs build nothing (DESIGN 4.12)."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.model.metadata import Metadata
    from clearway.ports import Builder, Checkout, Source


class LateBuilder:
    """Implements :class:`clearway.ports.Builder` by another one, made when it is first needed.

    :param make: makes it.
    """

    def __init__(self, make: Callable[[], Builder]) -> None:
        self._make = make
        self._making = Lock()
        self._made: Builder | None = None
        self._closed = False

    def unpack(self, archive: memoryview | str, filename: str) -> str:
        """Unpack a source archive."""
        return self._ready().unpack(archive, filename)

    def checkout(self, url: str, *, lasting: bool = False) -> Checkout:
        """Check a repository out."""
        return self._ready().checkout(url, lasting=lasting)

    def metadata(self, source: Source, *, wanted: bool = False) -> Metadata:
        """Return the metadata of the wheel that a tree becomes."""
        return self._ready().metadata(source, wanted=wanted)

    def wheel(self, source: Source) -> str:
        """Build a wheel."""
        return self._ready().wheel(source)

    def release(self, source: Source) -> None:
        """Delete what building a tree has left."""
        self._ready().release(source)

    def stop(self) -> None:
        """End all builds."""
        with self._making:
            self._closed = True
        if self._made is not None:
            self._made.stop()

    def close(self) -> None:
        """Stop, and delete everything."""
        self.stop()
        if self._made is not None:
            self._made.close()

    def _ready(self) -> Builder:
        with self._making:
            if self._made is None:
                if self._closed:
                    from clearway.errors import Interrupted  # late: loaded long before

                    raise Interrupted
                self._made = self._make()
            return self._made
