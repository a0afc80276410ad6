"""What can be asked for: names, extras, markers, files of requirements and constraints, wheels by path and by URL."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from support.wheels import Wheel, make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World


@pytest.fixture(autouse=True)
def published(world: World) -> dict[str, Wheel]:
    """A few projects: ``demo`` with an extra, ``dep`` and ``other`` in two versions."""
    wheels = [
        make_wheel("demo", "1.0", requires=["dep"], extras={"more": ["other<2"]}),
        make_wheel("dep", "1.0"),
        make_wheel("dep", "2.0"),
        make_wheel("other", "1.0"),
        make_wheel("other", "2.0"),
    ]
    for wheel in wheels:
        world.index.add(wheel)
    return {f"{wheel.name} {wheel.version}": wheel for wheel in wheels}


# -- on the command line -----------------------------------------------------------------------------------------------

ASKED = {
    "name": (["demo"], {"demo": "1.0", "dep": "2.0"}),
    "another spelling": (["DeMo"], {"demo": "1.0", "dep": "2.0"}),
    "extra": (["demo[more]"], {"demo": "1.0", "dep": "2.0", "other": "1.0"}),
    "specifier": (["dep<2", "other~=2.0"], {"dep": "1.0", "other": "2.0"}),
    "spaces": (["dep < 2 , != 1.5"], {"dep": "1.0"}),
    "both": (["demo", "dep<2"], {"demo": "1.0", "dep": "1.0"}),
    "twice": (["dep", "dep<2"], {"dep": "1.0"}),
    "marker that holds": (["dep; python_version >= '3'"], {"dep": "2.0"}),
    "marker that does not": (["dep", "other; sys_platform == 'plan9'"], {"dep": "2.0"}),
    "no dependencies": (["demo", "--no-deps"], {"demo": "1.0"}),
}


@pytest.mark.parametrize(("arguments", "versions"), ASKED.values(), ids=ASKED)
def test_names(world: World, arguments: list[str], versions: dict[str, str]) -> None:
    installed = world.installed(*arguments)
    assert world.versions() == versions
    assert "Successfully installed" in installed.out
    assert installed.err == ""


def test_an_extra_that_is_not_there_is_warned_of(world: World) -> None:
    warning = world.installed("demo[absent]").warnings
    assert warning == ["demo 1.0 does not provide the extra 'absent'."]
    assert world.versions() == {"demo": "1.0", "dep": "2.0"}


def test_markers_of_dependencies(world: World) -> None:
    here = f"python_version == '{sys.version_info[0]}.{sys.version_info[1]}'"
    requires = [f"dep ; {here}", "other ; python_version < '3'"]
    world.index.add(make_wheel("marked", "1.0", requires=requires))
    world.installed("marked")
    assert world.versions() == {"marked": "1.0", "dep": "2.0"}


# -- in files ----------------------------------------------------------------------------------------------------------


def test_nested_files_with_everything_in_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANTED", "dep")
    folder = world.root / "given"
    folder.mkdir()
    (folder / "top.txt").write_text(
        f"# what we need\n-i {world.index.url}\n\n-r below/more.txt\n${{WANTED}}  # a comment\n-c limits.txt\n"
    )
    (folder / "below").mkdir()
    (folder / "below" / "more.txt").write_text("other \\\n    >= 1 ; python_version > '3'\n")
    (folder / "limits.txt").write_text("dep<2\nnever-asked-for==1\n")
    result = world.clearway("install", *world.place(), "-r", "given/top.txt")
    assert result.status == 0, result.text
    assert world.versions() == {"dep": "1.0", "other": "2.0"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings(world: World, encoding: str) -> None:
    (world.root / "given.txt").write_text("# größer\ndep\n", encoding=encoding)
    world.installed("-r", "given.txt")
    assert world.versions() == {"dep": "2.0"}


def test_constraints_bind_dependencies_and_install_nothing(world: World) -> None:
    (world.root / "given.txt").write_text("dep<2\nother==1.0\n")
    world.installed("demo", "-c", "given.txt")
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}


def test_remote_files(world: World) -> None:
    top = world.index.serve("/lists/top.txt", b"-r more.txt\ndep\n", "text/plain")
    world.index.serve("/lists/more.txt", b"other<2\n", "text/plain")
    limits = world.index.serve("/lists/limits.txt", b"dep<2\n", "text/plain")
    world.installed("-r", top, "-c", limits)
    assert world.versions() == {"dep": "1.0", "other": "1.0"}


def test_a_credential_for_a_remote_file_goes_there_alone(world: World) -> None:
    secret = world.secret()
    world.index.serve("/lists/top.txt", b"dep\n", "text/plain")
    world.installed("-r", world.with_user(f"{world.index.host}/lists/top.txt", "ann", secret))
    sent = {seen.stage: "authorization" in seen.headers for seen in world.index.seen()}
    assert sent == {"page": True, "listing": False, "sidecar": False, "file": False}


def test_hashes(world: World, published: dict[str, Wheel]) -> None:
    lines = [f"{one.name}=={one.version} \\\n  --hash=sha256:{one.sha256}" for one in published.values()]
    (world.root / "given.txt").write_text(f"{lines[0]} --hash=sha256:{'0' * 64}\n{lines[2]}\n")
    world.installed("-r", "given.txt", "--require-hashes")
    assert world.versions() == {"demo": "1.0", "dep": "2.0"}


def test_options_in_files(world: World) -> None:
    links = world.root / "given"
    links.mkdir()
    make_wheel("linked", "1.0rc1").write(links)
    (world.root / "given.txt").write_text("--no-index\n--find-links given\n--pre\nlinked\n")
    world.installed("-r", "given.txt")
    assert world.versions() == {"linked": "1.0rc1"}
    assert world.index.seen() == []


# -- wheels by place ---------------------------------------------------------------------------------------------------


def direct_url(world: World, name: str) -> dict[str, object]:
    (info,) = world.site.glob(f"{name}-*.dist-info")
    loaded: dict[str, object] = json.loads((info / "direct_url.json").read_text())
    return loaded


@pytest.mark.parametrize("how", ["path", "dotted", "file URL", "name @ file URL", "http URL", "name @ http URL"])
def test_a_wheel_by_its_place(world: World, how: str) -> None:
    wheel = make_wheel("placed", "1.0", requires=["dep"], extras={"more": ["other"]})
    path = wheel.write(world.root)
    url = world.index.serve(f"/wheels/{wheel.filename}", wheel.content)
    places = {"path": path, "dotted": f"./{path.name}", "file URL": path.as_uri(), "http URL": url}
    kind = how.removeprefix("name @ ")
    text = f"placed[more] @ {places[kind]}" if "@" in how else f"{places[kind]}[more]"
    world.installed(text)
    assert world.versions() == {"placed": "1.0", "dep": "2.0", "other": "2.0"}
    assert direct_url(world, "placed") == {
        "url": url if "http" in how else path.as_uri(),
        "archive_info": {"hash": f"sha256={wheel.sha256}", "hashes": {"sha256": wheel.sha256}},
    }
    assert not (world.site / "dep-2.0.dist-info" / "direct_url.json").exists()


def test_a_wheel_from_where_it_came_is_kept_and_from_elsewhere_replaced(world: World) -> None:
    wheel = make_wheel("placed", "1.0")
    first = world.index.serve(f"/first/{wheel.filename}", wheel.content)
    second = world.index.serve(f"/second/{wheel.filename}", wheel.content)
    world.installed(f"placed @ {first}")
    asked = len(world.index.seen())
    assert "already satisfied" in world.installed(f"placed @ {first}").out
    assert len(world.index.seen()) == asked
    assert "placed 1.0 (reinstalled)" in world.installed(f"placed @ {second}").out
    assert direct_url(world, "placed")["url"] == second


def test_a_dependency_by_url(world: World) -> None:
    wheel = make_wheel("placed", "1.0")
    url = world.index.serve(f"/wheels/{wheel.filename}", wheel.content)
    world.index.add(make_wheel("user", "1.0", requires=[f"placed @ {url}"]))
    world.installed("user")
    assert direct_url(world, "placed")["url"] == url


def test_a_credential_in_a_url_is_sent_there_and_kept_nowhere(world: World) -> None:
    secret = world.secret()
    private = world.index.repository("private", users={"ann": secret})
    wheel = make_wheel("placed", "1.0", requires=["dep"])
    private.add(wheel)
    world.installed(
        f"placed @ {world.with_user(private.file_url(wheel), 'ann', secret)}", "-v", "--report", "report.json"
    )
    assert direct_url(world, "placed")["url"] == private.file_url(wheel)
    assert all("authorization" not in seen.headers for seen in world.index.seen(repository=""))


def test_the_python_version_of_a_wheel_by_its_place_counts(world: World) -> None:
    wheel = make_wheel("placed", "1.0", requires_python=">=3.99").write(world.root)
    world.fails(1, wheel, says=["placed", ">=3.99"])
