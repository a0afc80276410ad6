"""Removing and replacing: what a distribution owns goes, whatever its RECORD claims; the rest stays."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest

from clearway.errors import TargetError
from clearway.ports import Change
from support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.site.conftest import Bench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environment of these tests is one of POSIX")

INFO = "demo-1.0.dist-info"
FULL = make_wheel(
    "demo",
    "1.0",
    files={"demo/__init__.py": "x = 1", "demo/sub/deep.py": "", "top.py": "", "space/demo/a.py": ""},
    scripts={"tool": "#!python\n"},
    data={"headers/demo.h": "", "data/share/demo/x.ini": "", "data/etc/demo.conf": ""},
    entry_points={"console_scripts": {"demo": "demo:main"}},
)


def test_removing_leaves_the_environment_as_it_was(bench: Bench) -> None:
    before = bench.snapshot()
    bench.apply(FULL)
    bench.apply(remove=(INFO,))
    after = bench.snapshot()
    left = {path for path in after if path not in before}
    assert left == {"include", "include/site", f"include/site/{bench.site.parent.name}"}  # which the scheme names
    assert {path: after[path] for path in before} == before
    assert bench.warnings == []


def test_what_python_compiled_goes_too(bench: Bench) -> None:
    bench.apply(FULL, compile_bytecode=True)
    for path in ("demo/__pycache__/__init__.cpython-38.pyc", "__pycache__/top.cpython-38.opt-2.pyc"):
        (bench.site / path).write_bytes(b"compiled later")
    bench.apply(remove=(INFO,))
    assert bench.files() == set()
    assert not list(bench.site.iterdir())


def test_what_others_put_there_stays(bench: Bench) -> None:
    bench.apply(FULL, make_wheel("other", "1.0", files={"space/other/b.py": ""}))
    (bench.site / "demo" / "settings.ini").write_text("mine")
    (bench.prefix / "share" / "demo" / "notes").write_text("mine")
    bench.apply(remove=(INFO,))
    left = {path for path in bench.files() if not path.startswith("other-")}
    assert left == {"demo/settings.ini", "space/other/b.py"}
    assert (bench.prefix / "share" / "demo" / "notes").exists()
    assert not (bench.prefix / "etc").exists()


def test_an_upgrade_removes_the_old_files(bench: Bench) -> None:
    bench.apply(FULL)
    new = make_wheel("demo", "2.0", files={"demo/__init__.py": "x = 2", "demo/added.py": ""})
    bench.apply(new, remove=(INFO,))
    assert {path for path in bench.files() if ".dist-info" not in path} == {"demo/__init__.py", "demo/added.py"}
    assert (bench.site / "demo" / "__init__.py").read_text() == "x = 2"
    assert sorted(os.listdir(bench.site)) == ["demo", "demo-2.0.dist-info"]
    assert sorted(os.listdir(bench.bin)) == ["python"]


def test_the_same_release_can_be_installed_again(bench: Bench) -> None:
    bench.apply(FULL)
    before = bench.snapshot()
    (bench.site / "demo" / "__init__.py").unlink()
    (bench.site / "top.py").unlink()
    (bench.site / "top.py").write_text("broken")
    bench.apply(FULL, remove=(INFO,))
    assert bench.snapshot() == before


def test_a_module_may_become_a_package_and_back(bench: Bench) -> None:
    module, package = (
        make_wheel("demo", "1.0", files={"demo.py": "", "data": "file"}),
        make_wheel("demo", "2.0", files={"demo/__init__.py": "", "data/x": ""}),
    )
    bench.apply(module)
    bench.apply(package, remove=(INFO,))
    assert (bench.site / "data" / "x").exists()
    bench.apply(module, remove=("demo-2.0.dist-info",))
    assert (bench.site / "data").read_text() == "file"


def test_a_change_may_remove_and_install_many(bench: Bench) -> None:
    bench.apply(*(make_wheel(name, "1.0", files={f"space/{name}.py": name}) for name in "abc"))
    bench.apply(
        *(make_wheel(name, "2.0", files={f"space/{name}.py": name * 2}) for name in "bd"),
        remove=("a-1.0.dist-info", "b-1.0.dist-info"),
    )
    assert {path: (bench.site / path).read_text() for path in bench.files() if path.startswith("space")} == {
        "space/b.py": "bb",
        "space/c.py": "c",
        "space/d.py": "dd",
    }


def append(bench: Bench, *rows: str) -> None:
    with open(bench.site / INFO / "RECORD", "a", encoding="utf-8") as record:
        record.writelines(f"{row},,\n" for row in rows)


def test_a_record_that_climbs_out_is_not_followed(bench: Bench) -> None:
    outside = bench.root / "precious"
    (bench.root / "folder").mkdir()
    (bench.root / "folder" / "file").touch()
    outside.touch()
    bench.apply(FULL)
    (bench.site / "link").symlink_to(bench.root / "folder")
    append(bench, "../../../../precious", str(outside), "link/file", "demo/../../../../../precious")
    bench.apply(remove=(INFO,))
    assert outside.exists()
    assert (bench.root / "folder" / "file").exists()
    assert bench.warnings == ["demo 1.0 lists 2 files that are not its own: they stay"]
    assert bench.files() == {"link"}


def test_a_record_that_names_the_interpreter_is_not_followed(bench: Bench) -> None:
    bench.apply(FULL)
    append(bench, "../../../bin/python", "../../../pyvenv.cfg")
    bench.apply(remove=(INFO,))
    assert (bench.bin / "python").exists()
    assert (bench.prefix / "pyvenv.cfg").exists()
    assert bench.warnings == ["demo 1.0 lists 2 files that are not its own: they stay"]


def test_a_record_that_names_folders_takes_none(bench: Bench) -> None:
    bench.apply(FULL, make_wheel("other", "1.0"))
    append(bench, "other", "other/", "../site-packages", ".", "../../../lib", "demo", "")
    bench.apply(remove=(INFO,))
    assert (bench.site / "other" / "__init__.py").exists()
    assert not (bench.site / "demo").exists()


def test_a_record_that_names_what_a_change_keeps_its_things_in_is_not_followed(bench: Bench) -> None:
    bench.apply(FULL)
    append(bench, ".clearway/lock", ".clearway/new", ".clearway", "demo/../.clearway/journal-removing")
    bench.apply(remove=(INFO,))
    assert not list(bench.site.iterdir())
    assert bench.warnings == ["demo 1.0 lists 4 files that are not its own: they stay"]


def test_a_record_of_paths_that_cannot_be_takes_the_rest(bench: Bench) -> None:
    bench.apply(FULL)
    (bench.site / "loop").symlink_to("loop")
    append(bench, "a\0b", "x" * 5000, "y/" * 3000 + "z", "demo/__init__.py/below", "loop/file", "gone/file")
    bench.apply(remove=(INFO,))
    assert bench.files() == {"loop"}


def test_a_distribution_outside_of_the_environment_stays(bench: Bench) -> None:
    system = bench.root / "system"
    (system / INFO).mkdir(parents=True)
    (system / INFO / "RECORD").write_text("demo.py,,\n")
    (system / "demo.py").touch()
    outside = msgspec.structs.replace(bench.installed(INFO), location=str(system), info=str(system / INFO))
    bench.opened().apply(Change((outside,), bench.change(FULL).install))
    assert (system / "demo.py").exists()
    assert (bench.site / INFO / "RECORD").exists()
    assert bench.warnings == [f"Not uninstalling demo 1.0 at {system}, outside environment {bench.prefix}"]


@pytest.mark.parametrize("record", [None, b"", b"\xff\xfe", b"one column\n"])
def test_without_a_record_nothing_is_removed(bench: Bench, record: bytes | None) -> None:
    bench.apply(FULL)
    path = bench.site / INFO / "RECORD"
    path.unlink()
    if record is not None:
        path.write_bytes(record)
    before = bench.snapshot()
    change = Change((msgspec.structs.replace(bench.installed(INFO), installer="conda"),), bench.change(FULL).install)
    with pytest.raises(TargetError) as caught:
        bench.opened().apply(change)
    assert caught.value.code == "no-record"
    assert "by conda" in caught.value.message
    assert caught.value.hint
    assert bench.snapshot() == before


def test_old_setuptools_kept_a_list_of_its_own(bench: Bench) -> None:
    info = bench.site / "demo-1.0.egg-info"
    info.mkdir()
    (bench.site / "demo").mkdir()
    (bench.site / "demo" / "__init__.py").touch()
    (bench.site / "mine.py").touch()
    (info / "PKG-INFO").touch()
    (info / "installed-files.txt").write_text("../demo/__init__.py\n../../../../../../mine.py\nPKG-INFO\n")
    bench.apply(remove=("demo-1.0.egg-info",))
    assert bench.files() == {"mine.py"}


def test_what_distutils_installed_cannot_be_removed(bench: Bench) -> None:
    (bench.site / "demo-1.0.egg-info").write_text("Name: demo\n")
    with pytest.raises(TargetError) as caught:
        bench.apply(remove=("demo-1.0.egg-info",))
    assert caught.value.code == "no-record"
    assert "installed-files.txt" in caught.value.message


def test_a_development_installation_is_left_to_its_tool(bench: Bench) -> None:
    source = bench.root / "source"
    (source / "demo.egg-info").mkdir(parents=True)
    (bench.site / "demo.egg-link").write_text(f"{source}\n.")
    linked = msgspec.structs.replace(bench.installed(INFO), info=str(source / "demo.egg-info"))
    with pytest.raises(TargetError, match="development installation") as caught:
        bench.opened().apply(Change((linked,), ()))
    assert caught.value.code == "no-record"
