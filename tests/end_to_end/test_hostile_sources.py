"""Source trees that mean harm or are broken, and builds that are cut off: one clear error, and nothing stays."""

from __future__ import annotations

import io
import os
import signal
import socket
import sys
import tarfile
import threading
from typing import TYPE_CHECKING

import pytest

from end_to_end.builds import built, hooks, left, make_repository
from end_to_end.world import check_failure
from support.simulator import Answer
from support.sources import TOY, toy_sdist, toy_tree, write_tree
from support.wheels import Wheel, make_metadata, make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from end_to_end.world import World

STATIC = make_metadata("demo", "1.0").replace(b"Version: 2.1", b"Version: 2.2", 1)


# -- archives ----------------------------------------------------------------------------------------------------------


def archive_of(*members: tuple[tarfile.TarInfo, bytes]) -> Wheel:
    """Return a source archive of demo 1.0 with some members more."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for info, content in (member("demo-1.0/PKG-INFO", STATIC), *members):
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return Wheel("demo", "1.0", "demo-1.0.tar.gz", packed.getvalue(), b"")


def member(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, target: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, content


ARCHIVES = {
    "climbs": archive_of(member("demo-1.0/../../climbed", b"x")),
    "absolute": archive_of(member("/tmp/climbed", b"x")),
    "link out": archive_of(member("demo-1.0/out", kind=tarfile.SYMTYPE, target="../../..")),
    "through a link": archive_of(
        member("demo-1.0/out", kind=tarfile.SYMTYPE, target="/tmp"), member("demo-1.0/out/climbed", b"x")
    ),
    "hard link out": archive_of(member("demo-1.0/out", kind=tarfile.LNKTYPE, target="/etc/passwd")),
    "device": archive_of(member("demo-1.0/device", kind=tarfile.CHRTYPE)),
    "bomb": archive_of(member("demo-1.0/bomb", bytes(300 << 20))),
    "no archive": Wheel("demo", "1.0", "demo-1.0.tar.gz", b"\x1f\x8b" + bytes(600), b""),
    "another project": make_sdist("demo", "1.0", files={"PKG-INFO": STATIC.replace(b"demo", b"evil")}),
    "another version": make_sdist("demo", "1.0", files={"PKG-INFO": STATIC.replace(b"1.0", b"9.0")}),
    "escape codes": make_sdist("demo", "1.0", files={"PKG-INFO": STATIC.replace(b"demo", b"\x1b[31mevil")}),
}


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES)
def test_archives_that_lie(yard: World, archive: Wheel) -> None:
    """Nothing is stepped around (DESIGN 4.6): an older release would be there."""
    yard.index.add(archive)
    yard.index.add(toy_sdist("demo", "0.9"))
    run = yard.fails(4, "demo", says=["demo"])
    assert "\x1b" not in run.text
    assert hooks(yard) == []
    assert not (yard.root / "climbed").exists()


PROJECTS = {
    "huge": b"[build-system]\nrequires = []\n" + b"# padding\n" * 500_000,
    "deep": b"[build-system]\nrequires = " + b"[" * 50_000,
    "not text": b"[build-system]\nrequires = ['\xff\xfe']\n",
    "no table": b"build-system = 'toy'\n",
    "climbs": b"[build-system]\nrequires = []\nbuild-backend = 'toy'\nbackend-path = ['../..']\n",
    "escape codes": b"[build-system]\nrequires = []\nbuild-backend = '\\u001b[31m'\n",
}


@pytest.mark.parametrize("text", PROJECTS.values(), ids=PROJECTS)
def test_projects_that_say_nothing_useful(yard: World, text: bytes) -> None:
    yard.index.add(toy_sdist("demo", "1.0", files={"pyproject.toml": text}))
    run = yard.fails(6, "demo", says=["demo 1.0 cannot be built"])
    assert "\x1b" not in run.text


def test_what_is_stated_is_read_without_the_rest(yard: World) -> None:
    """A table of a million levels takes a parser hours: whoever only asks what is required does not wait for it."""
    deep = "[build-system]\nrequires = []\n" + "a." * 1_000_000 + "a = 1\n"
    yard.index.add(toy_sdist("demo", "1.0", static=True, files={"pyproject.toml": deep}))
    assert "demo-1.0" in yard.installed("--dry-run", "demo").out


# -- builds ------------------------------------------------------------------------------------------------------------

BUILDS = {
    "another project": ({"claims": ("evil", "1.0")}, 4, "it is evil 1.0"),
    "another version": ({"claims": ("demo", "9.0")}, 4, "it is demo 9.0"),
    "another platform": ({"tag": "py3-none-win32"}, 6, "cannot use"),
    "another Python": ({"tag": "cp27-none-any"}, 6, "cannot use"),
    "its own tree gone": ({"code": {"requires": "import shutil, os; shutil.rmtree(os.getcwd())"}}, 6, "cannot be"),
    "its end": ({"code": {"build": "import os; os._exit(0)"}}, 6, "answers what cannot be used"),
    "escape codes": ({"code": {"build": "import sys; sys.exit('\\x1b]0;title\\x07\\x1b[31mred')"}}, 6, "red"),
    "no wheel": ({"code": {"build": "told['tag'] = '../x'"}}, 6, "cannot be built"),
}


@pytest.mark.parametrize(("how", "status", "says"), BUILDS.values(), ids=BUILDS)
def test_builds_that_lie(yard: World, how: dict[str, object], status: int, says: str) -> None:
    yard.index.add(toy_sdist("demo", "1.0", **how))
    run = yard.fails(status, "demo", says=[says])
    assert "\x1b" not in run.text


def test_a_wheel_that_is_not_what_its_metadata_said(yard: World) -> None:
    """Of a folder nobody knows what it must be: what it said of itself must hold."""
    for number, said in enumerate((("evil", "1.0"), ("demo", "9.0"))):
        metadata = make_metadata(*said).decode()
        change = f"told.update(name={said[0]!r}, version={said[1]!r}, metadata={metadata!r})"
        files = toy_tree("demo", "1.0", code={"build": change})
        files["pyproject.toml"] = f"{files['pyproject.toml']}\n[project]\nname = 'demo'\nversion = '1.0'\n"
        tree = write_tree(yard.root / f"tree{number}", files)
        yard.fails(4, tree, says=[f"it is {said[0]} {said[1]}"])
        yard.fails(4, f"demo @ {tree.as_uri()}", says=[f"it is {said[0]} {said[1]}"])


def test_two_wheels(yard: World) -> None:
    """The one that the backend names is taken."""
    more = "import os\nprint(os.getcwd())\nopen(os.path.join(os.environ['TMPDIR'], 'evil-1.0-py3-none-any.whl'), 'w')"
    yard.index.add(toy_sdist("demo", "1.0", code={"build": more}))
    yard.installed("demo")
    assert yard.versions() == {"demo": "1.0"}


def test_requirements_that_come_up_in_the_build(yard: World) -> None:
    """What is stated holds; what the wheel wants besides is told, and nothing is looked for at places that it names."""
    metadata = make_metadata("demo", "1.0", requires=["other"]).decode()
    code = {"build": f"told.update(metadata={metadata!r})"}
    yard.index.add(toy_sdist("demo", "1.0", static=True, code=code))
    run = yard.install("demo")
    assert run.status == 0
    assert any("demo 1.0 requires something else than it said before it was built" in line for line in run.warnings)
    assert yard.index.seen(project="other") == []


# -- requirements that lead to this machine ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "kind"),
    [("folder", "wheel"), ("archive", "source archive"), ("wheel", "wheel"), ("repository", "source archive")],
)
def test_a_release_cannot_have_places_of_this_machine_read(yard: World, place: str, kind: str) -> None:
    """Whoever publishes does not say what is read, or run, of what lies here: an older release is taken."""
    tree = write_tree(yard.root / "tree", toy_tree("inner", "1.0"))
    make_repository(tree)
    url = {
        "folder": tree.as_uri(),
        "archive": toy_sdist("inner", "1.0").write(yard.root).as_uri(),
        "wheel": make_wheel("inner", "1.0").write(yard.root).as_uri(),
        "repository": f"git+{tree.as_uri()}",
    }[place]
    requires = [f"inner @ {url}"]
    yard.index.add(make_wheel("demo", "1.0"))
    newer = make_wheel("demo", "2.0", requires=requires) if kind == "wheel" else None
    yard.index.add(newer or toy_sdist("demo", "2.0", static=True, requires=requires))
    yard.installed("demo")
    assert yard.versions() == {"demo": "1.0"}
    assert hooks(yard) == []
    run = yard.fails(1, "demo==2.0", says=["inner from", "may lead to servers only"])
    assert "inner" in run.error


@pytest.mark.parametrize("said", [("--no-build",), ("--only-binary", "inner")])
def test_a_release_cannot_have_built_what_is_to_be_a_wheel(yard: World, said: tuple[str, ...]) -> None:
    """Who wants no code of strangers run does not get it by way of a URL; what they name themselves is theirs."""
    url = yard.index.serve("/somewhere/inner-1.0.tar.gz", toy_sdist("inner", "1.0").content)
    wheel = yard.index.serve("/somewhere/other-1.0-py3-none-any.whl", make_wheel("other", "1.0").content)
    yard.index.add(make_wheel("demo", "1.0", requires=[f"other @ {wheel}"]))
    yard.index.add(make_wheel("demo", "2.0", requires=[f"inner @ {url}"]))
    yard.installed(*said, "demo")
    assert yard.versions() == {"demo": "1.0", "other": "1.0"}
    yard.fails(1, *said, "demo==2.0", says=["would have to be built"])
    assert hooks(yard) == []
    yard.installed(*said, "demo==2.0", f"inner @ {url}")
    assert built(yard) == ["inner"]


def test_an_index_cannot_list_places_of_this_machine(yard: World) -> None:
    archive = toy_sdist("demo", "1.0").write(yard.root)
    yard.index.add(toy_sdist("demo", "1.0"), entry={"url": archive.as_uri()})
    run = yard.install("demo")
    assert run.status != 0, run.text
    assert hooks(yard) == []


def test_what_is_installed_speaks_for_this_machine_if_it_is_from_there(yard: World) -> None:
    inner = write_tree(yard.root / "inner", toy_tree("inner", "1.0"))
    extra = {"more": [f"inner @ {inner.as_uri()}"]}
    yard.index.add(make_wheel("demo", "1.0", extras=extra))
    yard.installed("demo")
    yard.fails(1, "demo[more]", says=["may lead to servers only"])
    yard.installed("--force-reinstall", make_wheel("demo", "1.0", extras=extra).write(yard.root))
    yard.installed("demo[more]")
    assert yard.versions() == {"demo": "1.0", "inner": "1.0"}


def test_a_tree_of_this_machine_may_name_its_neighbours(yard: World) -> None:
    inner = write_tree(yard.root / "inner", toy_tree("inner", "1.0"))
    outer = write_tree(yard.root / "outer", toy_tree("outer", "1.0", requires=[f"inner @ {inner.as_uri()}"]))
    yard.installed(outer)
    assert yard.versions() == {"inner": "1.0", "outer": "1.0"}
    wheel = make_wheel("top", "1.0", requires=[f"inner @ {inner.as_uri()}"]).write(yard.root)
    yard.installed(wheel)


def test_a_person_may_name_what_a_release_names(yard: World) -> None:
    inner = write_tree(yard.root / "inner", toy_tree("inner", "1.0"))
    yard.index.add(make_wheel("demo", "1.0", requires=[f"inner @ {inner.as_uri()}"]))
    yard.installed(f"inner @ {inner.as_uri()}", "demo")
    assert yard.versions() == {"inner": "1.0", "demo": "1.0"}


@pytest.mark.parametrize(
    "url",
    [
        "git+ext::sh%20-c%20touch%20ran",
        "git+ext://sh",
        "git+fd://0",
        "git+--upload-pack=touch",
        "git+https://-oProxyCommand=touch/x",
        "hg+https://127.0.0.1:9/x",
        "ftp://127.0.0.1:9/x.tar.gz",
        "gopher://127.0.0.1:9/x.tar.gz",
        "/etc/passwd",
        "x.tar.gz",
        "https://[/x.tar.gz",
        "https://127.0.0.1:99999/x.tar.gz",
        "git+https://[::1/x",
        "git+ssh://git@127.0.0.1:org/x",
    ],
)
def test_a_release_that_names_what_cannot_be_fetched(yard: World, url: str) -> None:
    """An older release is taken; a tree of this machine is told what is wrong."""
    yard.index.add(make_wheel("demo", "1.0"))
    yard.index.add(make_wheel("demo", "2.0", requires=[f"inner @ {url}"]))
    if url.startswith("git+https://-"):
        yard.fails(2, "demo", says=["does not name a repository"])
    else:
        yard.installed("demo")
        assert yard.versions() == {"demo": "1.0"}
    tree = write_tree(yard.root / "tree", toy_tree("outer", "1.0", requires=[f"inner @ {url}"]))
    run = yard.install(tree)
    assert run.status in {1, 2, 4}, run.text
    check_failure(run, run.status)
    assert not (yard.root / "ran").exists()


@pytest.mark.parametrize("folder", ["../..", "/", "..", "deep/../../.."])
def test_a_subdirectory_that_is_not_inside(yard: World, folder: str) -> None:
    write_tree(yard.root, toy_tree("outside", "1.0"))
    url = yard.index.serve("/somewhere/demo-1.0.tar.gz", toy_sdist("demo", "1.0").content)
    yard.fails(2, f"demo @ {url}#subdirectory={folder}", says=["has no folder"])
    assert hooks(yard) == []


def test_names_with_control_characters(yard: World) -> None:
    url = f"{yard.index.host}/a%1b%5b31m%0aHINT.tar.gz"
    yard.index.add(make_wheel("top", "1.0", requires=[f"demo @ {url}"]))
    run = yard.fails(2, "top", says=["does not end in the name of a file"])
    assert "\x1b" not in run.text
    tree = write_tree(yard.root / "a\x1b[31m\nb", toy_tree("demo", "1.0", code={"build": "1/0"}))
    run = yard.fails(6, tree, says=["cannot be built"])
    assert "\x1b" not in run.text


def test_an_editable_archive(yard: World) -> None:
    archive = toy_sdist("demo", "1.0").write(yard.root)
    yard.fails(2, "-e", archive, says=["neither a folder nor a repository"])


# -- whose is what is kept ---------------------------------------------------------------------------------------------


def test_what_was_built_is_not_taken_for_another_project(yard: World) -> None:
    """Any index may list the hash of any archive."""
    private = yard.index.repository("private")
    archive = toy_sdist("secret", "1.0", static=True, bulk=300_000)
    private.add(archive)
    private.add(TOY)
    yard.installed("secret", index=private.url)
    yard.index.add(toy_sdist("other", "1.0", static=True), entry={"hashes": {"sha256": archive.sha256}})
    yard.fails(4, "other", says=["other-1.0.tar.gz"])


def test_what_was_built_of_one_index_is_proven_at_another(yard: World) -> None:
    """A neighbour that lists the same archive, and does not hand it out, gives nobody what the cache has of it."""
    private = yard.index.repository("private")
    archive = toy_sdist("secret", "1.0", static=True)
    private.add(archive)
    private.add(TOY)
    yard.installed("secret", index=private.url)
    yard.index.add(archive)
    yard.index.on(Answer(403), stage="file", repository="", filename=archive.filename)
    yard.fails(1, "--force-reinstall", "--ignore-installed", "secret", says=["403"])


# -- ends in the middle ------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """What a build can connect to, so that it is known to run, and to have ended."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)
        yield listening


