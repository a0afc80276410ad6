"""What goes through the mirror: its counters, its link, and the state of one connection."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from http1 import Answer, Request

_OF_ARCHIVES = frozenset({"file", "range", "refused"})


class Counters:
    """What was served since the last count."""

    def __init__(self) -> None:
        self.cpu = time.process_time()
        self.kinds: dict[str, int] = {}
        self.bytes: dict[str, int] = {}
        self.archives: dict[str, int] = {}
        self.refused: dict[str, int] = {}
        self.connections = 0
        self.most_open = 0
        self.holes: list[str] = []
        self.spans: dict[str, tuple[float, float]] = {}

    def ask(self, request: Request, kind: str) -> None:
        """Count a request for an archive."""
        if request.method == "GET" and kind in _OF_ARCHIVES:
            counted = self.refused if kind == "refused" else self.archives
            name = request.path.rpartition("/")[2]
            counted[name] = counted.get(name, 0) + 1

    def send(self, kind: str, sent: int) -> None:
        """Count bytes of an answer."""
        self.bytes[kind] = self.bytes.get(kind, 0) + sent

    def record(self, kind: str, began: float, ended: float) -> None:
        """Count one answer."""
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        first, last = self.spans.get(kind, (began, ended))
        self.spans[kind] = (min(first, began), max(last, ended))

    def result(self) -> dict[str, Any]:
        """Return all as plain values.

        ``archives`` and ``refused`` are requests by file name, ``volumes`` bytes by kind, ``spans`` seconds after the
        first request.
        """
        origin = min((began for began, _ended in self.spans.values()), default=0.0)
        return {
            "requests": sum(self.kinds.values()),
            "kinds": self.kinds,
            "bytes": sum(self.bytes.values()),
            "volumes": self.bytes,
            "archives": self.archives,
            "refused": self.refused,
            "connections": self.connections,
            "most_open": self.most_open,
            "holes": self.holes,
            "cpu": round(time.process_time() - self.cpu, 4),
            "spans": {kind: [round(moment - origin, 4) for moment in span] for kind, span in self.spans.items()},
        }


class Link:
    """The bandwidth that all connections share; whoever has something to send reserves a turn.

    Each connection has at most one turn reserved, so that they take turns fairly. The timers of the mirror are late by
    up to a millisecond, so a link that was idle for less than that counts as busy.

    :param bandwidth: bytes a second; 0 for no limit.
    """

    TURN = 64 * 1024  # bytes

    def __init__(self, bandwidth: float) -> None:
        self.bandwidth = bandwidth
        self._free = 0.0

    def reserve(self) -> float:
        """Return the moment from which a turn's bytes may be sent."""
        begins = max(time.monotonic() - 0.002, self._free)
        self._free = begins + self.TURN / self.bandwidth
        return begins

    def give_back(self, unsent: int) -> None:
        """Leave to the others what a turn did not need."""
        self._free -= unsent / self.bandwidth


class Connection:
    """One client connection, and the answer that is on its way through it."""

    __slots__ = (
        "answer",
        "busy",
        "closes",
        "file",
        "handle",
        "kind",
        "offset",
        "opened",
        "received",
        "rest",
        "since",
        "stuck",
        "turn",
    )

    def __init__(self, handle: socket.socket, opened: float) -> None:
        self.handle = handle
        self.opened = opened
        self.received = b""
        self.busy = False
        self.stuck = False
        self.closes = False
        self.kind = ""
        self.since = 0.0
        self.answer = memoryview(b"")
        self.file = -1
        self.offset = 0
        self.rest = 0
        self.turn = 0

    def begin(self, answer: Answer) -> None:
        """Take on an answer."""
        self.kind = answer.kind
        self.answer = memoryview(answer.head + answer.content)
        self.offset, self.rest = answer.start, answer.size
        self.file = os.open(answer.path, os.O_RDONLY) if answer.size else -1

    def push(self, counters: Counters) -> None:
        """Write what is left of the answer, but no more than is left of the turn.

        :raises BlockingIOError: when the client does not take more now.
        :raises ConnectionError: when it is gone.
        """
        while self.answer and self.turn > 0:
            sent = self.handle.send(self.answer[: self.turn], socket.MSG_MORE if self.rest else 0)
            self.answer = self.answer[sent:]
            self._count(counters, sent)
        while self.rest and self.turn > 0:
            sent = os.sendfile(self.handle.fileno(), self.file, self.offset, min(self.rest, self.turn))
            if not sent:
                raise ConnectionError("the file has become shorter")
            self.offset += sent
            self.rest -= sent
            self._count(counters, sent)

    def _count(self, counters: Counters, sent: int) -> None:
        """Count bytes that are out."""
        counters.send(self.kind, sent)
        self.turn -= sent

    def release(self) -> None:
        """Close the file that was being sent."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1
