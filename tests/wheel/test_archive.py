"""The zip format: sound archives are read as ``zipfile`` reads them, others are refused with a reason."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.errors import IntegrityError
from clearway.wheel.archive import read_directory, read_member, stream_member
from support.zips import DEFLATED, DESCRIPTOR, ENCRYPTED, STORED, Member, bomb, symlink, write_zip

CONTENT = b"print('hello')\n" * 40


def members_of(content: bytes) -> dict[str, bytes]:
    view = memoryview(content)
    return {member.name: bytes(read_member(view, member, "x.whl")) for member in read_directory(view, "x.whl")}


def refusal_of(content: bytes) -> IntegrityError:
    with pytest.raises(IntegrityError) as caught:
        members_of(content)
    assert caught.value.code == "bad-archive"
    assert "x.whl" in caught.value.message
    assert caught.value.hint
    return caught.value


@settings(max_examples=60)
@given(
    st.dictionaries(st.text("abcé_", min_size=1, max_size=6), st.binary(max_size=300), max_size=6),
    st.sampled_from([STORED, DEFLATED]),
    st.sampled_from([0, DESCRIPTOR]),
    st.booleans(),
    st.booleans(),
    st.binary(max_size=20),
)
def test_reads_what_zipfile_reads(
    files: dict[str, bytes], method: int, flags: int, wide: bool, zip64: bool, comment: bytes
) -> None:
    packed = [Member(name, content, method=method, flags=flags, zip64=wide) for name, content in files.items()]
    content = write_zip([*packed, Member("folder/", mode=0o040755, method=STORED)], comment=comment, zip64=zip64)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        expected = {name: archive.read(name) for name in archive.namelist() if name != "folder/"}
    assert members_of(content) == expected == files


def test_archives_of_zipfile_are_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.py", CONTENT)
        archive.writestr("empty", b"")
        with archive.open("streamed", "w", force_zip64=True) as file:
            file.write(CONTENT)
    assert members_of(packed.getvalue()) == {"a/b.py": CONTENT, "empty": b"", "streamed": CONTENT}


def test_modes_tell_what_is_executable() -> None:
    content = write_zip([Member("run", mode=0o100755), Member("data", mode=0o100644), Member("bare", mode=0o755)])
    executable = {member.name: member.executable for member in read_directory(memoryview(content), "x.whl")}
    assert executable == {"run": True, "data": False, "bare": False}


@pytest.mark.parametrize("method", [STORED, DEFLATED])
@pytest.mark.parametrize("size", [0, 1, 1 << 20, (5 << 20) + 3])
def test_streaming_gives_the_same_bytes(method: int, size: int) -> None:
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    view = memoryview(write_zip([Member("big", data, method=method)]))
    (member,) = read_directory(view, "x.whl")
    assert b"".join(stream_member(view, member, "x.whl")) == data == bytes(read_member(view, member, "x.whl"))


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([Member("../up.py", b"x")], "climbs out"),
        ([Member("/abs.py", b"x")], "absolute"),
        ([Member("C:\\x.py", b"x")], "backslash"),
        ([Member("a\0b", b"x")], "control character"),
        ([Member(b"\xff\xfe.py", b"x")], "not UTF-8"),
        ([symlink("link", "/etc/passwd")], "link or a device"),
        ([Member("fifo", mode=0o010644)], "link or a device"),
        ([Member("null", mode=0o020644)], "link or a device"),
        ([Member("folder", mode=0o040755)], "link or a device"),
        ([Member("a.py", b"1"), Member("a.py", b"2")], "twice"),
        ([Member("a", b"1"), Member("a/b.py", b"2")], "a file and a folder"),
        ([Member("a/b.py", b"2"), Member("a", b"1")], "a file and a folder"),
        ([Member("a/", mode=0o040755, method=STORED), Member("a", b"1")], "a file and a folder"),
        ([Member("a.py", CONTENT, flags=ENCRYPTED)], "encrypted"),
        ([Member("a.py", CONTENT, flags=0x2000)], "encrypted"),
        ([Member("a.py", CONTENT, method=12)], "unknown method 12"),
        ([Member("a.py", CONTENT, local_name="b.py")], "headers disagree"),
        ([Member("a.py", CONTENT), Member("b.py", CONTENT, offset=0)], "overlap"),
        ([Member("a.py", CONTENT, offset=1 << 30)], "overlap"),
        ([Member("a.py", CONTENT, method=STORED, compressed_size=1)], "sizes of a member"),
        ([Member("a.py", CONTENT, compressed_size=1 << 20)], "overlap the directory"),
        ([Member("a.py", CONTENT, crc=1)], "damaged"),
        ([Member("a.py", CONTENT, size=len(CONTENT) + 1)], "damaged"),
        ([Member("a.py", CONTENT, size=len(CONTENT) - 1)], "cannot be unpacked"),
        ([Member("a.py", CONTENT, raw=b"\xff" * 60)], "cannot be unpacked"),
        ([bomb("zeros", 4 << 20, claimed=10)], "cannot be unpacked"),
        ([Member("claims", raw=b"\x03\0" + bytes(8), size=1 << 40, zip64=True)], "can hold"),
        ([bomb(f"{n}", 0, claimed=900 << 20) for n in range(2)], "can hold"),
        ([Member(f"{n}", raw=bytes(1 << 20), size=900 << 20) for n in range(2)], "would unpack to"),
    ],
)
def test_hostile_members_are_refused(members: list[Member], reason: str) -> None:
    assert reason in refusal_of(write_zip(members)).message


def test_a_bomb_of_shared_data_is_refused() -> None:
    inner = bomb("zeros", 8 << 20)
    twice = [
        inner,
        Member("again", raw=b"", crc=inner.crc, size=inner.size, compressed_size=len(inner.raw or b""), offset=0),
    ]
    assert "overlap" in refusal_of(write_zip(twice)).message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n<!DOCTYPE html><title>Sign in</title>" + b" " * 200_000, "HTML page"),
        (b"<html>blocked</html>", "HTML page"),
        (b'{"message": "not found"}', "JSON"),
        (b"\x1f\x8b\x08" + bytes(40), "gzip"),
        (b"just a text", "not a zip"),
        (b"PK\x05\x06", "not a zip"),
    ],
)
def test_what_is_no_archive_says_what_it_looks_like(content: bytes, reason: str) -> None:
    assert reason in refusal_of(content).message


def test_bytes_after_the_end_are_refused() -> None:
    assert "after the end" in refusal_of(write_zip([Member("a.py", CONTENT)]) + b"\0").message


def test_an_end_inside_a_comment_does_not_win() -> None:
    inner = write_zip([Member("inner.py", b"x")])
    outer = write_zip([Member("outer.py", CONTENT)], comment=inner)
    refusal_of(outer)


def test_no_truncated_archive_is_read() -> None:
    content = write_zip([Member("a.py", CONTENT), Member("b/c.py", b"x" * 100, flags=DESCRIPTOR)], zip64=True)
    assert len(members_of(content)) == 2
    for length in range(len(content)):
        refusal_of(content[:length])


@settings(max_examples=300)
@given(st.data())
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    sound = write_zip(
        [Member("a.py", CONTENT), Member("b/c.py", b"x" * 100, method=STORED), Member("d", b"", flags=DESCRIPTOR)],
        zip64=data.draw(st.booleans()),
    )
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    try:
        files = members_of(bytes(damaged))
    except IntegrityError:
        return
    assert sorted(files.values()) == sorted([CONTENT, b"x" * 100, b""])


def test_a_damaged_stream_never_gives_its_last_piece() -> None:
    data = bytes(range(256)) * (12 << 10)
    content = bytearray(write_zip([Member("big", data, method=STORED)]))
    content[len(data) // 2] ^= 1
    view = memoryview(bytes(content))
    (member,) = read_directory(view, "x.whl")
    got: list[int] = []
    with pytest.raises(IntegrityError, match="damaged"):
        got.extend(len(piece) for piece in stream_member(view, member, "x.whl"))
    assert sum(got) < len(data)


def test_a_stream_stops_where_a_member_exceeds_its_size() -> None:
    hostile = bomb("zeros", 64 << 20, claimed=1000)
    view = memoryview(write_zip([hostile]))
    (member,) = read_directory(view, "x.whl")
    got: list[int] = []
    with pytest.raises(IntegrityError, match="damaged"):
        got.extend(len(piece) for piece in stream_member(view, member, "x.whl"))
    assert sum(got) <= 2 << 20
