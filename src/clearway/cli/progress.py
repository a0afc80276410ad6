"""What a run shows while it works: what is collected, built and replaced, and how far all of that has come.

On a terminal a line says so, and when nothing comes for a while it says what is waited for. A pipe gets the other lines
alone. Drawing is bounded to a few times a second, so that it costs nothing beside the work. A thread of its own draws
when nothing happens, since the main thread may wait for anything then.
"""

from __future__ import annotations

import os
import sys
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from clearway.cli.line import Line
from clearway.cli.output import can_steer, satisfied, short_path
from clearway.cli.traffic import Traffic
from clearway.model.urls import path_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.catalog.located import Located
    from clearway.cli.output import Output
    from clearway.commands.collected import Collected
    from clearway.commands.plan import Plan
    from clearway.index.records import File
    from clearway.resolution.problem import Passed

_PAUSE = 0.08
"""Seconds between two drawings."""
_TICK = 0.25
"""Seconds after which is looked whether there is something to draw, or a line for programs to write."""
_LONGEST_BAR = 40
SILENCE = 1.5
"""Seconds without anything that comes, after which is said what is waited for."""


class Progress:
    """Implements :class:`clearway.commands.events.Listener` for a person.

    :param bar: as ``--progress-bar`` says.
    :param stream: the terminal to draw on, if it is one.
    :ivar traffic: the requests that are under way.
    """

    def __init__(self, output: Output, bar: str = "auto", stream: TextIO | None = None) -> None:
        self.traffic = Traffic(output)
        self._output = output
        stream = stream or sys.stderr
        shown = bar in {"auto", "on"} and (bar == "on" or output.verbosity >= 0) and _is_terminal(stream)
        self._line = Line(output, stream) if shown else None
        self._raw = bar == "raw"
        self._told: set[str] = set()
        self._bytes: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._awaited: set[str] = set()
        self._cached: set[str] = set()
        self._finished: set[str] = set()
        self._builds: dict[str, float] = {}
        self._received = 0
        self._phase = self._more = ""
        self._drawn = self._written = 0.0
        self._open = True
        self._began = self._phase_began = monotonic()
        self._over = Event()
        if shown:
            Thread(target=self._tick, daemon=True).start()

    @property
    def on_bytes(self) -> Callable[[File, int], None] | None:
        """What wants to hear of bytes, if anything does: each piece costs a message."""
        return self.received if self._line is not None or self._raw else None

    # -- what happens --------------------------------------------------------------------------------------------------

    def resolving(self, decided: int) -> None:
        """Show how many releases are settled on."""
        self._begin("Resolving", f": {decided} {'release' if decided == 1 else 'releases'}")

    def collecting(self, collected: tuple[Collected, ...], *, whole: bool) -> None:
        """Write what a solution consists of, as far as that was not written before."""
        keys = [one.pin.name if one.pin.located is None else one.pin.located.file.url for one in collected]
        new = [one for one, key in zip(collected, keys, strict=True) if key not in self._told]
        if self._told and new:
            self._output.say("Some of that is not handed out; instead:")
        self._told.update(keys)
        for one in new:
            if one.pin.located is not None:
                self._tell_collected(one, one.pin.located, whole=whole)
            else:
                self._tell_kept(one)

    def downloading(self, plan: Plan) -> None:
        """Begin to show the download of a plan."""
        self._expect(plan)
        self._begin("Downloading")
        self._write_raw(now=True)

    def proving(self, plan: Plan) -> None:
        """Begin to show how many files were seen to be handed out."""
        self._expect(plan)
        self._begin("Checking")

    def received(self, file: File, count: int) -> None:
        """Count bytes."""
        self._moved()
        self._bytes[file.filename] = self._bytes.get(file.filename, 0) + count
        if file.filename in self._sizes:
            self._received += count
            self._write_raw()
        self._draw()

    def unpacked(self, file: File) -> None:
        """Count an archive."""
        self._moved()
        self._finished.add(file.filename)
        self._draw()

    def writing(self, plan: Plan) -> None:
        """Write what is about to be installed, and what is about to go for it."""
        self._write_raw(now=True)
        names = [step.pin.metadata.name for step in plan.steps]
        self._output.say(f"Installing collected packages: {', '.join(names)}")
        for step in plan.steps:
            if step.replaces is not None:
                self._output.say(f"  Found existing installation: {step.replaces.spelling} {step.replaces.version}")
        self._output.untouched = False
        self._begin("Installing", f": {len(names)} {'package' if len(names) == 1 else 'packages'}")

    def building(self, label: str) -> None:
        """Write that a build begins, and show that it runs."""
        self._output.say(f"  Building {label}")
        with self._output.lock:
            self._builds[label] = monotonic()

    def printed(self, label: str, line: str) -> None:
        """With ``-v``: write what a build prints, with its label before it."""
        self._output.detail(f"  {label}: {line}")

    def built(self, label: str) -> None:
        """Show that a build runs no longer."""
        self._moved()
        with self._output.lock:
            self._builds.pop(label, None)

    def passed_over(self, passed: Passed) -> None:
        """With ``-v``: write each attempt that an index did not let succeed."""
        self._output.detail(f"  {passed.name} {passed.version}: {passed.absence}")

    def note(self, sentence: str) -> None:
        """Write a warning."""
        self._output.warn(f"{sentence}.")

    def open(self) -> None:
        """Show the line again."""
        self._open = True

    def close(self) -> None:
        """Take the line away, until there is something to show again: others have the terminal now."""
        with self._output.lock:
            self._open = False
            self._output.clear()

    def end(self) -> None:
        """Take the line away for good."""
        self._over.set()
        self.close()

    # -- lines ---------------------------------------------------------------------------------------------------------

    def _tell_kept(self, one: Collected) -> None:
        """Write that nothing has to be done for a requirement; for one of another project only with ``-v``."""
        assert one.pin.installed is not None
        line = satisfied(one.requirement, one.pin.installed.location, one.pin.version)
        if one.asked:
            self._output.say(line)
        else:
            self._output.detail(f"{line} (from {one.by})")

    def _tell_collected(self, one: Collected, located: Located, *, whole: bool) -> None:
        file, more = located.file, self._output.wants(1)
        reason = f" (from {one.by})" if more and one.by != "command line" else ""
        if file.url.startswith("file:"):
            self._output.say(f"Processing {short_path(path_of(file.url))}{reason}")
            return
        self._output.say(f"Collecting {one.requirement}{reason}")
        words = f"{file.filename}{_sized(file)}{f' from {located.index.name}' if more else ''}"
        if one.cached:
            self._cached.add(file.filename)
        if not located.fetched:
            return
        if whole:
            self._output.say(f"  {'Using cached' if one.cached else 'Downloading'} {words}")
        else:
            self._output.detail(f"  {words}")

    def _write_raw(self, *, now: bool = False) -> None:
        """Write the line that programs read, not more often than they need."""
        moment = monotonic()
        if self._raw and self._sizes and (now or moment - self._written >= _TICK):
            self._written = moment
            self._output.say(f"Progress {self._received} of {sum(self._sizes.values())}")

    # -- the line ------------------------------------------------------------------------------------------------------

    def _expect(self, plan: Plan) -> None:
        """Take in which files are awaited, and how many bytes of them have come already."""
        files = [step.pin.located for step in plan.steps if step.pin.located is not None]
        self._awaited = {one.file.filename for one in files}
        fetched = [one.file for one in files if one.fetched and one.file.filename not in self._cached]
        self._sizes = {file.filename: file.size or 0 for file in fetched if not file.url.startswith("file:")}
        self._received = sum(self._bytes.get(name, 0) for name in self._sizes)

    def _begin(self, phase: str, more: str = "") -> None:
        """Show what is done from now on."""
        self._moved()
        with self._output.lock:
            if phase != self._phase:
                self._phase_began = monotonic()
            self._drawn = self._drawn if phase == self._phase else 0.0
            self._phase, self._more, self._open = phase, more, True
        self._draw()

    def _moved(self) -> None:
        self.traffic.moved = monotonic()

    def _tick(self) -> None:
        """Draw when nothing happens. The thread of its own."""
        while not self._over.wait(_TICK):
            self._draw()

    def _draw(self) -> None:
        if self._line is None:
            return
        moment = monotonic()
        if moment - self._drawn < _PAUSE:
            return
        with self._output.lock:
            if self._open:
                self._drawn = moment
                text, bar = self._text(moment, self._line.room())
                self._line.draw(text, bar)

    def _text(self, now: float, columns: int) -> tuple[str, str]:
        """Return what there is to show, and a part of it that is a bar."""
        silent = now - self.traffic.moved >= SILENCE
        if (silent or (not self._phase and now - self._began >= SILENCE)) and (waited := self._waited_for(now)):
            return waited, ""
        total = sum(self._sizes.values())
        if self._builds and (self._phase != "Downloading" or self._received >= total):
            return self._built(now)[1], ""
        if self._phase == "Downloading":
            return self._downloaded(now, total, columns)
        if self._phase == "Checking":
            done = len(self._finished & self._awaited)
            return f"Checking: {done}/{len(self._awaited)} files{self._for(now)}", ""
        if not self._phase:
            return "Asking the indexes" if self.traffic.is_busy else "", ""
        return f"{self._phase}{self._more}{self._for(now)}", ""

    def _waited_for(self, now: float) -> str:
        """Return what is waited for: what has been for longest."""
        waits = [self._built(now)] if self._builds else []
        waits += [self.traffic.longest(now)] if self.traffic.is_busy else []
        return min(waits)[1] if waits else ""

    def _built(self, now: float) -> tuple[float, str]:
        """Return since when the build that has run longest runs, and words about it."""
        label, since = next(iter(self._builds.items()))
        more = f", and {len(self._builds) - 1} more" if len(self._builds) > 1 else ""
        return since, f"Building {label}{more}, {now - since:.0f} s"

    def _for(self, now: float) -> str:
        """Return how long nothing has come, once that is worth a word."""
        silent = now - max(self.traffic.moved, self._phase_began)
        return f", {silent:.0f} s" if silent >= SILENCE else ""

    def _downloaded(self, now: float, total: int, columns: int) -> tuple[str, str]:
        received = self._received
        rate = received / max(now - self._began, 0.001)
        of_total = f"/{_megabytes(total)}" if total >= received else ""
        size = f"{_megabytes(received)}{of_total} MB, {_megabytes(int(rate))} MB/s{self._for(now)}"
        text = f"{len(self._finished & self._awaited)}/{len(self._awaited)} packages, {size}"
        room = min(columns - len(text) - 16, _LONGEST_BAR)
        if room < 10 or not total:
            return f"Downloading: {text}", ""
        done = "=" * min(room, room * received // total)
        return f"Downloading: [{done:{room}}] {text}", done


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty() and can_steer(os.environ)


def _sized(file: File) -> str:
    """Return the size of a file in brackets, as pip writes it; nothing if the index does not say."""
    if file.size is None:
        return ""
    size = float(file.size)
    if size > 1_000_000:
        return f" ({size / 1e6:.1f} MB)"
    if size > 10_000:
        return f" ({size / 1e3:.0f} kB)"
    return f" ({size / 1e3:.1f} kB)" if size > 1000 else f" ({size:.0f} bytes)"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}"
