"""Every form of a requirement that ``docs/reference/requirements.md`` lists, installed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from end_to_end.builds import make_repository
from support.simulator import Answer
from support.sources import toy_sdist, toy_tree, write_tree
from support.wheels import make_sdist, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import World
    from support.wheels import Wheel

PROJECT = """
[project]
name = "app"
dependencies = ["dep<2"]

[project.optional-dependencies]
docs = ["other"]
all = ["app[docs]"]

[dependency-groups]
test = [{include-group = "more"}]
more = ["other<2"]
"""


@pytest.fixture(autouse=True)
def given(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with trees, an archive, a wheel and a repository of ``mine``, and an index with what it needs."""
    root = world.root / "given"
    tree = toy_tree("mine", "3.0", requires=["dep", "other ; extra == 'more'"], carried=True)
    write_tree(root / "tree", tree)
    (root / "project").mkdir()
    (root / "project" / "pyproject.toml").write_text(PROJECT)
    toy_sdist("mine", "3.0", requires=["dep"], carried=True).write(root)
    make_wheel("mine", "3.0", requires=["dep"]).write(root)
    for wheel in (make_wheel("dep", "1.0"), make_wheel("dep", "2.0"), make_wheel("other", "1.0")):
        world.index.add(wheel)
    monkeypatch.chdir(root)
    return root


def _checked_in(root: Path) -> None:
    """Make a repository of two commits, the first of them tagged."""
    git = ["git", "-C", str(root / "tree"), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["tag", "v1"]):
        subprocess.run([*git, *words], check=True)
    write_tree(root / "tree", toy_tree("mine", "4.0", carried=True))
    subprocess.run([*git, "commit", "-qam", "two"], check=True)


MINE = {"mine": "3.0", "dep": "2.0"}
MORE = {**MINE, "other": "1.0"}


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        (["./tree"], MINE),
        (["./tree[more]", "dep<2"], {**MORE, "dep": "1.0"}),
        (["tree/ ; python_version > '3'"], MINE),
        (["{}/tree"], MINE),
        (["file://{}/tree"], MINE),
        (["mine[more] @ file:./tree"], MORE),
        (["mine-3.0.tar.gz"], MINE),
        (["mine @ file://{}/mine-3.0.tar.gz"], MINE),
        (["./mine-3.0-py3-none-any.whl"], MINE),
        (["-e", "./tree[more]"], MORE),
        (["-e", "tree"], MINE),
        (["./tree ; python_version < '3'", "other"], {"other": "1.0"}),
    ],
)
def test_places(world: World, given: Path, asked: list[str], versions: dict[str, str]) -> None:
    world.installed(*(text.format(given) for text in asked))
    assert world.versions() == versions
    assert (world.site / "mine.pth").exists() == ("-e" in asked)


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        (["git+file://{}/tree"], "4.0"),
        (["git+file:./tree@v1"], "3.0"),
        (["mine @ git+file://{}/tree@v1"], "3.0"),
        (["git+file://{}/tree@v1#egg=mine[more]"], "3.0"),
    ],
)
def test_repositories(world: World, given: Path, asked: list[str], version: str) -> None:
    _checked_in(given)
    world.installed(*(text.format(given) for text in asked))
    assert world.versions()["mine"] == version
    assert ("other" in world.versions()) == ("more" in asked[0])


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/archive/main", "{url}"),
        ("/mine-3.0.tar.gz", "{url}#sha256={sha256}"),
        ("/mine.tgz", "mine @ {url}#sha256={sha256}"),
        ("/mine-3.0.tar.gz", "{url}#egg=mine"),
        ("/all.zip", "{url}#subdirectory=tools/mine"),
    ],
)
def test_archives_elsewhere(world: World, path: str, asked: str) -> None:
    if "subdirectory" in asked:
        tree = toy_tree("mine", "3.0", requires=["dep"], carried=True)
        archive = make_sdist("all", "1", files={f"tools/mine/{name}": content for name, content in tree.items()})
    else:
        archive = toy_sdist("mine", "3.0", requires=["dep"], carried=True)
    url = world.index.serve(path, archive.content, "application/octet-stream")
    world.installed(asked.format(url=url, sha256=archive.sha256))
    assert world.versions() == MINE


def test_an_archive_that_is_another(world: World) -> None:
    url = world.index.serve("/mine-3.0.tar.gz", toy_sdist("mine", "3.0", carried=True).content, "application/gzip")
    world.fails(4, f"{url}#sha256={'0' * 64}", says=["sha256"])


