"""URLs of local files: there and back, whatever the name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.model.urls import file_url, mask, path_of

names = st.binary(min_size=1, max_size=12).filter(lambda name: not {0, 47} & {*name} and name not in {b".", b".."})


@pytest.mark.skipif(sys.platform == "win32", reason="names are bytes on POSIX")
@given(names)
def test_a_path_comes_back(name: bytes) -> None:
    path = "/" + os.fsdecode(name)
    url = file_url(path)
    assert url.startswith("file:///")
    assert url.isascii()
    assert path_of(url) == path


@pytest.mark.parametrize("name", ["plain.whl", "with space.whl", "100%25#?;@+.whl", "\u00e9.whl"])
def test_the_url_is_the_one_that_python_gives(tmp_path: Path, name: str) -> None:
    assert path_of(file_url(str(tmp_path / name))) == str(tmp_path / name)
    assert path_of((tmp_path / name).as_uri()) == str(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ann:pw@h/x?sig=1#f https://b/?c", "https://****@h/x?****#f https://b/?****"),
        ("see 'https://h/?t=s' now? yes https://h/p", "see 'https://h/?****' now? yes https://h/p"),
        ("what? nothing", "what? nothing"),
        ("https://a@b@h/", "https://****@h/"),
        ("git+ssh://git@h/a ssh://git@h git+ssh://git@h", "git+ssh://git@h/a ssh://git@h git+ssh://git@h"),
        ("ssh://git@b@h/ ssh://git:pw@h/ ssh://agit@h/", "ssh://****@h/ ssh://****@h/ ssh://****@h/"),
        ("https://h/?a=http://u:p@g/?b", "https://h/?****"),
    ],
)
def test_what_may_be_secret_is_not_shown(text: str, shown: str) -> None:
    assert mask(text) == shown


@given(st.text(alphabet=":/?@#' aT", max_size=60))
def test_no_user_info_and_no_query_is_shown(text: str) -> None:
    shown = mask(f"https://user:SECRET@host/path?token=SECRET {text}")
    assert "SECRET" not in shown
    assert mask(shown) == shown
