"""The requests of a run, as people may want to see them: which are under way, and how the others were answered.

Told by the threads that send them. Of headers, ``-vv`` shows those that explain an answer; none of them holds a secret.
What was sent is not shown: there is the credential among it.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from clearway.model.urls import file_name, mask, origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.cli.output import Output
    from clearway.ports import Request

_TOLD = ("Content-Type", "Content-Length", "Content-Range", "ETag", "Cache-Control", "Age", "Retry-After", "Location")


class _Waiting:
    """A request that is under way.

    :ivar since: when it began to wait for what it waits for now.
    :ivar until: when it is sent again; 0 if it has been sent.
    :ivar received, size: bytes of its answer, so far and in all; 0 where that is not known.
    """

    __slots__ = ("answered", "reason", "received", "request", "since", "size", "until")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.since = monotonic()
        self.until = 0.0
        self.reason = ""
        self.answered = False
        self.received = 0
        self.size = 0


class Traffic:
    """Implements :class:`clearway.ports.Observer`."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._under_way: dict[int, _Waiting] = {}
        self.moved = monotonic()

    def asking(self, request: Request) -> None:
        """Remember it."""
        self._under_way[id(request)] = _Waiting(request)

    def answered(self, request: Request, url: str, status: int, header: Callable[[str], str]) -> None:
        """Tell of an answer with ``-v``, and with ``-vv`` what explains it."""
        self.moved = now = monotonic()
        waiting = self._under_way.get(id(request))
        took = now - waiting.since if waiting is not None else 0.0
        if waiting is not None:
            waiting.since, waiting.answered, waiting.until, waiting.received = now, True, 0.0, 0
            length = header("Content-Length")
            waiting.size = int(length[:15]) if length.isdecimal() else 0
        if not self._output.wants(1):
            return
        span = f" ({request.span})" if request.span else ""
        self._output.detail(f"GET {url}{span}: {status}, {took:.2f} s")
        for name in _TOLD if self._output.wants(2) else ():
            if value := header(name):
                self._output.detail(f"  {name}: {mask(value)[:300]}", 2)

    def waiting(self, request: Request, reason: str, seconds: float) -> None:
        """Tell with ``-v`` that it is sent again."""
        self._output.detail(f"{_who(request)}: {reason}; {_what(request)} is asked for again in {seconds:.1f} s")
        waiting = self._under_way.get(id(request))
        if waiting is not None:
            waiting.since = monotonic()
            waiting.until, waiting.reason = waiting.since + seconds, reason

    def received(self, request: Request, count: int) -> None:
        """Count them."""
        self.moved = monotonic()
        waiting = self._under_way.get(id(request))
        if waiting is not None:
            waiting.received += count

    def done(self, request: Request) -> None:
        """Forget it."""
        self.moved = monotonic()
        self._under_way.pop(id(request), None)

    @property
    def is_busy(self) -> bool:
        """Whether any request is under way."""
        return bool(self._under_way)

    def longest(self, now: float) -> tuple[float, str]:
        """Return since when the request that has waited longest has done so, and in words what it waits for."""
        waiting = list(self._under_way.values())
        one = min(waiting, key=lambda one: one.since, default=None)
        return (now, "") if one is None else (one.since, _told(one, now))


def _told(one: _Waiting, now: float) -> str:
    who, what, seconds = _who(one.request), _what(one.request), int(now - one.since)
    if one.until > now:
        return f"waiting for {who}: {one.reason}; {what} is asked for again in {one.until - now:.0f} s"
    if one.answered:
        size = f"/{one.size / 1e6:.1f}" if one.size >= one.received else ""
        return f"waiting for {who}: {what}, {one.received / 1e6:.1f}{size} MB, {seconds} s"
    if one.request.patience:
        return f"waiting for {who}: {what} is held, {seconds} s"
    return f"waiting for {who}: {what}, {seconds} s"


def _who(request: Request) -> str:
    """Return what people call the server; where an index has no name of its own, its host."""
    index = request.index
    if index is not None and index.name != index.url:
        return index.name
    return origin(request.url)[1] or mask(request.url)


def _what(request: Request) -> str:
    """Return what is asked for, as people call it."""
    if name := file_name(request.url):
        return name
    folder = unquote(urlsplit(request.url).path.rstrip("/").rpartition("/")[2])
    return f"the listing of {folder}" if folder and folder != "simple" else "its root page"
