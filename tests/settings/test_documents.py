"""Options in our own configuration files: types, spellings, places, and what a file may not say."""

from __future__ import annotations

import os
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
from clearway.settings.table import TABLE

posix = pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")


def _document(text: str, owner: Literal["user", "project"] = "project") -> Document:
    return Document(f"/work/{owner}.toml", "/work", owner, tomllib.loads(text))


def _merge(*documents: Document, command: str = "install", pip: str = "", **environ: str) -> Settings:
    files = [("/etc/pip.conf", parse_ini(pip, "/etc/pip.conf"))] if pip else []
    return merge(command, [], environ, files, documents)


def _fails(text: str, owner: Literal["user", "project"] = "project") -> InputError:
    with pytest.raises(InputError) as failure:
        _merge(_document(text, owner))
    assert failure.value.hint
    return failure.value


def test_a_file_that_says_nothing() -> None:
    assert _merge(_document("")) == Settings()


def test_the_order_of_the_files() -> None:
    pip, user, project = "[global]\nretries = 1\n", _document("retries = 2", "user"), _document("retries = 3")
    assert _merge(pip=pip).retries == 1
    assert _merge(user, pip=pip).retries == 2
    assert _merge(user, project, pip=pip).retries == 3
    assert _merge(user, project, PIP_RETRIES="4").retries == 4
    assert _merge(user, project, PIP_RETRIES="4", CLEARWAY_RETRIES="5").retries == 5
    assert _merge(user, project).sources == {"retries": "/work/project.toml, retries"}


@posix
def test_every_type() -> None:
    text = """
    upgrade = true
    no-compile = true
    verbose = 2
    retries = 7
    timeout = "PT30S"
    link_mode = "copy"
    no-binary = ["a", "b"]
    index-url = "https://example.com/simple/"
    extra-index-url = ["https://a.example/", "./local", "corp"]
    find-links = ["wheels", "https://b.example/", "file:///x", "~/w"]
    constraint = ["c.txt"]
    """
    settings = _merge(_document(text), HOME="/home/me")
    assert (settings.upgrade, settings.compile, settings.verbose, settings.retries) == (True, False, 2, 7)
    assert (settings.timeout, settings.link_mode, settings.formats) == (30.0, "copy", (("no-binary", "a,b"),))
    assert settings.index_url == Given("https://example.com/simple/", "/work/project.toml, index-url")
    assert [one.value for one in settings.extra_index_url] == ["https://a.example/", "/work/./local", "corp"]
    assert [one.value for one in settings.find_links] == [
        "/work/wheels",
        "https://b.example/",
        "file:///x",
        "/home/me/w",
    ]
    assert [one.value for one in settings.constraint] == ["/work/c.txt"]


@posix
def test_paths_of_the_users_file() -> None:
    settings = _merge(_document('cert = "ca.pem"\npython = "3.12"\ncache-dir = "~/c"', "user"), HOME="/home/me")
    assert (settings.cert, settings.python, settings.cache_dir) == ("/work/ca.pem", "3.12", "/home/me/c")
    assert _merge(_document('python = "./env"', "user")).python == "/work/./env"


def test_parts_of_arrays_may_hold_spaces() -> None:
    settings = _merge(_document('find-links = ["/a b", "/c"]'))
    assert [one.value for one in settings.find_links] == ["/a b", "/c"]


def test_empty_values() -> None:
    """An empty text says nothing, as everywhere; an empty array takes back what a weaker place says."""
    user = _document('extra-index-url = ["https://a.example/"]\nlink-mode = "copy"', "user")
    settings = _merge(user, _document('extra-index-url = []\nlink-mode = ""\nno-binary = []'))
    assert (settings.extra_index_url, settings.link_mode, settings.formats) == ((), "copy", ())


def test_what_another_command_takes_is_left_alone() -> None:
    document = _document('on-refusal = "nonsense"\nlink-mode = "copy"\npre = true')
    assert merge("check", [], {}, (), [document]) == Settings()


