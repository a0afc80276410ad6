"""Who owns a project when an index forwards what it does not have, and when names are claimed (DESIGN 4.7, 4.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from clearway.cache.store import MemoryStore
from clearway.index.routing import make_index
from clearway.model.names import normalize
from support.jobs import Bench
from support.simulator import IndexSimulator, redirect
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.index.records import Index


@pytest.fixture
def public() -> Iterator[IndexSimulator]:
    """The index of strangers: another origin."""
    with IndexSimulator() as simulator:
        for name in ("demo", "corp-lib"):
            simulator.add(make_wheel(name, "9.0"))
        yield simulator


@pytest.fixture
def gitlab(simulator: IndexSimulator, public: IndexSimulator) -> Index:
    """An index with a credential that forwards whatever it does not have."""
    private = simulator.repository("gitlab", users={"ann": "token"})
    private.add(make_wheel("own", "1.0"))
    for name in ("demo", "corp-lib"):
        simulator.on(redirect(f"{public.url}{name}/"), stage="listing", project=name, repository="gitlab")
    return make_index(private.url_for("ann"), name="gitlab")


def owners(*turns: Index, name: str) -> list[tuple[str, tuple[str, ...]]]:
    bench = Bench([(index,) for index in turns], MemoryStore())
    try:
        sources = bench.crew.wait(bench.catalog.sources(normalize(name)))
        return [(source.index.name, source.offer.versions) for source in sources]
    finally:
        bench.close()


def test_what_is_forwarded_is_followed_last_and_without_the_credential(
    gitlab: Index, public: IndexSimulator, simulator: IndexSimulator
) -> None:
    other = make_index(simulator.repository("other").url, name="other")
    assert owners(gitlab, other, name="demo") == [(f"{public.url} (forwarded by gitlab)", ("9.0",))]
    assert [(seen.repository, seen.stage) for seen in simulator.seen()] == [("gitlab", "listing"), ("other", "listing")]
    assert [sorted(seen.headers) for seen in public.seen() if "authorization" in seen.headers] == []


def test_a_forwarded_listing_never_wins_over_an_index_that_has_the_project(
    gitlab: Index, public: IndexSimulator, simulator: IndexSimulator
) -> None:
    """And its name is not told to strangers."""
    simulator.repository("other").add(make_wheel("corp-lib", "1.0"))
    other = make_index(simulator.repository("other").url, name="other")
    assert owners(gitlab, other, name="corp-lib") == [("other", ("1.0",))]
    assert public.seen() == []


def test_files_of_a_forwarded_listing_get_no_credential(
    gitlab: Index, public: IndexSimulator, simulator: IndexSimulator
) -> None:
    """Not even where the forwarded listing points back to the host of the index."""
    wheel = make_wheel("trap", "1.0")
    simulator.serve("/trap.whl", wheel.content)
    entry = {"url": f"{simulator.host}/trap.whl", "core-metadata": None}
    public.add(wheel, entry=entry, sidecar=False, served=False)
    simulator.on(redirect(f"{public.url}trap/"), stage="listing", project="trap", repository="gitlab")
    bench = Bench([(gitlab,)], MemoryStore())
    try:
        (source,) = bench.crew.wait(bench.catalog.sources(normalize("trap")))
        assert source.index.credential is None
        assert source.offer.files(1)[0].url == f"{simulator.host}/trap.whl"
    finally:
        bench.close()


def test_forwarding_can_be_refused(gitlab: Index, public: IndexSimulator) -> None:
    assert owners(msgspec.structs.replace(gitlab, forwarded="refuse"), name="demo") == []
    assert public.seen() == []


@pytest.mark.parametrize("pattern", ["corp-*", "Corp_Lib", "c*-l*b", "*"])
def test_a_claimed_name_is_asked_nowhere_else(
    pattern: str, gitlab: Index, public: IndexSimulator, simulator: IndexSimulator
) -> None:
    simulator.add(make_wheel("corp-lib", "5.0"))
    default = make_index(simulator.url, name="default")
    claiming = msgspec.structs.replace(gitlab, claims=(pattern,))
    assert owners(default, claiming, name="corp-lib") == []
    assert public.seen() == []
    assert [seen.repository for seen in simulator.seen()] == ["gitlab"]


def test_what_is_not_claimed_is_asked_everywhere(gitlab: Index, simulator: IndexSimulator) -> None:
    simulator.add(make_wheel("corporate", "5.0"))
    claiming = msgspec.structs.replace(gitlab, claims=("corp-*",))
    assert owners(claiming, make_index(simulator.url, name="default"), name="corporate") == [("default", ("5.0",))]


def test_an_explicit_index_is_asked_for_what_it_claims_alone(gitlab: Index, simulator: IndexSimulator) -> None:
    simulator.add(make_wheel("own", "5.0"))
    default = make_index(simulator.url, name="default")
    explicit = msgspec.structs.replace(gitlab, explicit=True)
    assert owners(explicit, default, name="own") == [("default", ("5.0",))]
    assert owners(msgspec.structs.replace(explicit, claims=("own",)), default, name="own") == [("gitlab", ("1.0",))]


def test_from_http_to_https_on_one_host_is_the_same_index(simulator: IndexSimulator) -> None:
    """A path that moves on its own origin is followed with the credential."""
    private = simulator.repository("private", users={"ann": "token"})
    private.add(make_wheel("demo", "1.0"))
    simulator.on(redirect(f"{private.url}demo/"), stage="listing", project="Demo", times=1)
    index = make_index(private.url_for("ann"), name="private")
    assert owners(index, name="demo") == [("private", ("1.0",))]
