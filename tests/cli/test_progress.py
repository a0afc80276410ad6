"""What a run shows while it works, on a screen and in a pipe. The clock is the test's."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from clearway.catalog.located import Located
from clearway.cli import progress as progress_module
from clearway.cli import traffic as traffic_module
from clearway.cli.output import Output
from clearway.cli.progress import Progress
from clearway.commands.collected import Collected
from clearway.commands.plan import make_plan
from clearway.index.records import File, Index
from clearway.model.installed import Installed
from clearway.model.metadata import Metadata
from clearway.model.names import normalize
from clearway.ports import Request
from clearway.resolution.problem import Pin
from support.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.commands.plan import Plan

CORP = Index("corp", "https://corp.example.com/simple/")


class Terminal(io.StringIO):
    """A terminal of 80 columns, as a stream."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2


class Clock:
    """What tells the time."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress_module, "monotonic", made)
    monkeypatch.setattr(traffic_module, "monotonic", made)
    monkeypatch.setattr(progress_module, "_TICK", 0.25)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((80, 24)))
    return made


class Show:
    """A run on a terminal of its own."""

    def __init__(self, clock: Clock, verbosity: int = 0, bar: str = "auto") -> None:
        self.clock = clock
        self.terminal = Terminal()
        self.output = Output(verbosity, self.terminal, self.terminal)
        self.progress = Progress(self.output, bar, self.terminal)

    def wait(self, seconds: float) -> str:
        """Let time pass, draw, and return the last line of the screen."""
        self.clock.now += seconds
        self.progress._draw()
        return (self.lines or [""])[-1]

    @property
    def lines(self) -> list[str]:
        return Screen(80).feed(self.terminal.getvalue()).lines


@pytest.fixture
def show(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Show]:
    monkeypatch.setattr(progress_module, "_TICK", 1000.0)  # the test draws
    made = Show(clock)
    yield made
    made.progress.end()
    assert not made.lines or "waiting" not in made.lines[-1]


def make_pin(name: str, *, url: str = "", size: int | None = 2_000_000, replaces: str = "") -> Pin:
    filename = f"{name}-1.0-py3-none-any.whl"
    file = File(filename, url or f"https://files.example.com/{filename}", size=size)
    before = (
        Installed(normalize(name), name, replaces, "/site", f"/site/{name}.dist-info", (0, 0)) if replaces else None
    )
    metadata = Metadata(name, "1.0")
    return Pin(normalize(name), "1.0", metadata, Located(file, CORP, frozenset()), before)


def make_kept(name: str) -> Pin:
    installed = Installed(normalize(name), name, "1.0", "/site", f"/site/{name}.dist-info", (0, 0))
    return Pin(normalize(name), "1.0", Metadata(name, "1.0"), None, installed)


def gather(*pins: Pin, cached: bool = False) -> tuple[Collected, ...]:
    return tuple(Collected(pin, f"{pin.name}>=1", "app", asked=False, cached=cached) for pin in pins)


def file_of(pin: Pin) -> File:
    assert pin.located is not None
    return pin.located.file


def run_through(show: Show, *pins: Pin, verbosity: int = 0) -> Plan:
    plan = make_plan(pins)
    show.progress.collecting(gather(*pins), whole=True)
    show.progress.downloading(plan)
    return plan


# -- lines -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("verbosity", "lines"),
    [
        (
            0,
            [
                "Collecting aa>=1",
                "  Downloading aa-1.0-py3-none-any.whl (2.0 MB)",
                "Processing /there/bb-1.0-py3-none-any.whl",
            ],
        ),
        (
            1,
            [
                "Collecting aa>=1 (from app)",
                "  Downloading aa-1.0-py3-none-any.whl (2.0 MB) from corp",
                "Processing /there/bb-1.0-py3-none-any.whl (from app)",
                "Requirement already satisfied: kept>=1 in /site (1.0) (from app)",
            ],
        ),
    ],
)
def test_what_is_collected(verbosity: int, lines: list[str]) -> None:
    out = io.StringIO()
    shown = Progress(Output(verbosity, out, io.StringIO()), stream=io.StringIO())
    pins = make_pin("aa"), make_pin("bb", url="file:///there/bb-1.0-py3-none-any.whl"), make_kept("kept")
    for _ in range(2):  # another round of the solver, with the same result
        shown.collecting(gather(*pins), whole=True)
    assert out.getvalue().splitlines() == lines


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, ""),
        (0, " (0 bytes)"),
        (1000, " (1000 bytes)"),
        (1001, " (1.0 kB)"),
        (10_001, " (10 kB)"),
        (1_000_000, " (1000 kB)"),
        (1_500_000, " (1.5 MB)"),
        (3_210_000_000, " (3210.0 MB)"),
    ],
)
def test_sizes_are_spelled_as_pip_does(size: int | None, words: str) -> None:
    out = io.StringIO()
    shown = Progress(Output(0, out, io.StringIO()), stream=io.StringIO())
    shown.collecting(gather(make_pin("aa", size=size), cached=True), whole=True)
    assert out.getvalue().splitlines()[1] == f"  Using cached aa-1.0-py3-none-any.whl{words}"


def test_progress_for_programs(clock: Clock) -> None:
    out = io.StringIO()
    shown = Progress(Output(0, out, io.StringIO()), "raw", io.StringIO())
    pin = make_pin("aa", size=100)
    assert shown.on_bytes is not None
    shown.downloading(make_plan([pin]))
    clock.now += 1
    shown.received(file_of(pin), 40)
    shown.received(file_of(pin), 30)  # too early
    shown.received(file_of(pin), 30)
    shown.writing(make_plan([pin]))
    assert [line for line in out.getvalue().splitlines() if line.startswith("Progress")] == [
        "Progress 0 of 100",
        "Progress 40 of 100",
        "Progress 100 of 100",
    ]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("bar", "verbosity", "term", "drawn"),
    [
        ("auto", 0, "xterm", True),
        ("auto", -1, "xterm", False),
        ("on", -1, "xterm", True),
        ("on", 0, "dumb", False),
        ("off", 0, "xterm", False),
        ("raw", 0, "xterm", False),
    ],
)
def test_where_a_line_is_drawn(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, bar: str, verbosity: int, term: str, drawn: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    show = Show(clock, verbosity, bar)
    show.progress.resolving(3)
    show.progress.end()
    assert ("Resolving: 3 releases" in show.terminal.getvalue()) == drawn
    assert ("\x1b" in show.terminal.getvalue()) == drawn


@pytest.mark.usefixtures("clock")
def test_what_is_collected_in_place_of_what_is_refused() -> None:
    out = io.StringIO()
    shown = Progress(Output(0, out, io.StringIO()), stream=io.StringIO())
    first, other = make_pin("aa"), make_pin("bb")
    shown.collecting(gather(first, other), whole=False)
    older = make_pin("aa", url="https://files.example.com/aa-0.9-py3-none-any.whl")
    shown.collecting(gather(older, other), whole=False)
    assert out.getvalue().splitlines() == [
        "Collecting aa>=1",
        "Collecting bb>=1",
        "Some of that is not handed out; instead:",
        "Collecting aa>=1",
    ]


# -- the line ----------------------------------------------------------------------------------------------------------


def test_a_download(show: Show) -> None:
    one, two = make_pin("aa"), make_pin("bb", replaces="0.9")
    plan = run_through(show, one, two)
    show.progress.received(file_of(one), 1_000_000)
    assert show.wait(1.0) == f"Downloading: [{'=' * 6}{' ' * 21}] 0/2 packages, 1.0/4.0 MB, 1.0 MB/s"
    show.progress.unpacked(file_of(one))
    assert "1/2 packages" in show.wait(0.1)
    show.progress.writing(plan)
    assert show.wait(0.1) == "Installing: 2 packages"
    show.progress.close()
    assert show.lines == [
        "Collecting aa>=1",
        "  Downloading aa-1.0-py3-none-any.whl (2.0 MB)",
        "Collecting bb>=1",
        "  Downloading bb-1.0-py3-none-any.whl (2.0 MB)",
        "Installing collected packages: aa, bb",
        "  Found existing installation: bb 0.9",
    ]


def test_what_comes_from_the_cache_is_not_awaited(show: Show) -> None:
    pin = make_pin("aa")
    show.progress.collecting(gather(pin, cached=True), whole=True)
    show.progress.downloading(make_plan([pin]))
    assert show.wait(0.1) == "Downloading: 0/1 packages, 0.0/0.0 MB, 0.0 MB/s"


def test_a_dry_run(show: Show) -> None:
    pins = make_pin("aa"), make_pin("bb")
    show.progress.collecting(gather(*pins), whole=False)
    show.progress.proving(make_plan(pins))
    assert show.wait(0.1) == "Checking: 0/2 files"
    show.progress.unpacked(file_of(pins[0]))
    assert show.wait(0.1) == "Checking: 1/2 files"
    show.progress.close()
    assert show.lines == ["Collecting aa>=1", "Collecting bb>=1"]


def listing(name: str) -> Request:
    return Request(f"https://corp.example.com/simple/{name}/", CORP)


def test_a_listing_that_takes_long(show: Show) -> None:
    traffic = show.progress.traffic
    traffic.asking(request := listing("demo"))
    assert show.wait(1.0) == "Asking the indexes"
    assert show.wait(1.0) == "waiting for corp: the listing of demo, 2 s"
    traffic.answered(request, request.url, 200, lambda name: "5000000" if name == "Content-Length" else "")
    traffic.received(request, 1_000_000)
    assert show.wait(2.0) == "waiting for corp: the listing of demo, 1.0/5.0 MB, 2 s"
    traffic.done(request)
    assert show.wait(0.1) == ""


def test_an_archive_that_is_held(show: Show) -> None:
    pin, other = make_pin("requests"), make_pin("other")
    run_through(show, pin, other)
    request = Request(file_of(pin).url, CORP, patience=60.0)
    show.progress.traffic.asking(request)
    assert show.wait(1.0).startswith("Downloading: [")
    assert show.wait(11.0) == "waiting for corp: requests-1.0-py3-none-any.whl is held, 12 s"
    show.progress.received(file_of(other), 500_000)  # others come
    assert show.wait(0.1).startswith("Downloading: [")
    assert show.wait(2.0) == "waiting for corp: requests-1.0-py3-none-any.whl is held, 14 s"


def test_a_retry_that_waits(show: Show) -> None:
    traffic = show.progress.traffic
    traffic.asking(request := listing("demo"))
    traffic.answered(request, request.url, 503, lambda _: "")
    traffic.waiting(request, "it answered 503", 20.0)
    assert show.wait(3.0) == "waiting for corp: it answered 503; the listing of demo...ed for again in 17 s"
    traffic.answered(request, request.url, 200, lambda _: "")
    assert "503" not in show.wait(18.0)


def test_a_build(show: Show) -> None:
    show.progress.resolving(2)
    show.progress.building("slow 1.0")
    show.wait(1.0)
    show.progress.building("quick 1.0")
    assert show.wait(11.0) == "Building slow 1.0, and 1 more, 12 s"
    show.progress.built("slow 1.0")
    assert show.wait(2.0) == "Building quick 1.0, 13 s"
    show.progress.built("quick 1.0")
    assert show.wait(0.1) == "Resolving: 2 releases"
    show.progress.close()
    assert show.lines == ["  Building slow 1.0", "  Building quick 1.0"]


def test_a_build_while_archives_come(show: Show) -> None:
    pin = make_pin("aa")
    run_through(show, pin)
    show.progress.building("slow 1.0")
    show.progress.received(file_of(pin), 1_000_000)
    assert show.wait(0.1).startswith("Downloading: [")
    show.progress.received(file_of(pin), 1_000_000)
    assert show.wait(0.1) == "Building slow 1.0, 0 s"


def test_nothing_that_can_be_named_is_waited_for(show: Show) -> None:
    show.progress.resolving(1)
    assert show.wait(0.1) == "Resolving: 1 release"
    assert show.wait(4.9) == "Resolving: 1 release, 5 s"


def test_others_have_the_terminal_after_it_was_closed(show: Show) -> None:
    show.progress.resolving(1)
    show.progress.traffic.asking(listing("demo"))
    show.progress.close()
    assert show.wait(10.0) == ""
    show.progress.resolving(2)
    assert show.wait(0.1) == "Resolving: 2 releases"
    show.output.warn("It is odd.")
    assert show.lines == ["WARNING: It is odd."]
    show.progress.traffic.done(listing("demo"))


# -- more words --------------------------------------------------------------------------------------------------------


def details(verbosity: int) -> list[str]:
    out = io.StringIO()
    shown = Progress(Output(verbosity, out, io.StringIO()), stream=io.StringIO())
    request = Request("https://corp.example.com/files/a-1.0.whl", CORP, span="bytes=-10")
    headers = {"Location": "https://u:p@x.example.com/?sig=1", "Set-Cookie": "session=1", "ETag": '"e"'}
    shown.traffic.asking(request)
    shown.traffic.answered(request, request.url, 302, lambda name: headers.get(name, ""))
    shown.traffic.waiting(request, "it answered 503", 0.5)
    shown.traffic.done(request)
    shown.printed("demo 1.0", "running build")
    return out.getvalue().splitlines()


@pytest.mark.usefixtures("clock")
def test_requests_are_told_to_who_wants_to_know() -> None:
    assert details(0) == []
    brief = [
        "GET https://corp.example.com/files/a-1.0.whl (bytes=-10): 302, 0.00 s",
        "corp: it answered 503; a-1.0.whl is asked for again in 0.5 s",
        "  demo 1.0: running build",
    ]
    assert details(1) == brief
    headers = ['  ETag: "e"', "  Location: https://****@x.example.com/?****"]
    assert details(2) == [brief[0], *headers, *brief[1:]]