HANGS = """
import socket, subprocess, sys
child = "import socket, time; s = socket.create_connection(('127.0.0.1', {port})); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", child])
socket.create_connection(("127.0.0.1", {port})).recv(1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of processes")
@pytest.mark.parametrize(
    ("number", "status", "depth"),
    [(signal.SIGINT, 130, "asked for"), (signal.SIGINT, 130, "needed"), (signal.SIGTERM, 143, "asked for")],
)
def test_a_build_is_interrupted(yard: World, server: socket.socket, number: int, status: int, depth: str) -> None:
    code = {"build": HANGS.format(port=server.getsockname()[1])}
    yard.index.add(toy_sdist("demo", "1.0", code=code))
    yard.index.add(toy_sdist("outer", "1.0", build_requires=["toy", "demo"]))
    before = yard.snapshot()
    process = yard.start_install("demo" if depth == "asked for" else "outer")
    connections = [server.accept()[0] for _ in range(2)]
    process.send_signal(number)
    check_failure(yard.finish(process), status, ["run the command again"])
    for connection in connections:
        connection.settimeout(20)
        assert connection.recv(1) == b""  # its process is gone
        connection.close()
    assert yard.changes(before) == []
    assert left(yard) == []


def test_an_end_while_a_build_waits_for_what_it_needs(yard: World) -> None:
    yard.index.add(toy_sdist("demo", "1.0"))
    yard.index.on(Answer(hold=threading.Event()), stage="listing", project="toy")
    before = yard.snapshot()
    process = yard.start_install("demo")
    yard.index.wait_for(stage="listing", project="toy")
    process.send_signal(signal.SIGINT)
    check_failure(yard.finish(process), 130, ["run the command again"])
    assert yard.changes(before) == []


def test_a_failed_build_ends_the_others(yard: World, server: socket.socket) -> None:
    """Nothing is waited for when the run is over."""
    yard.index.add(toy_sdist("one", "1.0", static=True, code={"build": HANGS.format(port=server.getsockname()[1])}))
    wait = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]})).recv(1); 1/0"
    yard.index.add(toy_sdist("two", "1.0", static=True, code={"build": wait}))
    process = yard.start_install("--jobs", "2", "one", "two")
    connections = [server.accept()[0] for _ in range(3)]
    for connection in connections:
        connection.sendall(b".")
    run = yard.finish(process)
    check_failure(run, 6, ["two 1.0 cannot be built"])
    for connection in connections:
        connection.close()
    assert built(yard) == ["one", "two"]
    assert os.listdir(yard.root / "tmp") == []
