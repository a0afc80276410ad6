"""The builder that is made when something has to be built, and not before; and not after the end."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from clearway.cli.late_builder import LateBuilder
from clearway.errors import BuildError, Interrupted
from clearway.ports import Source
from support.builders import StatedBuilder
from support.sources import stated_sdist

if TYPE_CHECKING:
    from pathlib import Path

ARCHIVE = stated_sdist("demo", "1.0")


class Maker:
    """Makes builders, and knows how many."""

    def __init__(self) -> None:
        self.made: list[StatedBuilder] = []

    def __call__(self) -> StatedBuilder:
        self.made.append(StatedBuilder())
        return self.made[-1]


def test_it_hands_everything_on() -> None:
    make = Maker()
    late = LateBuilder(make)
    assert make.made == []
    path = late.unpack(memoryview(ARCHIVE.content), ARCHIVE.filename)
    source = Source(path, "demo", sdist=True)
    assert late.metadata(source).name == "demo"
    assert late.wheel(source).endswith("demo-1.0-py3-none-any.whl")
    with pytest.raises(BuildError):
        late.checkout("git+https://example.com/demo", lasting=True)
    late.release(source)
    (made,) = make.made
    with pytest.raises(KeyError):
        made.metadata(source)
    late.close()


@pytest.mark.parametrize("end", ["stop", "close"])
def test_nothing_is_made_after_the_end(end: str) -> None:
    make = Maker()
    late = LateBuilder(make)
    getattr(late, end)()
    with pytest.raises(Interrupted):
        late.unpack(memoryview(ARCHIVE.content), ARCHIVE.filename)
    assert make.made == []


def test_the_end_reaches_what_was_made(tmp_path: Path) -> None:
    late = LateBuilder(Maker())
    source = Source(late.unpack(str(ARCHIVE.write(tmp_path)), ARCHIVE.filename), "demo", sdist=True)
    late.stop()
    with pytest.raises(Interrupted):
        late.wheel(source)


def test_many_at_once_make_one() -> None:
    make, together = Maker(), Barrier(8)
    late = LateBuilder(make)

    def use() -> None:
        together.wait(10)
        late.unpack(memoryview(ARCHIVE.content), ARCHIVE.filename)

    threads = [Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(make.made) == 1
