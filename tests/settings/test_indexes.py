"""The tables of indexes: what stands in them, how two files' tables of one name combine, and the order of asking."""

from __future__ import annotations

import tomllib
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.errors import InputError
from clearway.model.inputs import Given
from clearway.settings.documents import Document
from clearway.settings.ini import parse_ini
from clearway.settings.merge import merge
from clearway.settings.settings import Settings

Flags = list[tuple[str, str]]


def _merge(user: str = "", project: str = "", *, flags: Flags | None = None, pip: str = "", **environ: str) -> Settings:
    owners: tuple[tuple[Literal["user", "project"], str], ...] = (("user", user), ("project", project))
    documents = [Document(f"/{owner}.toml", "/work", owner, tomllib.loads(text)) for owner, text in owners if text]
    files = [("/etc/pip.conf", parse_ini(pip, "/etc/pip.conf"))] if pip else []
    return merge("install", flags or [], environ, files, documents)


def _fails(user: str = "", project: str = "") -> InputError:
    with pytest.raises(InputError) as failure:
        _merge(user, project)
    assert failure.value.hint
    return failure.value


def _table(name: str, *lines: str, url: str = "https://{}.example/simple/") -> str:
    head = f'[[index]]\nname = "{name}"\n' + (f'url = "{url.format(name)}"\n' if url else "")
    return head + "\n".join(lines) + "\n"


def _extras(settings: Settings) -> list[str]:
    return [given.value for given in settings.extra_index_url]


def test_a_table() -> None:
    settings = _merge(_table("corp", 'on-refusal = "fail"', "policed = true"))
    (corp,) = settings.indexes
    assert (corp.name, corp.url) == ("corp", Given("https://corp.example/simple/", "/user.toml, index corp"))
    assert (corp.rules.on_refusal, corp.rules.proof_age) == ("fail", 0.0)
    assert settings.extra_index_url == (Given("corp", "/user.toml, index corp"),)
    assert settings.index_url is None


def test_a_folder_is_relative_to_the_file() -> None:
    (local,) = _merge(project=_table("local", url="./wheels")).indexes
    assert local.url.value.replace("\\", "/") == "/work/./wheels"


def test_the_default_index() -> None:
    settings = _merge(_table("corp", "default = true") + _table("team"))
    assert settings.index_url == Given("corp", "/user.toml, index corp")
    assert settings.sources["index-url"] == "/user.toml, index corp"
    assert _extras(settings) == ["team"]


@pytest.mark.parametrize(
    ("project", "flags", "pip", "environ", "default"),
    [
        ("", [], "[global]\nindex-url = pip\n", {}, "corp"),
        ("", [], "", {"PIP_INDEX_URL": "variable"}, "variable"),
        ("", [], "", {"CLEARWAY_INDEX_URL": "variable"}, "variable"),
        ("", [("index-url", "flag")], "", {}, "flag"),
        ('index-url = "project"', [], "", {}, "project"),
        (_table("other", "default = true"), [], "", {}, "other"),
        (_table("other"), [], "", {}, "corp"),
    ],
)
def test_the_default_index_of_a_stronger_place_takes_its_place(
    project: str, flags: Flags, pip: str, environ: dict[str, str], default: str
) -> None:
    settings = _merge(_table("corp", "default = true"), project, flags=flags, pip=pip, **environ)
    assert settings.index_url is not None
    assert settings.index_url.value == default
    assert "corp" not in _extras(settings)


def test_a_project_may_say_that_an_index_is_the_default_or_is_not() -> None:
    settings = _merge(_table("corp", "default = true"), _table("corp", "default = false", url=""))
    assert (settings.index_url, _extras(settings)) == (None, ["corp"])
    settings = _merge(_table("corp"), _table("corp", "default = true", url=""), pip="[global]\nindex-url = pip\n")
    assert settings.index_url == Given("corp", "/project.toml, index corp")
    assert _extras(settings) == []


def test_the_order_of_extra_indexes() -> None:
    """The nearest first: what was typed, the project's, the user's, pip's."""
    flags = [("extra-index-url", "flag")]
    pip = "[global]\nextra-index-url = pip1 pip2\n"
    user, project = _table("user1") + _table("user2"), _table("project1")
    assert _extras(_merge(user, project, pip=pip)) == ["project1", "user1", "user2", "pip1", "pip2"]
    assert _extras(_merge(user, project, pip=pip, flags=flags)) == [
        "flag",
        "project1",
        "user1",
        "user2",
        "pip1",
        "pip2",
    ]
    assert _extras(_merge(user, project, pip=pip, PIP_EXTRA_INDEX_URL="variable", flags=flags)) == [
        "variable",
        "flag",
        "project1",
        "user1",
        "user2",
    ]
    listed = 'extra-index-url = ["key"]\n'
    assert _extras(_merge(listed + user, project, pip=pip)) == ["key", "project1", "user1", "user2"]
    assert _extras(_merge(pip=pip, flags=flags)) == ["flag", "pip1", "pip2"]


def test_commands_that_ask_no_index_have_none() -> None:
    document = Document("f", "/", "user", tomllib.loads(_table("corp", "default = true") + _table("team")))
    settings = merge("check", [], {}, (), [document])
    assert (settings.index_url, settings.extra_index_url) == (None, ())


def test_the_projects_table_overrides_key_by_key() -> None:
    user = _table("Corp_A", 'on-refusal = "fail"', "max-refusals = 3")
    project = _table("corp-a", "max-refusals = 4", "proof-age = 5", url="")
    (corp,) = _merge(user, project).indexes
    assert (corp.name, corp.url.value) == ("corp-a", "https://Corp_A.example/simple/")
    assert (corp.rules.on_refusal, corp.rules.max_refusals, corp.rules.proof_age) == ("fail", 4, 5.0)
    (moved,) = _merge(user, _table("corp-a", url="https://b.example/")).indexes
    assert moved.url == Given("https://b.example/", "/project.toml, index corp-a")


