"""Source archives that are not handed out, and what the environments of builds are filled from (DESIGN 4.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from end_to_end.builds import built, hooks
from support.simulator import Answer
from support.sources import BACKEND, TOY, toy_sdist, toy_tree, write_tree
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World
    from support.keyrings import FakeKeyring

HELD = Answer(403, "held: not yet scanned")


def refuse(world: World, project: str, version: str, suffix: str = ".tar.gz") -> None:
    world.index.on(HELD, stage="file", filename=f"{project}-{version}{suffix}")


# -- releases ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("static", [True, False], ids=["static", "built"])
def test_a_refused_source_archive(yard: World, static: bool) -> None:
    for version in ("1.0", "2.0"):
        yard.index.add(toy_sdist("demo", version, static=static))
    refuse(yard, "demo", "2.0")
    run = yard.installed("demo")
    assert yard.versions() == {"demo": "1.0"}
    assert "demo  2.0 -> 1.0   403 from" in run.text
    assert "held: not yet scanned" in run.text
    assert len(yard.index.seen(filename="demo-2.0.tar.gz")) == 1


@pytest.mark.parametrize(
    ("said", "version"),
    [((), "1.0"), (("--on-refusal", "next-file"), "1.0"), (("--on-refusal", "next-file-or-sdist"), "2.0")],
    ids=["next-version", "next-file", "next-file-or-sdist"],
)
def test_what_stands_in_for_a_refused_wheel(yard: World, said: tuple[str, ...], version: str) -> None:
    """The next version; its source archive only where that was said."""
    for each in ("1.0", "2.0"):
        yard.index.add(make_wheel("demo", each))
    yard.index.add(toy_sdist("demo", "2.0"))
    refuse(yard, "demo", "2.0", "-py3-none-any.whl")
    yard.installed(*said, "demo")
    assert yard.versions() == {"demo": version}
    assert built(yard) == (["demo"] if version == "2.0" else [])


def test_an_archive_that_is_refused_only_when_it_is_downloaded(yard: World) -> None:
    """Its metadata are known from an earlier run: the proof goes back to the solver, for the dependants too."""
    for version in ("1.0", "2.0"):
        yard.index.add(make_wheel("top", version, requires=[f"demo=={version}"]))
        yard.index.add(toy_sdist("demo", version, static=True))
    yard.installed("top")
    assert yard.versions() == {"top": "2.0", "demo": "2.0"}
    refuse(yard, "demo", "2.0")
    before = len(yard.index.seen(filename="demo-2.0.tar.gz"))
    run = yard.installed("--force-reinstall", "--ignore-installed", "--proof-age", "0", "top")
    assert yard.imports("import demo") == ""
    assert "top   2.0 -> 1.0   needs demo==2.0: 403" in run.text
    assert len(yard.index.seen(filename="demo-2.0.tar.gz")) == before + 1


def test_a_source_archive_that_is_gone(yard: World) -> None:
    yard.index.add(toy_sdist("demo", "1.0"))
    yard.index.add(toy_sdist("demo", "2.0"), served=False)
    run = yard.installed("demo")
    assert yard.versions() == {"demo": "1.0"}
    assert "Listed, but not there:" in run.text


def test_pinned_and_refused(yard: World) -> None:
    for version in ("1.0", "2.0"):
        yard.index.add(toy_sdist("demo", version))
    refuse(yard, "demo", "2.0")
    yard.fails(1, "demo==2.0", says=["held: not yet scanned"])
    yard.fails(3, "--on-refusal", "fail", "demo", says=["demo-2.0.tar.gz"])
    assert hooks(yard) == []


def test_an_archive_at_a_url_that_is_refused(yard: World) -> None:
    url = yard.index.serve("/somewhere/demo-1.0.tar.gz", b"")
    yard.index.on(HELD, path="/somewhere/demo-1.0.tar.gz")
    for named in (url, f"demo @ {url}"):
        yard.fails(3, named, says=["held: not yet scanned"])


# -- what builds need --------------------------------------------------------------------------------------------------


def test_a_refused_build_requirement_steps_back(yard: World) -> None:
    """And people are told, since nothing else would."""
    yard.index.add(make_wheel("toy", "2.0", files={"toy.py": "raise SystemExit('the newer one')"}))
    refuse(yard, "toy", "2.0", "-py3-none-any.whl")
    yard.index.add(toy_sdist("demo", "1.0"))
    run = yard.installed("-v", "demo")
    assert "toy 2.0: toy-2.0-py3-none-any.whl is refused by" in run.out
    assert built(yard) == ["demo"]


def test_a_build_requirement_that_nobody_hands_out(yard: World) -> None:
    refuse(yard, "toy", "1.0", "-py3-none-any.whl")
    yard.index.add(toy_sdist("demo", "1.0"))
    run = yard.fails(1, "demo", says=["held: not yet scanned", "to build demo 1.0"])
    assert "toy" in run.error


def test_a_build_whose_backend_must_itself_be_built(yard: World) -> None:
    """And whose backend asks for more when it is there."""
    yard.index.add(toy_sdist("outer", "1.0", build_requires=["middle", "toy"], more=["further"]))
    yard.index.add(toy_sdist("middle", "1.0", build_requires=["inner", "toy"], code={"build": "import inner"}))
    yard.index.add(toy_sdist("inner", "1.0", carried=True))
    yard.index.add(make_wheel("further", "1.0"))
    run = yard.installed("outer")
    assert yard.versions() == {"outer": "1.0"}
    assert built(yard) == ["inner", "middle", "outer"]
    assert re.findall(r"Building (\w+)", run.out) == ["outer", "middle", "inner"]
    yard.installed("--force-reinstall", "outer")
    assert hooks(yard) == []


@pytest.mark.parametrize("more", [False, True], ids=["required", "asked for"])
def test_a_build_that_needs_itself(yard: World, more: bool) -> None:
    def needs(name: str) -> dict[str, object]:
        return {"more": [name]} if more else {"build_requires": ["toy", name]}

    yard.index.add(toy_sdist("one", "1.0", **needs("two")))
    yard.index.add(toy_sdist("two", "1.0", **needs("one")))
    run = yard.fails(6, "one", says=["one cannot be built: to build it, it is needed itself"])
    assert "one needs two needs one" in run.error
    tree = write_tree(yard.root / "tree", toy_tree("three", "1.0", **needs("one")))
    yard.fails(6, tree, says=["one needs two needs one"])


def test_a_tree_that_needs_itself_by_its_place(yard: World) -> None:
    """No name is known of it yet."""
    tree = yard.root / "tree"
    write_tree(tree, toy_tree("demo", "1.0", build_requires=["toy", f"demo @ {tree.as_uri()}"]))
    yard.fails(6, tree, says=["it is needed itself"])
    url = f"{yard.index.host}/somewhere/main.tar.gz"
    archive = toy_sdist("demo", "1.0", build_requires=["toy", f"demo @ {url}"])
    yard.index.serve("/somewhere/main.tar.gz", archive.content)
    yard.fails(6, f"demo @ {url}", says=["needed itself"])


def test_builds_without_an_end(yard: World) -> None:
    """Each needs another one: an index can make up any number of them."""
    for number in range(40):
        yard.index.add(toy_sdist(f"demo{number}", "1.0", build_requires=[f"demo{number + 1}"]))
    yard.fails(6, "demo0", says=["one build in another"])


def test_build_constraints(yard: World) -> None:
    yard.index.add(make_wheel("toy", "2.0", files={"toy.py": BACKEND + "\nprint('the newer one')\n"}))
    yard.index.add(toy_sdist("demo", "1.0"))
    constraints = yard.root / "constraints.txt"
    constraints.write_text("toy<2\n")
    assert "the newer one" not in yard.installed("-v", "--build-constraint", constraints, "demo").out
    assert "the newer one" in yard.installed("-v", "--force-reinstall", "demo").out
    constraints.write_text("toy<1\n")
    yard.fails(1, "--force-reinstall", "--build-constraint", constraints, "demo", says=["toy<1"])


def test_constraints_are_not_for_builds(yard: World) -> None:
    yard.index.add(toy_sdist("demo", "1.0"))
    constraints = yard.root / "constraints.txt"
    constraints.write_text("toy<1\n")
    yard.installed("-c", constraints, "demo")
    assert built(yard) == ["demo"]


def test_only_binary_holds_in_builds(yard: World) -> None:
    yard.index.add(toy_sdist("helper", "1.0"))
    yard.index.add(toy_sdist("demo", "1.0", build_requires=["toy", "helper"]))
    run = yard.fails(1, "--only-binary", "helper", "demo", says=["only a source archive"])
    assert "helper" in run.error
    assert hooks(yard) == []


def test_each_build_uses_the_credential_of_its_index(yard: World) -> None:
    """And no other's: two indexes on one host, each of which has one part."""
    one, two = yard.secret(), yard.secret()
    first = yard.index.repository("one", users={"ann": one}, denied=404)
    second = yard.index.repository("two", users={"bob": two}, denied=404)
    first.add(toy_sdist("demo", "1.0", build_requires=["toy", "helper"]))
    second.add(TOY)
    second.add(toy_sdist("helper", "1.0"))
    extra = ("--extra-index-url", yard.with_user(second.url, "bob", two))
    yard.installed(*extra, "demo", index=yard.with_user(first.url, "ann", one))
    assert built(yard) == ["demo", "helper"]
    sent = {(seen.repository, seen.headers.get("authorization")) for seen in yard.index.seen()}
    assert sent == {("one", f"Basic {yard.basic('ann', one)}"), ("two", f"Basic {yard.basic('bob', two)}")}


