"""Everything that is configured, with where it was given and whether it counts."""

from __future__ import annotations

import tomllib
from typing import Any

from clearway.settings.documents import Document
from clearway.settings.ini import parse_ini
from clearway.settings.survey import Setting, survey


def own(text: str, owner: Any, label: str) -> tuple[Document, str, tuple[str, ...]]:
    return Document(label, "/", owner, tomllib.loads(text)), text, ()


USER = own(
    'timeout = 5\nno-binary = ["a"]\n[[index]]\nname = "corp"\nurl = "https://u.example.com/"\npackages = ["corp-*"]\n',
    "user",
    "user.toml",
)
PROJECT = own(
    '\ntimeout = "6"\n[[index]]\nname = "CORP"\npackages = ["x"]\npoliced = true\n', "project", "project.toml"
)
PIP = (
    "pip.conf",
    parse_ini("[global]\nretries = 3\nindex-url = https://g.example.com/\n[install]\nretries = 4\ntimeout = 9\n", ""),
)


def in_force(*settings: Setting) -> dict[str, tuple[object, str]]:
    return {setting.name: (setting.value, setting.origin) for setting in settings if setting.counts}


def test_what_counts_and_where_it_was_given() -> None:
    environ = {"PIP_RETRIES": "7", "CLEARWAY_NO_INDEX": "yes", "SSL_CERT_FILE": "/c.pem"}
    assert in_force(*survey(environ, [PIP], [USER, PROJECT])) == {
        "cert": ("/c.pem", "SSL_CERT_FILE"),
        "index-url": ("https://g.example.com/", "pip.conf, line 3"),
        "index.CORP.policed": (True, "project.toml, line 6"),
        "index.corp.packages": (["corp-*"], "user.toml, line 6"),
        "index.corp.url": ("https://u.example.com/", "user.toml, line 5"),
        "no-binary": (["a"], "user.toml, line 2"),
        "no-index": (True, "CLEARWAY_NO_INDEX"),
        "retries": (7, "PIP_RETRIES"),
        "timeout": ("6", "project.toml, line 2"),
    }


def test_what_is_said_about_formats_adds_up() -> None:
    found = survey({"PIP_NO_BINARY": "b"}, [], [USER])
    assert [setting.counts for setting in found if setting.name == "no-binary"] == [True, True]


def test_a_section_speaks_to_its_command() -> None:
    assert in_force(*survey({}, [PIP], [])) == {
        "index-url": ("https://g.example.com/", "pip.conf, line 3"),
        "install.retries": (4, "pip.conf, line 5"),
        "install.timeout": ("9", "pip.conf, line 6"),
        "retries": (3, "pip.conf, line 2"),
    }


def test_an_option_that_sets_another_one_beats_it() -> None:
    found = survey({"PIP_COMPILE": "yes", "CLEARWAY_NO_COMPILE": "yes"}, [], [])
    assert in_force(*found) == {"no-compile": (True, "CLEARWAY_NO_COMPILE")}


def test_what_is_malformed_is_shown_as_it_is() -> None:
    assert in_force(*survey({"PIP_NO_INDEX": "perhaps", "PIP_RETRIES": "many"}, [], [])) == {
        "no-index": ("perhaps", "PIP_NO_INDEX"),
        "retries": ("many", "PIP_RETRIES"),
    }
