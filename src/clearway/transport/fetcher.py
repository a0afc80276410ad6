"""The fetcher: redirects, retries and credentials around a sender that knows none of them (DESIGN 4.6, 4.7).

- A credential goes along where its own index's rules let it, decided anew on every hop; a redirect to another origin
  loses it. User info in a ``Location`` is not adopted.
- Passing failures (408, 429, 5xx, a broken connection before the first byte) are tried again with a growing pause,
  or after Retry-After where the server asks for one that is short enough; then the index counts as unreachable.
- 4xx are answers, not failures: the caller reads them.
- A request with patience whose answer is held back is never sent again: it is pending, and the caller decides.
"""

from __future__ import annotations

import os
import time
from base64 import b64encode
from contextlib import contextmanager
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from clearway.errors import IndexFailure
from clearway.index.links import Links
from clearway.index.routing import leaves_home, may_carry_credential
from clearway.policy.answers import is_passing
from clearway.transport.certificates import untrusted, without_tls
from clearway.transport.faults import bad_redirect, denied, held, redirect_loop, unreachable
from clearway.transport.files import open_file
from clearway.transport.proxies import Proxies
from clearway.transport.responses import BodyResponse
from clearway.transport.sender import BrokenConnection, Identity, ProxyDenied, UntrustedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clearway.model.secrets import Credential
    from clearway.ports import Observer, Request, Response
    from clearway.transport.sender import Answer, Sender
    from clearway.transport.stdlib_sender import StdlibSender

MAX_REDIRECTS = 10
LONGEST_PAUSE = 30.0
"""Seconds: a Retry-After beyond this is waited for only by who has endless patience."""
LONGEST_WAIT = 1e9
"""Seconds: what a Retry-After asks for at most; thirty years, and still what the system can sleep."""


