"""What is no wheel, from the command line to the environment: archives, folders, repositories, and their builds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from end_to_end.builds import built, direct_url, git, hooks, make_repository, trees
from support.sources import BACKEND, TOY, toy_sdist, toy_tree, write_tree
from support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import World

BROKEN = {"requires": "1/0", "prepare": "1/0", "build": "1/0"}


# -- from an index -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "called"),
    [
        ({}, ["requires demo", "build demo"]),
        ({"backend": "toy_prepares"}, ["requires demo", "prepare demo", "build demo"]),
        ({"static": True}, ["requires demo", "build demo"]),
    ],
    ids=["built", "prepared", "static"],
)
def test_a_release_that_is_a_source_archive(yard: World, how: dict[str, object], called: list[str]) -> None:
    """Each hook is called once, for metadata and wheel together; and not again while the cache has the wheel."""
    yard.index.add(toy_sdist("demo", "1.0", requires=["dep"], **how))
    yard.index.add(make_wheel("dep", "1.0"))
    run = yard.installed("demo")
    assert hooks(yard) == called
    assert "  Building demo 1.0\n" in run.out
    assert yard.versions() == {"demo": "1.0", "dep": "1.0"}
    assert direct_url(yard, "demo") == ""
    yard.installed("--force-reinstall", "demo")
    assert hooks(yard) == []


@pytest.mark.parametrize(
    ("how", "called"),
    [({}, ["requires", "build"]), ({"backend": "toy_prepares"}, ["requires", "prepare"]), ({"static": True}, [])],
    ids=["built", "prepared", "static"],
)
def test_a_dry_run_runs_no_more_than_metadata_need(yard: World, how: dict[str, object], called: list[str]) -> None:
    yard.index.add(toy_sdist("demo", "1.0", bulk=300_000, **how))
    run = yard.installed("--dry-run", "demo")
    assert "demo-1.0" in run.out
    assert [line.split()[0] for line in hooks(yard)] == called
    assert yard.versions() == {}


def test_what_is_stated_is_read_though_nothing_can_be_built(yard: World) -> None:
    yard.index.add(toy_sdist("demo", "1.0", static=True, requires=["dep"], code=BROKEN, bulk=300_000))
    yard.index.add(make_wheel("dep", "1.0"))
    assert "demo-1.0" in yard.installed("--dry-run", "demo").out
    assert hooks(yard) == []
    run = yard.fails(6, "demo", says=["demo 1.0 cannot be built", "failed to say what else it needs", "division by"])
    assert "HINT" in run.error


def test_no_source_archive_stands_in_for_a_wheel(yard: World) -> None:
    """Where one fits, it is taken; an older one only where somebody prefers that."""
    yard.index.add(make_wheel("demo", "1.0"))
    yard.index.add(toy_sdist("demo", "1.0"))
    yard.index.add(toy_sdist("demo", "2.0"))
    yard.installed("demo==1.0")
    assert hooks(yard) == []
    yard.installed("--upgrade", "--prefer-binary", "demo")
    assert yard.versions() == {"demo": "1.0"}
    yard.installed("--upgrade", "demo")
    assert (yard.versions(), built(yard)) == ({"demo": "2.0"}, ["demo"])


@pytest.mark.parametrize("said", [("--only-binary", ":all:"), ("--only-binary", "demo"), ("--no-build",)])
def test_nothing_is_built_where_wheels_are_asked_for(yard: World, said: tuple[str, ...]) -> None:
    yard.index.add(make_wheel("demo", "1.0"))
    yard.index.add(toy_sdist("demo", "2.0"))
    yard.installed(*said, "demo")
    assert (yard.versions(), hooks(yard)) == ({"demo": "1.0"}, [])
    assert yard.index.seen(filename="demo-2.0.tar.gz") == []
    yard.fails(1, *said, "demo>=2", says=["only a source archive"])


def test_no_binary(yard: World) -> None:
    for version in ("1.0", "2.0"):
        yard.index.add(make_wheel("demo", version))
    yard.index.add(toy_sdist("demo", "1.0", requires=["dep"]))
    yard.index.add(make_wheel("dep", "1.0"))
    yard.installed("--no-binary", "demo", "demo")
    assert yard.versions() == {"demo": "1.0", "dep": "1.0"}
    assert built(yard) == ["demo"]
    assert yard.index.seen(filename="demo-2.0-py3-none-any.whl") == []


def test_a_legacy_tree(yard: World) -> None:
    """Without a pyproject.toml setuptools builds it: here something that has only its name."""
    legacy = BACKEND + "\n\n__legacy__ = sys.modules[__name__]\n"
    yard.index.add(
        make_wheel("setuptools", "70.0", files={"setuptools/__init__.py": "", "setuptools/build_meta.py": legacy})
    )
    files = toy_tree("demo", "1.0")
    del files["pyproject.toml"]
    tree = write_tree(yard.root / "tree", {**files, "setup.py": "1/0"})
    yard.installed(tree)
    assert (yard.versions(), built(yard)) == ({"demo": "1.0"}, ["demo"])


def test_hashes(yard: World) -> None:
    """The hash of a source archive allows it, though a wheel would be there; no other hash allows anything else."""
    sdist = toy_sdist("demo", "1.0")
    yard.index.add(sdist)
    yard.index.add(make_wheel("demo", "1.0"))
    requirements = yard.root / "requirements.txt"
    requirements.write_text(f"demo==1.0 --hash=sha256:{sdist.sha256}\n")
    yard.installed("-r", requirements)
    assert (yard.versions(), built(yard)) == ({"demo": "1.0"}, ["demo"])
    requirements.write_text(f"demo==1.0 --hash=sha256:{'0' * 64}\n")
    yard.fails(1, "--force-reinstall", "-r", requirements)
    requirements.write_text(f"other==1.0 --hash=sha256:{sdist.sha256}\n")
    yard.index.add(toy_sdist("other", "1.0"), entry={"hashes": {}})
    yard.fails(4, "-r", requirements, says=["other-1.0.tar.gz"])
    assert hooks(yard) == []


def test_two_files_of_one_name_are_not_saved_over_each_other(yard: World) -> None:
    archives = {name: toy_sdist(name, "1.0").content for name in ("demo", "other")}
    wanted = [f"{name} @ {yard.index.serve(f'/{name}/v1.0.tar.gz', archive)}" for name, archive in archives.items()]
    folder = yard.root / "saved"
    line = ("download", "--cache-dir", yard.cache, "--python", yard.python, "-i", yard.index.url, "-d", folder)
    told = yard.clearway(*line, *wanted)
    assert told.status == 2
    assert "demo and other come from two files of one name: v1.0.tar.gz" in told.text
    assert list(folder.iterdir()) == []


def test_a_run_without_names_is_not_remembered_for_another(yard: World) -> None:
    """What is named by its place alone is no part of a question that was answered before."""
    empty = yard.root / "empty.txt"
    empty.write_text("")
    yard.installed("-r", empty)
    tree = write_tree(yard.root / "tree", toy_tree("demo", "1.0"))
    yard.installed(tree)
    assert yard.versions() == {"demo": "1.0"}


def test_an_extra_that_the_backend_spells_otherwise_is_no_news(yard: World) -> None:
    files = toy_tree("demo", "1.0", requires=["dep; extra == 'more'"])
    stated = '[project]\nname = "demo"\nversion = "1.0"\noptional-dependencies.more = ["{}"]\n'
    for name, is_news in (("dep", False), ("another", True)):
        more = {"pyproject.toml": f"{files['pyproject.toml']!s}{stated.format(name)}"}
        told = yard.installed(write_tree(yard.root / name, {**files, **more})).text
        assert ("requires something else" in told) == is_news


def test_which_hashes_are_listed_is_told(yard: World) -> None:
    wheel = make_wheel("demo", "1.0")
    yard.index.add(wheel)
    requirements = yard.root / "requirements.txt"
    requirements.write_text(f"demo==1.0 --hash=sha256:{'0' * 64}\n")
    yard.fails(1, "-r", requirements, says=[f"given: sha256:{'0' * 64}", f"listed: sha256:{wheel.sha256}"])


# -- the cache ---------------------------------------------------------------------------------------------------------


def test_the_index_is_asked_before_the_cache_is_used(yard: World) -> None:
    """A wheel that was built before is handed out by nobody: its archive is (DESIGN 4.5)."""
    yard.index.add(toy_sdist("demo", "1.0", bulk=300_000))
    yard.installed("demo")
    assert built(yard) == ["demo"]
    asked = len(yard.index.seen(stage="file", project="demo"))
    yard.installed("--force-reinstall", "demo")
    assert len(yard.index.seen(stage="file", project="demo")) == asked
    yard.installed("--force-reinstall", "--proof-age", "0", "demo")
    assert len(yard.index.seen(stage="file", project="demo")) == asked + 1
    assert hooks(yard) == []


def test_what_is_built_is_told_apart_by_everything_that_it_depends_on(yard: World) -> None:
    yard.index.add(toy_sdist("demo", "1.0"))
    constraints = yard.root / "constraints.txt"
    constraints.write_text("toy==1.0\n")
    for said in ((), ("-C", "a=1"), ("-C", "a=2"), ("--build-constraint", constraints)):
        yard.installed("--force-reinstall", *said, "demo")
        assert built(yard) == ["demo"]
        yard.installed("--force-reinstall", *said, "demo")
        assert built(yard) == []


def test_without_a_cache(yard: World) -> None:
    yard.index.add(toy_sdist("demo", "1.0"))
    yard.installed("--no-cache-dir", "demo")
    assert (yard.versions(), yard.cache.exists()) == ({"demo": "1.0"}, False)


def test_a_folder_is_built_each_time_and_leaves_nothing_in_the_cache(yard: World) -> None:
    tree = write_tree(yard.root / "tree", toy_tree("demo", "1.0", requires=["dep"]))
    yard.index.add(make_wheel("dep", "1.0"))
    yard.installed(tree)
    assert (built(yard), trees(yard)) == (["demo"], 2)  # the dependency and the backend
    write_tree(tree, toy_tree("demo", "2.0"))
    yard.installed(tree)
    assert (yard.versions()["demo"], built(yard), trees(yard)) == ("2.0", ["demo"], 2)
    assert sorted(path.name for path in tree.iterdir()) == ["pyproject.toml", "toy.json"]


# -- places ------------------------------------------------------------------------------------------------------------


def places(root: Path) -> tuple[dict[str, str], str]:
    """Make one project in each kind of place; return how each is named, and the commit of the repository."""
    for name in ("folder", "edited", "inner/deep"):
        write_tree(root / name, toy_tree(name.partition("/")[0], "1.0"))
    archive = toy_sdist("archive", "1.0").write(root)
    repository = write_tree(root / "repository", {f"sub/{key}": text for key, text in toy_tree("kept", "1.0").items()})
    commit = make_repository(repository)
    git(repository, "tag", "v1")
    return {
        "folder": str(root / "folder"),
        "edited": f"-e {root}/edited",
        "inner": f"{(root / 'inner').as_uri()}#subdirectory=deep",
        "archive": str(archive),
        "kept": f"git+{repository.as_uri()}@v1#subdirectory=sub",
    }, commit


def test_every_kind_of_place(yard: World) -> None:
    named, commit = places(yard.root)
    said = [word for text in named.values() for word in text.split()]
    yard.installed(*said)
    assert yard.versions() == dict.fromkeys(named, "1.0")
    assert yard.imports("import edited") == ""
    root = yard.root.as_uri()
    info = {"hashes": {"sha256": toy_sdist("archive", "1.0").sha256}}
    told = {name: json.loads(direct_url(yard, name)) for name in named}
    assert told["archive"]["archive_info"].pop("hash") == f"sha256={info['hashes']['sha256']}"
    assert told == {
        "folder": {"dir_info": {}, "url": f"{root}/folder"},
        "edited": {"dir_info": {"editable": True}, "url": f"{root}/edited"},
        "inner": {"dir_info": {}, "url": f"{root}/inner/deep"},
        "archive": {"archive_info": info, "url": f"{root}/archive-1.0.tar.gz"},
        "kept": {
            "subdirectory": "sub",
            "url": f"{root}/repository",
            "vcs_info": {"commit_id": commit, "requested_revision": "v1", "vcs": "git"},
        },
    }


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "run"])
def test_the_report_tells_the_places(yard: World, dry_run: bool) -> None:
    """As pip's does: what direct_url.json would say."""
    named, commit = places(yard.root)
    said = [word for text in named.values() for word in text.split()]
    yard.installed("--report", "report.json", *(["--dry-run"] if dry_run else []), *said)
    items = json.loads((yard.root / "report.json").read_text())["install"]
    told = {item["metadata"]["name"]: item["download_info"] for item in items}
    assert set(told) == set(named)
    assert told["archive"]["archive_info"]["hashes"] == {"sha256": toy_sdist("archive", "1.0").sha256}
    assert told["kept"]["vcs_info"]["commit_id"] == commit
    assert told["edited"] == {"url": f"{yard.root.as_uri()}/edited", "dir_info": {"editable": True}}
    for name in named if not dry_run else ():
        assert told[name] == json.loads(direct_url(yard, name))


