"""A package index on a real socket whose every answer a test can set.

::

    with IndexSimulator() as index:
        index.add(make_wheel("demo", "1.0"))
        index.on(Answer(403, "Quarantined"), stage="file", project="demo", times=1)
        ...
        assert [seen.status for seen in index.seen(stage="file")] == [403, 200]

Three parts: what is published (:class:`Repository`, one or several per host), the rules that change an answer (which
request, which :class:`Answer`), and the record of what was asked (:class:`Seen`). The first rule that matches and is
not used up changes the answer that the repository would have given.

Two repositories on one host, each with its own token::

    a = index.repository("a", users={"alice": "token-a"})              # .../a/simple/
    b = index.repository("b", users={"bob": "token-b"}, denied=404)    # .../b/simple/
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from support.exchange import NATURAL, Answer, Reply, Seen, login_page, read_request, redirect, send
from support.repository import Repository

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    from support.wheels import Wheel

__all__ = ["Answer", "IndexSimulator", "Repository", "Rule", "Seen", "login_page", "redirect"]


class Pattern(TypedDict, total=False):
    """Which requests are meant: what fields of :class:`Seen` must equal.

    ``ranged``: whether Range was asked for; ``authorized``: whether there was an Authorization header.
    """

    method: str
    path: str
    query: str
    repository: str
    stage: str
    project: str
    filename: str
    ranged: bool
    authorized: bool


@dataclass
class Rule:
    """An answer for the requests that a pattern matches: not the first ``skip``, then ``times`` of them (None: all)."""

    pattern: Pattern
    answer: Answer
    skip: int = 0
    times: int | None = None
    met: int = field(default=0, init=False)

    def applies(self, seen: Seen) -> bool:
        """Whether the rule is for this request; counts it if so."""
        if not _matches(self.pattern, seen):
            return False
        self.met += 1
        return self.met > self.skip and (self.times is None or self.met <= self.skip + self.times)


def _matches(pattern: Pattern, seen: Seen) -> bool:
    headers = seen.headers
    facts: dict[str, object] = {**vars(seen), "ranged": "range" in headers, "authorized": "authorization" in headers}
    return all(facts[name] == value for name, value in pattern.items())


class IndexSimulator:
    """A host with one repository at ``/simple/``, and more where asked for; it answers inside its ``with`` block.

    :param tls: a server-side context; the URLs are https then.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._tls = tls
        self._stopping = threading.Event()
        self._lock = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self._rules: list[Rule] = []
        self._log: list[Seen] = []
        self._pages: dict[str, tuple[bytes, str]] = {}
        self.port: int = self._listener.getsockname()[1]
        self.host = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.default = Repository(self.host)
        self._repositories = {"": self.default}

    @property
    def url(self) -> str:
        """The index URL of the repository at ``/simple/``."""
        return self.default.url

    @property
    def other_host(self) -> str:
        """The same server under another origin."""
        return self.host.replace("127.0.0.1", "localhost")

    def repository(self, name: str, **options: Any) -> Repository:
        """Return the repository at ``/name/simple/``; made with :class:`Repository`'s options if it is not there."""
        if name not in self._repositories:
            self._repositories[name] = Repository(self.host, name, **options)
        return self._repositories[name]

    def add(self, wheel: Wheel, **options: Any) -> None:
        """Publish a file in the repository at ``/simple/``; see :meth:`Repository.add`."""
        self.default.add(wheel, **options)

    def serve(self, path: str, content: bytes, content_type: str = "application/octet-stream") -> str:
        """Put bytes at a path outside the repositories and return their URL."""
        self._pages[path] = (content, content_type)
        return self.host + path

    def on(self, answer: Answer, *, skip: int = 0, times: int | None = None, **pattern: Unpack[Pattern]) -> Rule:
        """Change the answer to the requests that match."""
        rule = Rule(pattern, answer, skip, times)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Answer naturally from now on; what is held is let go."""
        with self._lock:
            rules, self._rules = self._rules, []
        for rule in rules:
            if rule.answer.hold:
                rule.answer.hold.set()

    def seen(self, **pattern: Unpack[Pattern]) -> list[Seen]:
        """Return the requests so far that match, in order of arrival."""
        with self._lock:
            return [seen for seen in self._log if _matches(pattern, seen)]

    def wait_for(self, count: int = 1, *, patience: float = 10, **pattern: Unpack[Pattern]) -> list[Seen]:
        """Wait until so many requests that match have arrived, and return them."""
        with self._lock:
            arrived = self._lock.wait_for(lambda: len(self.seen(**pattern)) >= count, patience)
        assert arrived, f"fewer than {count} requests for {pattern} within {patience} s"
        return self.seen(**pattern)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for hold in [rule.answer.hold for rule in self._rules if rule.answer.hold]:
            hold.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the accepting thread
        self._threads[0].join(10)
        self._listener.close()
        with self._lock:
            connections, threads = list(self._connections), list(self._threads)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(10)

    def _start(self, work: Any, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number += 1
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            with self._lock:
                self._connections.append(connection)
                self._start(self._converse, connection, number)

    def _converse(self, connection: socket.socket, number: int) -> None:
        """Answer the requests of one connection until either side has had enough."""
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as requests:
            while (seen := read_request(requests)) is not None:
                seen.connection = number
                reply, answer = self._decide(seen)
                if not send(connection, seen, reply, answer, self._stopping):
                    break

    def _decide(self, seen: Seen) -> tuple[Reply, Answer]:
        """Place a request, log it, and return what goes back and how."""
        named = (one for name, one in self._repositories.items() if name and one.locate(seen))
        repository = next(named, None) or (self.default if self.default.locate(seen) else None)
        if seen.path in self._pages:
            seen.stage = "page"
            natural = self.default.content(seen, *self._pages[seen.path])
        else:
            natural = repository.reply(seen) if repository else Reply(404, {}, b"nothing here")
        with self._lock:
            self._log.append(seen)
            answer = next((rule.answer for rule in self._rules if rule.applies(seen)), NATURAL)
            self._lock.notify_all()
        return answer.change(natural), answer
