"""The examples of the how-to page for registries are what our settings understand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from clearway.index.routing import make_index
from clearway.settings.documents import Document
from clearway.settings.ini import parse_ini
from clearway.settings.merge import merge

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "registries.md"
VENDORS = ("GitLab", "Nexus", "Artifactory", "AWS", "Azure", "Google")


def examples(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", examples("toml"))
def test_a_table(text: str) -> None:
    settings = merge("install", [], {}, [], [Document("clearway.toml", "/home/ann", "user", tomllib.loads(text))])
    assert settings.indexes
    for one in settings.indexes:
        index = make_index(one.url.value, name=one.name)
        assert index.url.lower() == one.url.value.lower(), "it is spelled as it is meant"
        assert index.credential is None, "no secret stands in a file"
        more = one.particulars
        assert more.password_command or more.credential_helper or more.keyring


@pytest.mark.parametrize("text", examples("ini"))
def test_a_configuration_of_pip(text: str) -> None:
    settings = merge("install", [], {}, [("pip.conf", parse_ini(text, "pip.conf"))])
    given = (settings.index_url, *settings.extra_index_url)
    (index,) = (make_index(one.value, source=one.origin) for one in given if one is not None)
    assert index.credential is not None
    assert index.credential.username
    assert len(settings.sources) == len(parse_ini(text, "pip.conf")), "every key is understood"


def test_each_registry_has_both_kinds() -> None:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")
    for vendor in VENDORS:
        (section,) = (one for one in sections if one.startswith(vendor))
        assert "```toml" in section
        assert "```ini" in section
