"""Cut-offs: what of an offer was uploaded in time, and that the store keeps offers whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.cache.store import MemoryStore
from clearway.catalog.cutoffs import Cutoffs, is_moving
from clearway.catalog.offers import Offer, Sieve, make_offer
from clearway.errors import IndexFailure
from clearway.index.records import File, Index, Listing
from clearway.index.routing import make_index
from clearway.model.names import normalize
from clearway.policy.cutoff import Cutoff
from clearway.policy.rules import Rules
from support.jobs import Bench, make_target
from support.wheels import make_wheel

if TYPE_CHECKING:
    from clearway.settings.formats import Use
    from support.simulator import IndexSimulator

NAME = normalize("demo")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


def at(cutoff: str | None, age: float | None = None, **rules: object) -> Index:
    made = Rules(uploaded_prior_to=Cutoff(cutoff, age) if cutoff else None, **rules)  # type: ignore[arg-type]
    return make_index("https://pkgs.example.com/simple/", name="corp", rules=made)


def uploaded(filename: str, when: str, **facts: object) -> File:
    return File(filename, f"https://pkgs.example.com/{filename}", upload_time=when, **facts)  # type: ignore[arg-type]


def wheel(version: str, when: str, tags: str = "py3-none-any", **facts: object) -> File:
    return uploaded(f"demo-{version}-{tags}.whl", when, **facts)


def offer_of(*files: File, use: Use = "both") -> Offer:
    return make_offer(Listing(NAME, files), Sieve(NAME, make_target(), use))


def cut(index: Index, offer: Offer, use: Use = "either") -> Offer:
    return Cutoffs(NOW).cut(index, offer, use)


def test_without_a_cut_off_nothing_is_looked_at() -> None:
    offer = offer_of(wheel("1.0", "whenever"))
    assert cut(at(None), offer) is offer


@pytest.mark.parametrize(
    ("cutoff", "age", "left"),
    [
        ("2026-11-02T00:00:00Z", None, ("1.0",)),
        ("2026-11-02T00:00:01Z", None, ("1.0", "2.0")),
        ("2026-11-02T01:00:01+01:00", None, ("1.0", "2.0")),
        ("2026-11-02T00:00:01+01:00", None, ("1.0",)),
        ("2020-01-01T00:00:00Z", None, ()),
        ("2030-01-01T00:00:00Z", None, ("1.0", "2.0", "3.0")),
        ("P10D", 10 * 86_400, ("1.0", "2.0")),
        ("P30D", 30 * 86_400, ("1.0",)),
        ("P0D", 0.0, ("1.0", "2.0", "3.0")),
    ],
)
def test_what_was_uploaded_before_is_left(cutoff: str, age: float | None, left: tuple[str, ...]) -> None:
    offer = offer_of(
        wheel("1.0", "2020-01-01T00:00:00Z"),
        wheel("2.0", "2026-11-02T00:00:00.000000Z"),
        wheel("3.0", "2026-11-20T23:00:00-01:00"),
    )
    made = cut(at(cutoff, age), offer)
    assert made.versions == left
    assert [file.filename for number in range(1, len(left) + 1) for file in made.files(number)] == [
        f"demo-{version}-py3-none-any.whl" for version in left
    ]
    assert set(made.misfits()) == {"1.0", "2.0", "3.0"} - set(left)


def test_a_date_is_that_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    offer = offer_of(wheel("1.0", "2026-11-01T11:30:00Z"))
    for zone, left in (("UTC0", ()), ("West12", ("1.0",)), ("East-12", ())):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert cut(at("2026-11-01"), offer).versions == left, zone
    monkeypatch.undo()
    time.tzset()


def test_the_reason_is_told() -> None:
    offer = offer_of(wheel("1.0", "2026-11-20T00:00:00Z"), wheel("2.0", "2026-11-20T00:00:00Z", "cp27-cp27m-win32"))
    assert cut(at("2026-11-01"), offer).misfits() == {
        "1.0": "uploaded after 2026-11-01",
        "2.0": "wheels for cp27-cp27m-win32 only",
    }
    assert cut(at("P3D", 3 * 86_400.0), offer).misfits()["1.0"] == "uploaded after 2026-11-19 12:00 UTC (P3D)"


def test_masks_are_numbered_anew() -> None:
    early, late = "2026-01-01T00:00:00Z", "2026-11-20T00:00:00Z"
    offer = offer_of(
        wheel("1.0", late),
        wheel("2.0a1", early),
        wheel("3.0", early, yanked="broken"),
        wheel("4.0", late, yanked="broken"),
        uploaded("demo-5.0.tar.gz", early),
    )
    made = cut(at("2026-11-01"), offer)
    assert made.versions == ("2.0a1", "3.0", "5.0")
    assert (made.prereleases, made.yanked, made.unbuilt) == ("2", "4", "8")


@pytest.mark.parametrize(
    ("use", "late_wheel", "left"),
    [
        ("either", False, ["demo-1.0-py3-none-any.whl"]),
        ("either", True, ["demo-1.0.tar.gz"]),
        ("both", False, ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"]),
        ("both", True, ["demo-1.0.tar.gz"]),
    ],
)
def test_a_wheel_that_came_late_leaves_the_source_archive(use: Use, late_wheel: bool, left: list[str]) -> None:
    early, late = "2026-01-01T00:00:00Z", "2026-11-20T00:00:00Z"
    offer = offer_of(wheel("1.0", late if late_wheel else early), uploaded("demo-1.0.tar.gz", early))
    made = cut(at("2026-11-01"), offer, use)
    assert [file.filename for file in made.files(1)] == left
    assert made.unbuilt == ("2" if left == ["demo-1.0.tar.gz"] else "0")


@pytest.mark.parametrize("when", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_an_index_that_does_not_tell_stops_the_run(when: str) -> None:
    with pytest.raises(IndexFailure) as caught:
        cut(at("2026-11-01"), offer_of(wheel("1.0", when)))
    assert caught.value.code == "no-upload-time"
    assert "corp" in caught.value.message
    assert "demo-1.0-py3-none-any.whl" in caught.value.message


def test_what_does_not_count_need_not_tell() -> None:
    offer = offer_of(wheel("1.0", "2026-01-01T00:00:00Z"), wheel("2.0", "", "cp27-cp27m-win32"))
    assert cut(at("2026-11-01"), offer).versions == ("1.0",)


def test_local_files_are_nobodys_uploads() -> None:
    file = File("demo-1.0-py3-none-any.whl", "file:///wheels/demo-1.0-py3-none-any.whl")
    assert cut(at("2026-11-01"), offer_of(file)).versions == ("1.0",)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-50, 50), st.sampled_from(["py3", "py2.py3", "sdist"]))))
def test_a_cut_offer_is_the_offer_of_what_was_uploaded_in_time(files: list[tuple[int, int, str]]) -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    listed = {}
    for version, days, tag in files:
        when = (moment + timedelta(days=days)).isoformat()
        name = f"demo-{version}.0.tar.gz" if tag == "sdist" else f"demo-{version}.0-{tag}-none-any.whl"
        listed[name] = (uploaded(name, when), days < 0)
    whole = offer_of(*(file for file, _ in listed.values()))
    in_time = offer_of(*(file for file, early in listed.values() if early), use="either")
    made = cut(at(moment.isoformat()), whole)
    assert (made.versions, made.prereleases, made.yanked, made.unbuilt) == (
        in_time.versions,
        in_time.prereleases,
        in_time.yanked,
        in_time.unbuilt,
    )
    for number in range(1, len(made.versions) + 1):
        assert made.files(number) == in_time.files(number)


# -- in a run ----------------------------------------------------------------------------------------------------------


def versions(bench: Bench) -> tuple[str, ...]:
    (source,) = bench.crew.wait(bench.catalog.sources(NAME))
    return source.offer.versions


def test_the_store_keeps_offers_whole(simulator: IndexSimulator) -> None:
    """One that is asked with a cut-off and one without share nothing that either could spoil."""
    for version, when in (("1.0", "2026-01-01T00:00:00Z"), ("2.0", "2026-11-20T00:00:00Z")):
        simulator.default.add(make_wheel("demo", version), upload_time=when)
    store, url = MemoryStore(), simulator.url
    dates = {None: ("1.0", "2.0"), "2026-11-01": ("1.0",), "2026-12-01": ("1.0", "2.0"), "2020-01-01": ()}
    for cutoff, left in (*dates.items(), *dates.items()):
        rules = Rules(uploaded_prior_to=Cutoff(cutoff) if cutoff else None)
        bench = Bench([(make_index(url, rules=rules),)], store)
        assert versions(bench) == left, cutoff
        bench.close()
    assert len(simulator.seen(stage="listing")) == 2, "once with source archives beside wheels, once without"


def test_what_is_remembered_holds_for_its_cut_off(simulator: IndexSimulator) -> None:
    simulator.default.add(make_wheel("demo", "1.0"), upload_time="2026-01-01T00:00:00Z")
    store = MemoryStore()

    def begun(cutoff: Cutoff | None) -> Bench:
        bench = Bench([(make_index(simulator.url, rules=Rules(uploaded_prior_to=cutoff)),)], store)
        versions(bench)
        return bench

    benches = [begun(None), begun(Cutoff("2026-11-01")), begun(Cutoff("2026-12-01")), begun(Cutoff("P3D", 3 * 86_400))]
    identities = {bench.catalog.indexes.identity() for bench in benches}
    assert len(identities) == len(benches)
    remembers = [bench.catalog.indexes.evidence() is not None for bench in benches]
    assert remembers == [True, True, True, False], "an age moves with the clock"
    for bench in benches:
        bench.close()


def test_an_index_that_does_not_tell_is_met_only_where_it_is_asked(simulator: IndexSimulator) -> None:
    simulator.default.add(make_wheel("demo", "1.0"), upload_time="")
    bench = Bench([(make_index(simulator.url, rules=Rules(uploaded_prior_to=Cutoff("2026-11-01"))),)], MemoryStore())
    slot = bench.catalog.sources(NAME)
    with pytest.raises(IndexFailure, match="does not say when"):
        bench.crew.wait(slot)
    bench.close()


def test_which_cut_offs_move() -> None:
    assert [is_moving(at(*one)) for one in ((None, None), ("2026-11-01", None), ("P3D", 1.0))] == [False, False, True]
