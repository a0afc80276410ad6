"""Installing wheels: every file in its place, with a RECORD that is true (PEP 376, 427, 610, 627)."""

from __future__ import annotations

import csv
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from clearway.errors import IntegrityError, TargetError
from clearway.ports import Change, Installation
from support.wheels import Member, make_wheel, record_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.site.conftest import Bench

    from support.wheels import Wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environment of these tests is one of POSIX")

INFO = "demo-1.0.dist-info"
PYTHON = {"console_scripts": {"python": "demo:main"}}
FULL = make_wheel(
    "demo",
    "1.0",
    files={"demo/__init__.py": "def main(): print('it runs')\n", "demo/a,b.txt": "comma", 'demo/q"q.txt': "quote"},
    scripts={"tool": "#!python\nprint('a tool')\n", "native": "#!/bin/sh\necho native\n"},
    data={"headers/demo.h": "int x;", "data/share/demo/x.ini": "[x]", "purelib/extra.py": "", "platlib/more.py": ""},
    entry_points={"console_scripts": {"demo": "demo:main"}, "gui_scripts": {"demo-gui": "demo:main"}},
)


def record_of(bench: Bench, info: str = INFO) -> dict[str, tuple[str, str]]:
    with open(bench.site / info / "RECORD", newline="", encoding="utf-8") as file:
        return {path: (hash_, size) for path, hash_, size in csv.reader(file)}


def assert_true(bench: Bench, info: str = INFO) -> None:
    """Check that a RECORD lists files that are there, as they are."""
    record = record_of(bench, info)
    assert record.pop(f"{info}/RECORD") == ("", "")
    for path, row in record.items():
        assert row == record_row((bench.site / path).read_bytes()), path


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_installs_every_part_of_a_wheel(bench: Bench) -> None:
    bench.apply(FULL)
    assert bench.files() == {
        "demo/__init__.py", "demo/a,b.txt", 'demo/q"q.txt', "extra.py", "more.py",
        *(f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "INSTALLER", "entry_points.txt")),
    }  # fmt: skip
    assert set(record_of(bench)) == {
        *bench.files(),
        *(f"../../../bin/{name}" for name in ("tool", "native", "demo", "demo-gui")),
        "../../../include/site/" + bench.site.parent.name + "/demo/demo.h",
        "../../../share/demo/x.ini",
    }
    assert_true(bench)
    assert (bench.site / INFO / "INSTALLER").read_text() == "clearway\n"
    assert not (bench.site / ".clearway").exists()
    assert bench.warnings == []


def test_commands_run(bench: Bench) -> None:
    bench.apply(FULL)
    assert run(str(bench.bin / "demo")) == run(str(bench.bin / "demo-gui")) == "it runs\n"
    assert run(str(bench.bin / "tool")) == "a tool\n"
    assert run(str(bench.bin / "native")) == "native\n"
    assert (bench.bin / "tool").read_text().startswith(f"#!{bench.bin}/python\n")


def test_scripts_may_be_run_even_if_the_archive_forgot(bench: Bench) -> None:
    content = b"#!/bin/sh\necho hello\n"
    member = Member("demo-1.0.data/scripts/plain", content, mode=0o100644)
    bench.apply(make_wheel("demo", "1.0", members=[member], record={member.name: record_row(content)}))  # type: ignore[dict-item]
    assert run(str(bench.bin / "plain")) == "hello\n"
    assert_true(bench)


def test_says_who_asked_and_where_it_came_from(bench: Bench) -> None:
    url = '{"url": "https://example.com/demo.whl", "archive_info": {}}'
    bench.opened().apply(bench.change(make_wheel("demo", "1.0"), requested=True, url=url))
    assert (bench.site / INFO / "REQUESTED").read_bytes() == b""
    assert (bench.site / INFO / "direct_url.json").read_text() == url
    assert_true(bench)