def test_direct_url_is_what_pip_writes(yard: World) -> None:
    """To the byte, where both write one."""
    named, _ = places(yard.root)
    del named["inner"]  # pip has no subdirectories of folders
    yard.installed("toy")
    said = [word for text in named.values() for word in text.split()]
    yard.installed("--no-build-isolation", *said)
    ours = {name: direct_url(yard, name) for name in named}
    options = ["--no-index", "--no-build-isolation", "--no-deps", "--force-reinstall", "--quiet", "--no-cache-dir"]
    command = [sys.executable, "-m", "pip", "--python", yard.python, "--disable-pip-version-check", "install", *options]
    subprocess.run([*command, *said], check=True, timeout=60, capture_output=True)
    assert {name: direct_url(yard, name) for name in named} == ours


def test_an_archive_at_a_url(yard: World) -> None:
    """What is built of it is kept by its hash, stated or not; the hash is told wherever the wheel comes from."""
    sdist = toy_sdist("demo", "1.0")
    url = yard.index.serve("/somewhere/demo-1.0.tar.gz", sdist.content)
    hashes = {"hash": f"sha256={sdist.sha256}", "hashes": {"sha256": sdist.sha256}}
    for number, fragment in enumerate(("", f"#sha256={sdist.sha256}", f"#sha256={sdist.sha256}")):
        yard.installed("--force-reinstall", f"demo @ {url}{fragment}")
        assert json.loads(direct_url(yard, "demo")) == {"url": url, "archive_info": hashes}
        assert built(yard) == (["demo"] if number == 0 else [])
    yard.fails(4, "--force-reinstall", f"demo @ {url}#sha256={'0' * 64}", says=["demo-1.0.tar.gz"])


