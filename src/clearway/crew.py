"""Worker threads and the one queue through which their results come back (DESIGN 4.10).

The thread that made a crew owns all state of the domain that it works for: the main thread that of the run, the thread
of a build that of its environment. It hands out tasks, each a plain function that touches nothing shared, and takes the
results in :meth:`Crew.wait`, the only place where it blocks. So the domain needs no locks, and Ctrl-C always reaches
somebody who listens. Where "main thread" is said here, the crew's own is meant.

Lanes keep one kind of work from starving another: archives that a registry holds back while it scans them never take
the threads that pages need, and unpacking, which is bound by cores, never runs wider than the machine.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from queue import Empty, PriorityQueue, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S")
T = TypeVar("T")
Lane = Literal["page", "archive", "disk", "build"]

_CORES = os.cpu_count() or 2
WIDTHS: dict[Lane, int] = {"page": 24, "archive": 16, "disk": max(2, min(_CORES, 8)), "build": _CORES}
"""How many threads a lane may have; they are started when there is work for them."""


PATIENCE = 1.5
"""Seconds that a run which is over waits for what it still writes."""


class Slot(Generic[T]):
    """A value that is on its way: read it through :meth:`Crew.wait`, or hear of it through :meth:`then`."""

    __slots__ = ("_error", "_listeners", "_value", "arrived", "unwanted")

    def __init__(self) -> None:
        self.arrived = False
        self.unwanted = False  # set by whoever no longer wants it: a task that has not begun is left out then
        self._value: T | None = None
        self._error: BaseException | None = None
        self._listeners: list[Callable[[Slot[T]], None]] = []

    @classmethod
    def of(cls, value: T) -> Slot[T]:
        """Return a slot whose value is already there."""
        slot = cls()
        slot.arrived, slot._value = True, value
        return slot

    @property
    def failed(self) -> bool:
        """Whether an error arrived instead of a value."""
        return self._error is not None

    def result(self) -> T:
        """Return the value that arrived, or raise the error that did."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # arrived: the value is there, None only where T has it

    def then(self, listener: Callable[[Slot[T]], None]) -> None:
        """Call a function with this slot, on the main thread, once it has arrived; at once if it has."""
        if self.arrived:
            listener(self)
        else:
            self._listeners.append(listener)

    def deliver(self, value: T) -> None:
        """Let a value arrive. Main thread only, like everything here."""
        self.settle(value, None)

    def follow(self, other: Slot[S], change: Callable[[S], T]) -> None:
        """Arrive with what another slot brought: its error, or its value changed."""
        if other._error is not None:
            self.settle(None, other._error)
        else:
            self.settle(change(other.result()), None)

    def settle(self, value: T | None, error: BaseException | None) -> None:
        """Let a value or an error arrive, and tell the listeners."""
        self.arrived, self._value, self._error = True, value, error
        for listener in self._listeners:
            listener(self)
        self._listeners.clear()


_Task = tuple[int, int, "Slot[Any]", "Callable[[], Any]"]
"""What is done first, the order in which it was handed out, and the task with its slot."""


class Crew:
    """The worker threads of one run. They are daemons: a run that ends does not wait for speculation."""

    def __init__(self, widths: dict[Lane, int] | None = None) -> None:
        self._widths = widths or WIDTHS
        self._tasks: dict[Lane, PriorityQueue[_Task]] = {lane: PriorityQueue() for lane in self._widths}
        self._handed = count()
        self._threads: dict[Lane, int] = dict.fromkeys(self._widths, 0)
        self._begun: dict[Lane, int] = dict.fromkeys(self._widths, 0)
        self._ended: dict[Lane, list[None]] = {lane: [] for lane in self._widths}  # appending is one operation
        self._stopping = False
        self._results: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def start(self, lane: Lane, task: Callable[[], T], weight: int = 0) -> Slot[T]:
        """Hand a task to a lane.

        :param weight: of several that wait the heaviest begins first, so that none of them is left alone at the end.
        """
        slot: Slot[T] = Slot()
        self._begun[lane] += 1
        self._tasks[lane].put((-weight, next(self._handed), slot, task))
        if self._threads[lane] < min(self._unfinished(lane), self._widths[lane]):
            self._threads[lane] += 1
            Thread(target=self._work, args=(lane,), daemon=True).start()
        return slot

    def wait(self, slot: Slot[T]) -> T:
        """Take results, whosever they are, until this one is there.

        :raises BaseException: whatever the task raised.
        """
        while not slot.arrived:
            self.take()
        return slot.result()

    def take(self) -> None:
        """Take one result and tell its listeners; block until there is one."""
        self._results.get()()

    def post(self, message: Callable[[], None]) -> None:
        """From a worker: have a function called on the main thread (progress)."""
        self._results.put(message)

    def stop(self, patience: float = PATIENCE) -> None:
        """Begin nothing more, and let what is being written to the disk come to its end, so that nothing lies about.

        :param patience: seconds to wait for that at most.
        """
        self._stopping = True
        deadline = monotonic() + patience
        while self._unfinished("disk") and (left := deadline - monotonic()) > 0:
            with suppress(Empty):
                self._results.get(timeout=min(left, 0.05))

    def dismiss(self) -> None:
        """Let workers end when they have nothing under way; a request that hangs keeps its own."""
        self._stopping = True
        for lane, threads in self._threads.items():
            for _ in range(threads):
                self._tasks[lane].put((0, next(self._handed), Slot(), _leave))

    def _unfinished(self, lane: Lane) -> int:
        return self._begun[lane] - len(self._ended[lane])

    def _work(self, lane: Lane) -> None:
        tasks, results = self._tasks[lane], self._results
        while True:
            _, _, slot, task = tasks.get()
            if task is _leave:
                return
            value, error = None, None
            if slot.unwanted or self._stopping:
                self._ended[lane].append(None)
                results.put(_nothing)
                continue
            try:
                value = task()
            except BaseException as raised:  # noqa: BLE001 - handed to the main thread, which raises it
                error = raised
            self._ended[lane].append(None)
            results.put(_delivery(slot, value, error))


def _leave() -> None:
    """Stands for the end of a worker's work."""


def _nothing() -> None:
    """Nobody waits for a task that was left out."""


def _delivery(slot: Slot[T], value: T | None, error: BaseException | None) -> Callable[[], None]:
    return lambda: slot.settle(value, error)
