"""The HTTP client of a run: built with the first request, by whichever worker sends it (DESIGN 4.12)."""

from __future__ import annotations

import sys
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from clearway import __version__
from clearway.errors import CredentialWanted, IndexFailure, InputError
from clearway.model.urls import mask

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from clearway.index.records import Index
    from clearway.ports import Request, Response
    from clearway.settings.settings import Settings
    from clearway.transport.fetcher import HttpFetcher
    from clearway.transport.sender import Sender
    from clearway.transport.stdlib_sender import StdlibSender

PHRASE_TIMEOUT = 5.0
"""Seconds: a reason phrase is a courtesy, and nobody waits long for it."""


class LazyFetcher:
    """A fetcher that is built when the first request is sent, by whichever worker that is.

    Implements :class:`clearway.ports.Fetcher`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._building = Lock()
        self._built: HttpFetcher | None = None

    def prepare(self) -> None:
        """Build it now: a worker does, while others still have something else to do."""
        with self._building:
            if self._built is None:
                self._built = _build(self._settings)

    def open(self, request: Request) -> AbstractContextManager[Response]:
        """Send a request (see :class:`clearway.ports.Fetcher`)."""
        return self._ready().open(request)

    def phrase(self, request: Request) -> str:
        """Ask for a reason phrase (see :class:`clearway.ports.Fetcher`)."""
        return self._ready().phrase(request)

    def close(self) -> None:
        """Close what is kept open, if anything was ever asked."""
        if self._built is not None:
            self._built.close()

    def _ready(self) -> HttpFetcher:
        if self._built is None:
            self.prepare()
        assert self._built is not None
        return self._built


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


def _build(settings: Settings) -> HttpFetcher:
    from clearway.transport.fetcher import HttpFetcher
    from clearway.transport.sender import Identity, UnusableSender

    user_agent = f"clearway/{__version__} (Python {sys.version_info[0]}.{sys.version_info[1]}; {sys.platform})"
    authorities = _certificates(settings.cert)
    identity = Identity(settings.client_cert) if settings.client_cert else None

    def make_stdlib(timeout: float) -> StdlibSender:
        from clearway.transport.stdlib_sender import StdlibSender  # late: slow to import, and hardly ever needed

        return StdlibSender(user_agent=user_agent, timeout=timeout, authorities=authorities, identity=identity)

    sender: Sender
    try:
        from clearway.transport.pyreqwest_sender import PyreqwestSender

        sender = PyreqwestSender(
            user_agent=user_agent, timeout=settings.timeout, authorities=authorities, identity=identity
        )
    except (ImportError, UnusableSender):  # no wheel of it for this platform, or no certificates on this machine
        sender = make_stdlib(settings.timeout)
    asker = partial(make_stdlib, min(settings.timeout, PHRASE_TIMEOUT))
    return HttpFetcher(sender, asker, retries=settings.retries)


def _certificates(path: str) -> tuple[bytes, ...]:
    """Return the PEM certificates of a bundle, one by one.

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
            f"The certificates {path} cannot be read: {error.strerror}",
            hint="Correct --cert, PIP_CERT, REQUESTS_CA_BUNDLE or SSL_CERT_FILE, whichever names it.",
        ) from None
    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    parts = [part[part.index(begin) :] + end for part in content.split(end)[:-1] if begin in part]
    if not parts:
        raise InputError("not-a-certificate", f"{path} holds no PEM certificate", hint="Name a bundle in PEM format.")
    return tuple(parts)
