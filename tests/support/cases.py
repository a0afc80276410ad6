"""Cases as data: an index, a question and what must come of it (``tests/scenarios/*/*.toml``).

::

    requirements = ["a>=1"]               # also constraints, hashes, wishes, installed, strategy, no_binary and
    # only_binary
    indexes = ["corp", "main"]            # repositories in the order in which they are asked; left out: corp
    [rules]                               # of every index (clearway.policy.rules)
    [repository]                          # of every one (support.repository.Repository), and sizes = false, bulk
    [repositories.main]                   # of one: also its rules; a credential that is not its first user's; of whom
    at = "corp"                           # it is another view; and claims, explicit, origins, forwarded
    [releases]                            # of a wheel: requires, extras, requires_python, tags, build, bulk; of what
    # is none sdist = true, or the name and version that its PKG-INFO states instead; of both
    "a 1.0" = { requires = ["b"] }        # how it is listed: index, yanked, sidecar, entry, at = "HOST/folder/" or
    "a 2.0" = { refuse = 403 }            # "ELSEWHERE/folder/"; what a GET of it is answered with: refuse, reason
    [blobs]                               # what else is served: the bytes of releases by path
    [pages]                               # pages of links, asked before the indexes: their releases by path, with user
    "ann:x@/links/" = ["a 1.0"]           # info or without
    [quarantined]                         # reasons by project, of the index corp
    [[answers]]                           # what requests are answered with (support.exchange.Answer);
    file = "a 2.0"                        # which requests: also project, stage, method, ranged, authorized, repository
    status = 403                          # also login, redirect, hold, skip, times, and Answer's fields
    [expect]                              # the result: see Outcome.check
    [[then]]                              # the same again later, over the same cache, with what is stated changed

A version in a key may be followed by a word, ``"a 1.0 other"``, where a release has several files.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from clearway.cache.store import MemoryStore
from clearway.cli.summary import held_back
from clearway.commands.events import Silent
from clearway.commands.install import Installer
from clearway.commands.solving import Order, Solving
from clearway.errors import ClearwayError
from clearway.index.routing import make_index, route
from clearway.model.inputs import Stated
from clearway.model.names import normalize
from clearway.model.requirements import parse_requirement
from clearway.policy.rules import Rules
from clearway.resolution.memo import Memo
from clearway.resolution.problem import Wishes
from clearway.settings.formats import Formats
from support.exchange import Answer, login_page, redirect
from support.jobs import Bench, LastingSender, MemoryArchives, RecordingSite, make_installed, metadata_of
from support.routes import names_told, sent_to
from support.sources import stated_sdist
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clearway.index.records import Index
    from clearway.resolution.problem import Passed, Resolution
    from support.exchange import Seen
    from support.simulator import IndexSimulator, Repository
    from support.wheels import Wheel

    Case = Mapping[str, Any]

MADE = ("requires", "extras", "requires_python", "tags", "build")
_OURS = ("rules", "credential", "at", "sizes", "bulk", "claims", "explicit", "origins", "forwarded")
_PATTERN = ("stage", "project", "method", "ranged", "authorized", "repository", "path", "query")


@dataclass
class Outcome:
    """What came of one run: an error, or a resolution that was carried out; and what was asked for it.

    :ivar passed: what was told of files that were not handed out, as it happened.
    """

    resolution: Resolution | None = None
    error: ClearwayError | None = None
    passed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changed: bool = False
    asked: set[str] = field(default_factory=set)
    seen: list[Seen] = field(default_factory=list)

    @property
    def pins(self) -> dict[str, str]:
        """The versions by name."""
        return {} if self.resolution is None else {str(pin.name): pin.version for pin in self.resolution.pins}

    @property
    def told(self) -> str:
        """What is said of the error."""
        error = self.error
        return "" if error is None else "\n".join((error.message, *error.context, error.hint))

    def count(self, what: str) -> int:
        """Count requests: ``file``, ``sidecar a``, ``file a 2.0``, ``file ranged``, ``listing a whole``, ``HEAD``."""
        words = what.split()
        ranged = {"ranged": True, "whole": False}.get(words[-1])
        words = words if ranged is None else words[:-1]
        method = "HEAD" if "HEAD" in words else "GET"
        stage, project, version = (*(word for word in words if word != "HEAD"), "", "", "")[:3]
        prefix = f"{project}-{version}" if version else ""
        return sum(
            seen.method == method
            and stage in {"", seen.stage}
            and project in {"", seen.project}
            and seen.filename.startswith(prefix)
            and ranged in {None, "range" in seen.headers}
            for seen in self.seen
        )

    def check(self, expected: Case) -> None:
        """Hold the outcome against what was expected of it.

        ``pins``, or ``error`` with the words that it ``says`` and does not (``lacks``); ``held_back``: the lines of the
        summary; ``passed``: what was told as it happened, in any order; ``notes``: words of each warning; ``asked``
        and ``most``: how many requests, exactly and at most, by what they were for; ``sent`` and ``told``: which
        credentials and which names a place was sent (:mod:`support.routes`).
        """
        if "error" in expected:
            assert self.error is not None, self.pins
            assert self.error.code == expected["error"], self.told
            assert self.error.hint or self.error.code == "no-solution"
            assert not self.changed
        elif self.error is not None:
            raise self.error
        if self.resolution is not None:
            assert [pin.requested for pin in self.resolution.pins] == [name in self.asked for name in self.pins]
        if "pins" in expected:
            assert self.pins == expected["pins"], self.passed
        for words in expected.get("says", ()):
            assert words in self.told, self.told
        for words in expected.get("lacks", ()):
            assert words not in self.told, self.told
        if "held_back" in expected:
            assert self.resolution is not None
            told = list(held_back(self.resolution))
            assert told == expected["held_back"], told
        if "passed" in expected:
            assert sorted(self.passed) == sorted(expected["passed"])
        if "notes" in expected:
            assert len(self.notes) == len(expected["notes"]), self.notes
            assert all(words in note for words, note in zip(expected["notes"], self.notes, strict=True)), self.notes
        if "requests" in expected:
            assert len(self.seen) == expected["requests"]
        for what, count in expected.get("asked", {}).items():
            assert self.count(what) == count, (what, self.requests)
        for what, count in expected.get("most", {}).items():
            assert self.count(what) <= count, (what, self.requests)
        for place, credentials in expected.get("sent", {}).items():
            assert sent_to(place, self.seen) == credentials, (place, self.requests)
        for place, names in expected.get("told", {}).items():
            assert names_told(place, self.seen) == names, (place, self.requests)

    @property
    def requests(self) -> list[str]:
        """The requests, a line each."""
        return [
            f"{one.status} {one.method} {one.stage} {one.filename or one.project} {one.headers.get('range', 'whole')}"
            for one in self.seen
        ]


class _Ear(Silent):
    """Remembers what was told."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def passed_over(self, passed: Passed) -> None:
        self._outcome.passed.append(f"{passed.name} {passed.version}: {passed.absence}")

    def note(self, sentence: str) -> None:
        self._outcome.notes.append(sentence)


