"""Values: durations and statuses, in each of their spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.errors import InputError
from clearway.policy.cutoff import Cutoff
from clearway.settings.table import BY_NAME
from clearway.settings.values import Level, Statement, read_value


def _read(name: str, text: str) -> object:
    return read_value(Statement(BY_NAME[name], text, "here", Level.FLAG))


DURATIONS = {
    "0": 0,
    "90": 90,
    "0.5": 0.5,
    "90s": 90,
    " 30m ": 1800,
    "1.5h": 5400,
    "24h": 86_400,
    "7d": 604_800,
    "2w": 1_209_600,
    "PT0S": 0,
    "PT24H": 86_400,
    "P7D": 604_800,
    "P2W": 1_209_600,
    "P1DT12H30M15S": 131_415,
    "PT90M": 5400,
}


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items())
def test_durations(text: str, seconds: float) -> None:
    assert _read("proof-age", text) == seconds


NONE = ["-1", "1y", "1 h", "h", "1h30m", "1H", "P", "PT", "P1", "P1DT", "P1M", "P1Y", "P1W1D", "PT1.5H", "pt1h", "inf"]
HOSTILE = ["nan", "1e5", "9" * 400, "999999999w", "٣", "1h\n2h", "PT" + "1H" * 1000]


@pytest.mark.parametrize("text", [*NONE, *HOSTILE])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InputError, match="takes a duration as 90, 30m, 24h, 7d or PT24H") as failure:
        _read("proof-age", text)
    assert failure.value.code == "malformed-option"


@pytest.mark.parametrize("text", ["0", "0s", "0.0", "PT0S", "8d", "P8D", "604801"])
def test_nobody_waits_for_no_time_or_for_ever(text: str) -> None:
    with pytest.raises(InputError, match="a duration above 0 and up to 7 days"):
        _read("first-byte-timeout", text)
    assert _read("first-byte-timeout", "7d") == 604_800


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_both_grammars_agree(days: int, hours: int, minutes: int, seconds: int) -> None:
    whole = _read("proof-age", f"P{days}DT{hours}H{minutes}M{seconds}S")
    parts = (_read("proof-age", text) for text in (f"{days}d", f"{hours}h", f"{minutes}m", f"{seconds}"))
    assert whole == sum(parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["403,451", "403 451", " 403 , 451, ", "451,403,403"])
def test_statuses(text: str) -> None:
    assert _read("refusal-status", text) == frozenset({403, 451})


@pytest.mark.parametrize("text", ["200", "301", "600", "4o3", "403;451", "-403", "0403", "٤٠٣", "403.0"])
def test_what_is_no_status(text: str) -> None:
    with pytest.raises(InputError, match="takes statuses from 400 to 599"):
        _read("refusal-status", text)


@pytest.mark.parametrize(("name", "status"), [("refusal-status", 404), ("refusal-status", 410), ("absent-status", 401)])
def test_statuses_that_have_a_meaning_of_their_own(name: str, status: int) -> None:
    with pytest.raises(InputError, match=f"takes no {status}: it says that"):
        _read(name, f"403,{status}")


def test_a_listing_that_is_gone_is_absent_anyway() -> None:
    assert _read("absent-status", "403,404,410") == frozenset({403, 404, 410})


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("2026-11-01", None),
        (" 2026-11-01T12:00:00Z ", None),
        ("2026-11-01 12:00", None),
        ("2026-11-01T12:00:00+02:00", None),
        ("20261101", None),
        ("2026-W44-7", None),
        ("P3D", 259_200),
        ("P0D", 0),
        ("P2W", 1_209_600),
        ("PT36H", 129_600),
        ("36h", 129_600),
        ("3d", 259_200),
    ],
)
def test_moments(text: str, age: float | None) -> None:
    """What pip takes, and ages in the other spellings of durations."""
    assert _read("uploaded-prior-to", text) == Cutoff(text.strip(), age)


@pytest.mark.parametrize(
    "text", ["3", "1.5", "yesterday", "2026-13-01", "P1Y", "P-3D", "12:00", "P99999999D", "0000-01-01", "٣d"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(InputError, match="takes a date or time, as 2026-11-01") as failure:
        _read("uploaded-prior-to", text)
    assert failure.value.code == "malformed-option"
