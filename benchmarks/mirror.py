"""The mirror: a process that serves the frozen index on loopback, with a simulated round-trip time.

    python benchmarks/mirror.py FOLDER [--policed] [--rtt MS] [--bandwidth MB] [--record | --fetch PATH ...]

It shares two cores with the tool that is measured, so it is one thread around a selector: no coroutines, no threads,
small bodies from memory in one ``send``, large ones by ``sendfile``. With ``--record`` worker threads fetch from the
real index what is not held yet.

The round-trip time is simulated by answering late, without keeping anyone from being served meanwhile: an answer
begins one round trip after its request, and no request counts as having come earlier than one round trip after its
connection (the TCP handshake). TLS and the growth of the TCP window are left out: a real index costs at least one
more round trip a connection. The clock of the selector adds up to a millisecond. The bandwidth, where there is one,
is shared by all connections.

Standard output gets one line of JSON with the port; then each line on standard input is a command: ``count`` answers
with one line of counters and sets them to zero, ``rtt MS`` sets the round-trip time. The end of standard input ends
the process.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import queue
import selectors
import socket
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from frozen import Frozen, missing
from http1 import Answer, Request, parse
from policed import Policed
from traffic import Connection, Counters, Link

if TYPE_CHECKING:
    from collections.abc import Callable

_TURN = 1024 * 1024  # bytes that one connection may send before the others get their turn


class Mirror:
    """The loop: accepts, reads requests, waits out round trips, sends answers.

    :param frozen: gives the answers.
    :param obtain: in a recording, fetches what a path stands for (in worker threads); else None.
    :param rtt: in seconds.
    :param bandwidth: in bytes a second; 0 for no limit.
    """

    def __init__(
        self, frozen: Frozen, obtain: Callable[[str], None] | None, rtt: float = 0.0, bandwidth: float = 0.0
    ) -> None:
        self.rtt = rtt
        self._link = Link(bandwidth)
        self.counters = Counters()
        self._frozen = frozen
        self._obtain = obtain
        self._pool = ThreadPoolExecutor(8) if obtain else None
        self._obtained: queue.SimpleQueue[tuple[Connection, Request, Future[None]]] = queue.SimpleQueue()
        self._bell, self._rope = socket.socketpair()
        self._timers: list[tuple[float, int, Connection, Answer | None]] = []
        self._sequence = 0
        self._open = 0
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        # What a client does not take, the kernel should not hold by the megabyte: an answer that is cut short counts as
        # about as long as it would be on a network.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 128 * 1024)
        self._listener.setblocking(False)

    @property
    def port(self) -> int:
        """The port that was given by the system."""
        return int(self._listener.getsockname()[1])

    def run(self) -> None:
        """Serve until standard input ends."""
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._bell, selectors.EVENT_READ, self._resume)
        self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ, None)
        while True:
            timeout = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
            for key, _events in self._selector.select(timeout):
                if isinstance(key.data, Connection):
                    self._turn(key.data)
                elif key.data is not None:
                    key.data()
                elif not self._obey(os.read(key.fd, 1024)):
                    return
            while self._timers and self._timers[0][0] <= time.monotonic():
                _due, _sequence, connection, answer = heapq.heappop(self._timers)
                if answer is not None:
                    self._begin(connection, answer)
                elif connection.handle.fileno() >= 0:
                    self._send(connection)

    def _obey(self, lines: bytes) -> bool:
        """Carry out the commands of whoever started the mirror; False at the end."""
        for line in lines.splitlines():
            match line.split():
                case [b"count"]:
                    print(json.dumps(self.counters.result()), flush=True)
                    self.counters = Counters()
                    self.counters.most_open = self._open
                case [b"rtt", milliseconds]:
                    self.rtt = float(milliseconds) / 1000
                case [b"reload"]:
                    self._frozen.reload()
        return bool(lines)

    def _accept(self) -> None:
        """Take a new connection."""
        handle, _address = self._listener.accept()
        handle.setblocking(False)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(handle, selectors.EVENT_READ, Connection(handle, time.monotonic()))
        self._open += 1
        self.counters.connections += 1
        self.counters.most_open = max(self.counters.most_open, self._open)

    def _turn(self, connection: Connection) -> None:
        """Go on with a connection that can be read or written."""
        if connection.stuck:
            self._go_on(connection)
            return
        try:
            data = connection.handle.recv(65536)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self._close(connection)
            return
        connection.received += data
        if not connection.busy:
            self._read(connection)

    def _read(self, connection: Connection) -> None:
        """Look for a whole request in what was received."""
        head, found, rest = connection.received.partition(b"\r\n\r\n")
        if not found:
            return
        connection.received = rest
        connection.busy = True
        connection.since = time.monotonic()
        request = parse(head)
        connection.closes = request.closes
        answer = self._frozen.answer(request)
        if answer is not None:
            self.counters.ask(request, answer.kind)
            self._schedule(connection, answer)
        elif self._pool and self._obtain:
            future = self._pool.submit(self._obtain, request.path)
            future.add_done_callback(lambda done: self._ring(connection, request, done))
        else:
            self.counters.holes.append(request.path)
            self._schedule(connection, missing("hole"))

    def _ring(self, connection: Connection, request: Request, done: Future[None]) -> None:
        """Tell the loop, from a worker thread, that something was fetched."""
        self._obtained.put((connection, request, done))
        self._rope.send(b"!")

    def _resume(self) -> None:
        """Answer the requests for which something was fetched."""
        for _ring in self._bell.recv(1024):
            connection, request, done = self._obtained.get()
            done.result()
            self._schedule(connection, self._frozen.answer(request) or missing("hole"))

    def _schedule(self, connection: Connection, answer: Answer) -> None:
        """Send an answer when a round trip has passed."""
        if not self.rtt:
            self._begin(connection, answer)
            return
        due = max(connection.since, connection.opened + self.rtt) + self.rtt
        self._wait(due, connection, answer)

    def _wait(self, due: float, connection: Connection, answer: Answer | None = None) -> None:
        """Begin an answer, or go on with the one that is on its way, at a moment."""
        self._sequence += 1
        heapq.heappush(self._timers, (due, self._sequence, connection, answer))

    def _begin(self, connection: Connection, answer: Answer) -> None:
        """Start sending an answer, if there is still someone to send it to."""
        if connection.handle.fileno() < 0:
            return
        connection.begin(answer)
        self._go_on(connection)

    def _go_on(self, connection: Connection) -> None:
        """Send more of an answer, as soon as the link has a turn for it."""
        if self._link.bandwidth:
            self._unstick(connection)
            self._wait(self._link.reserve(), connection)
        else:
            self._send(connection)

    def _send(self, connection: Connection) -> None:
        """Send as much as the client takes, and no more than a turn's worth."""
        connection.turn = Link.TURN if self._link.bandwidth else _TURN
        try:
            connection.push(self.counters)
        except BlockingIOError:
            pass
        except ConnectionError:
            self._close(connection)
            return
        if self._link.bandwidth:
            self._link.give_back(connection.turn)
        if not connection.answer and not connection.rest:
            self._finish(connection)
        elif self._link.bandwidth and not connection.turn:
            self._go_on(connection)
        elif not connection.stuck:
            connection.stuck = True
            self._selector.modify(connection.handle, selectors.EVENT_WRITE, connection)

    def _unstick(self, connection: Connection) -> None:
        """Wait for the client's next request, no longer for its taking more."""
        if connection.stuck:
            connection.stuck = False
            self._selector.modify(connection.handle, selectors.EVENT_READ, connection)

    def _finish(self, connection: Connection) -> None:
        """Count an answer that is out, and look for the next request."""
        self.counters.record(connection.kind, connection.since, time.monotonic())
        connection.release()
        if connection.closes:
            self._close(connection)
            return
        self._unstick(connection)
        connection.busy = False
        if connection.received:
            self._read(connection)

    def _close(self, connection: Connection) -> None:
        """Forget a connection; an answer that was not taken whole counts as sent until now."""
        if connection.rest or connection.answer:
            self.counters.record(f"{connection.kind}-cut", connection.since, time.monotonic())
        connection.release()
        self._selector.unregister(connection.handle)
        connection.handle.close()
        self._open -= 1


