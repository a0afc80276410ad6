"""An index without sockets and a crew without threads: whole runs in a millisecond, in any order that a test draws.

What is simulated is the wire alone: the answers are those of :mod:`support.repository`, and everything above the ports
is the product. Tasks that wait are done one at a time, the next of them chosen by the test, so that it can see that no
result depends on what arrives first.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from clearway.crew import Crew, Slot
from support.exchange import Reply, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clearway.crew import Lane
    from clearway.ports import Request
    from support.repository import Repository

HOST = "http://offline.example.com"


class OneThread(Crew):
    """A crew that does one task at a time, on the main thread, when somebody waits.

    :param pick: returns which of so many waiting tasks is done next.
    """

    def __init__(self, pick: Callable[[int], int]) -> None:
        super().__init__()
        self._pick = pick
        self._waiting: list[tuple[Slot[Any], Callable[[], Any]]] = []
        self._posted: deque[Callable[[], None]] = deque()

    def start(self, lane: Lane, task: Callable[[], Any], weight: int = 0) -> Slot[Any]:
        slot: Slot[Any] = Slot()
        self._waiting.append((slot, task))
        return slot

    def take(self) -> None:
        if self._posted:
            self._posted.popleft()()
            return
        assert self._waiting, "somebody waits for what nobody does"
        slot, task = self._waiting.pop(self._pick(len(self._waiting)))
        if slot.unwanted:
            return
        value, error = None, None
        try:
            value = task()
        except Exception as raised:  # handed to whoever waits for it, as the crew does
            error = raised
        self._posted.append(lambda: slot.settle(value, error))

    def post(self, message: Callable[[], None]) -> None:
        self._posted.append(message)


class OfflineFetcher:
    """Answers out of a repository (see :class:`clearway.ports.Fetcher`).

    :param change: returns what is answered instead, or None.
    :ivar seen: the requests, in their order.
    """

    def __init__(self, repository: Repository, change: Callable[[Seen], Reply | None]) -> None:
        self._repository = repository
        self._change = change
        self.seen: list[Seen] = []

    @contextmanager
    def open(self, request: Request) -> Iterator[_Answer]:
        headers = {"accept": request.accept, "if-none-match": request.etag, "range": request.span}
        parts = urlsplit(request.url)
        seen = Seen("GET", parts.path, parts.query, {name: value for name, value in headers.items() if value})
        assert self._repository.locate(seen), request.url
        reply = self._change(seen) or self._repository.reply(seen)
        seen.status = reply.status
        self.seen.append(seen)
        yield _Answer(reply, request.url)

    def phrase(self, request: Request) -> str:
        return ""


class _Answer:
    phrase = ""

    def __init__(self, reply: Reply, url: str) -> None:
        self.status = reply.status
        self.url = url
        self._reply = reply
        self._headers = {name.lower(): value for name, value in reply.headers.items()}
        self._headers.setdefault("content-length", str(len(reply.body)))

    def header(self, name: str) -> str:
        return self._headers.get(name.lower(), "")

    def chunks(self) -> Iterator[bytes]:
        yield self._reply.body

    def read(self, limit: int) -> bytes:
        assert len(self._reply.body) <= limit
        return self._reply.body
