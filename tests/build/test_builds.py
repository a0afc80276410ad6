"""Real builds with real backends, in isolation and without, for an old target and a new one."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from build.shed import Shed
from build.trees import BACKEND, EXTENSION, FLIT, FLIT_DYNAMIC, HATCH, LEGACY, SETUPTOOLS, C, in_tree, write_tree
from clearway.build.builder import LocalBuilder
from clearway.build.checkouts import Space
from clearway.build.isolation import make_environment
from clearway.errors import BuildError, InputError, IntegrityError
from clearway.interpreter.probe import probe
from clearway.ports import Source
from support.processes import UNPRIVILEGED
from support.wheels import make_sdist

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.model.targets import Environment

PLAIN = {"demo.py": '"""A demonstration."""\n__version__ = "1.0"\n'}


def members(wheel: str) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_stated_metadata_needs_no_build(builder: LocalBuilder, shed: Shed, tmp_path: Path) -> None:
    source = Source(write_tree(tmp_path / "tree", {"pyproject.toml": FLIT, **PLAIN}), "demo")
    metadata = builder.metadata(source)
    assert (metadata.name, metadata.version, metadata.provides_extra) == ("demo", "1.0", ("fast-er",))
    assert shed.asked == []
    assert builder.folder
    assert not any(Path(builder.folder).iterdir())


def test_flit_prepares_what_is_dynamic(builder: LocalBuilder, shed: Shed, tmp_path: Path) -> None:
    source = Source(write_tree(tmp_path / "tree", {"pyproject.toml": FLIT_DYNAMIC, **PLAIN}), "demo")
    metadata = builder.metadata(source)
    assert metadata.version == "1.0"
    assert "other" in metadata.requires_dist[0]
    wheel = builder.wheel(source)
    assert os.path.basename(wheel) == "demo-1.0-py3-none-any.whl"
    assert shed.asked == [("flit_core",)]


def test_static_metadata_is_that_of_the_wheel(builder: LocalBuilder, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"pyproject.toml": FLIT, **PLAIN})
    stated = builder.metadata(Source(tree, "demo"))
    built = builder.metadata(Source(tree, "demo", editable=True))  # which is never taken from the tree
    assert stated.provides_extra == built.provides_extra
    assert len(stated.requires_dist) == len(built.requires_dist) == 3


def test_hatchling(builder: LocalBuilder, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"pyproject.toml": HATCH, "demo/__init__.py": ""})
    assert "demo/__init__.py" in members(builder.wheel(Source(tree, "demo", name="demo", version="1.0")))


def test_setuptools_in_src_layout_is_editable(builder: LocalBuilder, tmp_path: Path) -> None:
    files = {"pyproject.toml": SETUPTOOLS, "src/demo/__init__.py": "", "needs.txt": "other>=1\n"}
    source = Source(write_tree(tmp_path / "tree", files), "demo", editable=True)
    assert builder.metadata(source).requires_dist == ("other>=1",)
    wheel = builder.wheel(source)
    assert not [name for name in members(wheel) if name.endswith("demo/__init__.py")]
    with zipfile.ZipFile(wheel) as archive:
        links = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".pth")]
    assert str(tmp_path / "tree" / "src") in links[0]


@pytest.mark.parametrize("which", ["target", "old_target"])
def test_legacy_tree(
    which: str, request: pytest.FixtureRequest, make_builder: Callable[..., LocalBuilder], tmp_path: Path
) -> None:
    environment = request.getfixturevalue(which)
    shed = Shed(request.getfixturevalue("backends" if which == "target" else "old_backends"))
    builder = make_builder(environment, shed)
    source = Source(write_tree(tmp_path / "tree", {"setup.py": LEGACY, **PLAIN}), "demo 1.0", version="1.0")
    assert builder.metadata(source).requires_dist == ("other",)
    assert os.path.basename(builder.wheel(source)).startswith("demo-1.0-py3-none-any")
    assert shed.asked[0] == ("setuptools>=40.8.0",)


@pytest.mark.parametrize("which", ["target", "old_target"])
def test_c_extension_is_built_for_the_target(
    which: str, request: pytest.FixtureRequest, make_builder: Callable[..., LocalBuilder], tmp_path: Path
) -> None:
    environment = request.getfixturevalue(which)
    shed = Shed(request.getfixturevalue("backends" if which == "target" else "old_backends"))
    source = Source(write_tree(tmp_path / "tree", {"setup.py": EXTENSION, "demo.c": C}), "demo 1.0")
    wheel = make_builder(environment, shed).wheel(source)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "out")
    subprocess.run([environment.executable, "-c", "import demo"], cwd=tmp_path / "out", check=True)


def test_backend_of_the_tree(builder: LocalBuilder, shed: Shed, printed: list[tuple[str, str]], tmp_path: Path) -> None:
    """Metadata that only a build can tell: the wheel is built once; settings come again as a list."""
    tree = in_tree(tmp_path / "tree")
    source = Source(tree, "demo", settings=(("a", "1"), ("b", "2"), ("a", "3")))
    assert builder.metadata(source).name == "demo"
    wheel = builder.wheel(source)
    assert Path(tree, "builds.log").read_text() == "build\n"
    assert shed.asked == [("another",)]
    assert ("demo", "building with {'a': ['1', '3'], 'b': '2'}") in printed
    builder.release(source)
    assert not os.path.exists(wheel)
    assert os.path.exists(tree)


def test_wheel_tells_the_metadata_where_it_comes_first(builder: LocalBuilder, tmp_path: Path) -> None:
    prepare = "def prepare_metadata_for_build_wheel(*args, **kwargs): raise SystemExit('called')\n"
    source = Source(in_tree(tmp_path / "tree", BACKEND + prepare), "demo")
    builder.wheel(source)
    assert builder.metadata(source).version == "1.0"


def test_nothing_is_deleted_where_it_is_to_be_kept(target: Environment, shed: Shed, tmp_path: Path) -> None:
    builder = LocalBuilder(target, shed, os.environ, Space(temporary=str(tmp_path), keep=True))
    source = Source(in_tree(tmp_path / "tree"), "demo")
    wheel = builder.wheel(source)
    builder.release(source)
    builder.close()
    assert os.path.exists(wheel)


def test_folders_that_a_build_made_unwritable_are_deleted(tmp_path: Path) -> None:
    """Links are not followed on the way."""
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o555)
    locked = tmp_path / "build" / "locked" / "deep"
    locked.mkdir(parents=True)
    (locked / "link").symlink_to(outside)
    locked.chmod(0)
    locked.parent.chmod(0o500)
    program = "import sys; from clearway.build.builder import _delete; _delete(sys.argv[1])"
    privileges = UNPRIVILEGED if sys.platform == "linux" else ()
    subprocess.run([*privileges, sys.executable, "-c", program, str(tmp_path / "build")], check=True)
    assert not (tmp_path / "build").exists()
    assert outside.stat().st_mode & 0o777 == 0o555


def test_sdist_with_complete_pkg_info(builder: LocalBuilder, shed: Shed) -> None:
    text = "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nRequires-Dist: other\nDynamic: Description\n"
    archive = make_sdist("demo", "1.0", files={"PKG-INFO": text, "setup.py": "1/0"})
    path = builder.unpack(memoryview(archive.content), archive.filename)
    source = Source(path, archive.filename, name="demo", version="1.0", sdist=True)
    assert builder.metadata(source).requires_dist == ("other",)
    assert shed.asked == []
    builder.release(source)
    assert not os.path.exists(path)


def test_another_project_is_refused(builder: LocalBuilder, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"pyproject.toml": FLIT, **PLAIN})
    for name, version in (("demo", "1.1"), ("other", "1.0")):
        with pytest.raises(IntegrityError) as caught:
            builder.metadata(Source(tree, "the tree", name=name, version=version))
        assert caught.value.code == "wrong-source"
    with pytest.raises(IntegrityError, match=r"it is demo 1\.0"):
        builder.wheel(Source(tree, "the tree", version="2"))


def test_without_isolation_the_backend_runs_in_the_target(
    make_builder: Callable[..., LocalBuilder], target: Environment, shed: Shed, tmp_path: Path
) -> None:
    builder = make_builder(target, shed)
    source = Source(in_tree(tmp_path / "tree"), "demo", isolated=False)
    with zipfile.ZipFile(builder.wheel(source)) as archive:
        assert archive.read("demo.py").decode() == f"WHERE = {target.prefix!r}"
    assert shed.asked == []


def test_isolated_environment(target: Environment, old_target: Environment, tmp_path: Path) -> None:
    """Nothing but the standard library is there, headers are found, and scripts run with its interpreter."""
    show = (
        "import sys, sysconfig, os; print(sys.prefix); print(sysconfig.get_path('purelib'));"
        "print(os.path.exists(os.path.join(sysconfig.get_path('include'), 'Python.h')));"
        "print([p for p in sys.path if 'packages' in p]); print(sys.version_info[:2])"
    )
    for number, base in enumerate((target, old_target)):
        made = make_environment(base, str(tmp_path / str(number)))
        done = subprocess.run([made.executable, "-c", show], capture_output=True, text=True, check=True)
        release = tuple(int(part) for part in base.markers["python_version"].split("."))
        purelib = made.scheme.purelib
        assert done.stdout.splitlines() == [made.prefix, purelib, "True", str([purelib]), str(release)]
        probed = probe(made.executable)
        assert (probed.scheme, probed.prefix, probed.tags, probed.markers) == (
            made.scheme,
            made.prefix,
            made.tags,
            made.markers,
        )


def test_leaking_variables_are_not_passed_on(
    make_builder: Callable[..., LocalBuilder],
    target: Environment,
    shed: Shed,
    tmp_path: Path,
    printed: list[tuple[str, str]],
) -> None:
    tree = in_tree(tmp_path / "tree", "import os\nprint(sorted(os.environ.items()))\n" + BACKEND)
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "/nowhere",
        "PYTHONHOME": "/nowhere",
        "PIP_INDEX_URL": "https://u:SECRET@example.com",
        "CLEARWAY_INDEX_CORP_TOKEN": "SECRET",
        "UV_INDEX_CORP_PASSWORD": "SECRET",
        "GIT_DIR": "/nowhere",
        "CFLAGS": "-O0",
    }
    make_builder(target, shed, environ).wheel(Source(tree, "demo"))
    text = "\n".join(line for _, line in printed)
    assert "('CFLAGS', '-O0')" in text
    assert "SECRET" not in text
    assert "/nowhere" not in text


def test_builds_at_once_do_not_mix(builder: LocalBuilder, tmp_path: Path, printed: list[tuple[str, str]]) -> None:
    sources = []
    for number in range(3):
        noisy = BACKEND.replace("    rows = []", f"    rows = []\n    [print('line of {number}') for _ in range(500)]")
        sources.append(Source(in_tree(tmp_path / str(number), noisy), f"demo-{number}"))
    threads = [Thread(target=builder.wheel, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(3):
        lines = [line for label, line in printed if label == f"demo-{number}" and line.startswith("line of")]
        assert lines == [f"line of {number}"] * 500


def test_tree_of_a_subdirectory(builder: LocalBuilder, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"deep/down/pyproject.toml": FLIT})
    assert builder.metadata(Source(tree, "demo", subdirectory="deep/down")).name == "demo"
    for wrong in ("deep/up", "..", "/", "deep/../.."):
        with pytest.raises(InputError) as caught:
            builder.metadata(Source(tree, "demo", subdirectory=wrong))
        assert caught.value.code == "no-subdirectory"


def test_wheel_for_another_platform_is_refused(builder: LocalBuilder, tmp_path: Path) -> None:
    backend = BACKEND.replace('"demo-1.0-py3-none-any.whl"', '"demo-1.0-py3-none-win32.whl"')
    with pytest.raises(BuildError) as caught:
        builder.wheel(Source(in_tree(tmp_path / "tree", backend), "demo"))
    assert caught.value.code == "wrong-platform"


def test_key_tells_apart_what_a_wheel_depends_on() -> None:
    tags = ("cp313-cp313-linux_x86_64",)
    source = Source("/one", "one", settings=(("a", "b"),))
    same = Source("/two", "two", name="demo", settings=(("a", "b"),))
    assert source.key("sha256:1", tags) == same.key("sha256:1", tags)
    others = {
        source.key("sha256:2", tags),
        source.key("sha256:1", ("cp38-cp38-linux_x86_64",)),
        source.key("sha256:1", tags, ("setuptools<70",)),
        Source("/one", "one").key("sha256:1", tags),
        Source("/one", "one", settings=(("a", "b"),), subdirectory="deep").key("sha256:1", tags),
        source.key("sha256:1", tags),
    }
    assert len(others) == 6
