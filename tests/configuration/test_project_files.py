"""What a pyproject.toml requires: the project, its extras, and dependency groups."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.configuration.project_files import read_group
from clearway.configuration.requirement_files import Asked, read_inputs
from clearway.errors import InputError
from clearway.model.inputs import Inputs

PROJECT = """\
[project]
name = "My.Project"
dependencies = ["a>=1", "b[x] ; os_name == 'nt'", "c @ https://example.com/c.zip"]

[project.optional-dependencies]
Test_All = ["t", "my-project[docs] ; os_name == 'posix'"]
docs = ["d ; python_version > '3'", "my_project[deep]"]
deep = ["e", "my-project[docs,test-all]"]
"""
GROUPS = """\
[dependency-groups]
Lint = ["ruff"]
test = ["pytest>=8", {include-group = "lint"}, "coverage"]
all = [{include-group = "test"}, {include-group = "LINT"}, "mypy"]
empty = []
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _no_network(url: str) -> bytes:
    raise AssertionError(url)


def _read(content: str | bytes, *, path: str = "pyproject.toml", **asked: object) -> Inputs:
    """Read a project file with ``-r``, unless something else is asked for."""
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_inputs(Asked(**(asked or {"requirement_files": (path,)})), {}, _no_network)  # type: ignore[arg-type]


def _names(inputs: Inputs) -> list[str]:
    return [str(stated.requirement) for stated in inputs.requirements]


def _fails(code: str, content: str | bytes, **asked: object) -> InputError:
    with pytest.raises(InputError) as caught:
        _read(content, **asked)  # type: ignore[arg-type]
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)
    return caught.value


FILES = {"requirement_files": ("pyproject.toml",)}


def test_dependencies_of_a_project() -> None:
    inputs = _read(PROJECT)
    assert _names(inputs) == ["a>=1", "b[x] ; os_name == 'nt'", "c @ https://example.com/c.zip"]
    assert {stated.origin for stated in inputs.requirements} == {"-r pyproject.toml, project.dependencies"}


def test_a_project_without_dependencies_requires_nothing() -> None:
    assert _read("[project]\nname = 'x'\n").requirements == ()


def test_extras_of_the_project_itself_are_put_in_at_their_place() -> None:
    inputs = _read(PROJECT, **FILES, extras=("docs",))
    assert _names(inputs)[3:] == ["d ; python_version > '3'", "e", "t"]
    assert inputs.requirements[3].origin == "-r pyproject.toml, project.optional-dependencies.docs"


def test_the_marker_of_an_extra_of_the_project_itself_holds_for_all_of_it() -> None:
    names = _names(_read(PROJECT, **FILES, extras=("test.all",)))[3:]
    assert names == ["t", "d ; (python_version > '3') and (os_name == 'posix')", "e ; os_name == 'posix'"]


def test_all_extras() -> None:
    assert set(_names(_read(PROJECT, **FILES, all_extras=True))) >= {"t", "d ; python_version > '3'", "e"}


def test_a_file_of_another_folder_and_one_that_a_requirement_file_names() -> None:
    assert _read(PROJECT, path="sub/pyproject.toml").requirements[0].origin == (
        "-r sub/pyproject.toml, project.dependencies"
    )
    Path("top.txt").write_text("x\n-r sub/pyproject.toml\ny\n")
    assert _names(read_inputs(Asked(requirement_files=("top.txt",)), {}, _no_network))[::2] == [
        "x",
        "b[x] ; os_name == 'nt'",
        "y",
    ]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (
            "[tool.poetry]\n",
            "no-static-dependencies",
            "-r pyproject.toml does not say what the project requires: there",
        ),
        ("[project]\ndynamic = ['dependencies']", "no-static-dependencies", "they are dynamic"),
        ("project = 1", "malformed-toml", "-r pyproject.toml, project is not a table"),
        ("[project]\ndependencies = 'a'", "malformed-toml", "-r pyproject.toml, project.dependencies is not an array"),
        ("[project]\ndependencies = ['a', 1]", "malformed-toml", "project.dependencies[1] is not a text"),
        ("[project]\nname = []", "malformed-toml", "project.name is not a text"),
        ("[project]\ndynamic = 'x'", "malformed-toml", "project.dynamic is not an array"),
        ("[project]\noptional-dependencies = []", "malformed-toml", "project.optional-dependencies is not a table"),
        ("[project]\ndependencies = ['a=1']", "malformed-requirement", "(-r pyproject.toml, project.dependencies)"),
        ("[project]\nname = 'x'\ndependencies = ['x[y]']", "unknown-extra", "There is no extra y in -r pyproject.toml"),
        ("[project\n", "malformed-toml", "-r pyproject.toml, line 1: "),
        ("a = " + "[" * 100_000, "malformed-toml", "-r pyproject.toml: it nests too deeply"),
        ("a = " + "1" * 5000, "malformed-toml", "-r pyproject.toml: Exceeds"),
        (b"a = '\xff'", "undecodable-file", "-r pyproject.toml is not UTF-8, at byte 5"),
    ],
)
def test_what_is_wrong_with_a_project(content: str | bytes, code: str, said: str) -> None:
    assert said in _fails(code, content).message