def test_requirement_files_of_source_trees(world: World, given: Path) -> None:
    lines = ["-e ./tree ; python_version > '3'", "dep --config-settings a=b  # for a build that is not needed"]
    (given / "some").mkdir()
    (given / "some" / "list.txt").write_text("\n".join([*lines, "./gone ; os_name == 'other'", ""]))
    world.fails(2, "-r", "some/list.txt", says=["no folder or file ./gone (-r some/list.txt, line 3)", str(given)])
    (given / "some" / "list.txt").write_text("\n".join(lines))
    world.installed("-r", "some/list.txt")
    assert world.versions() == MINE


# -- pyproject.toml ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        (["-r", "project/pyproject.toml"], {"dep": "1.0"}),
        (["-r", "project/pyproject.toml", "--extra", "all"], {"dep": "1.0", "other": "1.0"}),
        (["-r", "project/pyproject.toml", "--all-extras"], {"dep": "1.0", "other": "1.0"}),
        (["--group", "project/pyproject.toml:test"], {"other": "1.0"}),
        (["--group", "project/pyproject.toml:more", "dep"], {"other": "1.0", "dep": "2.0"}),
    ],
)
def test_project_files(world: World, asked: list[str], versions: dict[str, str]) -> None:
    world.installed(*asked)
    assert world.versions() == versions


def test_a_group_of_this_folder(world: World, given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(given / "project")
    world.installed("--group", "test")
    assert world.versions() == {"other": "1.0"}


# -- locks -------------------------------------------------------------------------------------------------------------


def _lock(root: Path, *wheels: Wheel, more: str = "") -> None:
    entries = "".join(
        f'[[packages]]\nname = "{one.name}"\nversion = "{one.version}"\nindex = "https://example.com/simple"\n'
        f'wheels = [{{url = "https://files.example.com/{one.filename}", hashes = {{sha256 = "{one.sha256}"}}}}]\n'
        for one in wheels
    )
    (root / "pylock.toml").write_text(f'lock-version = "1.0"\ncreated-by = "test"\n{entries}{more}')


def test_a_lock_is_all_there_is(world: World, given: Path) -> None:
    """What is locked needs something that is not in the lock, which is not the installer's affair."""
    demo = make_wheel("demo", "1.0", requires=["dep"])
    for wheel in (demo, make_wheel("demo", "2.0")):
        world.index.add(wheel)
    _lock(given, demo, more='[[packages]]\nname = "mine"\ndirectory = {path = "tree", editable = true}\n')
    world.installed("-r", "pylock.toml")
    assert world.versions() == {"demo": "1.0", "mine": "3.0"}
    assert (world.site / "mine.pth").exists()
    before = len(world.index.seen())
    world.installed("-r", "pylock.toml")
    assert len(world.index.seen()) == before


def test_a_lock_lifts_no_refusal(world: World, given: Path) -> None:
    """The index that is configured decides, whatever URL the lock has."""
    demo = make_wheel("demo", "1.0")
    world.index.add(demo)
    world.index.on(Answer(403, "held"), stage="file", filename=demo.filename)
    _lock(given, demo)
    world.fails(1, "-r", "pylock.toml", says=["demo", "403", "locked from https://example.com/simple"])


def test_a_lock_is_held_to_its_hashes(world: World, given: Path) -> None:
    world.index.add(make_wheel("demo", "1.0", files={"demo.py": "other"}))
    _lock(given, make_wheel("demo", "1.0"))
    world.fails(1, "-r", "pylock.toml", says=["demo", "hash"])


# -- several projects in one place -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["folder", "repository", "archive"])
def test_two_projects_of_one_place(yard: World, kind: str) -> None:
    """One of them requires the other, for its build too: none is taken for the other, and none needs itself."""
    archive = f"{yard.index.host}/mono-1.0.tar.gz"
    place = f"file://{yard.root}/mono"
    url = {"folder": place, "repository": f"git+{place}", "archive": archive}[kind]
    two = f"two @ {url}#subdirectory=two"
    trees = {"one": toy_tree("one", "1.0", requires=[two], build_requires=["toy", two]), "two": toy_tree("two", "1.0")}
    files = {f"{name}/{path}": text for name, tree in trees.items() for path, text in tree.items()}
    make_repository(write_tree(yard.root / "mono", files))
    yard.index.serve("/mono-1.0.tar.gz", make_sdist("mono", "1.0", files=files).content)
    yard.installed(f"{url}#subdirectory=one")
    assert yard.versions() == {"one": "1.0", "two": "1.0"}
