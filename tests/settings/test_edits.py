"""Changes of our own files: what names and words mean, what is refused, and that the file says it afterwards."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from clearway.errors import InputError
from clearway.settings.documents import Document
from clearway.settings.edits import Name, change, check, read_name, read_words

FILE = """\
# mine
timeout = 5  # seconds
index_url = "corp"

[[index]]
name = "Corp"
url = "https://packages.example.com/simple/"
"""
PYPROJECT = f"""\
[project]
name = "demo"

[tool.clearway]
{FILE.partition("[[index]]")[0].strip()}

[[tool.clearway.index]]
name = "corp"

[tool.other]
timeout = 1
"""


def document(text: str, owner: Any = "user", prefix: tuple[str, ...] = ()) -> Document:
    content = tomllib.loads(text)
    for part in prefix:
        content = content[part]
    return Document("/home/ann/clearway.toml", "/home/ann", owner, content)


def changed(text: str, name: str, *words: str, prefix: tuple[str, ...] = ()) -> str:
    meant = read_name(name)
    value = read_words(meant, words) if words else None
    return change(text, document(text, prefix=prefix), prefix, meant, value)


def fails(name: str, *words: str, text: str = FILE) -> InputError:
    with pytest.raises(InputError) as failure:
        changed(text, name, *words)
    assert failure.value.hint
    return failure.value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("timeout", Name("timeout")),
        ("default-timeout", Name("timeout")),
        ("--index_url", Name("index-url")),
        ("global.index-url", Name("index-url")),
        ("install.timeout", Name("timeout", section="install")),
        ("index.corp", Name("", "corp")),
        ("index.corp.url", Name("url", "corp")),
        ("index.corp.a.password_command", Name("password-command", "corp.a")),
        ("index.corp.token", Name("token", "corp")),
    ],
)
def test_names(text: str, name: Name) -> None:
    assert read_name(text) == name


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("timeot", "timeout"),
        ("global.timeot", "timeout"),
        ("index.corp.ulr", "index.corp.url"),
        ("nothing.timeout", "index.NAME.KEY"),
        ("https://me:secret@example.com/", "index.NAME.KEY"),
        ("\x1b[m", "index.NAME.KEY"),
    ],
)
def test_names_that_mean_nothing(text: str, near: str) -> None:
    failure = fails(text, "1")
    assert failure.code == "unknown-option"
    assert near in failure.hint
    assert "secret" not in failure.message
    assert failure.message.isprintable()


@pytest.mark.parametrize(
    ("name", "words", "line"),
    [
        ("timeout", ["90s"], 'timeout = "90s"  # seconds'),
        ("global.default-timeout", ["7"], 'timeout = "7"  # seconds'),
        ("index-url", ["https://example.com/"], 'index_url = "https://example.com/"'),
        ("retries", ["0"], "retries = 0"),
        ("no-index", ["on"], "no-index = true"),
        ("extra-index-url", ["a b", "c"], 'extra-index-url = ["a", "b", "c"]'),
        ("refusal-status", ["451,403"], "refusal-status = [403, 451]"),
        ("link-mode", ["copy"], 'link-mode = "copy"'),
        ("cert", ['C:\\a "b".pem'], 'cert = "C:\\\\a \\"b\\".pem"'),
        ("index.corp.url", ["https://example.com/"], 'url = "https://example.com/"'),
        ("index.CORP.policed", ["yes"], "policed = true"),
        ("index.corp.anonymous", ["1"], "anonymous = true"),
        ("index.corp.packages", ["corp-*", "x"], 'packages = ["corp-*", "x"]'),
        ("index.corp.password-command", ["op read x"], 'password-command = "op read x"'),
        ("index.corp.password-command", ["op", "read"], 'password-command = ["op", "read"]'),
        ("index.corp.max-refusals", ["3"], "max-refusals = 3"),
        ("index.other.url", ["https://o.example.com/"], 'url = "https://o.example.com/"'),
    ],
)
def test_what_is_set(name: str, words: list[str], line: str) -> None:
    text = changed(FILE, name, *words)
    assert line in text.splitlines()
    assert "# mine" in text
    check([document(text)])


def test_a_new_index_has_a_table_of_its_own() -> None:
    text = changed("", "index.other.url", "https://o.example.com/")
    assert text == '[[index]]\nname = "other"\nurl = "https://o.example.com/"\n'


def test_inside_of_pyproject_nothing_else_is_touched() -> None:
    prefix = ("tool", "clearway")
    text = changed(PYPROJECT, "timeout", "9", prefix=prefix)
    assert text == PYPROJECT.replace("timeout = 5", 'timeout = "9"')
    text = changed(PYPROJECT, "index.corp.url", "https://example.com/", prefix=prefix)
    assert text == PYPROJECT.replace('name = "corp"\n', 'name = "corp"\nurl = "https://example.com/"\n')
    text = changed(PYPROJECT, "index.two.url", "https://example.com/", prefix=prefix)
    assert text == f'{PYPROJECT}\n[[tool.clearway.index]]\nname = "two"\nurl = "https://example.com/"\n'
    text = changed(PYPROJECT, "timeout", prefix=prefix)
    assert text == PYPROJECT.replace("timeout = 5  # seconds\n", "")


def test_what_is_unset() -> None:
    assert changed(FILE, "timeout") == FILE.replace("timeout = 5  # seconds\n", "")
    assert changed(FILE, "index-url") == FILE.replace('index_url = "corp"\n', "")
    assert changed(FILE, "index.corp") == FILE.partition("[[index]]")[0]
    assert tomllib.loads(changed(FILE, "index.corp.url"))["index"] == [{"name": "Corp"}]


@pytest.mark.parametrize("name", ["retries", "index.corp.policed", "index.other", "index.other.url"])
def test_what_is_not_there_cannot_be_unset(name: str) -> None:
    failure = fails(name)
    assert failure.code == "not-set"
    assert name in failure.message


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("timeout", ["soon"], "malformed-option"),
        ("retries", ["-1"], "malformed-option"),
        ("no-index", ["perhaps"], "malformed-option"),
        ("link-mode", ["glue"], "malformed-option"),
        ("refusal-status", ["200"], "malformed-option"),
        ("timeout", ["1", "2"], "bad-arguments"),
        ("install.timeout", ["1"], "bad-arguments"),
        ("index-url", ["https://ann:secret@example.com/"], "secret-in-file"),
        ("extra-index-url", ["a", "https://secret@example.com/"], "secret-in-file"),
        ("proxy", ["http://ann:secret@proxy.example.com:8080"], "secret-in-file"),
        ("index.corp.url", ["https://ann:secret@example.com/"], "secret-in-file"),
        ("index.corp.password", ["secret"], "secret-in-file"),
        ("index.corp.token", ["secret"], "secret-in-file"),
    ],
)
def test_what_cannot_be_set(name: str, words: list[str], code: str) -> None:
    failure = fails(name, *words)
    assert failure.code == code
    assert "secret" not in failure.message
    assert name.rpartition(".")[2] in failure.message


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("index.corp.explicit", ["yes"], "claims no packages"),
        ("index.corp.packages", ["a/b"], "no pattern"),
        ("index.corp.origins", ["x"], "no origin"),
        ("index.corp.forwarded", ["first"], "last or refuse"),
        ("index.corp.keyring", ["perhaps"], "true or false"),
        ("index.new.policed", ["yes"], "has no url"),
    ],
)
def test_what_a_file_cannot_say(name: str, words: list[str], says: str) -> None:
    text = changed(FILE, name, *words)
    with pytest.raises(InputError, match=says):
        check([document(text)])


def test_a_project_may_not_say_everything() -> None:
    for name, word in (("cert", "x.pem"), ("index.corp.origins", "https://o.example.com")):
        text = changed(FILE, name, word)
        with pytest.raises(InputError) as failure:
            check([document(text, "project")])
        assert failure.value.code == "option-not-for-files"


@pytest.mark.parametrize(
    ("text", "name", "word"),
    [
        ('index = [{name = "corp", url = "https://example.com/"}]\n', "index.corp.url", "https://two.example.com/"),
        ('index = [{name = "corp", url = "https://example.com/"}]\n', "index.two.url", "https://two.example.com/"),
    ],
)
def test_a_layout_that_is_not_understood_is_left_alone(text: str, name: str, word: str) -> None:
    assert fails(name, word, text=text).code == "layout"
