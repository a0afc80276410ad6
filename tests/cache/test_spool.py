"""Spools: the same bytes come out, from memory or from a file that nobody can find."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.cache.spool import FileSpool, Memory
from clearway.errors import TargetError

if TYPE_CHECKING:
    from pathlib import Path


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40), max_size=12), st.integers(0, 200), st.integers(0, 100))
def test_gives_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes], expected: int, budget: int
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    memory = Memory(budget=budget, share=60)
    spool = FileSpool(str(folder), memory, expected)
    for chunk in chunks:
        spool.write(chunk)
    whole = b"".join(chunks)
    assert spool.view() == whole
    assert spool.digest("sha256") == hashlib.sha256(whole).hexdigest()
    assert spool.digest("md5") == hashlib.md5(whole).hexdigest()
    assert not list(folder.iterdir())
    spool.close()
    assert memory.take(budget, 0)


def test_small_ones_never_touch_the_disk(tmp_path: Path) -> None:
    spool = FileSpool(str(tmp_path / "missing"), Memory(budget=100, share=10))
    spool.write(b"0123456789")
    assert spool.view() == b"0123456789"
    with pytest.raises(TargetError) as caught:
        spool.write(b"x")
    assert caught.value.code == "cache-unwritable"


def test_what_was_announced_as_large_goes_to_a_file_at_once(tmp_path: Path) -> None:
    memory = Memory(budget=100, share=10)
    spool = FileSpool(str(tmp_path), memory, expected=50)
    spool.write(b"x")
    assert memory.take(100, 0)
    assert spool.view() == b"x"
    spool.close()


def test_all_of_them_share_one_budget(tmp_path: Path) -> None:
    memory = Memory(budget=15, share=10)
    first, second = FileSpool(str(tmp_path), memory), FileSpool(str(tmp_path), memory)
    first.write(b"0123456789")
    second.write(b"0123456789")
    assert not memory.take(6, 0)
    assert (first.view(), second.view()) == (b"0123456789",) * 2
    first.close()
    assert memory.take(15, 0)
    second.close()


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk-full"), (errno.EIO, "cache-unwritable")])
def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    spool = FileSpool(str(tmp_path), Memory(budget=0))
    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(TargetError) as caught:
        spool.write(b"x")
    monkeypatch.undo()
    assert caught.value.code == code
    assert caught.value.hint
    spool.close()


def test_a_write_that_is_cut_short_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    spool = FileSpool(str(tmp_path), Memory(budget=0))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, data: write(file, bytes(data)[:3]))
        spool.write(b"0123456789")
    assert spool.view() == b"0123456789"
    spool.close()
