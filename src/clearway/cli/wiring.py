"""The wiring: builds the adapters and plugs them into the jobs. The only place that knows both sides.

Each part is built when it is first needed, and imported then: a run that changes nothing never sees the HTTP stack
(DESIGN 4.12).
"""

from __future__ import annotations

import os
import sys
from functools import cached_property, partial
from threading import Lock
from typing import TYPE_CHECKING

from clearway import __version__
from clearway.cache.folder import CacheFolder, default_root, open_folder
from clearway.cache.store import MemoryStore, SqliteStore
from clearway.errors import InputError, TargetError
from clearway.interpreter.discover import find_interpreter
from clearway.interpreter.folder import in_folder
from clearway.interpreter.probe import start_probe
from clearway.site.lock import WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from clearway.cache.trees import Trees
    from clearway.crew import Crew
    from clearway.index.records import Index
    from clearway.interpreter.probe import Probing
    from clearway.model.targets import Environment, Target
    from clearway.policy.rules import Rules
    from clearway.ports import Request, Response
    from clearway.settings.settings import Settings
    from clearway.site.environment_site import EnvironmentSite
    from clearway.transport.fetcher import HttpFetcher
    from clearway.transport.sender import Sender
    from clearway.transport.stdlib_sender import StdlibSender


HELPERS = 4
"""Processes that unpack beside the threads, at most, and never more than there are cores: unpacking is bound by the
interpreter lock, and each of them has its own."""
PHRASE_TIMEOUT = 5.0
"""Seconds: a reason phrase is a courtesy, and nobody waits long for it."""


