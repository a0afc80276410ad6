"""Who decides about the rules of an index: the strongest that says something (DESIGN 4.5, 4.6, 4.13)."""

from __future__ import annotations

from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st

from clearway.policy.rules import Rules
from clearway.settings.documents import Document
from clearway.settings.merge import merge
from clearway.settings.settings import Settings

HERE = {"name": "corp", "url": "https://corp.example.com/simple/"}
PLACES = ["user", "project", "user table", "project table", "variable", "flag"]
"""Where a rule can be set for one index, the strongest last."""


def _document(owner: Literal["user", "project"], content: dict[str, Any]) -> Document:
    return Document(f"/{owner}.toml", "/", owner, content)


def _settings(**said: dict[str, Any]) -> Settings:
    """Return settings of a run in which each place says what is given; the tables are those of one index."""
    documents = [
        _document(owner, {**said.get(owner, {}), "index": [{**HERE, **said.get(f"{owner} table", {})}]})
        for owner in ("user", "project")
    ]
    environ = {
        f"CLEARWAY_{key.upper().replace('-', '_')}": str(value) for key, value in said.get("variable", {}).items()
    }
    flags = [(key, str(value)) for key, value in said.get("flag", {}).items()]
    return merge("install", flags, environ, (), documents)


def test_nothing_said_is_the_defaults() -> None:
    assert _settings().rules == _settings().rules_of("corp") == Rules()


@given(st.dictionaries(st.sampled_from(PLACES), st.integers(0, 99), min_size=1))
def test_the_strongest_place_wins(said: dict[str, int]) -> None:
    settings = _settings(**{place: {"max-refusals": value} for place, value in said.items()})
    assert settings.rules_of("corp").max_refusals == said[max(said, key=PLACES.index)]
    of_the_run = [place for place in said if "table" not in place]
    strongest = max(of_the_run, key=PLACES.index, default="")
    assert settings.rules.max_refusals == (said[strongest] if strongest else 50)
    assert settings.rules_of("other") == settings.rules


@given(st.sets(st.sampled_from(PLACES)), st.sets(st.sampled_from(PLACES)))
def test_policed_asks_each_time_unless_an_age_is_said_as_strongly(policed: set[str], aged: set[str]) -> None:
    said = {
        place: ({"policed": True} if place in policed else {}) | ({"proof-age": 60} if place in aged else {})
        for place in policed | aged
    }
    age = _settings(**said).rules_of("corp").proof_age
    if not policed:
        assert age == (60 if aged else 86_400)
    else:
        strongest = max(map(PLACES.index, policed))
        assert age == (60 if any(PLACES.index(place) >= strongest for place in aged) else 0)


def test_policed_can_be_taken_back() -> None:
    assert _settings(**{"user": {"policed": True}, "project table": {"policed": False}}).rules_of("corp") == Rules()
    assert _settings(**{"user table": {"policed": True}, "variable": {"policed": "no"}}).rules_of("corp") == Rules()


def test_all_rules_of_a_table() -> None:
    table = {
        "on-refusal": "next-file",
        "on_pending": "fail",
        "first-byte-timeout": "2m",
        "refusal-status": [403, 418],
        "absent-status": [403],
        "max-refusals": 3,
        "proof-age": 1.5,
    }
    settings = _settings(**{"user table": table})
    assert settings.rules_of("CORP") == Rules(
        "next-file", "fail", 120.0, frozenset({403, 418}), frozenset({403}), 3, 1.5
    )
    assert settings.rules == Rules()


def test_an_empty_array_of_statuses_is_none_of_them() -> None:
    assert _settings(user={"refusal-status": []}).rules.refusal_status == frozenset()


def test_where_a_rule_of_the_run_came_from() -> None:
    settings = _settings(user={"on-refusal": "fail", "policed": True}, flag={"on-refusal": "next-file"})
    assert settings.sources["on-refusal"] == "--on-refusal"
    assert settings.sources["policed"] == "/user.toml, policed"
