"""Linking: the best way that works, and one warning where it costs something that it did not."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from clearway.site.linking import Linker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"content" * 1000)
    return path


def refuse(number: int) -> Callable[..., None]:
    def refusing(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    return refusing


def place(linker: Linker, source: Path, name: str) -> Path:
    destination = source.with_name(name)
    linker.place(str(source), str(destination), 0o600)
    assert destination.read_bytes() == source.read_bytes()
    return destination


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.ENOTTY, errno.EINVAL, errno.EXDEV])
def test_without_clones_files_are_hard_linked(source: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr("fcntl.ioctl", refuse(number))
    linker = Linker("auto", pytest.fail)
    assert place(linker, source, "one").samefile(source)
    assert place(linker, source, "two").samefile(source)


@pytest.mark.skipif(sys.platform != "linux", reason="FICLONE of Linux")
def test_clones_come_first(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def clone(target: int, request: int, origin: int) -> None:
        assert request == 0x40049409
        os.write(target, os.read(origin, 1 << 20))

    monkeypatch.setattr("fcntl.ioctl", clone)
    for mode in ("auto", "clone"):
        assert not place(Linker(mode, pytest.fail), source, mode).samefile(source)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "call", "words"),
    [
        ("auto", "link", "hard linked"),
        ("hardlink", "link", "hard linked"),
        ("clone", "ioctl", "cloned"),
        ("symlink", "symlink", "linked"),
    ],
)
def test_what_does_not_work_is_a_copy_with_one_warning(
    source: Path, monkeypatch: pytest.MonkeyPatch, mode: Any, call: str, words: str
) -> None:
    monkeypatch.setattr("fcntl.ioctl", refuse(errno.ENOTSUP))
    if call != "ioctl":
        monkeypatch.setattr(os, call, refuse(errno.EXDEV))
    warnings: list[str] = []
    linker = Linker(mode, warnings.append)
    for name in ("one", "two"):
        copy = place(linker, source, name)
        assert not copy.samefile(source)
        assert not copy.is_symlink()
    assert len(warnings) == 1
    assert f"cannot be {words}" in warnings[0]
    assert "--link-mode copy" in warnings[0]


def test_a_file_with_too_many_links_is_copied_alone(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linker = Linker("hardlink", pytest.fail)
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", refuse(errno.EMLINK))
        assert not place(linker, source, "one").samefile(source)
    assert place(linker, source, "two").samefile(source)


@pytest.mark.parametrize("mode", ["auto", "clone", "hardlink", "symlink", "copy"])
def test_what_is_there_is_never_replaced(source: Path, mode: Any) -> None:
    there = source.with_name("there")
    there.write_text("mine")
    linker = Linker(mode, lambda _: None)
    with pytest.raises(FileExistsError):
        linker.place(str(source), str(there), 0o600)
    assert there.read_text() == "mine"


@pytest.mark.parametrize("mode", ["auto", "hardlink", "copy"])
def test_a_full_disk_is_no_reason_to_try_another_way(source: Path, monkeypatch: pytest.MonkeyPatch, mode: Any) -> None:
    monkeypatch.setattr(os, "link", refuse(errno.ENOSPC))
    monkeypatch.setattr(os, "write", refuse(errno.ENOSPC))
    with pytest.raises(OSError, match="space"):
        Linker(mode, pytest.fail).place(str(source), str(source.with_name("new")), 0o600)