def test_extras_that_are_dynamic_are_asked_of_the_build_backend() -> None:
    content = "[project]\ndynamic = ['optional-dependencies']"
    assert _read(content).requirements == ()
    assert "its extras are dynamic" in _fails("no-static-dependencies", content, **FILES, all_extras=True).message


def test_extras_that_multiply_are_ended() -> None:
    extras = [f"x{n} = [\"p[x{n + 1}] ; os_name == 'a'\", \"p[x{n + 1}] ; os_name == 'b'\"]" for n in range(30)]
    content = "\n".join(["[project]\nname = 'p'", "[project.optional-dependencies]", *extras, "x30 = []"])
    assert "more than 1000 times" in _fails("malformed-toml", content, **FILES, extras=("x0",)).message


# -- which extras ------------------------------------------------------------------------------------------------------


def test_an_extra_that_no_file_has() -> None:
    error = _fails("unknown-extra", PROJECT, **FILES, extras=("docs", "nope"))
    assert error.message == "There is no extra nope in -r pyproject.toml"
    assert error.hint == "These are there: deep, docs, test-all"


def test_an_extra_of_one_of_two_files() -> None:
    _read("[project]\n", path="other/pyproject.toml")
    files = ("pyproject.toml", "other/pyproject.toml")
    assert "e" in _names(_read(PROJECT, requirement_files=files, extras=("deep",)))


@pytest.mark.parametrize(("asked", "said"), [({"extras": ("x",)}, "--extra x"), ({"all_extras": True}, "--all-extras")])
def test_extras_of_no_file(asked: dict[str, object], said: str) -> None:
    assert _fails("unknown-extra", "", requirements=("a",), **asked).message.startswith(said)


def test_what_is_no_extra() -> None:
    assert "'a b'" in _fails("malformed-option", PROJECT, **FILES, extras=("a b",)).message


# -- dependency groups -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        (("lint",), ["ruff"]),
        (("LINT",), ["ruff"]),
        (("test",), ["pytest>=8", "ruff", "coverage"]),
        (("all",), ["pytest>=8", "ruff", "coverage", "mypy"]),
        (("empty",), []),
        (("lint", "./pyproject.toml:lint"), ["ruff", "ruff"]),
    ],
)
def test_groups(groups: tuple[str, ...], names: list[str]) -> None:
    assert _names(_read(GROUPS, groups=groups)) == names


def test_a_group_says_where_its_requirements_stand() -> None:
    Path("sub").mkdir()
    inputs = _read(GROUPS, path="sub/pyproject.toml", groups=("sub/pyproject.toml:test",))
    assert [stated.origin for stated in inputs.requirements] == [
        "sub/pyproject.toml, dependency-groups.test",
        "sub/pyproject.toml, dependency-groups.Lint",
        "sub/pyproject.toml, dependency-groups.test",
    ]


def test_groups_stand_beside_everything_else(tmp_path: Path) -> None:
    Path("r.txt").write_text("r\n")
    asked = {"requirements": ("a",), "groups": ("lint",), "requirement_files": ("r.txt", "pyproject.toml")}
    assert _names(_read(GROUPS + "[project]\ndependencies = ['p']", **asked)) == ["a", "ruff", "r", "p"]


