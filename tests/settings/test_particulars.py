"""What a table of an index says about its credential, its certificate and the projects that it is asked for."""

from __future__ import annotations

import tomllib
from typing import Literal

import pytest

from clearway.errors import InputError
from clearway.settings.documents import Document
from clearway.settings.merge import merge
from clearway.settings.settings import ConfiguredIndex, Particulars

URL = "https://corp.example/simple/"
USERS_ALONE = {
    "password-command": '"get token"',
    "credential-helper": '["get"]',
    "keyring": "true",
    "client-cert": '"me.pem"',
    "client-key": '"me.key"',
    "origins": '["https://files.example"]',
}


def _merge(user: str = "", project: str = "") -> tuple[ConfiguredIndex, ...]:
    owners: tuple[tuple[Literal["user", "project"], str], ...] = (("user", user), ("project", project))
    documents = [Document(f"/{owner}.toml", "/work", owner, tomllib.loads(text)) for owner, text in owners if text]
    return merge("install", [], {}, (), documents).indexes


def _table(*lines: str, url: str = URL) -> str:
    return "\n".join(['[[index]]\nname = "corp"', *([f'url = "{url}"'] if url else []), *lines, ""])


def _read(*lines: str) -> Particulars:
    (index,) = _merge(_table(*lines))
    return index.particulars


def _fails(user: str = "", project: str = "") -> InputError:
    with pytest.raises(InputError) as failure:
        _merge(user, project)
    assert failure.value.hint
    assert "s3cret" not in f"{failure.value.message}{failure.value.context}{failure.value.hint}"
    return failure.value


def test_a_table_that_says_nothing() -> None:
    assert _read() == Particulars()


def test_everything() -> None:
    assert _read(
        'username = "zoe"',
        'password-command = ["op", "read", "op://x y"]',
        "keyring = true",
        "anonymous = false",
        'packages = ["Corp_*", "tool.kit", "*"]',
        "explicit = true",
        'origins = ["https://files.example/", "http://127.0.0.1:8080"]',
        'forwarded = "refuse"',
        'client_cert = "me.pem"',
        'client-key = "~/me.key"',
    ) == Particulars(
        username="zoe",
        password_command=("op", "read", "op://x y"),
        keyring=True,
        packages=("corp-*", "tool-kit", "*"),
        explicit=True,
        origins=("https://files.example", "http://127.0.0.1:8080"),
        forwarded="refuse",
        client_cert="/work/me.pem",
        client_key="~/me.key",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"get token"', ("get", "token")),
        ("\"get 'a b' $(x) | y\"", ("get", "a b", "$(x)", "|", "y")),
        ('["./get", "./token"]', ("/work/./get", "./token")),
        ('["~/bin/get"]', ("~/bin/get",)),
    ],
)
def test_a_command(text: str, words: tuple[str, ...]) -> None:
    assert _read(f"credential-helper = {text}").credential_helper == words


@pytest.mark.parametrize(("key", "value"), USERS_ALONE.items())
def test_what_a_project_may_not_say(key: str, value: str) -> None:
    for user in ("", _table()):
        failure = _fails(user, _table(f"{key} = {value}"))
        assert failure.code == "option-not-for-files"
        assert failure.message.startswith(f"/project.toml, index corp, {key} is not for a project's file")


def test_what_a_project_may_say() -> None:
    project = _table(
        'username = "zoe"', "anonymous = true", 'packages = ["a"]', "explicit = true", 'forwarded = "last"'
    )
    (index,) = _merge("", project)
    assert index.particulars == Particulars(username="zoe", anonymous=True, packages=("a",), explicit=True)
    assert index.vouched == ""


def test_two_tables() -> None:
    """Key by key the project's counts, but for what guards names and credentials."""
    user = _table('username = "zoe"', 'credential-helper = "get"', 'packages = ["a", "b"]', 'forwarded = "refuse"')
    said = _table('username = "ann"', 'packages = ["c"]', 'forwarded = "last"', "anonymous = true", url="")
    (index,) = _merge(user, said)
    assert index.particulars == Particulars(
        username="ann", credential_helper=("get",), packages=("a", "b"), forwarded="refuse", anonymous=True
    )
    assert index.vouched == URL


def test_a_name_that_has_claims_stays_where_it_is() -> None:
    with pytest.raises(InputError) as failure:
        _merge(_table('packages = ["a"]'), _table(url="https://other.example.com/"))
    assert failure.value.code == "repointed-index"
    assert "claims names in your own configuration" in failure.value.message


CREDENTIAL = {**USERS_ALONE, "username": '"zoe"'}
del CREDENTIAL["client-key"]


@pytest.mark.parametrize(("key", "value"), CREDENTIAL.items())
def test_a_project_does_not_lead_a_name_with_a_way_to_a_credential_elsewhere(key: str, value: str) -> None:
    user = _table(f"{key} = {value}")
    assert _fails(user, _table(url="https://evil.example/")).code == "repointed-index"
    (index,) = _merge(user, _table(url="https://corp.example/simple"))
    assert index.url.value == URL


@pytest.mark.parametrize(("key", "value"), CREDENTIAL.items())
def test_a_way_to_a_credential_stands_beside_the_place_that_it_is_for(key: str, value: str) -> None:
    failure = _fails(_table(f"{key} = {value}", url=""), _table())
    assert failure.code == "malformed-configuration"
    assert failure.message == "/user.toml, index corp says how to get a credential, but has no url"


def test_the_place_that_the_user_gives_a_name() -> None:
    (index,) = _merge(_table(), _table(url="https://other.example/"))
    assert (index.url.value, index.vouched) == ("https://other.example/", URL)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("username = 3", "username is '3', but it takes a text"),
        ('username = ""', "it takes a text"),
        (r'username = "a\u0000"', "it takes a text"),
        ('username = "a:b"', "has a colon in it"),
        ('keyring = "yes"', "it takes true or false"),
        ("anonymous = 1", "it takes true or false"),
        ('credential-helper = ""', "it takes a text"),
        ("credential-helper = []", "credential-helper is empty"),
        ("credential-helper = '\"open s3cret'", "cannot be split into words: No closing quotation"),
        ("credential-helper = [1]", "it takes a text"),
        ("credential-helper = 1", "it takes an array of texts"),
        ('credential-helper = "a"\npassword-command = "b"', "has both password-command and credential-helper"),
        ('packages = "a"', "it takes an array of texts"),
        ('packages = ["a b"]', "'a b' is no pattern"),
        ('packages = ["-a"]', "'-a' is no pattern"),
        ("explicit = true", "is explicit, but claims no packages"),
        ('origins = ["files.example"]', "'files.example' is no origin"),
        ('origins = ["https://files.example/x"]', "is no origin"),
        ('origins = ["https://me:s3cret@files.example"]', "is no origin"),
        ('forwarded = "first"', "it takes last or refuse"),
        ("forwarded = true", "it takes last or refuse"),
        ('client-key = "me.key"', "has a client-key, but no client-cert"),
    ],
)
def test_what_is_malformed(line: str, says: str) -> None:
    failure = _fails(_table(line))
    assert failure.code == "malformed-configuration"
    assert failure.message.startswith("/user.toml, index corp")
    assert says in failure.message
