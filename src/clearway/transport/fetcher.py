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
from typing import TYPE_CHECKING

from clearway.errors import IndexFailure
from clearway.index.links import Links
from clearway.index.routing import leaves_home, may_carry_credential
from clearway.model.urls import file_name, mask, origin
from clearway.policy.answers import is_passing
from clearway.transport.files import open_file
from clearway.transport.sender import BrokenConnection, Identity, UntrustedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clearway.model.secrets import Credential
    from clearway.ports import Request, Response
    from clearway.transport.sender import Answer, Sender
    from clearway.transport.stdlib_sender import StdlibSender

MAX_REDIRECTS = 10
LONGEST_PAUSE = 30.0
"""Seconds: a Retry-After beyond this is waited for only by who has endless patience."""
LONGEST_WAIT = 1e9
"""Seconds: what a Retry-After asks for at most; thirty years, and still what the system can sleep."""
CHUNK = 65_536


class HttpFetcher:
    """Implements :class:`clearway.ports.Fetcher` over a sender.

    :param retries: how often a passing failure is tried again.
    :param pause: seconds before the first new try; doubled each time.
    :param make_asker: makes what :meth:`phrase` asks with, when it is first needed.
    """

    def __init__(
        self, sender: Sender, make_asker: Callable[[], StdlibSender], *, retries: int = 5, pause: float = 0.25
    ) -> None:
        self._sender = sender
        self._retries = retries
        self._pause = pause
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
            wanted = 0.0
            try:
                headers, identity = _headers(request, url), _identity(request, url)
                with self._sender.send(url, headers, request.patience, identity) as answer:
                    location = _redirect(answer)
                    if location and request.stays and leaves_home(_next_hop(url, location, set()), request.url):
                        yield _Response(answer, url)
                        return
                    if not location and (answer.status in request.answers or not is_passing(answer.status)):
                        yield _Response(answer, url)
                        return
                    if not location:
                        failure = f"it answered {answer.status}"
                        wanted = _retry_after(answer.header("Retry-After"))
            except BrokenConnection as broken:
                if broken.held and request.patience:
                    raise _held(request, f"no byte of an answer in {request.patience:g} seconds") from None
                location, failure = "", broken.reason
            except UntrustedServer as error:
                raise _untrusted(url, str(error)) from None
            if location:
                url = _next_hop(url, location, seen)
                continue
            if wanted > LONGEST_PAUSE:
                failure += f" and asks to be left alone for {wanted:,.0f} seconds"
                if request.patience == inf:
                    time.sleep(wanted)
                    continue
                if request.patience:
                    raise _held(request, failure)
            if tries >= self._retries or wanted > LONGEST_PAUSE:
                raise _unreachable(url, failure, tries + 1)
            pause = self._pause * 2**tries * (1 + os.urandom(1)[0] / 1024)  # spread; importing random takes 9 ms
            time.sleep(max(wanted, min(pause, LONGEST_PAUSE)))
            tries += 1

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
        except (BrokenConnection, UntrustedServer, IndexFailure, ValueError):  # the last: no URL that it can send
            return ""

    def close(self) -> None:
        """Close what is kept open."""
        self._sender.close()
        if self._asker is not None:
            self._asker.close()

    def _asker_made(self) -> StdlibSender:
        with self._making:
            if self._asker is None:
                self._asker = self._make_asker()
            return self._asker


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
        raise IndexFailure(
            "bad-redirect",
            f"{mask(url)} redirects to {mask(location)[:200]!r}, which is not an http or https URL",
            hint="Check the index's URL; if it is right, report this to whoever runs the index.",
        )
    if hop in seen or len(seen) > MAX_REDIRECTS:
        raise IndexFailure(
            "redirect-loop",
            f"{mask(hop)} redirects in circles, or more than {MAX_REDIRECTS} times",
            hint="Check the index's URL; a missing trailing slash or a login page is the usual reason.",
        )
    seen.add(hop)
    return hop


def _retry_after(value: str) -> float:
    """Return the seconds that a Retry-After header asks for, 0 for none (RFC 9110, section 10.2.3)."""
    if not value:
        return 0.0
    if value.isdecimal():
        return float(value[:10]) if len(value) < 10 else LONGEST_WAIT
    from email.utils import parsedate_to_datetime  # late: rarely needed

    try:
        wanted = parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(0.0, wanted), LONGEST_WAIT)


def _unreachable(url: str, failure: str, tries: int) -> IndexFailure:
    scheme, host, port = origin(url)
    return IndexFailure(
        "unreachable",
        f"{scheme}://{host}:{port} cannot be used: {failure} ({tries} {'try' if tries == 1 else 'tries'})",
        context=(f"while fetching {mask(url)}",),
        hint="Check the network, the proxy variables and the index's URL, then run the command again.",
    )


def _held(request: Request, failure: str) -> IndexFailure:
    """Return the failure of a request that ran out of patience; what the server did is the first line of context."""
    who = request.index.name if request.index is not None else origin(request.url)[1]
    return IndexFailure(
        "held",
        f"{mask(who)} neither hands out nor refuses {file_name(request.url) or mask(request.url)}: {failure}",
        context=(failure, f"while fetching {mask(request.url)}"),
        hint="Wait for it with --on-pending wait or a longer --first-byte-timeout, "
        "or take an older release with --on-pending next-version.",
    )


def _untrusted(url: str, reason: str) -> IndexFailure:
    return IndexFailure(
        "bad-certificate",
        f"The certificate of {origin(url)[1]} is not trusted: {reason}",
        context=(f"while fetching {mask(url)}",),
        hint="If the server uses a private authority, name its bundle with SSL_CERT_FILE or PIP_CERT.",
    )


class _Response:
    """An answer behind the port's protocol."""

    __slots__ = ("_answer", "phrase", "status", "url")

    def __init__(self, answer: Answer, url: str) -> None:
        self.status = answer.status
        self.phrase = answer.phrase
        self.url = url
        self._answer = answer

    def header(self, name: str) -> str:
        return self._answer.header(name)

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        try:
            while chunk := self._answer.read(size):
                yield chunk
        except BrokenConnection as broken:
            raise IndexFailure(
                "connection-lost",
                f"The connection broke before {mask(self.url)} was whole: {broken.reason}",
                hint="Run the command again; what is already in the cache is kept.",
            ) from None

    def read(self, limit: int) -> bytes:
        parts, size = [], 0
        for chunk in self.chunks():
            size += len(chunk)
            if size > limit:
                raise IndexFailure(
                    "endless-answer",
                    f"The answer of {mask(self.url)} is longer than {limit:,} bytes",
                    hint="This is not a page of a package index; check the index's URL.",
                )
            parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)
