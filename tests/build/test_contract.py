"""What every builder does (:class:`clearway.ports.Builder`): the real one, and the one that tests of the jobs use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from build.shed import Shed
from clearway.errors import BuildError, InputError, IntegrityError, Interrupted
from clearway.ports import Source
from support.builders import StatedBuilder
from support.sources import toy_sdist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from clearway.build.builder import LocalBuilder
    from clearway.model.targets import Environment
    from clearway.ports import Builder

ARCHIVE = toy_sdist("demo", "1.0", static=True, carried=True, requires=["other>=2"])


@pytest.fixture(params=["real", "fake"])
def either(
    request: pytest.FixtureRequest, make_builder: Callable[..., LocalBuilder], target: Environment, tmp_path: Path
) -> Iterator[Builder]:
    """One of the two, on a machine without git; the tree carries its backend, so that nothing else is needed."""
    (tmp_path / "shed").mkdir()
    environ = {"PATH": str(tmp_path)}
    builder = make_builder(target, Shed(tmp_path / "shed"), environ) if request.param == "real" else StatedBuilder()
    yield builder
    builder.close()


def source(builder: Builder, name: str = "demo", version: str = "1.0") -> Source:
    path = builder.unpack(memoryview(ARCHIVE.content), ARCHIVE.filename)
    return Source(path, "demo 1.0", name=name, version=version, sdist=True)


def test_what_is_stated_and_what_is_built(either: Builder) -> None:
    one = source(either)
    metadata = either.metadata(one)
    assert (metadata.name, metadata.version, metadata.requires_dist) == ("demo", "1.0", ("other>=2",))
    wheel = either.wheel(one)
    assert os.path.basename(wheel) == "demo-1.0-py3-none-any.whl"
    assert either.wheel(one) == wheel
    either.release(one)
    assert not os.path.exists(wheel)


def test_two_trees_are_two(either: Builder) -> None:
    one, two = source(either), source(either)
    assert one.path != two.path
    kept = either.wheel(one)
    either.wheel(two)
    either.release(two)
    assert os.path.exists(kept)


def test_an_archive_by_its_path(either: Builder, tmp_path: Path) -> None:
    path = either.unpack(str(ARCHIVE.write(tmp_path)), ARCHIVE.filename)
    assert either.metadata(Source(path, "demo", sdist=True)).name == "demo"
    with pytest.raises(InputError) as caught:
        either.unpack(str(tmp_path / "missing.tar.gz"), "missing.tar.gz")
    assert caught.value.code == "unreadable-archive"


@pytest.mark.parametrize(("name", "version"), [("other", "1.0"), ("demo", "2.0"), ("", "2.0"), ("other", "")])
def test_another_release(either: Builder, name: str, version: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        either.metadata(source(either, name, version))
    assert caught.value.code == "wrong-source"


def test_no_archive(either: Builder) -> None:
    with pytest.raises(IntegrityError) as caught:
        either.unpack(memoryview(b"\x1f\x8b" + bytes(100)), "demo-1.0.tar.gz")
    assert caught.value.code == "bad-archive"


def test_repositories(either: Builder) -> None:
    with pytest.raises(InputError) as caught:
        either.checkout("hg+https://example.com/demo")
    assert caught.value.code == "unsupported-repository"
    with pytest.raises(BuildError) as failed:
        either.checkout("git+https://example.com/demo", lasting=True)
    assert failed.value.code == "no-git"


def test_the_end(either: Builder) -> None:
    one = source(either)
    wheel = either.wheel(one)
    two = source(either)
    either.stop()
    with pytest.raises(Interrupted):
        either.wheel(two)
    either.close()
    assert not os.path.exists(wheel)
