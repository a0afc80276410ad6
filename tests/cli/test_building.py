"""What builds have from their run: where checkouts go, what of its terms holds for their environments, and its end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import pytest

from clearway.catalog.terms import Terms
from clearway.cli.building import EXISTS, UnderWay, default_checkouts, make_market
from clearway.cli.wiring import Wiring
from clearway.crew import Slot
from clearway.errors import Interrupted
from clearway.model.names import normalize
from clearway.settings.formats import Formats
from clearway.settings.settings import Settings
from clearway.settings.table import BY_NAME

if TYPE_CHECKING:
    from pathlib import Path


class Place(Wiring):
    """A run whose interpreter is one that a test makes up."""

    def __init__(self, settings: Settings, *, is_virtual: bool) -> None:
        super().__init__(settings, {}, warn=str)
        self.__dict__["interpreter"] = cast("object", _Interpreter(is_virtual))


class _Interpreter:
    prefix = "/venv"

    def __init__(self, is_virtual: bool) -> None:
        self.is_virtual = is_virtual


def test_where_checkouts_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_checkouts(Place(Settings(), is_virtual=True)) == os.path.join("/venv", "src")
    assert default_checkouts(Place(Settings(), is_virtual=False)) == str(tmp_path / "src")
    market = make_market(Place(Settings(src="/elsewhere"), is_virtual=True), (), (), Terms(), ())
    assert market.space.checkouts == "/elsewhere"


def test_every_answer_is_understood() -> None:
    assert set(EXISTS) == set(BY_NAME["exists-action"].choices)


def test_what_is_said_of_single_trees_is_not_for_what_builds_need() -> None:
    """Nor are hashes; what may be used as a wheel or must be is."""
    name = normalize("demo")
    terms = Terms(
        formats=Formats(frozenset({"one"}), frozenset({"two"}), frozenset({name})),
        settings=(("a", "1"),),
        own={"demo": (("b", "2"),)},
        editable=frozenset({"file:///demo"}),
        isolated=False,
        constraints=("toy<2",),
        fleeting=False,
    )
    market = make_market(Place(Settings(), is_virtual=True), (), (), terms, ())
    formats = Formats(frozenset({"one"}), frozenset({"two"}))
    assert market.terms == Terms(formats=formats, constraints=("toy<2",), fleeting=False)


def test_the_end_reaches_whoever_waits() -> None:
    under_way = UnderWay()
    crew, done = under_way.begin(), under_way.begin()
    under_way.end(done)
    under_way.stop()
    with pytest.raises(Interrupted):
        crew.wait(Slot())
    with pytest.raises(Interrupted):
        under_way.begin()
    done.post(lambda: None)
    done.take()  # it was not told