def test_a_build_that_gives_a_secret_away(yard: World) -> None:
    """It can only have it from the person; it is shown nowhere all the same."""
    secret = yard.secret(plain=True)
    corp = yard.index.repository("corp", users={"ann": secret})
    corp.add(TOY)
    corp.add(toy_sdist("demo", "1.0", code={"build": f"import sys; print('{secret}'); sys.exit('error: {secret}')"}))
    run = yard.install("-v", "demo", index=yard.with_user(corp.url, "ann", secret))
    assert run.status == 6
    assert "[secret]" in run.error


def test_what_builds_need_is_linked_as_everything_is(yard: World) -> None:
    """Links lead to the cache: what is not to stay there stays for as long as a build needs it."""
    yard.index.add(toy_sdist("helper", "1.0", carried=True), entry={"hashes": {}})
    code = {"build": "import helper; print(helper.WHERE)"}
    yard.index.add(toy_sdist("demo", "1.0", build_requires=["toy", "helper"], code=code))
    yard.installed("--link-mode", "symlink", "demo")
    assert built(yard) == ["demo", "helper"]


def test_config_settings_are_not_for_what_builds_need(yard: World) -> None:
    yard.index.add(toy_sdist("helper", "1.0"))
    yard.index.add(toy_sdist("demo", "1.0", build_requires=["toy", "helper"]))
    yard.installed("-C", "a=1", "demo")
    assert [line for line in hooks(yard) if line.startswith("build")] == ["build helper", 'build demo {"a": "1"}']


