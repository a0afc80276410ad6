"""Source trees named by their place get their names from their metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clearway.cache.store import MemoryStore
from clearway.commands.naming import name_all
from clearway.errors import ClearwayError, IntegrityError
from clearway.model.inputs import Stated, Unnamed
from clearway.model.names import normalize
from clearway.model.requirements import Requirement
from support.jobs import Bench
from support.simulator import Answer
from support.sources import stated_sdist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.simulator import IndexSimulator


@pytest.fixture
def bench() -> Iterator[Bench]:
    found = Bench([], MemoryStore())
    yield found
    found.close()


def test_each_gets_its_name_and_keeps_what_was_said(bench: Bench, simulator: IndexSimulator) -> None:
    one, two = stated_sdist("The.Demo", "1.0"), stated_sdist("other", "2.0")
    first = simulator.serve("/a/main.tar.gz", one.content)
    second = simulator.serve("/b/main.tar.gz", two.content)
    unnamed = (
        Unnamed(
            first,
            "-r requirements.txt, line 1",
            frozenset({normalize("more")}),
            'python_version >= "3"',
            (f"sha256:{one.sha256}",),
            settings=(("a", "1"),),
        ),
        Unnamed(f"{second}#sha256={two.sha256}", "command line"),
    )
    assert name_all(unnamed, bench.catalog, bench.crew) == (
        Stated(
            Requirement(
                normalize("the-demo"), frozenset({normalize("more")}), marker='python_version >= "3"', url=first
            ),
            "-r requirements.txt, line 1",
            (f"sha256:{one.sha256}",),
            settings=(("a", "1"),),
        ),
        Stated(Requirement(normalize("other"), url=f"{second}#sha256={two.sha256}"), "command line"),
    )


@pytest.mark.parametrize(("status", "code"), [(404, "no-such-file"), (410, "no-such-file"), (403, "refused")])
def test_what_is_not_handed_out(bench: Bench, simulator: IndexSimulator, status: int, code: str) -> None:
    url = simulator.serve("/a/demo-1.0.tar.gz", b"").replace("//", "//ann:SECRET@")
    simulator.on(Answer(status, "held: not yet scanned"), path="/a/demo-1.0.tar.gz")
    with pytest.raises(ClearwayError) as caught:
        name_all([Unnamed(url, "-r requirements.txt, line 7")], bench.catalog, bench.crew)
    error = caught.value
    assert error.code == code
    assert "-r requirements.txt, line 7" in error.message
    assert error.hint
    assert "SECRET" not in f"{error.message} {error.context} {error.hint}"


def test_a_file_that_has_another_hash(bench: Bench, simulator: IndexSimulator) -> None:
    url = simulator.serve("/a/demo-1.0.tar.gz", stated_sdist("demo", "1.0").content)
    with pytest.raises(IntegrityError) as caught:
        name_all([Unnamed(url, "command line", hashes=(f"sha256:{'0' * 64}",))], bench.catalog, bench.crew)
    assert caught.value.code == "hash-mismatch"
    assert bench.builder.built == []