def test_what_a_wheel_says_in_the_name_of_an_installer_is_not_believed(bench: Bench) -> None:
    lies = {f"{INFO}/{name}": b"a lie" for name in ("INSTALLER", "REQUESTED", "direct_url.json")}
    bench.apply(make_wheel("demo", "1.0", files={"demo.py": b"", **lies}))
    assert (bench.site / INFO / "INSTALLER").read_text() == "clearway\n"
    assert bench.files() == {"demo.py", *(f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "INSTALLER"))}


@pytest.mark.parametrize("mode", ["auto", "hardlink", "copy", "symlink"])
def test_every_link_mode_installs_the_same(bench: Bench, mode: str) -> None:
    bench.apply(FULL, link_mode=mode)
    assert_true(bench)
    assert run(str(bench.bin / "demo")) == "it runs\n"
    installed = bench.site / "demo" / "__init__.py"
    cached = f"{bench.tree(FULL).path}/demo/__init__.py"
    assert installed.is_symlink() == (mode == "symlink")
    assert os.path.samefile(installed, cached) == (mode != "copy")
    assert bench.trees.find(bench.tree(FULL).key) is not None


def test_libraries_go_to_platlib(bench: Bench) -> None:
    environment = bench.environment
    platlib = bench.prefix / "lib64"
    scheme = type(environment.scheme)(
        str(bench.site), str(platlib), environment.scheme.scripts, environment.scheme.headers, environment.scheme.data
    )
    wheel = make_wheel("demo", "1.0", tags="cp313-cp313-linux_x86_64", data={"purelib/pure.py": ""})
    import msgspec

    bench.opened(msgspec.structs.replace(environment, scheme=scheme)).apply(bench.change(wheel))
    assert (platlib / INFO / "RECORD").is_file()
    assert (bench.site / "pure.py").is_file()
    assert f"../lib/{bench.site.parent.name}/site-packages/pure.py," in (platlib / INFO / "RECORD").read_text()


def test_a_plain_folder_is_a_target_too(bench: Bench) -> None:
    import msgspec

    folder = bench.root / "new" / "target"
    scheme = type(bench.environment.scheme)(
        str(folder), str(folder), f"{folder}/bin", f"{folder}/include/python", str(folder)
    )
    environment = msgspec.structs.replace(bench.environment, scheme=scheme, search=(str(folder),))
    bench.opened(environment).apply(bench.change(FULL))
    assert (folder / "bin" / "demo").is_file()
    assert (folder / "include" / "python" / "demo" / "demo.h").is_file()
    assert "bin/demo,sha256=" in (folder / INFO / "RECORD").read_text()
    assert not (folder / ".clearway").exists()


def test_a_new_folder_is_not_left_behind_by_a_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    folder = bench.root / "new" / "target"
    scheme = type(bench.environment.scheme)(*(str(folder),) * 5)
    site = bench.opened(msgspec.structs.replace(bench.environment, scheme=scheme))
    change = bench.change(FULL)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(TargetError, match="no space left"):
        site.apply(change)
    assert not (bench.root / "new").exists()


def test_folders_are_shared_with_what_is_there(bench: Bench) -> None:
    (bench.site / "space").mkdir()
    (bench.site / "space" / "mine.py").write_text("mine")
    bench.apply(
        make_wheel("one", "1.0", files={"space/one/__init__.py": "1"}),
        make_wheel("two", "1.0", files={"space/two/__init__.py": "2"}),
    )
    bench.apply(make_wheel("three", "1.0", files={"space/two/three.py": "3"}))
    assert {path for path in bench.files() if path.startswith("space")} == {
        "space/mine.py", "space/one/__init__.py", "space/two/__init__.py", "space/two/three.py"
    }  # fmt: skip


def shared(name: str, content: str, entry: str = "") -> Wheel:
    points = {"console_scripts": {"shared": entry}} if entry else None
    return make_wheel(name, "1.0", files={f"{name}.py": "", "shared/LICENSE": content}, entry_points=points)