class OpenStore(MemoryStore):
    """A store in memory that can be looked through."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[bytes] = []

    def put(self, table: str, key: str, value: bytes) -> None:
        """Keep a value."""
        self.rows += (key.encode(), value)
        super().put(table, key, value)


class Play:
    """One case, run once or several times over one cache."""

    def __init__(self, simulator: IndexSimulator, case: Case) -> None:
        self.simulator = simulator
        self.case = dict(case)
        self.store = OpenStore()
        self._archives = MemoryArchives()
        self._wheels: dict[str, Wheel] = {}
        self._prepare(case)

    def change(self, then: Case) -> None:
        """Change what is published, how it is answered and what is asked; ``allow``: nothing is refused any more."""
        if then.get("allow"):
            self.simulator.clear()
        self.case |= {key: value for key, value in then.items() if key not in {"releases", "answers", "allow"}}
        self._prepare(then)

    def run(self, *, dry_run: bool = False) -> Outcome:
        """Ask what the case asks."""
        case, outcome = self.case, Outcome()
        turns = route(*self._indexes(), case.get("strategy", "first-index"))
        no_binary, only_binary, hashed = (
            frozenset(normalize(name) for name in names)
            for names in (
                case.get("no_binary", ()),
                case.get("only_binary", ()),
                (parse_requirement(text).name for text in case.get("hashes", ())),
            )
        )
        order = Order(
            _stated(self._texts(case["requirements"]), "command line", case.get("hashes", {}), self._wheels),
            _stated(case.get("constraints", ()), "-c constraints.txt, line 1"),
            msgspec.convert(case.get("wishes", {}), Wishes),
            dry_run,
        )
        bench = Bench(
            turns,
            self.store,
            Formats(no_binary, only_binary, hashed),
            whole=not dry_run,
            archives=self._archives,
            sender=_sender(),
            links=self._pages(),
        )
        installed = make_installed(case.get("installed", {}))
        requires = {one: facts.get("requires", ()) for one, facts in case.get("releases", {}).items()}
        memo = Memo(self.store, bench.catalog, repr((order, case.get("installed"), dry_run)))
        kept = None if installed else memo
        solving = Solving(bench.catalog, bench.crew, installed, metadata_of(requires), _Ear(outcome), kept)
        installer = Installer(solving)
        site, before = RecordingSite(), len(self.simulator.seen())
        try:
            done = installer.run(order, site, None if installed else memo.recall(installed))
            outcome.resolution = done.resolution
            assert len(site.changes) == (1 if done.plan.steps and not dry_run else 0)
        except ClearwayError as error:
            outcome.error = error
        finally:
            bench.close()
        outcome.seen = self.simulator.seen()[before:]
        outcome.changed = bool(site.changes)
        outcome.asked = {str(stated.requirement.name) for stated in order.requirements}
        return outcome

    def _options(self, name: str) -> dict[str, Any]:
        return {**self.case.get("repository", {}), **self.case.get("repositories", {}).get(name, {})}

    def _repository(self, name: str) -> Repository:
        """Return a repository, made as the case says when it is first asked for."""
        options = {key: value for key, value in self._options(name).items() if key not in _OURS}
        return self.simulator.repository(self._options(name).get("at", name), **options)

    def _indexes(self) -> tuple[Index, list[Index]]:
        """Return the default index, and those before it."""
        *extras, last = (self._index(name) for name in self.case.get("indexes", ["corp"]))
        return last, extras

    def _index(self, name: str) -> Index:
        repository = self._repository(name)
        own = self._options(name)
        user = next(iter((repository.users or {}).items()), ())
        url = _with_user(repository.url, own.get("credential", ":".join(user)))
        rules = msgspec.convert({**self.case.get("rules", {}), **own.get("rules", {})}, Rules)
        return msgspec.structs.replace(
            make_index(url, name=name, source="the configuration", rules=rules),
            claims=tuple(own.get("claims", ())),
            explicit=own.get("explicit", False),
            origins=tuple(map(self._placed, own.get("origins", ()))),
            forwarded=own.get("forwarded", "last"),
        )

    def _pages(self) -> list[Index]:
        """Return the pages of links; what they link to lies beside them."""
        return [self._page(place, releases) for place, releases in self.case.get("pages", {}).items()]

    def _page(self, place: str, releases: Iterable[str]) -> Index:
        credential, _, path = place.rpartition("@")
        wheels = [self._wheels[release] for release in releases]
        links = "".join(f'<a href="{wheel.filename}">{wheel.filename}</a>' for wheel in wheels)
        url = self.simulator.serve(path, links.encode(), "text/html")
        for wheel in wheels:
            self.simulator.serve(path + wheel.filename, wheel.content)
        return make_index(_with_user(url, credential), kind="find-links", source="--find-links")

    def _texts(self, requirements: Iterable[str]) -> list[str]:
        """Return requirements, with the hosts that their URLs mean."""
        parts = [requirement.partition(" @ ") for requirement in requirements]
        return [f"{name}{at}{self._placed(url)}" for name, at, url in parts]

    def _placed(self, text: str) -> str:
        """Return a URL of a case with the host that it means; there may be user info before that."""
        credential, _, place = text.rpartition("@")
        url = place.replace("HOST", self.simulator.host).replace("ELSEWHERE", self.simulator.other_host)
        return _with_user(url, credential)

    def _prepare(self, then: Case) -> None:
        for name in self.case.get("indexes", ["corp"]):
            self._repository(name)
        for project, reason in then.get("quarantined", {}).items():
            self._repository("corp").project(project, status="quarantined", reason=reason)
        for release, facts in then.get("releases", {}).items():
            self._publish(release, facts)
        for path, release in then.get("blobs", {}).items():
            self.simulator.serve(path, self._wheels[release].content)
        for given in then.get("answers", ()):
            self.simulator.on(self._answer(given), **self._pattern(given))

    def _publish(self, release: str, facts: Case) -> None:
        name, version = release.split()[:2]
        made = {key: facts[key] for key in MADE if key in facts}
        made["requires"] = self._texts(facts.get("requires", ()))
        bulk = facts.get("bulk", self._options(facts.get("index", "corp")).get("bulk"))
        if sdist := facts.get("sdist"):
            of_name, of_version = sdist.split() if isinstance(sdist, str) else ("", "")
            wheel = stated_sdist(name, version, bulk=bulk or 0, claims=(of_name, of_version), **made)
        else:
            if bulk:
                made["files"] = {f"{name}.bin": _noise(release, bulk)}
            wheel = make_wheel(name, version, **made)
        self._wheels[release] = wheel
        index = facts.get("index", "corp")
        entry = {**({} if self._options(index).get("sizes", True) else {"size": False}), **facts.get("entry", {})}
        sidecar = facts.get("sidecar", True)
        if "at" in facts:
            entry["url"] = self._placed(facts["at"]) + wheel.filename
            path = urlsplit(entry["url"]).path
            self.simulator.serve(path, wheel.content)
            self.simulator.serve(f"{path}.metadata", wheel.metadata)
        self._repository(index).add(
            wheel,
            yanked=facts.get("yanked"),
            sidecar=sidecar.encode() if isinstance(sidecar, str) else sidecar,
            entry={key: None if value is False else value for key, value in entry.items()},
        )
        if "refuse" in facts:
            answer = Answer(facts["refuse"], facts.get("reason", ""))
            self.simulator.on(answer, stage="file", filename=wheel.filename)

    def _pattern(self, given: Case) -> dict[str, Any]:
        pattern = {key: given[key] for key in (*_PATTERN, "skip", "times") if key in given}
        if "file" in given:
            pattern["filename"] = self._wheels[given["file"]].filename
            pattern.setdefault("stage", "file")
        return pattern

    def _answer(self, given: Case) -> Answer:
        """Return the answer that a table describes."""
        if "login" in given:
            return login_page(given["login"])
        if "redirect" in given:
            return redirect(self._placed(given["redirect"]))
        fields = {
            key: given[key] for key in ("status", "reason", "headers", "drop_after", "chunked", "gzip") if key in given
        }
        if "body" in given:
            fields["body"] = given["body"].encode()
        if given.get("hold"):
            fields["hold"] = threading.Event()
        if "hold_after" in given:
            fields |= {"hold": threading.Event(), "hold_after": given["hold_after"]}
        return Answer(**fields)


_sender = cache(LastingSender)


def _with_user(url: str, credential: str) -> str:
    return url.replace("://", f"://{credential}@", 1) if credential else url


def _stated(
    texts: Iterable[str],
    origin: str,
    hashes: Mapping[str, str] | None = None,
    wheels: Mapping[str, Wheel] | None = None,
) -> tuple[Stated, ...]:
    """Return requirements; ``hashes`` names the wheels whose hashes they are given, by requirement."""
    found = []
    for text in texts:
        named = [wheel.strip() for wheel in (hashes or {}).get(text, "").split(",") if wheel]
        given = tuple(f"sha256:{(wheels or {})[one].sha256}" for one in named)
        found.append(Stated(parse_requirement(text), origin, given))
    return tuple(found)


def _noise(seed: str, size: int) -> bytes:
    """Return bytes that do not compress, always the same."""
    return hashlib.shake_128(seed.encode()).digest(size)
