"""What commands answer, and when a credential ends."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.secrets.answers import MARGIN, Answer, make_credential, read_answer, read_password
from clearway.secrets.commands import CommandFault


def _said(answer: Answer) -> tuple[str, str, str, str]:
    one = answer.credential
    return one.scheme, one.username, one.password.reveal(), one.source


def test_a_password() -> None:
    assert _said(read_password("a b:c", "zoe", "it")) == ("basic", "zoe", "a b:c", "it")


@pytest.mark.parametrize("text", ["", "a\nb", "a\0"])
def test_no_password(text: str) -> None:
    with pytest.raises(CommandFault, match=r"^printed"):
        read_password(text, "zoe", "it")


@pytest.mark.parametrize(
    ("text", "username", "said"),
    [
        ('{"username": "a", "password": "b"}', "", ("basic", "a", "b", "it")),
        ('{"username": "a", "password": "b"}', "zoe", ("basic", "a", "b", "it")),
        ('{"password": "b", "more": [1]}', "zoe", ("basic", "zoe", "b", "it")),
        ('{"token": "t"}', "", ("bearer", "", "t", "it")),
        ('{"token": "t"}', "zoe", ("basic", "zoe", "t", "it")),
        ('{"token": "t", "username": "a"}', "", ("basic", "a", "t", "it")),
    ],
)
def test_an_answer(text: str, username: str, said: tuple[str, str, str, str]) -> None:
    answer = read_answer(text, username, "it")
    assert _said(answer) == said
    assert (answer.expires, answer.is_over) == (0.0, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3cret",
        "[]",
        "{}",
        '{"username": "a"}',
        '{"password": 3}',
        '{"token": "a", "password": "s3cret"}',
        '"\ud800"',
    ]
    + [f'{{"token": "{token}"}}' for token in ("a b", "a\\nb", "ü")]
    + ['{"token": "s3cret", "expires": "soon"}', '{"token": "s3cret", "expires": true}'],
)
def test_no_answer(text: str) -> None:
    with pytest.raises(CommandFault) as fault:
        read_answer(text, "", "it")
    assert "s3cret" not in str(fault.value)


def test_when_it_ends() -> None:
    now = time.time()
    later = datetime.fromtimestamp(int(now) + 3600, UTC)
    for spelled in (later.isoformat(), later.isoformat().replace("+00:00", "Z")):
        assert read_answer(f'{{"token": "t", "expires": "{spelled}"}}', "", "it").expires == int(now) + 3600
    assert read_answer('{"token": "t", "expires": 7200}', "", "it").expires == pytest.approx(now + 7200, abs=30)
    local = (datetime.now() + timedelta(hours=1)).isoformat()
    assert read_answer(f'{{"token": "t", "expires": "{local}"}}', "", "it").expires == 0.0


@pytest.mark.parametrize("seconds", [-1e9, 0, MARGIN - 1])
def test_one_that_ends_too_soon_is_not_waited_for(seconds: float) -> None:
    """Else it would be asked for again and again."""
    answer = read_answer(f'{{"token": "t", "expires": {seconds}}}', "", "it")
    assert (answer.expires, answer.is_over) == (0.0, False)


def test_it_is_over_a_little_before_its_end() -> None:
    credential = make_credential("", "", "t", "it")
    assert Answer(credential, time.time() + MARGIN / 2).is_over
    assert not Answer(credential, time.time() + MARGIN * 2).is_over


@given(st.text())
def test_any_text_is_an_answer_or_a_fault(text: str) -> None:
    for read in (read_answer, read_password):
        try:
            read(text, "zoe", "it")
        except CommandFault:
            continue