def test_groups_that_nobody_asks_for_are_not_looked_at() -> None:
    assert _names(_read(GROUPS + "broken = 1\nalso-broken = ['a=1', {}]\n", groups=("lint",))) == ["ruff"]


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("", "unknown-group", "There is no group g in pyproject.toml"),
        ("g = 'a'", "malformed-toml", "pyproject.toml, dependency-groups.g is not an array"),
        ("g = [1]", "malformed-toml", "dependency-groups.g[0] is neither a requirement nor an include"),
        ("g = ['a', {}]", "malformed-toml", "dependency-groups.g[1] is neither a requirement nor an include"),
        ("g = [{path = 'a'}]", "malformed-toml", "dependency-groups.g[0] is neither"),
        ("g = [{include-group = 'h', a = 1}]", "malformed-toml", "dependency-groups.g[0] is neither"),
        ("g = [{include-group = 1}]", "malformed-toml", "dependency-groups.g[0].include-group is not a text"),
        ("g = [{include-group = 'h'}]", "unknown-group", "There is no group h in pyproject.toml, dependency"),
        ("g = ['a=1']", "malformed-requirement", "(pyproject.toml, dependency-groups.g)"),
        ("g = ['./lib']", "malformed-requirement", "(pyproject.toml, dependency-groups.g)"),
        ("g = []\nG = []", "malformed-toml", "dependency-groups: g and G are one name"),
        ("g = [{include-group = 'h'}]\nh = ['x']\nH = []", "malformed-toml", "h and H are one name"),
    ],
)
def test_what_is_wrong_with_a_group(line: str, code: str, said: str) -> None:
    error = _fails(code, f"[dependency-groups]\n{line}\n", groups=("g",))
    assert said in error.message


@pytest.mark.parametrize(
    ("content", "way"),
    [
        ("g = [{include-group = 'G'}]", "g -> g"),
        ("g = [{include-group = 'h'}]\nh = ['a', {include-group = 'i'}]\ni = [{include-group = 'h'}]", "h -> i -> h"),
    ],
)
def test_a_cycle_of_groups_is_told_with_its_way(content: str, way: str) -> None:
    error = _fails("group-cycle", f"[dependency-groups]\n{content}", groups=("g",))
    assert error.context == (way,)


@pytest.mark.parametrize("text", ["", ":", "pyproject.toml:", "folder:lint", ":lint", "folder/other.toml:lint"])
def test_what_names_no_group(text: str) -> None:
    assert "--group" in _fails("malformed-option", GROUPS, groups=(text,)).message


def test_a_group_of_a_file_that_is_not_there() -> None:
    error = _fails("unreadable-file", GROUPS, path="other/pyproject.toml", groups=("lint",))
    assert error.message == "--group pyproject.toml cannot be read: No such file or directory"
    assert "--group FOLDER/pyproject.toml:NAME" in error.hint


def test_a_long_chain_of_groups_is_walked() -> None:
    table = {f"g{n}": [{"include-group": f"g{n + 1}"}, f"p{n}"] for n in range(5000)} | {"g5000": ["end"]}
    read = [stated.requirement.name for stated in read_group({"dependency-groups": table}, "x", "g0")]
    assert (len(read), read[0], read[-1]) == (5001, "end", "p0")


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefxyz"), max_size=4)))
def test_a_group_is_what_its_items_are(groups: dict[str, list[str]]) -> None:
    """Of groups that include only those behind them in the alphabet, so that there is no cycle, all names are found."""
    names = sorted(groups)
    later = {
        name: [
            {"include-group": item} if item in groups else f"p-{item}" for item in items if item > name or item > "f"
        ]
        for name, items in groups.items()
    }

    def reached(name: str) -> set[str]:
        found: set[str] = set()
        for item in later[name]:
            found |= {item} if isinstance(item, str) else reached(item["include-group"])
        return found

    for name in names:
        read = [str(one.requirement.name) for one in read_group({"dependency-groups": later}, "x", name)]
        assert set(read) == reached(name)
