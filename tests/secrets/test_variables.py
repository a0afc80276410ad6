"""The variables of a name, and where what they hold may go."""

from __future__ import annotations

import pytest

from clearway.errors import InputError
from clearway.model.inputs import Given
from clearway.secrets.variables import prefix_of, read_variables
from clearway.settings.settings import ConfiguredIndex, Particulars

URL = "https://packages.example.com/corp/simple/"
PREFIX = "CLEARWAY_INDEX_CORP_A_"


def _own(*, vouched: str = URL, username: str = "") -> ConfiguredIndex:
    given = Given(URL, "clearway.toml, index corp.a")
    return ConfiguredIndex("corp.a", given, particulars=Particulars(username=username), vouched=vouched)


def _read(own: ConfiguredIndex | None = None, user: str = "", **said: str) -> tuple[str, str, str, str, str] | str:
    environ = {PREFIX + name: value for name, value in said.items()}
    bound = read_variables(own or _own(), URL, user, environ)
    found = bound.credential
    if found is None:
        return bound.username
    assert found.username == bound.username
    return found.scheme, found.username, found.password.reveal(), found.source, bound.username


@pytest.mark.parametrize(
    ("name", "prefix"), [("corp", "CORP"), ("Corp.A-b_c", "CORP_A_B_C"), ("1st", "1ST"), ("a--b", "A__B")]
)
def test_the_name_of_the_variables(name: str, prefix: str) -> None:
    assert prefix_of(name) == f"CLEARWAY_INDEX_{prefix}"


def test_what_they_say() -> None:
    assert _read() == ""
    assert _read(user="url") == "url"
    assert _read(USERNAME="zoe") == "zoe"
    assert _read(USERNAME="zoe", user="url") == "url"
    assert _read(PASSWORD="", TOKEN="") == ""
    assert _read(USERNAME="zoe", PASSWORD="p") == ("basic", "zoe", "p", f"{PREFIX}PASSWORD", "zoe")
    assert _read(PASSWORD="p") == ("basic", "", "p", f"{PREFIX}PASSWORD", "")
    assert _read(TOKEN="t") == ("bearer", "", "t", f"{PREFIX}TOKEN", "")


@pytest.mark.parametrize("by", ["variable", "url", "table"])
def test_a_token_for_a_user_is_the_password(by: str) -> None:
    own = _own(username="zoe" if by == "table" else "")
    said = {"USERNAME": "zoe"} if by == "variable" else {}
    found = _read(own, user="zoe" if by == "url" else "", TOKEN="t", **said)
    assert found == ("basic", "zoe", "t", f"{PREFIX}TOKEN", "zoe")


def _fails(own: ConfiguredIndex, **said: str) -> InputError:
    with pytest.raises(InputError) as failure:
        _read(own, **said)
    told = f"{failure.value.message} {failure.value.context} {failure.value.hint}"
    assert "s3cret" not in told
    return failure.value


def test_two_secrets() -> None:
    assert _fails(_own(), PASSWORD="s3cret", TOKEN="s3cret").code == "two-secrets"


def test_a_token_that_no_header_can_hold() -> None:
    assert _fails(_own(), TOKEN="s3cret\r\nX-Header: y").code == "malformed-secret"


def test_a_project_alone_does_not_say_where_a_secret_goes() -> None:
    failure = _fails(_own(vouched=""), TOKEN="s3cret")
    assert failure.code == "unbound-secret"
    assert f"{PREFIX}URL={URL}" in failure.hint
    assert "in clearway.toml, index corp.a" in failure.context


def test_a_user_name_alone_goes_anywhere() -> None:
    assert _read(_own(vouched=""), USERNAME="zoe") == "zoe"


@pytest.mark.parametrize(
    "said",
    [
        URL,
        "https://packages.example.com",
        "HTTPS://Packages.Example.COM:443/x",
        "https://me:s3cret@packages.example.com/",
    ],
)
@pytest.mark.parametrize("vouched", ["", "https://elsewhere.example.com/simple/"])
def test_the_variable_that_says_where_it_may_go(said: str, vouched: str) -> None:
    """It stands above the user's file, as all variables do."""
    assert _read(_own(vouched=vouched), TOKEN="t", URL=said) != ""


ELSEWHERE = [
    "http://packages.example.com/corp/simple/",
    "https://packages.example.com:8443/corp/simple/",
    "https://example.com/corp/simple/",
    "https://packages.example.com.evil.example/",
    "https://packages.example.com@evil.example/",
    "https://[::1/",
    "https://packages.example.com:port/",
    "packages.example.com",
]


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("by", ["variable", "file"])
def test_it_goes_nowhere_else(place: str, by: str) -> None:
    own = _own(vouched=place if by == "file" else "")
    said = {"URL": place} if by == "variable" else {}
    assert _fails(own, TOKEN="s3cret", **said).code == "repointed-index"
