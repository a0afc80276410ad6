"""The HTTP client of a run: built with the first request, by whichever worker sends it (DESIGN 4.12)."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from clearway import __version__
from clearway.errors import CredentialWanted, IndexFailure, InputError
from clearway.model.urls import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clearway.index.records import Index
    from clearway.model.secrets import Credential
    from clearway.ports import Observer, Request, Response
    from clearway.settings.settings import Settings
    from clearway.transport.fetcher import HttpFetcher
    from clearway.transport.sender import Sender
    from clearway.transport.stdlib_sender import StdlibSender

PHRASE_TIMEOUT = 5.0
"""Seconds: a reason phrase is a courtesy, and nobody waits long for it."""


class LazyFetcher:
    """A fetcher that is built when the first request is sent, by whichever worker that is.

    Implements :class:`clearway.ports.Fetcher`.

    :param environ: the environment variables: they may name proxies.
    :param observer: sees the requests go by.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str], observer: Observer) -> None:
        self._settings = settings
        self._environ = environ
        self._observer = observer
        self._building = Lock()
        self._over = Event()
        self._built: HttpFetcher | None = None

    def prepare(self) -> None:
        """Build it now: a worker does, while others still have something else to do.

        In a thread of its own, which lives as long as the client: the client crashes (CPython 3.11) when it is used
        after the thread that has built it is gone.
        """
        with self._building:
            if self._built is None:
                built: SimpleQueue[HttpFetcher | BaseException] = SimpleQueue()
                Thread(target=self._build_and_stay, args=(built,), daemon=True).start()
                answer = built.get()
                if isinstance(answer, BaseException):
                    raise answer
                self._built = answer

    def _build_and_stay(self, built: SimpleQueue[HttpFetcher | BaseException]) -> None:
        try:
            built.put(_build(self._settings, self._environ, self._observer))
        except BaseException as error:  # noqa: BLE001 - raised by whoever waits for it
            built.put(error)
        else:
            self._over.wait()

    @contextmanager
    def open(self, request: Request) -> Iterator[Response]:
        """Send a request (see :class:`clearway.ports.Fetcher`)."""
        fetcher = self._ready()
        self._observer.asking(request)
        try:
            with fetcher.open(request) as response:
                yield _Counted(response, request, self._observer)
        finally:
            self._observer.done(request)

    def phrase(self, request: Request) -> str:
        """Ask for a reason phrase (see :class:`clearway.ports.Fetcher`)."""
        return self._ready().phrase(request)

    def credentials(self) -> tuple[Credential, ...]:
        """Return what was sent to proxies."""
        return self._built.proxies.credentials() if self._built is not None else ()

    def close(self) -> None:
        """Close what is kept open, if anything was ever asked."""
        if self._built is not None:
            self._built.close()
        self._over.set()

    def _ready(self) -> HttpFetcher:
        if self._built is None:
            self.prepare()
        assert self._built is not None
        return self._built


class _Counted:
    """A response whose bytes are told as they come."""

    __slots__ = ("_observer", "_request", "_response", "header", "phrase", "read", "status", "url")

    def __init__(self, response: Response, request: Request, observer: Observer) -> None:
        self.status, self.url, self.phrase = response.status, response.url, response.phrase
        self.header, self.read = response.header, response.read
        self._response, self._request, self._observer = response, request, observer

    def chunks(self, size: int = 65_536) -> Iterator[bytes]:
        for chunk in self._response.chunks(size):
            self._observer.received(self._request, len(chunk))
            yield chunk


def read_text(fetcher: LazyFetcher, index: Index) -> bytes:
    """Return the content at a URL that a requirement file may be read from.

    :raises IndexFailure: when it is not there.
    """
    from clearway.ports import Request

    with fetcher.open(Request(url=index.url, index=index)) as response:
        if response.status == 200:
            return response.read(64 << 20)
        message = f"{mask(index.url)} cannot be read: the server answered {response.status}"
        hint = "Correct the URL of the requirement file, and put user info in it if the server wants any."
        if response.status == 401:
            username = index.credential.username if index.credential is not None else ""
            raise CredentialWanted(message, index=index.name, url=index.url, username=username, hint=hint)
        raise IndexFailure("no-such-file", message, hint=hint)


def _build(settings: Settings, environ: Mapping[str, str], observer: Observer) -> HttpFetcher:
    from clearway.transport.fetcher import HttpFetcher
    from clearway.transport.proxies import Proxies
    from clearway.transport.sender import Identity, UnusableSender
    from clearway.transport.trust import TrustedHosts

    user_agent = f"clearway/{__version__} (Python {sys.version_info[0]}.{sys.version_info[1]}; {sys.platform})"
    authorities = _certificates(settings.cert, settings.sources.get("cert", "--cert"))
    identity = Identity(settings.client_cert) if settings.client_cert else None
    proxies = Proxies(settings.proxy, {} if settings.no_proxy_env else environ)
    trusted = TrustedHosts(settings.trusted_host)

    def make_stdlib(timeout: float) -> StdlibSender:
        from clearway.transport.stdlib_sender import StdlibSender  # late: slow to import, and hardly ever needed

        return StdlibSender(
            user_agent=user_agent,
            timeout=timeout,
            authorities=authorities,
            identity=identity,
            proxies=proxies,
            trusted=trusted,
        )

    sender: Sender
    try:
        from clearway.transport.pyreqwest_sender import PyreqwestSender

        sender = PyreqwestSender(
            user_agent=user_agent,
            timeout=settings.timeout,
            authorities=authorities,
            identity=identity,
            proxies=proxies,
            trusted=trusted,
        )
    except (ImportError, UnusableSender):  # no wheel of it for this platform, or no certificates on this machine
        sender = make_stdlib(settings.timeout)
    asker = partial(make_stdlib, min(settings.timeout, PHRASE_TIMEOUT))
    return HttpFetcher(sender, asker, retries=settings.retries, proxies=proxies, observer=observer)


def _certificates(path: str, source: str) -> tuple[bytes, ...]:
    """Return the PEM certificates of a bundle, one by one.

    :param source: what names the bundle, for people.
    :raises InputError: ``no-such-file``, ``not-a-certificate``.
    """
    if not path:
        return ()
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise InputError(
            "no-such-file",
            f"The certificates {path}, which {source} names, cannot be read: {error.strerror}",
            hint=f"Correct {source}, or leave it out: the system's certificates are trusted in any case.",
        ) from None
    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    parts = [part[part.index(begin) :] + end for part in content.split(end)[:-1] if begin in part]
    if not parts:
        raise InputError(
            "not-a-certificate",
            f"{path}, which {source} names, holds no PEM certificate",
            hint="Name a bundle in PEM format.",
        )
    return tuple(parts)