def test_of_two_wheels_with_one_path_the_later_has_it(bench: Bench) -> None:
    bench.apply(*(shared(name, name, f"{name}:main") for name in ("one", "two", "three")))
    assert (bench.site / "shared" / "LICENSE").read_text() == "three"
    assert "from three import main" in (bench.bin / "shared").read_text()
    assert sorted(bench.warnings) == [
        "shared of three 1.0 replaces that of one 1.0, two 1.0: they install different files there",
        "shared/LICENSE of three 1.0 replaces that of one 1.0, two 1.0: they install different files there",
    ]


def test_of_two_wheels_with_one_file_nothing_needs_saying(bench: Bench) -> None:
    bench.apply(shared("one", "same"), shared("two", "same"))
    assert bench.warnings == []


@pytest.mark.parametrize("path", ["x.py", "sub/x.py"])
@pytest.mark.parametrize("order", [0, 1])
def test_two_wheels_that_do_not_fit_together_are_a_conflict(bench: Bench, order: int, path: str) -> None:
    before = bench.snapshot()
    wheels = [
        make_wheel("one", "1.0", files={"thing": "a file"}),
        make_wheel("two", "1.0", files={f"thing/{path}": ""}),
    ]
    with pytest.raises(TargetError, match="another wheel") as caught:
        bench.apply(*(wheels[::-1] if order else wheels))
    assert caught.value.code == "file-conflict"
    assert bench.snapshot() == before


def test_a_file_of_nobody_is_replaced(bench: Bench) -> None:
    (bench.site / "demo.py").write_text("left over")
    bench.apply(make_wheel("demo", "1.0", files={"demo.py": "new"}))
    assert (bench.site / "demo.py").read_text() == "new"
    assert bench.warnings == []


def test_a_file_of_another_distribution_is_replaced_with_a_warning(bench: Bench) -> None:
    bench.apply(make_wheel("other", "2.0", files={"demo.py": "old"}))
    bench.apply(make_wheel("demo", "1.0", files={"demo.py": "new"}))
    assert (bench.site / "demo.py").read_text() == "new"
    assert bench.warnings == [f"{bench.site}/demo.py belongs to other-2.0 and is replaced"]


@pytest.mark.parametrize(
    ("present", "wheel", "message"),
    [
        ("demo", make_wheel("demo", "1.0", files={"demo": "file"}), "it is a folder"),
        ("demo.txt", make_wheel("demo", "1.0", files={"demo.txt/x.py": ""}), "not a folder"),
        ("outside", make_wheel("demo", "1.0", files={"outside/x.py": ""}), "not a folder of this environment"),
        ("dangling", make_wheel("demo", "1.0", files={"dangling/x.py": ""}), "not a folder of this environment"),
        ("../../../bin/python", make_wheel("demo", "1.0", scripts={"python": "#!/bin/sh\n"}), "does not run without"),
        ("../../../bin/python", make_wheel("demo", "1.0", entry_points=PYTHON), "does not run without"),
        ("../../../pyvenv.cfg", make_wheel("demo", "1.0", data={"data/pyvenv.cfg": ""}), "does not run without"),
    ],
)  # fmt: skip
def test_what_is_not_ours_to_replace_is_a_conflict(bench: Bench, present: str, wheel: Wheel, message: str) -> None:
    (bench.root / "elsewhere").mkdir()
    (bench.site / "demo").mkdir()
    (bench.site / "demo.txt").write_text("text")
    (bench.site / "outside").symlink_to(bench.root / "elsewhere")
    (bench.site / "dangling").symlink_to("nowhere")
    before = bench.snapshot()
    with pytest.raises(TargetError, match="in the way") as caught:
        bench.apply(wheel)
    assert caught.value.code == "file-conflict"
    assert message in caught.value.message
    assert os.path.normpath(bench.site / present) in caught.value.message
    assert bench.snapshot() == before
    assert not list((bench.root / "elsewhere").iterdir())


def test_links_inside_the_environment_are_followed(bench: Bench) -> None:
    (bench.prefix / "lib64").symlink_to("lib")
    bench.apply(make_wheel("demo", "1.0", data={f"data/lib64/{bench.site.parent.name}/site-packages/x.py": "x"}))
    assert (bench.site / "x.py").read_text() == "x"
    assert (bench.prefix / "lib64").is_symlink()


