"""The wiring: builds the adapters and plugs them into the jobs. The only place that knows both sides.

Each part is built when it is first needed, and imported then: a run that changes nothing never sees the HTTP stack
(DESIGN 4.12).
"""

from __future__ import annotations

import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from clearway.cache.folder import CacheFolder, default_root, open_folder
from clearway.cache.store import MemoryStore, SqliteStore
from clearway.cli.output import Output
from clearway.errors import CredentialWanted, IndexFailure, TargetError
from clearway.interpreter.discover import find_interpreter
from clearway.interpreter.places import in_user, place
from clearway.interpreter.probe import start_probe
from clearway.site.lock import WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clearway.cache.trees import Trees
    from clearway.cli.client import LazyFetcher
    from clearway.cli.indexes import Turns
    from clearway.cli.progress import Progress
    from clearway.crew import Crew
    from clearway.index.records import Index
    from clearway.interpreter.probe import Probing
    from clearway.model.targets import Environment, Target
    from clearway.policy.rules import Rules
    from clearway.ports import Site
    from clearway.secrets.sources import Secrets
    from clearway.settings.settings import Settings

T = TypeVar("T")

HELPERS = 4
"""Processes that unpack beside the threads, at most, and never more than there are cores: unpacking is bound by the
interpreter lock, and each of them has its own."""

_ATTEMPTS, _PAUSE = 20, 0.05