class Wiring:
    """The adapters of one run.

    :param environ: the environment variables.
    :param warn: told of what people should know, a sentence each, without full stop.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str], warn: Callable[[str], None]) -> None:
        self.settings = settings
        self.warn = warn
        self.environ = environ
        self._probing: Probing | None = None

    # -- the cache -----------------------------------------------------------------------------------------------------

    @cached_property
    def folder(self) -> CacheFolder:
        """The cache folder; with ``--no-cache-dir`` a temporary one, which :meth:`close` removes."""
        if self.settings.no_cache_dir:
            from tempfile import mkdtemp  # late: only without a cache

            return open_folder(mkdtemp(prefix="clearway-"))
        return open_folder(self.settings.cache_dir or default_root(self.environ))

    @cached_property
    def store(self) -> SqliteStore | MemoryStore:
        """The store of small values."""
        return MemoryStore() if self.settings.no_cache_dir else SqliteStore(self.folder.store)

    @cached_property
    def archives(self) -> Trees:
        """The unpacked wheels."""
        from clearway.cache.trees import Trees

        return Trees(self.folder, helpers=min(HELPERS, os.cpu_count() or 1))

    def close(self) -> None:
        """Write what is to be kept; remove what is not; leave no process behind."""
        if self._probing is not None:
            self._probing.stop()
        if "crew" in self.__dict__:
            self.crew.stop()
        if "archives" in self.__dict__:
            self.archives.close()
        if "store" in self.__dict__:
            self.store.close()
        if self.settings.no_cache_dir and "folder" in self.__dict__:
            from shutil import rmtree

            rmtree(self.folder.root, ignore_errors=True)

    # -- the environment -----------------------------------------------------------------------------------------------

    @cached_property
    def executable(self) -> str:
        """The target interpreter."""
        own = sys.executable if sys.prefix != sys.base_prefix else ""
        return find_interpreter(self.settings.python or None, self.environ, own)

    def start_probe(self) -> None:
        """Begin to ask the target interpreter what it is, while other work goes on."""
        self._probing = start_probe(self.executable, self.store)

    def import_while_probing(self) -> None:
        """Spend the time in which an interpreter is asked for the first time on what will follow anyway.

        An environment that nobody knows yet is hardly satisfied already; and where nothing was ever kept of a listing
        there will be requests, so that a worker may build the client.
        """
        if self._probing is not None and self._probing.running:
            if self.store.get("keys", "listings") is None:
                self.crew.start("page", self.fetcher.prepare)
            import clearway.catalog.catalog
            import clearway.cli.summary
            import clearway.commands.install
            import clearway.resolution.memo
            import clearway.site.environment_site  # noqa: F401

    @cached_property
    def environment(self) -> Environment:
        """The environment to change."""
        if self._probing is None:
            self.start_probe()
        assert self._probing is not None
        environment = self._probing.finish()
        target = self.settings.target
        return in_folder(environment, target) if target else environment

    @cached_property
    def target(self) -> Target:
        """What to resolve for; made once, since what is decided about markers and tags is remembered by it."""
        return self.environment.target

    @cached_property
    def site(self) -> EnvironmentSite:
        """What writes the environment."""
        from clearway.site.environment_site import EnvironmentSite

        return EnvironmentSite(
            self.environment,
            link_mode=self.settings.link_mode,
            compile_bytecode=self.settings.compile,
            warn=self.warn,
        )

    def make_sound(self) -> None:
        """Finish or roll back what a killed run left in the environment, and see that it is ours to change.

        :raises TargetError: ``externally-managed``, ``environment-unwritable``, ``damaged-journal``.
        """
        environment, settings = self.environment, self.settings
        if environment.externally_managed is not None and not (settings.break_system_packages or settings.dry_run):
            raise TargetError(
                "externally-managed",
                f"{environment.prefix} is managed by something else (PEP 668)",
                context=tuple(environment.externally_managed.splitlines()),
                hint="Create an environment with `python -m venv .venv` and name it with --python, "
                "or insist with --break-system-packages.",
            )
        work = os.path.join(environment.scheme.purelib, WORK)
        if os.path.lexists(work) and (recovered := self.site.recover()):
            self.warn(recovered)

    # -- the network ---------------------------------------------------------------------------------------------------

    @cached_property
    def crew(self) -> Crew:
        """The worker threads."""
        from clearway.crew import Crew

        return Crew()

    @cached_property
    def fetcher(self) -> LazyFetcher:
        """What sends requests; it imports and builds the HTTP client with the first of them."""
        return LazyFetcher(self._build_fetcher)

    def _build_fetcher(self) -> HttpFetcher:
        from clearway.transport.fetcher import HttpFetcher
        from clearway.transport.sender import UnusableSender

        user_agent = f"clearway/{__version__} (Python {sys.version_info[0]}.{sys.version_info[1]}; {sys.platform})"
        authorities = _certificates(self.settings.cert)

        def make_stdlib(timeout: float) -> StdlibSender:
            from clearway.transport.stdlib_sender import StdlibSender  # late: slow to import, and hardly ever needed

            return StdlibSender(user_agent=user_agent, timeout=timeout, authorities=authorities)

        sender: Sender
        try:
            from clearway.transport.pyreqwest_sender import PyreqwestSender

            sender = PyreqwestSender(user_agent=user_agent, timeout=self.settings.timeout, authorities=authorities)
        except (ImportError, UnusableSender):  # no wheel of it for this platform, or no certificates on this machine
            sender = make_stdlib(self.settings.timeout)
        asker = partial(make_stdlib, min(self.settings.timeout, PHRASE_TIMEOUT))
        return HttpFetcher(sender, asker, retries=self.settings.retries)

    def fetch(self, url: str) -> bytes:
        """Return the content at a URL that a requirement file may be read from.

        :raises IndexFailure: when it is not there.
        """
        from clearway.errors import IndexFailure
        from clearway.index.routing import make_index
        from clearway.model.urls import mask
        from clearway.ports import Request

        index = make_index(url, kind="find-links", source="the file's URL", rules=self.rules)
        with self.fetcher.open(Request(url=index.url, index=index)) as response:
            if response.status != 200:
                raise IndexFailure(
                    "no-such-file",
                    f"{mask(url)} cannot be read: the server answered {response.status}",
                    hint="Correct the URL of the requirement file, and put user info in it if the server wants any.",
                )
            return response.read(64 << 20)

    @property
    def rules(self) -> Rules:
        """How answers are read where no index with rules of its own is meant: direct URLs, pages of links."""
        return self.settings.rules

    def turns(self) -> tuple[tuple[Index, ...], ...]:
        """Return the indexes in the order in which they are asked, each with its rules.

        :raises InputError: ``no-index``, ``bad-index-url``, ``unknown-index``.
        """
        from clearway.configuration.default_index import default_index
        from clearway.index.routing import choose_index, make_index, route

        settings = self.settings
        if settings.no_index:
            return ()
        configured = [
            make_index(one.url.value, name=one.name, source=one.url.origin, rules=one.rules) for one in settings.indexes
        ]
        default = settings.index_url or default_index(self.environment, self.store)
        *extras, last = (
            choose_index(given.value, given.origin, configured, self.rules)
            for given in (*settings.extra_index_url, default)
        )
        return route(last, extras, settings.index_strategy)

    def links(self) -> tuple[Index, ...]:
        """Return the pages and folders of links."""
        from clearway.index.routing import make_index

        return tuple(
            make_index(one.value, kind="find-links", source=one.origin, rules=self.rules)
            for one in self.settings.find_links
        )


class LazyFetcher:
    """A fetcher that is built when the first request is sent, by whichever worker that is.

    Implements :class:`clearway.ports.Fetcher`.
    """

    def __init__(self, build: Callable[[], HttpFetcher]) -> None:
        self._build = build
        self._building = Lock()
        self._built: HttpFetcher | None = None

    def prepare(self) -> None:
        """Build it now: a worker does, while others still have something else to do."""
        with self._building:
            if self._built is None:
                self._built = self._build()

    def open(self, request: Request) -> AbstractContextManager[Response]:
        """Send a request (see :class:`clearway.ports.Fetcher`)."""
        return self._ready().open(request)

    def phrase(self, request: Request) -> str:
        """Ask for a reason phrase (see :class:`clearway.ports.Fetcher`)."""
        return self._ready().phrase(request)

    def _ready(self) -> HttpFetcher:
        if self._built is None:
            self.prepare()
        assert self._built is not None
        return self._built


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