def test_a_repository_in_editable_mode(yard: World) -> None:
    """Its checkout stays, follows the repository, and what somebody has changed in it stays theirs."""
    origin = write_tree(yard.root / "origin", toy_tree("demo", "1.0"))
    make_repository(origin)
    named = f"git+{origin.as_uri()}#egg=demo"
    yard.installed("-e", named)
    checkout = yard.env / "src" / "demo"
    assert json.loads(direct_url(yard, "demo")) == {"url": checkout.as_uri(), "dir_info": {"editable": True}}
    write_tree(origin, toy_tree("demo", "2.0"))
    git(origin, "commit", "-qam", "second")
    assert "demo-2.0" in yard.installed("--dry-run", "-e", named).out
    assert '"1.0"' in (checkout / "toy.json").read_text()
    yard.installed("-e", named)
    assert yard.versions() == {"demo": "2.0"}
    (checkout / "toy.json").write_text("{}")
    yard.fails(2, "-e", named, says=["has changes that are in no commit", "toy.json"])
    assert (checkout / "toy.json").read_text() == "{}"


def test_a_commit_that_was_built_before(yard: World) -> None:
    """It is fetched, but not built again."""
    origin = write_tree(yard.root / "origin", toy_tree("demo", "1.0", backend="toy_prepares"))
    make_repository(origin)
    yard.installed(f"demo @ git+{origin.as_uri()}")
    assert built(yard) == ["demo"]
    yard.installed("--force-reinstall", f"demo @ git+{origin.as_uri()}")
    assert built(yard) == []


