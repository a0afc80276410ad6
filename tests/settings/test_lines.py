"""The line of a configuration file that an error is about."""

from __future__ import annotations

import tomllib

import pytest

from clearway.errors import InputError
from clearway.settings.documents import Document
from clearway.settings.merge import merge

HEAD = '# ours\ntimeout = 9\n\n[[index]]\nname = "1"\nurl = "https://one.example.com/"\n\n'


def fails(text: str, *prefix: str) -> str:
    content = tomllib.loads(text)
    for key in prefix:
        content = content[key]
    label = ", ".join(filter(None, ("/src/clearway.toml", ".".join(prefix))))
    document = Document(label, "/src", "project", content, text, prefix)
    with pytest.raises(InputError) as caught:
        merge("install", [], {}, [], [document])
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "line", "begins"),
    [
        ('timeout = "soon"\n', 1, "timeout is 'soon'"),
        ("\n\n  retries = -1 # none\n", 3, "retries is '-1'"),
        ('retries = 1\n"timeout" = [\n1]\n', 2, "timeout is 'an array'"),
        ("# none\nretires = 1\n", 2, " sets retires"),
        ('# mine\ncert = "a.pem"\n', 2, "cert is not for a project's file"),
        (f'{HEAD}[[index]]\nurl = "https://two.example.com/"\n', 8, "index 2 has no name"),
        (f'{HEAD}[[index]]\nname = "two"\n\nurl = 3\n', 11, "index two: its url"),
        (f'{HEAD}[[index]]\nname = "two"\nurl = "x"\nproof-age = "x"\n', 11, "index two, proof-age is 'x'"),
        (f'{HEAD}[[index]]\nname = "two"\nurll = "x"\n', 10, "index 2 sets urll"),
        (f'{HEAD}[[index]]\nname = "two"\nurl = "https://two.example.com/"\nexplicit = true\n', 8, "index two is expl"),
    ],
)
def test_errors_name_the_line(text: str, line: int, begins: str) -> None:
    between = "" if begins.startswith(" ") else ", "
    assert fails(text).startswith(f"/src/clearway.toml, line {line}{between}{begins}")
    inside = "[tool.other]\ntimeout = 3\n\n[tool.clearway]\n" + text.replace("[[index]]", "[[tool.clearway.index]]")
    message = fails(inside, "tool", "clearway")
    assert message.startswith(f"/src/clearway.toml, tool.clearway, line {line + 4}{between}{begins}")


def test_what_is_about_no_file_stays_as_it_is() -> None:
    document = Document("/src/clearway.toml", "/src", "user", {"timeout": 3}, "timeout = 3\n")
    with pytest.raises(InputError) as caught:
        merge("install", [("timeout", "x")], {}, [], [document])
    assert caught.value.message.startswith("--timeout is 'x'")


def test_a_key_that_begins_like_another() -> None:
    assert fails("pre = true\nprefer-binary = 3\n").startswith("/src/clearway.toml, line 2, prefer-binary is")
    assert fails("prefer-binary = true\npre = 3\n").startswith("/src/clearway.toml, line 2, pre is")
