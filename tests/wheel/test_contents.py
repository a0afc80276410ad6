"""What a wheel says about itself: believed where it agrees with its name and its files, refused elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from clearway.errors import IntegrityError
from clearway.wheel.contents import check_hash, read_contents, read_metadata
from clearway.wheel.entry_points import EntryPoint
from support.wheels import Member, Wheel, make_metadata, make_wheel, record_row

if TYPE_CHECKING:
    from clearway.wheel.contents import Contents

MAIN = b"def main(): pass\n"


def contents_of(wheel: Wheel) -> Contents:
    return read_contents(memoryview(wheel.content), wheel.filename)


def test_reads_a_wheel() -> None:
    wheel = make_wheel(
        "Demo.Pkg",
        "1.0",
        requires=["other>1"],
        files={"demo_pkg/__init__.py": MAIN},
        scripts={"tool": "#!python\n"},
        data={"headers/demo.h": "", "data/etc/demo.ini": "", "platlib/x.py": "", "purelib/y.py": ""},
        entry_points={"console_scripts": {"demo": "demo_pkg:main"}},
    )
    contents = contents_of(wheel)
    assert contents.info == "Demo_Pkg-1.0.dist-info"
    assert (contents.metadata.name, contents.metadata.requires_dist) == ("Demo.Pkg", ("other>1",))
    assert contents.purelib
    assert contents.entry_points == (EntryPoint("demo", "demo_pkg", "main"),)
    assert {member.name for member in contents.members} == {
        "demo_pkg/__init__.py",
        *(f"Demo_Pkg-1.0.data/{path}" for path in ("scripts/tool", "headers/demo.h", "data/etc/demo.ini")),
        *(f"Demo_Pkg-1.0.data/{path}" for path in ("platlib/x.py", "purelib/y.py")),
        *(f"Demo_Pkg-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "entry_points.txt")),
    }
    assert read_metadata(memoryview(wheel.content), wheel.filename) == contents.metadata
    assert not contents_of(make_wheel("demo", "1.0", tags="cp313-cp313-linux_x86_64")).purelib


def test_files_that_installers_write_are_left_out() -> None:
    info = "demo-1.0.dist-info"
    own = {f"{info}/{name}": b"x" for name in ("INSTALLER", "REQUESTED", "direct_url.json")}
    signature = Member(f"{info}/RECORD.jws", b"{}")
    contents = contents_of(make_wheel("demo", "1.0", files={"demo.py": MAIN, **own}, members=[signature]))
    assert {member.name for member in contents.members} == {"demo.py", f"{info}/METADATA", f"{info}/WHEEL"}


@pytest.mark.parametrize(
    ("filename", "info"),
    [
        ("Demo_Pkg-1.0-py3-none-any.whl", "demo_pkg-1.0.dist-info"),
        ("demo_pkg-1.0-1build-py3-none-any.whl", "Demo.Pkg-1.0.0.dist-info"),
        ("demo_pkg-1.0-py3-none-any.whl", "demo-pkg-1.0.dist-info"),
    ],
)
def test_names_and_versions_agree_in_any_spelling(filename: str, info: str) -> None:
    assert contents_of(make_wheel("demo-pkg", "1.0", filename=filename, dist_info=info)).info == info


def test_vendored_distributions_are_files_like_others() -> None:
    wheel = make_wheel("demo", "1.0", files={"demo/_vendor/other-2.0.dist-info/METADATA": b"Name: other\n"})
    assert contents_of(wheel).info == "demo-1.0.dist-info"


@pytest.mark.parametrize(
    ("code", "reason", "change"),
    [
        ("wrong-wheel", ".dist-info folder is", {"filename": "other-1.0-py3-none-any.whl"}),
        ("wrong-wheel", ".dist-info folder is", {"filename": "demo-2.0-py3-none-any.whl"}),
        ("wrong-wheel", ".dist-info folder is", {"filename": "demo.whl"}),
        ("wrong-wheel", "metadata is of", {"metadata": make_metadata("other", "1.0")}),
        ("wrong-wheel", "metadata is of", {"metadata": make_metadata("demo", "1.1")}),
        ("bad-metadata", "no valid name", {"metadata": b"Metadata-Version: 2.1\n\n"}),
        ("bad-metadata", "no METADATA", {"omit": ["METADATA"]}),
        ("bad-metadata", "no WHEEL", {"omit": ["WHEEL"]}),
        ("bad-metadata", "no RECORD", {"omit": ["RECORD"]}),
        ("bad-metadata", "no .dist-info", {"omit": ["METADATA", "WHEEL", "RECORD"]}),
        ("bad-metadata", "more than one", {"files": {"other-1.0.dist-info/METADATA": b""}}),
        ("bad-metadata", "wheel format", {"wheel_file": b"Wheel-Version: 2.0\n"}),
        ("bad-metadata", "wheel format", {"wheel_file": b"Root-Is-Purelib: true\n"}),
        ("bad-metadata", "unknown scheme", {"data": {"secrets/x": b""}}),
        ("bad-metadata", "unknown scheme", {"data": {"data": b""}}),
        ("bad-metadata", "calls nothing", {"entry_points": {"console_scripts": {"x": "y"}}}),
        ("bad-record", "cannot be read", {"record": b"\xff\n"}),
        ("bad-record", "not recorded", {"record": {"demo/__init__.py": None}}),
        ("bad-record", "not recorded", {"members": [Member("extra.py", b"x")]}),
        ("bad-record", "no strong hash", {"record": {"demo/__init__.py": ("", "")}}),
        ("bad-record", "no strong hash", {"record": {"demo/__init__.py": ("md5=abc", "1")}}),
        ("bad-archive", "climbs out", {"files": {"../evil.py": b""}}),
    ],
)
def test_what_does_not_agree_is_refused(code: str, reason: str, change: dict[str, Any]) -> None:
    wheel = make_wheel("demo", "1.0", **change)
    with pytest.raises(IntegrityError) as caught:
        contents_of(wheel)
    assert caught.value.code == code
    assert reason in caught.value.message


def test_rows_without_a_file_are_harmless() -> None:
    wheel = make_wheel("demo", "1.0", record={"../../../etc/passwd": record_row(b"x"), "ghost.py": ("", "")})
    assert "ghost.py" in contents_of(wheel).record


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_hashes_are_checked(algorithm: str) -> None:
    wheel = make_wheel("demo", "1.0", files={"demo.py": MAIN}, record={"demo.py": record_row(MAIN, algorithm)})
    contents = contents_of(wheel)
    sha256 = record_row(MAIN)[0].removeprefix("sha256=")
    check_hash(contents, "demo.py", sha256, [MAIN[:5], MAIN[5:]])
    other = record_row(b"other")[0].removeprefix("sha256=")
    with pytest.raises(IntegrityError, match="not the one that was recorded") as caught:
        check_hash(contents, "demo.py", other, [b"other"])
    assert caught.value.code == "bad-record"