@pytest.mark.parametrize(
    ("key", "near"),
    [("retires", "retries"), ("index_urll", "index-url"), ("indexes", "index"), ("on-pendin", "on-pending")],
)
def test_an_unknown_key_is_told_with_the_nearest(key: str, near: str) -> None:
    failure = _fails(f"{key} = 1")
    assert failure.code == "unknown-option"
    assert failure.message == f"/work/project.toml sets {key}, which is no option"
    assert failure.hint == f"Did you mean {near}?"


def test_an_unknown_key_that_is_near_to_none() -> None:
    assert _fails('"\\u001b[2Jx\\n" = 1').message.isprintable()
    assert "clearway install --help" in _fails("zzzzzz = 1").hint
    assert "secret" not in _fails('"https://me:secret@a.example/" = 1').message


def test_a_key_is_set_once() -> None:
    assert "sets index-url twice" in _fails('index-url = "a"\nindex_url = "b"').message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pre = 1", "/work/project.toml, pre is '1', but --pre takes true or false"),
        ('pre = "yes"', "takes true or false"),
        ("retries = true", "is 'true', but --retries takes a whole number"),
        ("retries = 1.5", "takes a whole number"),
        ("retries = -1", "takes a whole number"),
        ('retries = "3"', "takes a whole number"),
        ("timeout = true", "takes seconds as a number"),
        ("timeout = [1]", "is 'an array', but --timeout takes seconds"),
        ("timeout = nan", "a duration above 0"),
        ("timeout = -inf", "a duration above 0"),
        ("timeout = 1e300", "a duration above 0"),
        ("link-mode = 3", "takes a text"),
        ('link-mode = "glue"', "takes one of auto"),
        ('index-url = ["https://me:secret@a.example/"]', "is 'an array', but --index-url takes a text"),
        ('timeout = "https://me:secret@a.example/"', "****@a.example"),
        ('extra-index-url = "https://a.example/"', "takes an array of texts"),
        ("find-links = [1]", "takes an array of texts"),
        ('find-links = ["a\\u0000b"]', "a text without control characters"),
        ('refusal-status = "403"', "takes an array of statuses"),
        ('refusal-status = ["403"]', "takes an array of statuses"),
        ("refusal-status = [true]", "takes an array of statuses"),
        ("refusal-status = [403, 404]", "takes no 404"),
        ("pre = 2020-01-01", "is 'a date or time'"),
        ("pre.deep = 1", "is 'a table'"),
    ],
)
def test_a_wrong_type_or_value(text: str, says: str) -> None:
    failure = _fails(text)
    assert failure.code == "malformed-option"
    assert says in failure.message
    assert "secret" not in failure.message


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_a_file_may_say_what_is_its_owners_to_say(option: object) -> None:
    name, files = option.name, option.files  # type: ignore[attr-defined]
    for owner in ("user", "project"):
        allowed = files in {"any", owner}
        with pytest.raises(InputError) as failure:  # None is no type of TOML: it fails, but not before the permission
            merge("install", [], {}, (), [Document("f", "/", owner, {name: None})])  # type: ignore[arg-type]
        assert failure.value.code == ("malformed-option" if allowed else "option-not-for-files")


@pytest.mark.parametrize("name", ["python", "cert", "target", "cache-dir", "break-system-packages"])
def test_a_project_does_not_say_what_is_run_trusted_or_overwritten(name: str) -> None:
    failure = _fails(f'{name} = "x"')
    assert (failure.code, failure.message.split(" is ")[0]) == ("option-not-for-files", f"/work/project.toml, {name}")
    assert "your own configuration file" in failure.hint


_leaves = st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_keys = st.sampled_from([*(option.name for option in TABLE), "index", "name", "url"]) | st.text(max_size=6)


@given(st.dictionaries(_keys, _values, max_size=3))
def test_any_content_gives_settings_or_an_error(content: dict[str, object]) -> None:
    try:
        merge("install", [], {}, (), [Document("f", "/", "user", content)])
    except InputError as failure:
        told = failure
    else:
        return
    assert told.message.startswith("f")
    assert told.hint