class Wiring:
    """The adapters of one run.

    :param environ: the environment variables.
    :param warn: told of what people should know, a sentence each, without full stop.
    :param output: where progress is shown.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        warn: Callable[[str], None],
        output: Output | None = None,
    ) -> None:
        self.settings = settings
        self.output = output or Output(0)
        self.warn = warn
        self.environ = environ
        self._probing: Probing | None = None
        self._endings: list[Callable[[], None]] = []

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
        if "progress" in self.__dict__:
            self.progress.end()
        if self._probing is not None:
            self._probing.stop()
        self._end()
        if "crew" in self.__dict__:
            self.crew.stop()
        if "fetcher" in self.__dict__:
            self.fetcher.close()
        if "crew" in self.__dict__:
            self.crew.dismiss()
        if "archives" in self.__dict__:
            self.archives.close()
        if "store" in self.__dict__:
            self.store.close()
        if self.settings.no_cache_dir and "folder" in self.__dict__:
            _remove(self.folder.root)

    def at_end(self, ending: Callable[[], None]) -> None:
        """Have something done when the run ends, while everything else is still there."""
        self._endings.append(ending)

    def _end(self) -> None:
        """Do what is to be done at the end, all of it, and once."""
        from contextlib import ExitStack  # late: most runs have nothing to end

        with ExitStack() as stack:
            for ending in reversed(self._endings):
                stack.callback(ending)
            self._endings.clear()

    # -- the environment -----------------------------------------------------------------------------------------------

    @cached_property
    def executable(self) -> str:
        """The target interpreter."""
        return find_interpreter(self.settings.python or None, self.environ, sys.executable or "")

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
            import packaging.tags  # noqa: F401 - what the interpreter says is read with it

            import clearway.catalog.catalog
            import clearway.cli.summary
            import clearway.commands.install
            import clearway.resolution.memo
            import clearway.site.environment_site  # noqa: F401

    @cached_property
    def interpreter(self) -> Environment:
        """The target interpreter's own environment."""
        if self._probing is None:
            self.start_probe()
        assert self._probing is not None
        return self._probing.finish()

    @cached_property
    def environment(self) -> Environment:
        """The environment to change: the interpreter's own, or where else ``--target`` and its like lead."""
        settings = self.settings
        user = bool(settings.user_site) and not settings.no_user
        return place(self.interpreter, target=settings.target, prefix=settings.prefix, root=settings.root, user=user)

    @cached_property
    def homes(self) -> tuple[Environment, ...]:
        """The environments that something may be removed from: a system's interpreter has its user's folder too."""
        environment = self.environment
        if environment is self.interpreter and environment.user_enabled and not environment.is_virtual:
            return environment, in_user(environment)
        return (environment,)

    @property
    def is_unsettled(self) -> bool:
        """Whether a change of the environment is under way, or was cut off."""
        return any(os.path.lexists(os.path.join(home.scheme.purelib, WORK)) for home in self.homes)

    @cached_property
    def target(self) -> Target:
        """What to resolve for; made once, since what is decided about markers and tags is remembered by it."""
        from clearway.cli.places import make_target

        return make_target(self.environment, self.settings)

    @cached_property
    def site(self) -> Site:
        """What writes the environment."""
        from clearway.cli.places import make_site

        return make_site(self)

    def make_sound(self) -> None:
        """Finish or roll back what a killed run left in the environment, and see that it is ours to change.

        :raises TargetError: ``no-virtualenv``, ``externally-managed``, ``environment-unwritable``, ``damaged-journal``.
        """
        environment, settings = self.environment, self.settings
        if settings.require_virtualenv and not self.interpreter.is_virtual:
            raise TargetError(
                "no-virtualenv",
                f"{self.interpreter.prefix} is no virtual environment, and only those may be changed",
                hint="Activate one, or name one with --python; or do without --require-virtualenv, which is said by "
                f"{settings.sources.get('require-virtualenv', 'the configuration')}.",
            )
        if environment.externally_managed is not None and not (settings.break_system_packages or settings.dry_run):
            raise TargetError(
                "externally-managed",
                f"{environment.prefix} is managed by something else (PEP 668)",
                context=tuple(environment.externally_managed.splitlines()),
                hint="Create an environment with `python -m venv .venv` and name it with --python, "
                "or insist with --break-system-packages.",
            )
        if self.is_unsettled and (recovered := self.site.recover()):
            self.warn(recovered)

    # -- the network ---------------------------------------------------------------------------------------------------

    @cached_property
    def crew(self) -> Crew:
        """The worker threads."""
        from clearway.crew import WIDTHS, Crew

        return Crew({**WIDTHS, "build": self.settings.jobs or WIDTHS["build"]})

    @cached_property
    def fetcher(self) -> LazyFetcher:
        """What sends requests; it imports and builds the HTTP client with the first of them."""
        from clearway.cli.client import LazyFetcher

        trusted = self.settings.trusted_host
        if trusted and self.settings.verbosity > 0:
            hosts = ", ".join(given.value for given in trusted)
            self.warn(f"Certificates are not checked of {hosts}: --trusted-host, from {trusted[-1].origin}")
        return LazyFetcher(self.settings, self.environ, self.progress.traffic)

    @cached_property
    def progress(self) -> Progress:
        """What shows how far the run has come, and from the first request on what it waits for."""
        from clearway.cli.progress import Progress

        return Progress(self.output, self.settings.progress_bar)

    def fetch(self, url: str) -> bytes:
        """Return the content at a URL that a requirement file may be read from.

        :raises IndexFailure: when it is not there.
        """
        from clearway.cli.client import read_text
        from clearway.cli.indexes import make_links  # late: most runs read files alone
        from clearway.model.inputs import Given

        given = Given(url, "the file's URL")

        def read() -> bytes:
            (index,) = make_links((given,), self.rules, self.secrets)
            return read_text(self.fetcher, index)

        return self.with_credentials(read)

    @property
    def rules(self) -> Rules:
        """How answers are read where no index with rules of its own is meant: direct URLs, pages of links."""
        return self.settings.rules

    # -- credentials ---------------------------------------------------------------------------------------------------

    @cached_property
    def secrets(self) -> Secrets:
        """What finds credentials."""
        from clearway.secrets.prompt import find_person
        from clearway.secrets.sources import Secrets

        settings = self.settings
        return Secrets(
            self.environ,
            self.warn,
            provider=settings.keyring_provider,
            person=find_person(no_input=settings.no_input),
            no_input=settings.no_input,
        )

    def without_secrets(self, text: str) -> str:
        """Return a text without the secrets of this run, should a server have said one of them back."""
        credentials = self.secrets.credentials if "secrets" in self.__dict__ else ()
        if "fetcher" in self.__dict__:
            credentials = (*credentials, *self.fetcher.credentials())
        if credentials:
            from clearway.catalog.secrecy import LONG, without  # late: for what goes wrong

            for credential in credentials:
                text = without(credential, LONG)(text)
        return text

    def with_credential(self, index: Index) -> Index:
        """Return the server of a direct URL with the credential that is kept for it, if the URL has none."""
        if index.url.startswith("file:"):
            return index
        from clearway.secrets.sources import Want

        known = index.credential is not None and bool(index.credential.password.reveal())
        return self.secrets.fill([Want(index, is_complete=known)])[0]

    def with_credentials(self, work: Callable[[], T]) -> T:
        """Do some work; begin it again as long as an index wants another credential and one can be had.

        :raises CredentialWanted: no source has another one.
        """
        while True:
            try:
                done = work()
            except CredentialWanted as wanted:
                if "progress" in self.__dict__:  # somebody may be asked for a password
                    self.progress.close()
                if not self.secrets.look_further(wanted):
                    raise self.secrets.explain(wanted) from None
                if "progress" in self.__dict__:
                    self.progress.open()
                self._end()
                if "crew" in self.__dict__:  # what is under way was asked without the credential
                    self.crew.stop()
                    del self.crew
            else:
                if "secrets" in self.__dict__:
                    self.secrets.accept()
                return done

    def turns(self, failed: Callable[[Index, IndexFailure], None] | None = None) -> Turns:
        """Return the indexes in the order in which they are asked, each with its rules and its credential.

        :param failed: told of an index whose credential command has failed; else that is raised.
        :raises InputError: ``no-index``, ``bad-index-url``, ``unknown-index``, and what is wrong with a credential's
            source.
        :raises IndexFailure: ``credential-command``.
        """
        from clearway.cli.indexes import make_turns
        from clearway.configuration.default_index import default_index

        if self.settings.no_index:
            return ()
        default = self.settings.index_url or default_index(self.environment, self.store)
        return make_turns(self.settings, default, self.secrets, failed)

    def links(self) -> tuple[Index, ...]:
        """Return the pages and folders of links, each with its credential."""
        from clearway.cli.indexes import make_links

        return make_links(self.settings.find_links, self.rules, self.secrets)


def _remove(folder: str) -> None:
    """Delete a folder into which threads that nobody waits for may still be writing: they fail over what is gone."""
    from shutil import rmtree  # late: few runs have a folder to delete
    from time import sleep

    for _ in range(_ATTEMPTS):
        rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            break
        sleep(_PAUSE)
