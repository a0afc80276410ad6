"""``file:`` URLs behind the same protocol as HTTP: a file is 200, a folder its ``index.html``, anything else 404."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clearway.errors import IndexFailure
from clearway.model.urls import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20


@contextmanager
def open_file(url: str) -> Iterator[FileResponse]:
    """Open what a ``file:`` URL names.

    :raises IndexFailure: ``unreadable-file`` when it is there and cannot be read.
    """
    path = path_of(url)
    if os.path.isdir(path):
        path, url = os.path.join(path, "index.html"), url.rstrip("/") + "/"
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        yield FileResponse(None, url)
        return
    except OSError as error:
        raise IndexFailure("unreadable-file", f"{path} cannot be read: {error.strerror}") from None
    try:
        yield FileResponse(descriptor, url)
    finally:
        os.close(descriptor)


class FileResponse:
    """A local file behind the port's protocol; conditions and ranges do not apply to it."""

    __slots__ = ("_descriptor", "status", "url")

    phrase = ""

    def __init__(self, descriptor: int | None, url: str) -> None:
        self._descriptor = descriptor
        self.status = 404 if descriptor is None else 200
        self.url = url

    def header(self, name: str) -> str:
        """Return the content type of a page, the size of a file, else an empty text."""
        if self._descriptor is None:
            return ""
        if name.lower() == "content-length":
            return str(os.fstat(self._descriptor).st_size)
        if name.lower() == "content-type":
            return "text/html" if urlsplit(self.url).path.endswith(("/", ".html", ".htm")) else ""
        return ""

    def chunks(self, size: int = _CHUNK) -> Iterator[bytes]:
        """Yield the file's bytes."""
        while self._descriptor is not None and (chunk := os.read(self._descriptor, size)):
            yield chunk

    def read(self, limit: int) -> bytes:
        """Return the whole file.

        :raises IndexFailure: ``endless-answer``.
        """
        content = b"".join(self.chunks())
        if len(content) > limit:
            raise IndexFailure("endless-answer", f"{path_of(self.url)} is longer than {limit:,} bytes")
        return content