SECRET = "https://me:s3cret@corp.example/simple/"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/simple/",
        "http://corp.example/simple/",
        "https://corp.example:8443/simple/",
        "https://corp.example/other/",
        "https://corp.example/simple/deep/",
        "https://you:other@evil.example/simple/",
        "https://corp.example@evil.example/simple/",
        "https://[::1/simple/",
        "https://corp.example:port/simple/",
        "./corp.example/simple",
    ],
)
def test_a_project_does_not_lead_a_name_with_a_credential_elsewhere(url: str) -> None:
    failure = _fails(_table("corp", url=SECRET), _table("Corp", url=url))
    assert failure.code == "repointed-index"
    assert failure.message.startswith("/project.toml, index Corp names another URL")
    told = f"{failure.message} {failure.context} {failure.hint}"
    assert "https://corp.example/simple/, from /user.toml, index corp" in told
    assert "s3cret" not in told
    assert "other@" not in told


@pytest.mark.parametrize("url", ["https://corp.example/simple", "HTTPS://CORP.example:443/simple/"])
def test_a_project_may_name_the_same_place(url: str) -> None:
    """The credential stays: a project states where its packages are, and each of its people has a token."""
    (corp,) = _merge(_table("corp", url=SECRET), _table("corp", url=url)).indexes
    assert corp.url == Given(SECRET, "/user.toml, index corp")


def test_a_projects_own_credential_for_the_same_place() -> None:
    other = SECRET.replace("s3cret", "another")
    (corp,) = _merge(_table("corp", url=SECRET), _table("corp", url=other)).indexes
    assert corp.url == Given(other, "/project.toml, index corp")


def test_a_project_may_repoint_a_name_without_a_credential() -> None:
    (corp,) = _merge(_table("corp", url="https://a.example/"), _table("corp", url=SECRET)).indexes
    assert corp.url == Given(SECRET, "/project.toml, index corp")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("index = 1", "index is not a list of tables"),
        ("index = [1]", "index is not a list of tables"),
        ('[index]\nname = "a"', "index is not a list of tables"),
        ('[[index]]\nurl = "https://a.example/"', "/user.toml, index 1 has no name"),
        ('[[index]]\nname = 3\nurl = "x"', "index 1: '3' is no name"),
        ('[[index]]\nname = "https://me:s3cret@a.example/"\nurl = "x"', "'https://****@a.example/' is no name"),
        ('[[index]]\nname = ""\nurl = "x"', "'' is no name"),
        ('[[index]]\nname = "a/b"\nurl = "x"', "'a/b' is no name"),
        ('[[index]]\nname = "-a"\nurl = "x"', "is no name"),
        ('[[index]]\nname = "a\\nb"\nurl = "x"', "is no name"),
        (f'[[index]]\nname = "{"a" * 65}"\nurl = "x"', "is no name"),
        ('[[index]]\nname = "a"', "/user.toml, index a has no url"),
        ('[[index]]\nname = "a"\nurl = ""', "its url is no text"),
        ('[[index]]\nname = "a"\nurl = ["https://me:s3cret@a.example/"]', "its url is no text"),
        ('[[index]]\nname = "a"\nurl = "x"\ndefault = "yes"', "default is neither true nor false"),
        (_table("a") + _table("A"), "two tables for the index A"),
        (_table("a", "default = true") + _table("b", "default = true"), "two default indexes: index a and index b"),
        ('index-url = "x"\n' + _table("a", "default = true"), "two default indexes: index a and index-url"),
    ],
)
def test_what_is_malformed(text: str, says: str) -> None:
    failure = _fails(text)
    assert failure.code == "malformed-configuration"
    assert says in failure.message
    assert "s3cret" not in failure.message
    assert failure.message.isprintable()


def test_an_unknown_key_of_a_table() -> None:
    failure = _fails(_table("a", "polices = true"))
    assert (failure.code, failure.hint) == ("unknown-option", "Did you mean policed?")
    assert failure.message == "/user.toml, index 1 sets polices, which is no option"
    assert _fails(_table("a", "retries = 3")).code == "unknown-option"


def test_a_wrong_value_in_a_table() -> None:
    failure = _fails(_table("a", 'on-refusal = "skip"'))
    assert failure.message.startswith("/user.toml, index a, on-refusal is 'skip', but --on-refusal takes one of")


names = st.sampled_from(["a", "b", "c", "d"])


@given(st.lists(names, unique=True), st.lists(names, unique=True))
def test_every_configured_index_is_asked_once(user: list[str], project: list[str]) -> None:
    settings = _merge("\n".join(map(_table, user)), "\n".join(map(_table, project)))
    expected = [*project, *(name for name in user if name not in project)]
    assert _extras(settings) == [index.name for index in settings.indexes] == expected


def test_a_project_says_what_is_absent_of_its_own_indexes_alone() -> None:
    settings = _merge(
        _table("corp", "absent-status = [418]"),
        _table("corp", "absent-status = [403]", "policed = true", url="") + _table("own", "absent-status = [403]"),
    )
    rules = {one.name: one.rules for one in settings.indexes}
    assert rules["corp"].absent_status == {418}
    assert rules["corp"].proof_age == 0
    assert rules["own"].absent_status == {403}


def test_a_project_does_not_say_what_is_absent_of_all_indexes() -> None:
    assert _fails(project="absent-status = [403]\n").code == "option-not-for-files"