def test_an_environment_behind_a_link_is_changed_where_it_is(bench: Bench) -> None:
    (bench.root / "moved").mkdir()
    real = bench.root / "moved" / "env"
    bench.prefix.rename(real)
    bench.prefix.symlink_to(real)
    bench.apply(FULL)
    assert_true(bench)
    bench.apply(remove=(INFO,))
    assert bench.files() == set()


def test_compiles_for_the_interpreter_that_will_run_it(bench: Bench) -> None:
    files = {"demo/__init__.py": "def f(): raise ValueError\n", "demo/broken.py": "def (", "top.py": ""}
    bench.apply(make_wheel("demo", "1.0", files=files), compile_bytecode=True)
    tag = sys.implementation.cache_tag
    compiled = {f"demo/__pycache__/__init__.{tag}.pyc", f"__pycache__/top.{tag}.pyc"}
    assert {path for path in bench.files() if path.endswith(".pyc")} == compiled
    record = record_of(bench)
    assert {path for path in record if path.endswith(".pyc")} == compiled
    code = "import demo, traceback\ntry: demo.f()\nexcept ValueError: traceback.print_exc()"
    python = str(bench.bin / "python")
    errors = subprocess.run([python, "-B", "-c", code], capture_output=True, text=True, check=True).stderr
    assert f'File "{bench.site}/demo/__init__.py"' in errors
    verbose = subprocess.run([python, "-v", "-c", "import demo"], capture_output=True, text=True, check=True).stderr
    assert f"matches {bench.site}/demo/__init__.py" in verbose


def test_an_interpreter_that_cannot_compile_is_told(bench: Bench) -> None:
    (bench.bin / "python").unlink()
    (bench.bin / "python").write_text("#!/bin/sh\necho it is broken >&2\nexit 3\n")
    (bench.bin / "python").chmod(0o755)
    assert_it_is_told(bench)
    (bench.bin / "python").unlink()
    assert_it_is_told(bench)


def assert_it_is_told(bench: Bench) -> None:
    before = bench.snapshot()
    with pytest.raises(TargetError) as caught:
        bench.apply(FULL, compile_bytecode=True)
    assert caught.value.code == "broken-interpreter"
    assert bench.snapshot() == before


def test_wheels_may_come_one_by_one(bench: Bench) -> None:
    def arriving() -> Iterator[Installation]:
        for wheel in (make_wheel("one", "1.0"), make_wheel("two", "1.0")):
            yield Installation(bench.tree(wheel), requested=False)

    bench.opened().apply(Change((), arriving()))
    assert sorted(path.name for path in bench.site.glob("*.dist-info")) == ["one-1.0.dist-info", "two-1.0.dist-info"]


def test_a_wheel_that_does_not_come_ends_the_change(bench: Bench) -> None:
    bench.apply(FULL)
    before = bench.snapshot()

    def arriving() -> Iterator[Installation]:
        yield Installation(bench.tree(make_wheel("one", "1.0")), requested=False)
        raise IntegrityError("bad-archive", "The other one is broken")

    with pytest.raises(IntegrityError, match="broken"):
        bench.opened().apply(Change((bench.installed(INFO),), arriving()))
    assert bench.snapshot() == before


def test_a_tree_that_vanishes_is_told(bench: Bench) -> None:
    change = bench.change(FULL)
    os.unlink(os.path.join(os.path.dirname(bench.tree(FULL).path), "manifest"))
    with pytest.raises(TargetError) as caught:
        bench.opened().apply(change)
    assert caught.value.code == "cache-changed"
    assert bench.files() == set()


def test_modes_are_those_of_an_installation(bench: Bench) -> None:
    bench.apply(FULL)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (bench.bin / "demo", bench.site / "extra.py")}
    mask = os.umask(0)
    os.umask(mask)
    assert modes == {"demo": 0o777 & ~mask, "extra.py": 0o666 & ~mask}


def test_nothing_to_do_is_fine(bench: Bench) -> None:
    before = bench.snapshot()
    bench.apply()
    assert bench.snapshot() == before
