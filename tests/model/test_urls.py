"""URLs of local files: there and back, whatever the name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.model.urls import file_url, path_of

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
