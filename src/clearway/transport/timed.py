"""An ``http.client`` response whose head has to be there in time, however slowly its bytes come.

A socket's time limit begins anew with every byte, so a server that sends one now and then, or interim answers without
end (RFC 9110, section 15.2), would hold a request for ever. Here the status line and the headers share one limit, and
so does each piece of the body with the framing around it.
"""

from __future__ import annotations

import io
from http.client import HTTPException, HTTPResponse
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer


class TimedResponse(HTTPResponse):
    """A response whose head may take so many seconds, and each piece of its body so many.

    :param patience: for the head; infinity for any time.
    """

    def __init__(self, sock: socket.socket, method: str | None = None, *, patience: float, timeout: float) -> None:
        super().__init__(sock, method=method)
        self.fp.close()  # the reader that it made: ours takes its place
        self._timed = _Timed(sock, patience)
        self.fp = io.BufferedReader(self._timed)
        self._timeout = timeout

    def begin(self) -> None:
        """Read the head.

        :raises HTTPException: its lengths contradict each other, or are none: ``http.client`` would then take for the
            whole body what comes until the connection ends (RFC 9112, section 6.3).
        """
        super().begin()
        lengths = set(self.headers.get_all("Content-Length", []))
        if not self.chunked and (len(lengths) > 1 or not all(one.isascii() and one.isdigit() for one in lengths)):
            message = "invalid content-length"
            raise HTTPException(message)

    def read1(self, n: int = -1) -> bytes:
        """Read what comes next of the body, with all that is between: sizes of chunks, trailers."""
        self._timed.allow(self._timeout)
        return super().read1(n)


class _Timed(io.RawIOBase):
    """A socket's bytes, all of which have to be there by a moment."""

    def __init__(self, pipe: socket.socket, patience: float) -> None:
        self._pipe = pipe
        self._raw = pipe.makefile("rb", buffering=0)
        self.allow(patience)

    def allow(self, seconds: float) -> None:
        """Set the moment."""
        self._until = monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        left = self._until - monotonic()
        if left <= 0:
            message = "timed out"
            raise TimeoutError(message)
        self._pipe.settimeout(None if left == inf else left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
