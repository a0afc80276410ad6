"""What goes through the mirror: its counters, and the state of one connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket


class Counters:
    """What was served since the last count."""

    def __init__(self) -> None:
        self.cpu = time.process_time()
        self.kinds: dict[str, int] = {}
        self.bytes = 0
        self.connections = 0
        self.most_open = 0
        self.holes: list[str] = []
        self.spans: dict[str, tuple[float, float]] = {}

    def record(self, kind: str, began: float, ended: float) -> None:
        """Count one answer."""
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        first, last = self.spans.get(kind, (began, ended))
        self.spans[kind] = (min(first, began), max(last, ended))

    def result(self) -> dict[str, Any]:
        """Return all as plain values; ``spans`` in seconds after the first request."""
        origin = min((began for began, _ended in self.spans.values()), default=0.0)
        return {
            "requests": sum(self.kinds.values()),
            "kinds": self.kinds,
            "bytes": self.bytes,
            "connections": self.connections,
            "most_open": self.most_open,
            "holes": self.holes,
            "cpu": round(time.process_time() - self.cpu, 4),
            "spans": {kind: [round(moment - origin, 4) for moment in span] for kind, span in self.spans.items()},
        }


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
