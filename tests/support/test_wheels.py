"""The wheel factory makes what it says, seen through ``zipfile``."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile

import pytest

from support.wheels import ENCRYPTED, Member, bomb, make_sdist, make_wheel, record_row, symlink, write_zip
from support.zips import DESCRIPTOR


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_a_wheel_is_sound_and_deterministic() -> None:
    wheel = make_wheel(
        "Demo.Pkg",
        "1.0",
        requires=["a>1"],
        extras={"fast": ["b>2; python_version > '3'", "c"]},
        tags="py2.py3-none-any",
        build="3",
        scripts={"run": "#!python\n"},
        data={"purelib/extra.py": "x = 1\n"},
        entry_points={"console_scripts": {"demo": "demo:main"}},
    )
    archive = opened(wheel.content)
    assert wheel.filename == "Demo_Pkg-1.0-3-py2.py3-none-any.whl"
    assert archive.testzip() is None
    rows = dict(line.split(",", 1) for line in archive.read("Demo_Pkg-1.0.dist-info/RECORD").decode().splitlines())
    assert rows.pop("Demo_Pkg-1.0.dist-info/RECORD") == ","
    assert rows == {
        name: ",".join(record_row(archive.read(name))) for name in archive.namelist() if not name.endswith("/RECORD")
    }
    assert b"Requires-Dist: b>2 ; (python_version > '3') and extra == \"fast\"" in wheel.metadata
    assert b"Tag: py2-none-any\nTag: py3-none-any" in archive.read("Demo_Pkg-1.0.dist-info/WHEEL")
    assert make_wheel("demo", "1.0") == make_wheel("demo", "1.0")


def test_a_wheel_may_lie() -> None:
    wheel = make_wheel(
        "demo",
        "1.0",
        record={"demo/__init__.py": ("sha256=AAAA", "1"), "ghost.py": ("", ""), "demo-1.0.dist-info/WHEEL": None},
        omit=["METADATA"],
        members=[symlink("link", "/etc/passwd"), Member("../up.py", b"x"), Member("../up.py", b"y")],
        filename="other-2.0-py3-none-any.whl",
    )
    archive = opened(wheel.content)
    assert archive.read("demo-1.0.dist-info/RECORD") == (
        b"demo/__init__.py,sha256=AAAA,1\ndemo-1.0.dist-info/RECORD,,\nghost.py,,\n"
    )
    assert archive.namelist()[1:5] == ["demo-1.0.dist-info/WHEEL", "link", "../up.py", "../up.py"]
    assert stat.S_ISLNK(archive.getinfo("link").external_attr >> 16)


def test_members_may_be_of_every_kind() -> None:
    members = [
        Member("plain", b"text"),
        Member("large", b"text", zip64=True),
        Member("late", b"text" * 9, flags=DESCRIPTOR),
        Member("stored", b"text", method=0),
        bomb("bomb", 3_000_000),
        Member("é", b""),
    ]
    archive = opened(write_zip(members, prefix=b"#!/bin/sh\n", comment=b"note", zip64=True))
    assert archive.testzip() is None
    assert archive.comment == b"note"
    assert [info.file_size for info in archive.infolist()] == [4, 4, 36, 4, 3_000_000, 0]
    assert archive.getinfo("bomb").compress_size < 5000


def test_headers_may_lie() -> None:
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        opened(write_zip([Member("a", b"x", crc=1)])).read("a")
    with pytest.raises(RuntimeError, match="encrypted"):
        opened(write_zip([Member("a", b"x", flags=ENCRYPTED)])).read("a")
    with pytest.raises(zipfile.BadZipFile, match="differ"):
        opened(write_zip([Member("a", b"x", local_name="b")])).read("a")
    assert opened(write_zip([bomb("a", 100_000, claimed=10)])).getinfo("a").file_size == 10


def test_a_source_archive_has_its_metadata_in_place() -> None:
    source = make_sdist("Demo.Pkg", "1.0", files={"setup.py": "pass\n"})
    with tarfile.open(fileobj=io.BytesIO(source.content)) as archive:
        assert archive.getnames() == ["demo_pkg-1.0/PKG-INFO", "demo_pkg-1.0/setup.py"]
    assert source == make_sdist("Demo.Pkg", "1.0", files={"setup.py": "pass\n"})