class HttpFetcher:
    """Implements :class:`clearway.ports.Fetcher` over a sender.

    :param retries: how often a passing failure is tried again.
    :param pause: seconds before the first new try; doubled each time.
    :param make_asker: makes what :meth:`phrase` asks with, when it is first needed.
    :param proxies: those that the sender knows; for messages.
    :param observer: told of answers and pauses.
    """

    def __init__(
        self,
        sender: Sender,
        make_asker: Callable[[], StdlibSender],
        *,
        retries: int = 5,
        pause: float = 0.25,
        proxies: Proxies | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._sender = sender
        self._retries = retries
        self._pause = pause
        self._observer = observer
        self.proxies = proxies or Proxies(None, {})
        self._make_asker = make_asker
        self._asker: StdlibSender | None = None
        self._making = Lock()

    @contextmanager
    def open(self, request: Request) -> Iterator[Response]:
        """Send a request, follow redirects, retry what passes (see :class:`clearway.ports.Fetcher`)."""
        if request.url.startswith("file:"):
            with open_file(request.url) as response:
                yield response
            return
        url, tries = request.url, 0
        seen = {url}
        while True:
            try:
                headers, identity = _headers(request, url), _identity(request, url)
                with self._sender.send(url, headers, request.patience, identity) as answer:
                    if self._observer is not None:
                        self._observer.answered(request, url, answer.status, answer.header)
                    location = _redirect(answer)
                    if self._is_final(request, url, answer, location):
                        yield BodyResponse(answer, url)
                        return
                    trouble = None if location else self._trouble(answer, url, last=tries >= self._retries)
            except BrokenConnection as broken:
                if broken.held and request.patience:
                    raise held(request, f"no byte of an answer in {request.patience:g} seconds") from None
                if (fault := without_tls(url, broken.reason)) is not None:  # asking again would change nothing
                    raise fault from None
                trouble = _Trouble(broken.reason)
            except ProxyDenied:
                raise denied(url, self.proxies.for_url(url)) from None
            except UntrustedServer as error:
                raise untrusted(url, str(error)) from None
            if trouble is None:
                url = _next_hop(url, location, seen)
            else:
                tries = self._pause_after(trouble, request, url, tries)

    def phrase(self, request: Request) -> str:
        """Ask for the reason phrase alone (see :class:`clearway.ports.Fetcher`).

        A phrase that only names the status, and that of an answer which refuses nothing, are no reason phrases.
        """
        if request.url.startswith("file:"):
            return ""
        from http.client import responses  # late: the fast sender does without it

        asker, url, seen = self._asker_made(), request.url, {request.url}
        try:
            while True:
                headers, identity = _headers(request, url, whole=True), _identity(request, url)
                with asker.send(url, headers, identity=identity, method="HEAD") as answer:
                    if not (location := _redirect(answer)):
                        known = answer.status < 400 or answer.phrase == responses.get(answer.status)
                        return "" if known else answer.phrase
                url = _next_hop(url, location, seen)
        except (
            BrokenConnection,
            ProxyDenied,
            UntrustedServer,
            IndexFailure,
            ValueError,
        ):  # the last: no URL that it can send
            return ""

    def close(self) -> None:
        """Close what is kept open."""
        self._sender.close()
        if self._asker is not None:
            self._asker.close()

    def _is_final(self, request: Request, url: str, answer: Answer, location: str) -> bool:
        """Whether an answer is the caller's to read, and neither followed nor tried again.

        :raises IndexFailure: ``credential`` where it is not the server that wants one, but a proxy.
        """
        if location:
            return request.stays and leaves_home(_next_hop(url, location, set()), request.url)
        if answer.status == 407 and (proxy := self.proxies.for_url(url)) is not None:
            raise denied(url, proxy)
        return answer.status in request.answers or not is_passing(answer.status)

    def _trouble(self, answer: Answer, url: str, *, last: bool) -> _Trouble:
        """Return what an answer that may pass says; its words are read only where nobody asks again."""
        wanted = _retry_after(answer.header("Retry-After"))
        said = BodyResponse(answer, url).reason() if last or wanted > LONGEST_PAUSE else ""
        what = f"it answered {answer.status}"
        if wanted > LONGEST_PAUSE:
            what += f" and asks to be left alone for {wanted:,.0f} seconds"
        return _Trouble(what, wanted, said)

    def _pause_after(self, trouble: _Trouble, request: Request, url: str, tries: int) -> int:
        """Wait until a request may be sent again; return how often that was done by now, long waits apart.

        :raises IndexFailure: ``unreachable``, ``held``: it may not.
        """
        what, wanted, said = trouble
        if wanted > LONGEST_PAUSE and request.patience:
            if request.patience == inf:
                self._sleep(request, what, wanted)
                return tries
            raise held(request, f"{what}: {said}" if said else what)
        if tries >= self._retries or wanted > LONGEST_PAUSE:
            raise unreachable(url, what, tries + 1, self.proxies.for_url(url), said)
        pause = self._pause * 2**tries * (1 + os.urandom(1)[0] / 1024)  # spread; importing random takes 9 ms
        self._sleep(request, what, max(wanted, min(pause, LONGEST_PAUSE)))
        return tries + 1

    def _sleep(self, request: Request, reason: str, seconds: float) -> None:
        if self._observer is not None:
            self._observer.waiting(request, reason, seconds)
        time.sleep(seconds)

    def _asker_made(self) -> StdlibSender:
        with self._making:
            if self._asker is None:
                self._asker = self._make_asker()
            return self._asker


class _Trouble(NamedTuple):
    """Why a request is to be sent again: what happened, the pause that the server wants, and its own words."""

    what: str
    wanted: float = 0.0
    said: str = ""


def _headers(request: Request, url: str, *, whole: bool = False) -> dict[str, str]:
    """Return the request's headers for one hop; without conditions and ranges where ``whole`` says so."""
    headers = {}
    if request.accept:
        headers["Accept"] = request.accept
    if request.span and not whole:
        headers["Range"] = request.span
        if request.validator:  # without a range it says nothing (RFC 9110, section 13.1.5)
            headers["If-Range"] = request.validator
    if request.etag and not whole:
        headers["If-None-Match"] = request.etag
    if request.identity:
        headers["Accept-Encoding"] = "identity"
    index = request.index
    if index is not None and index.credential is not None and may_carry_credential(index, url):
        headers["Authorization"] = _authorization(index.credential)
    return headers


def _authorization(credential: Credential) -> str:
    """Return what an Authorization header says (RFC 7617, section 2; RFC 6750, section 2.1)."""
    secret = credential.password.reveal()
    if credential.scheme == "bearer":
        return f"Bearer {secret}"
    said = f"{credential.username}:{secret}".encode(errors="surrogateescape")  # a variable may hold any bytes
    return f"Basic {b64encode(said).decode()}"


def _identity(request: Request, url: str) -> Identity | None:
    """Return the client certificate of the request's index, where its credential may go too."""
    index = request.index
    if index is None or not index.client_cert or not may_carry_credential(index, url):
        return None
    return Identity(index.client_cert, index.client_key)


def _redirect(answer: Answer) -> str:
    """Return where an answer points, or an empty text if it is no redirect (RFC 9110, section 15.4)."""
    return answer.header("Location") if answer.status in {301, 302, 303, 307, 308} else ""


def _next_hop(url: str, location: str, seen: set[str]) -> str:
    """Return the URL of the next hop, without user info.

    :raises IndexFailure: ``redirect-loop``, ``bad-redirect``.
    """
    hop = Links(url).resolve(location)
    if hop is None:
        raise bad_redirect(url, location)
    if hop in seen or len(seen) > MAX_REDIRECTS:
        raise redirect_loop(hop, MAX_REDIRECTS)
    seen.add(hop)
    return hop


def _retry_after(value: str) -> float:
    """Return the seconds that a Retry-After header asks for, 0 for none (RFC 9110, section 10.2.3)."""
    if not value:
        return 0.0
    if value.isdecimal():
        return float(value[:10]) if len(value) < 10 else LONGEST_WAIT
    from datetime import UTC  # late: rarely needed
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(value)
        if date.tzinfo is None:  # "-0000": by RFC 5322, section 3.3, no less UTC for that
            date = date.replace(tzinfo=UTC)
        wanted = date.timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(0.0, wanted), LONGEST_WAIT)
