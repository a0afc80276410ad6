"""Source archives: every format, what is tolerated, and what is refused before anything lies outside of the folder."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from contextlib import suppress
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearway.build import streams
from clearway.build.unpacking import unpack_source
from clearway.errors import InputError, IntegrityError
from support.wheels import make_sdist

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
    "tar": bytes,
}


def member(name: str, content: bytes = b"", **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in changes.items():
        setattr(info, key, value)
    return info, content


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, type=tarfile.DIRTYPE, mode=0o755)


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, type=kind, linkname=target)


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def refused(archive: bytes, tmp_path: Path) -> str:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(IntegrityError) as caught:
        unpack_source(memoryview(archive), "demo-1.0.tar.gz", str(tmp_path / "out"))
    assert caught.value.code == "bad-archive"
    assert sorted(tmp_path.rglob("*")) == before
    return caught.value.message


@pytest.mark.parametrize("kind", [*PACKERS, "zip"])
def test_every_format(kind: str, tmp_path: Path) -> None:
    files = {"demo-1.0/setup.py": b"1", "demo-1.0/deep/er/data": b"x" * 300_000}
    if kind == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        content = packed.getvalue()
    else:
        content = PACKERS[kind](tar(*(member(name, text) for name, text in files.items())))
    top = unpack_source(memoryview(content), f"demo-1.0.{kind}", str(tmp_path / "out"))
    assert top == str(tmp_path / "out" / "demo-1.0")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in files} == files


def test_from_a_path(tmp_path: Path) -> None:
    path = make_sdist("demo", "1.0").write(tmp_path)
    assert os.listdir(unpack_source(str(path), path.name, str(tmp_path / "out"))) == ["PKG-INFO"]
    with pytest.raises(InputError, match="cannot be read"):
        unpack_source(str(tmp_path / "missing.tar.gz"), "missing.tar.gz", str(tmp_path / "out2"))
    path.write_bytes(b"")
    assert "cannot be read" in refused_path(str(path), tmp_path)


def refused_path(path: str, tmp_path: Path) -> str:
    with pytest.raises(IntegrityError) as caught:
        unpack_source(path, "demo-1.0.tar.gz", str(tmp_path / "out3"))
    return caught.value.message


def test_what_is_tolerated(tmp_path: Path) -> None:
    """No top folder; names that begin with a dot; files that come twice; links inside; old times; modes."""
    content = tar(
        member("./setup.py", b"old"),
        folder("./sub/"),
        member("sub//run.sh", b"#!", mode=0o4775, mtime=0),
        member("setup.py", b"new"),
        link("sub/link", "../setup.py"),
        link("same", "setup.py", tarfile.LNKTYPE),
        link("dangling", "nowhere"),
    )
    out = tmp_path / "out"
    assert unpack_source(memoryview(gzip.compress(content)), "demo.tgz", str(out)) == str(out)
    assert (out / "setup.py").read_bytes() == (out / "sub/link").read_bytes() == (out / "same").read_bytes() == b"new"
    mode = os.stat(out / "sub/run.sh").st_mode
    assert mode & 0o111
    assert not mode & 0o7000
    assert os.stat(out / "sub/run.sh").st_mtime > 315_532_800  # what a zip archive can tell


def test_streams_one_after_the_other(tmp_path: Path) -> None:
    content = tar(member("demo-1.0/setup.py", b"x" * 5000))
    packed = gzip.compress(content[:1000]) + gzip.compress(content[1000:]) + b"\0" * 100
    top = unpack_source(memoryview(packed), "demo.tar.gz", str(tmp_path / "out"))
    assert os.path.getsize(os.path.join(top, "setup.py")) == 5000


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([member("/etc/passwd")], "a path is absolute"),
        ([member("demo/../../out")], "a path climbs"),
        ([member("..")], "a path climbs"),
        ([link("demo/up", "../..")], "a link leads out"),
        ([link("demo/up", "/etc")], "a link leads out"),
        ([link("up", "a/b/up"), link("a/b/up", "../../..")], "a link leads out"),
        ([folder("a/b/c"), link("a/b/c/up", "../../.."), link("a/b/c/evil", "up/..")], "a link leads out"),
        ([folder("a/b/c"), link("a/b/c/evil", "up/.."), link("a/b/c/up", "../../..")], "a link leads out"),
        ([link("a", ".."), link("a/evil", "b")], "leads"),
        ([link("a", "b"), folder("b"), link("a/evil", "x")], "a path leads through a link"),
        ([link("a", "b"), member("a/file")], "one path is two things"),
        ([link("hard", "/etc/passwd", tarfile.LNKTYPE)], "a path is absolute"),
        ([link("hard", "../out", tarfile.LNKTYPE)], "a path climbs"),
        ([link("hard", "later", tarfile.LNKTYPE), member("later")], "a link leads nowhere"),
        ([member("same"), link("same", "same", tarfile.LNKTYPE)], "a link is its own target"),
        ([member("pipe", type=tarfile.FIFOTYPE)], "a device or a pipe"),
        ([member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3)], "a device or a pipe"),
        ([member("a"), member("a/b")], "one path is two things"),
        ([folder("a"), member("a")], "one path is two things"),
        ([member("x" * 300)], "cannot be one on this system"),
    ],
)
def test_hostile_members(members: list[tuple[tarfile.TarInfo, bytes]], reason: str, tmp_path: Path) -> None:
    assert reason in refused(gzip.compress(tar(*members)), tmp_path)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil"])
def test_hostile_names_in_zip(name: str, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, b"")
    assert "a path" in refused(packed.getvalue(), tmp_path)


def test_link_in_zip_is_a_file(tmp_path: Path) -> None:
    packed = io.BytesIO()
    info = zipfile.ZipInfo("demo-1.0/link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    top = unpack_source(memoryview(packed.getvalue()), "demo.zip", str(tmp_path / "out"))
    assert not os.path.islink(os.path.join(top, "link"))


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = bytes(2 << 20)
    bombs = [gzip.compress(tar(member("demo/zeros", zeros)))]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("demo/zeros", zeros)
    bombs.append(packed.getvalue())
    monkeypatch.setattr(streams, "_FREE", 1 << 20)
    for bomb in bombs:
        assert "far more than an archive of its size" in refused(bomb, tmp_path)
    monkeypatch.setattr(streams, "MOST_MEMBERS", 10)
    assert "too many members" in refused(gzip.compress(tar(*(member(str(n)) for n in range(11)))), tmp_path)


def test_sparse_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that consists of a hole has a size, and no bytes in the archive."""
    monkeypatch.setattr(streams, "_FREE", 1 << 20)
    info = tarfile.TarInfo("demo/hole")
    info.pax_headers = {"GNU.sparse.size": str(1 << 40), "GNU.sparse.map": "0,0", "GNU.sparse.name": "demo/hole"}
    assert "far more" in refused(gzip.compress(tar((info, b""))), tmp_path)


def test_header_that_is_longer_than_any(tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 64 << 20
    assert "a header is too long" in refused(gzip.compress(header.tobuf() + bytes(1024)), tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 2000), kind=st.sampled_from(sorted(PACKERS)), damage=st.binary(min_size=1, max_size=3))
def test_damage_is_told_and_never_a_crash(tmp_path: Path, cut: int, kind: str, damage: bytes) -> None:
    content = PACKERS[kind](tar(member("demo-1.0/setup.py", bytes(range(256)) * 8), link("demo-1.0/l", "setup.py")))
    cut %= len(content)
    out = tmp_path / os.urandom(8).hex()
    with suppress(IntegrityError):
        unpack_source(memoryview(content[:cut] + damage + content[cut + len(damage) :]), "demo.tar", str(out))
        rmtree(out)
    assert not out.exists()
    if kind != "tar":
        with pytest.raises(IntegrityError):
            unpack_source(memoryview(content[:cut]), "demo.tar", str(tmp_path / os.urandom(8).hex()))
