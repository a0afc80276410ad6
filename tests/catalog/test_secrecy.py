"""A credential that a server says back is taken out of what it says, however it spells it (DESIGN 4.7)."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from typing import Literal
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clearway.catalog.keys import Keys
from clearway.catalog.listings import Listings
from clearway.catalog.secrecy import LONG, spare, without, without_secrets
from clearway.errors import IndexFailure
from clearway.index.routing import make_index
from clearway.model.names import NormalizedName
from clearway.model.secrets import Credential, Secret
from support.cases import OpenStore
from support.jobs import Bench, make_target
from support.simulator import IndexSimulator, login_page


def make_credential(username: str, password: str, scheme: Literal["basic", "bearer"] = "basic") -> Credential:
    return Credential(username, Secret(password), "a test", scheme)


SPELLINGS = {
    "as it is": str,
    "as a URL has it": lambda text: quote(text, ""),
    "with plus": quote_plus,
    "json": json.dumps,
    "html": html.escape,
    "python": repr,
    "as latin-1": lambda text: text.encode().decode("latin-1"),
    "cut": lambda text: text[: len(text) - 2] + "...",
    "basic": lambda text: b64encode(f"zoe:{text}".encode()).decode(),
    "basic without padding": lambda text: b64encode(f"zoe:{text}".encode()).decode().rstrip("="),
    "basic for URLs": lambda text: urlsafe_b64encode(f"zoe:{text}".encode()).decode(),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling(spell: object) -> None:
    assert callable(spell)
    secret = 'p\u00e9 &/"0123456789abcdefghij'
    told = without(make_credential("zoe", secret))(f"Authorization for zoe: {spell(secret)}; go away")
    assert told.startswith("Authorization for zoe: ")
    assert told.endswith("; go away")
    assert "0123456789" not in told
    assert "[secret]" in told
    assert "Oi" not in told


@pytest.mark.parametrize("password", ["", "x", "x-oauth-basic", "oauth2accesstoken"])
def test_a_token_in_the_user_names_place(password: str) -> None:
    hide = without(make_credential("token-0123", password))
    assert hide("no access for token-0123") == "no access for [secret]"


def test_a_user_name_is_no_secret_beside_a_password() -> None:
    assert without(make_credential("zoe.long-name", "password-0"))("zoe.long-name may not") == "zoe.long-name may not"


def test_what_is_short_is_only_masked_as_it_is_sent() -> None:
    """A word of five letters stands in many a sentence."""
    hide = without(make_credential("ci", "build"))
    sent = b64encode(b"ci:build").decode()
    assert hide(f"build failed: Basic {sent}") == "build failed: Basic [secret]"


def test_our_own_words_are_searched_for_long_secrets_only() -> None:
    text = "the credential was not accepted: credential, credential-0123"
    assert without(make_credential("zoe", "credential"), LONG)(text) == text
    assert without(make_credential("zoe", "credential-0123"), LONG)(text).endswith(": credential, [secret]")


def test_an_index_without_a_credential_has_none_to_hide() -> None:
    assert without_secrets(make_index("https://example.com/simple/"))("zoe:secret") == "zoe:secret"
    assert without_secrets(None)("zoe:secret") == "zoe:secret"


def test_a_failure_that_quotes_a_server() -> None:
    index = make_index("https://zoe:sesame@example.com/simple/")
    failure = IndexFailure("bad-redirect", "sesame leads to sesame", context=("at sesame", "or not"), hint="Look.")
    assert spare(failure, index) is failure
    assert (failure.message, failure.context, failure.hint) == (
        "[secret] leads to [secret]",
        ("at [secret]", "or not"),
        "Look.",
    )


def test_the_title_of_a_page_in_place_of_a_listing(simulator: IndexSimulator) -> None:
    simulator.on(login_page("Not for sesame"), stage="listing")
    bench = Bench([], OpenStore())
    try:
        listings = Listings(bench.fetcher, OpenStore(), Keys(OpenStore()), make_target())
        index = make_index(simulator.url.replace("://", "://zoe:sesame@"))
        with pytest.raises(IndexFailure) as failure:
            listings.read(index, NormalizedName("demo"))
    finally:
        bench.close()
    assert failure.value.context == ("Title of the page: Not for [secret]",)


@given(st.text(min_size=6), st.text(max_size=20), st.text(max_size=20))
def test_nothing_of_it_is_left_as_it_is(secret: str, before: str, after: str) -> None:
    assume(secret not in "[secret]")
    try:
        hide = without(make_credential("zoe", secret))
    except UnicodeEncodeError:  # a lone surrogate: no source of credentials gives one
        return
    assert secret not in hide(f"{before}{secret}{after}")