def test_a_repository_that_wants_another_credential(yard: World) -> None:
    """What was given for it is shown nowhere: not in an error, not with -vv, not in the cache."""
    secret = yard.secret()
    url = yard.with_user(f"git+{yard.index.host}/demo.git", "ann", secret)
    yard.index.on(Answer(401, headers={"WWW-Authenticate": 'Basic realm="demo"'}), path="/demo.git/info/refs")
    for named in (url, f"demo @ {url}@v1#subdirectory=x", f"{url}#egg=demo"):
        yard.fails(3, "-vv", named, says=["cannot be fetched", "credential"])
    yard.fails(3, "-vv", "-e", f"{url}#egg=demo", says=["cannot be fetched"])
    sent = {seen.headers.get("authorization", "") for seen in yard.index.seen(path="/demo.git/info/refs")}
    assert sent == {"", f"Basic {yard.basic('ann', secret)}"}


def test_a_credential_that_only_a_build_needs(yard: World, keyring: FakeKeyring) -> None:
    """It is looked for as any other: the run begins anew with it."""
    secret = yard.secret()
    second = yard.index.repository("two", users={"bob": secret})
    keyring.keep(second.url, "bob", secret)
    second.add(make_wheel("helper", "1.0"))
    yard.index.add(toy_sdist("demo", "1.0", build_requires=["toy", "helper"]))
    yard.installed("--extra-index-url", second.url, "--keyring-provider", "subprocess", "demo")
    assert yard.versions() == {"demo": "1.0"}