def main() -> None:
    """Run the mirror."""
    parser = argparse.ArgumentParser(description="Serve the frozen index on loopback.")
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--rtt", type=float, default=0.0, metavar="MS", help="simulated round-trip time in milliseconds"
    )
    parser.add_argument(
        "--bandwidth", type=float, default=0.0, metavar="MB", help="megabytes a second for all together"
    )
    parser.add_argument("--policed", action="store_true", help="behind a firewall (see policed.py)")
    parser.add_argument("--record", action="store_true", help="fetch from the real index what is not held yet")
    parser.add_argument("--fetch", nargs="+", metavar="PATH", help="fetch only these from the real index, and end")
    options = parser.parse_args()
    frozen = (Policed if options.policed else Frozen)(options.folder, recording=options.record)
    obtain = None
    if options.record or options.fetch:
        import upstream  # needs pip as a library, which a measured mirror must not

        obtain = upstream.Recorder(frozen).fetch
        for path in options.fetch or ():
            obtain(path)
        frozen.bake_all()
    if options.fetch:
        return
    mirror = Mirror(frozen, obtain, options.rtt / 1000, options.bandwidth * 1e6)
    print(json.dumps({"port": mirror.port}), flush=True)
    mirror.run()
    if options.record:
        frozen.recording = False
        frozen.bake_all()


if __name__ == "__main__":
    main()