def test_a_requirements_file_with_a_project_beside_it(yard: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """``.`` is the working folder, as pip has it."""
    tree = write_tree(yard.root / "tree", toy_tree("demo", "1.0"))
    monkeypatch.chdir(tree)
    (tree / "requirements.txt").write_text("-e .\n")
    yard.installed("-r", "requirements.txt")
    assert json.loads(direct_url(yard, "demo")) == {"url": tree.as_uri(), "dir_info": {"editable": True}}
    assert built(yard) == ["demo"]


# -- how it is built ---------------------------------------------------------------------------------------------------


def test_config_settings(yard: World) -> None:
    """Those of the command line are for every tree; those behind a requirement for it alone; keys may come again."""
    for name in ("demo", "other"):
        yard.index.add(toy_sdist(name, "1.0", static=True))
    requirements = yard.root / "requirements.txt"
    requirements.write_text('demo --config-settings="b=" --config-settings="a=2"\nother\n')
    yard.installed("-C", "a=1", "-r", requirements)
    assert sorted(line for line in hooks(yard) if line.startswith("build")) == [
        'build demo {"a": ["1", "2"], "b": ""}',
        'build other {"a": "1"}',
    ]


def test_without_isolation(yard: World) -> None:
    yard.index.add(toy_sdist("demo", "1.0"))
    yard.fails(6, "--no-build-isolation", "demo", says=["its build backend toy cannot be imported"])
    yard.installed("toy")
    yard.installed("--no-build-isolation", "demo")
    assert yard.imports("import demo, sys; print(demo.WHERE == sys.prefix)") == "True"
    assert (
        trees(yard) == 2
    )  # the backend, and what shows that the cache is sound; not what the environment had a say in


def test_isolation(yard: World) -> None:
    """A build sees nothing of the environment, and neither credentials nor what is configured for indexes."""
    secret = yard.secret()
    corp = yard.index.repository("corp", users={"ann": secret})
    tell = "import os, toy; [print('variable', name) for name in os.environ]; print(toy.__file__); import inside"
    corp.add(toy_sdist("demo", "1.0", code={"build": tell}))
    corp.add(TOY)
    yard.index.add(make_wheel("inside", "1.0"))
    yard.installed("toy", "inside")
    run = yard.install("-v", "demo", index=yard.with_user(corp.url, "ann", secret))
    assert run.status == 6
    assert "No module named 'inside'" in run.error
    variables = {line.split()[-1] for line in run.out.splitlines() if line.startswith("  demo 1.0: variable ")}
    assert "TOY_LOG" in variables
    assert not [name for name in variables if name.startswith(("PIP_", "CLEARWAY_"))]
    assert f"  demo 1.0: {yard.root}/tmp/" in run.out
    assert len(yard.index.seen(repository="corp", project="toy", authorized=True)) == 2


def test_no_clean(yard: World) -> None:
    yard.index.add(toy_sdist("demo", "1.0"))
    yard.installed("--no-clean", "demo")
    (kept,) = (yard.root / "tmp").iterdir()
    assert (kept / "src1" / "demo-1.0" / "toy.json").exists()
    subprocess.run(["rm", "-r", str(kept)], check=True)


def test_several_builds_at_once(yard: World) -> None:
    """What each prints has its name before it, line by line, and is in its own order."""
    names = ["one", "two", "three"]
    for name in names:
        code = f"import os\nfor number in range(200): os.write(1, b'{name} ' + str(number).encode() + b'\\n')"
        yard.index.add(toy_sdist(name, "1.0", static=True, code={"build": code}))
    run = yard.installed("-v", "--jobs", "2", *names)
    for name in names:
        lines = [line for line in run.out.splitlines() if line.startswith(f"  {name} 1.0: ")]
        assert lines == [f"  {name} 1.0: {name} {number}" for number in range(200)]


def test_one_job_is_one_build_at_a_time(yard: World) -> None:
    code = (
        "import os\npath = os.path.join(os.path.dirname(os.environ['TOY_LOG']), 'busy')\n"
        "os.close(os.open(path, os.O_CREAT | os.O_EXCL))\n[None for _ in range(10 ** 6)]\nos.unlink(path)"
    )
    for name in ("one", "two", "three"):
        yard.index.add(toy_sdist(name, "1.0", static=True, code={"build": code}))
    yard.installed("--jobs", "1", "one", "two", "three")
    assert built(yard) == ["one", "three", "two"]


def test_a_failure_says_what_happened_and_what_to_try(yard: World) -> None:
    code = {"build": "import sys; print('compiling'); print('x' * 500); sys.exit('demo.c:1: error: no such header')"}
    tree = write_tree(yard.root / "tree", toy_tree("demo", "1.0", code=code))
    run = yard.fails(6, tree, says=[f"{tree} cannot be built", "failed to build the wheel", "error: no such header"])
    assert "compiling" not in run.out
    assert f"  {tree}: compiling" in yard.install("-v", tree).out
    assert os.listdir(yard.root / "tmp") == []
