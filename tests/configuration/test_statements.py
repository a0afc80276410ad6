"""One requirement, in all the ways in which people write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearway.configuration.statements import Particulars, parse_constraint, parse_statement
from clearway.errors import InputError
from clearway.model.inputs import Stated, Unnamed
from clearway.model.names import normalize
from clearway.model.requirements import Requirement, parse_requirement
from clearway.model.urls import path_of

WHEEL = "My_Project-1.0+cpu-py3-none-any.whl"
SHA256 = "a" * 64
PLAIN = Particulars()


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dist").mkdir()
    for folder in ("", "dist"):
        (tmp_path / folder / WHEEL).write_bytes(b"")
    return tmp_path / WHEEL


def _requirement(text: str) -> Requirement:
    stated = parse_statement(text, "here")
    assert isinstance(stated, Stated)
    return stated.requirement


def _fails(text: str, code: str, particulars: Particulars = PLAIN) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_statement(text, "command line", particulars)
    assert caught.value.code == code
    assert "(command line)" in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    "text", ["flask", " Flask[async] >= 2 ; python_version > '3' ", "zope.interface(<6)", "a[b]==1"]
)
def test_names(text: str) -> None:
    assert parse_statement(text, "here") == Stated(parse_requirement(text.strip()), "here")


@pytest.mark.parametrize(
    "url",
    [
        f"https://example.com/{WHEEL}",
        "https://example.com/My_Project-1.0%2Bcpu-py3-none-any.whl?token=1#sha256=00",
        f"file:///srv/{WHEEL}",
    ],
)
def test_wheels_by_url(url: str) -> None:
    project = normalize("my-project")
    assert _requirement(url) == Requirement(project, url=url)
    assert _requirement(f"my.project[Fast] @ {url}") == Requirement(project, frozenset({normalize("fast")}), url=url)
    assert _requirement(f"{url}[Fast] ; os_name == 'nt'") == Requirement(
        project, frozenset({normalize("fast")}), marker="os_name == 'nt'", url=url
    )


@pytest.mark.parametrize("spelled", [f"./{WHEEL}", WHEEL, f"dist/../{WHEEL}", "{}"])
def test_wheels_by_path(wheel: Path, spelled: str) -> None:
    requirement = _requirement(spelled.format(wheel))
    assert (requirement.name, path_of(requirement.url)) == ("my-project", str(wheel))
    requirement = _requirement(f"{spelled.format(wheel)}[a, b];os_name=='nt'")
    assert (sorted(requirement.extras), requirement.marker, path_of(requirement.url)) == (
        ["a", "b"],
        "os_name=='nt'",
        str(wheel),
    )


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of projects, archives and other things, which is the working directory and a project too."""
    monkeypatch.chdir(tmp_path)
    for folder in ("lib", "legacy", "not one", "Bracket"):
        (tmp_path / folder).mkdir()
    for path in ("pyproject.toml", "lib/pyproject.toml", "legacy/setup.py", "demo-1.0.tar.gz", "demo.zip", "notes.md"):
        (tmp_path / path).write_bytes(b"")
    for path in ("requirements.txt", "reqs.in", "pylock.dev.toml"):
        (tmp_path / path).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (".", ""),
        ("./", ""),
        ("./lib", "lib"),
        ("lib/", "lib"),
        ("lib/../legacy", "legacy"),
        ("{}/lib", "lib"),
        ("demo-1.0.tar.gz", "demo-1.0.tar.gz"),
        ("./demo.zip", "demo.zip"),
        ("file://{}/lib", "lib"),
        ("file:./lib", "lib"),
        ("file:lib/../legacy/.", None),
    ],
)
def test_source_trees_on_this_machine(tree: Path, text: str, path: str | None) -> None:
    if path is None:  # a URL has a slash or a dot behind its colon, else it is what pip takes for a path
        _fails(text, "no-such-file")
        return
    for editable in (False, True):
        if editable and "demo" in text:
            continue
        stated = parse_statement(text.format(tree), "here", Particulars(editable=editable))
        assert isinstance(stated, Unnamed)
        assert (path_of(stated.url), stated.origin, stated.editable) == (
            str(tree / path).rstrip("/"),
            "here",
            editable,
        )
        assert (stated.extras, stated.marker) == (frozenset(), "")


@pytest.mark.parametrize(
    ("text", "extras", "marker"),
    [
        (".[dev]", ["dev"], ""),
        (".[dev, Test_All]", ["dev", "test-all"], ""),
        (".[]", [], ""),
        ("./lib [dev] ; os_name == 'nt'", ["dev"], "os_name == 'nt'"),
        (".;os_name=='nt'", [], "os_name=='nt'"),
        ("./demo-1.0.tar.gz[a]", ["a"], ""),
        ("file://{}/lib[a] ; os_name == 'nt'", ["a"], "os_name == 'nt'"),
        ("https://example.com/demo-1.0.tar.gz[a] ; os_name == 'nt'", ["a"], "os_name == 'nt'"),
        ("git+https://example.com/demo@main[a]", ["a"], ""),
    ],
)
def test_extras_and_markers_of_source_trees(tree: Path, text: str, extras: list[str], marker: str) -> None:
    stated = parse_statement(text.format(tree), "here")
    assert isinstance(stated, Unnamed)
    assert (sorted(stated.extras), stated.marker, stated.url[-1] != "]") == (extras, marker, True)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:secret@example.com/demo-1.0.tar.gz#sha256=00&subdirectory=sub",
        "https://example.com/download?id=1",
        "git+https://example.com/demo",
        "git+https://me@example.com/demo.git@v1.0#subdirectory=sub",
        "git+ssh://git@example.com/demo.git",
        "git+ssh://git@example.com:22/demo.git",
        "git+file:///srv/demo@branch",
        "GIT+HTTPS://example.com/demo.whl",
    ],
)
def test_source_trees_elsewhere(url: str) -> None:
    assert parse_statement(url, "here") == Unnamed(url, "here")
    named = parse_statement(f"My.Demo[Fast] @ {url}", "here")
    assert named == Stated(Requirement(normalize("my-demo"), frozenset({normalize("fast")}), url=url), "here")
    assert parse_statement(f"demo@{url} ; os_name == 'nt'", "here") == Stated(
        Requirement(normalize("demo"), marker="os_name == 'nt'", url=url), "here"
    )


@pytest.mark.parametrize(
    ("text", "extras"),
    [
        ("git+https://example.com/x@main#egg=My_Demo", []),
        ("git+https://example.com/x#egg=my-demo[a,B]", ["a", "b"]),
        ("git+https://example.com/x#egg=my-demo[a]&subdirectory=sub", ["a"]),
        ("https://example.com/x.zip#subdirectory=sub&egg=my-demo", []),
        ("file://{}/lib#egg=my-demo", []),
    ],
)
def test_eggs_tell_the_name(tree: Path, text: str, extras: list[str]) -> None:
    stated = parse_statement(text.format(tree), "here")
    assert isinstance(stated, Stated)
    assert (stated.requirement.name, sorted(stated.requirement.extras)) == ("my-demo", extras)
    assert "#" in stated.requirement.url


def test_repositories_and_folders_are_made_absolute(tree: Path) -> None:
    assert parse_statement("git+file:./lib@main#egg=x", "here").requirement.url == (  # type: ignore[union-attr]
        f"git+{(tree / 'lib').as_uri()}@main#egg=x"
    )
    stated = parse_statement("demo @ file:./lib", "here")
    assert isinstance(stated, Stated)
    assert stated.requirement.url == (tree / "lib").as_uri()


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("./not one", "not-a-project", "holds one of them"),
        ("file:./not%20one", "not-a-project", "holds one of them"),
        ("./nowhere", "no-such-file", "Correct the path"),
        ("nowhere/", "no-such-file", "Correct the path"),
        ("file:///nowhere/at/all", "no-such-file", "Correct the path"),
        ("gone-1.0.tar.gz", "no-such-file", "Correct the path"),
        ("dist\\gone.zip", "no-such-file", "on this system: dist/gone.zip"),
        (".\\lib", "no-such-file", "on this system: ./lib"),
        ("~/lib", "no-such-file", "only a shell knows ~"),
        ("./notes.md", "not-an-archive", ".whl"),
        ("./requirements.txt", "looks-like-a-file", "-r ./requirements.txt"),
        ("./pylock.dev.toml", "looks-like-a-file", "-r ./pylock.dev.toml"),
        ("./pyproject.toml", "looks-like-a-file", "the project itself: .; or what it requires: -r ./pyproject.toml"),
        ("legacy/setup.py", "looks-like-a-file", "the project itself: legacy"),
        ("hg+ssh://me@example.com/demo@tip", "unsupported-repository", "git repository"),
        ("svn+https://example.com/demo", "unsupported-repository", "git repository"),
        ("demo @ bzr+https://example.com/demo", "unsupported-repository", "git repository"),
        ("git+git://example.com/demo", "unsupported-repository", "git repository"),
        ("git+rsync://example.com/demo", "unsupported-repository", "git repository"),
        ("git://example.com/demo", "unsupported-repository", "git repository"),
        ("ssh://git@example.com/demo", "unsupported-repository", "Write git+ssh://git@example.com/demo"),
        ("git+git@example.com:org/demo.git", "unsupported-repository", "Write git+ssh://git@example.com/org/demo.git"),
        ("git@example.com:org/demo.git", "unsupported-repository", "Write git+ssh://git@example.com/org/demo.git"),
        ("git+ssh://git@example.com:org/demo", "unsupported-repository", "Write git+ssh://git@example.com/org/demo"),
        ("demo @ git+git@example.com:demo@v1", "unsupported-repository", "Write git+ssh://git@example.com/demo@v1"),
        ("https://example.com/demo.git", "not-an-archive", "Write git+https://example.com/demo.git"),
        ("ftp://example.com/demo.zip", "unsupported-url", "https://"),
        ("https://[example.com/demo.zip", "malformed-requirement", "Correct the URL"),
        ("https:/example.com/demo.zip", "malformed-requirement", "Correct the URL"),
        ("git+https:/example.com/demo", "malformed-requirement", "Correct the URL"),
        ("git+https://example.com/x#egg=a b", "malformed-requirement", "NAME @ URL"),
        ("git+https://example.com/x#egg=a[b c]", "malformed-requirement", "NAME[ONE,TWO]"),
        ("demo @ ./lib", "malformed-requirement", "Write file://"),
        ("demo @ ./nowhere", "malformed-requirement", "name the path alone"),
        (".[a b]", "malformed-requirement", "NAME[ONE,TWO]"),
        (".;nonsense", "malformed-requirement", "python_version < "),
    ],
)
def test_what_is_no_source_tree(tree: Path, text: str, code: str, hint: str) -> None:
    assert hint in _fails(text, code).hint


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lib", None),
        ("lib[dev]", None),
        (".", None),
        ("git+https://example.com/demo", None),
        ("git+https://example.com/demo#egg=demo", "demo"),
        ("demo[a] @ git+https://example.com/demo ; os_name == 'nt'", "demo"),
        ("demo @ file:./lib", "demo"),
    ],
)
def test_what_can_be_editable(tree: Path, text: str, name: str | None) -> None:
    stated = parse_statement(text, "here", Particulars(editable=True))
    assert stated.editable
    assert (stated.requirement.name if isinstance(stated, Stated) else None) == name


@pytest.mark.parametrize(
    "text",
    [
        "demo",
        "demo==1.0",
        "demo-1.0.tar.gz",
        "https://example.com/demo-1.0.tar.gz",
        f"demo @ https://example.com/{WHEEL}",
    ],
)
def test_what_cannot_be_editable(tree: Path, text: str) -> None:
    _fails(text, "not-editable", Particulars(editable=True))


def test_config_settings() -> None:
    stated = parse_statement("demo", "here", Particulars(settings=("a=b", "--global-option=x=y", "empty=")))
    assert stated.settings == (("a", "b"), ("--global-option", "x=y"), ("empty", ""))


@pytest.mark.parametrize("value", ["", "a", "=b"])
def test_what_is_no_config_setting(value: str) -> None:
    _fails("demo", "malformed-options", Particulars(settings=(value,)))


@pytest.mark.parametrize(
    "text", ["gone-1.0-py3-none-any.whl", "./gone-1.0-py3-none-any.whl", "/srv/gone-1-py3-none-any.whl"]
)
def test_a_wheel_that_is_not_there(wheel: Path, text: str) -> None:
    _fails(text, "no-such-file")


@pytest.mark.parametrize("text", ["./project.whl", "https://example.com/project-1.0.whl"])
def test_a_wheel_that_is_not_named_as_one(wheel: Path, text: str) -> None:
    _fails(text, "not-a-wheel")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "flask=1",
        "flask >",
        "flask other",
        "flask @ here",
        "C:project",
        f"https://example.com/{WHEEL}[a b]",
        f"https://example.com/{WHEEL} ; nonsense",
    ],
)
def test_what_is_no_requirement(text: str) -> None:
    _fails(text, "malformed-requirement")


@pytest.mark.parametrize(
    "text",
    [
        "https://me:secret@example.com/project.git",
        "https://me:secret@[example.com/project.zip",
        "ftp://me:secret@example.com/project.tar.gz",
        "hg+https://me:secret@example.com/project",
        "git+https://me:secret@example.com/project#egg=a b",
        "https://me:secret@example.com/project.whl",
        "project @@ https://me:secret@example.com/project.whl",
        "project @ hg+https://me:secret@example.com/project.zip",
    ],
)
def test_no_error_shows_user_info(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_statement(text, "command line")
    assert "secret" not in caught.value.message + caught.value.hint


def test_hashes() -> None:
    stated = parse_statement("flask==1", "here", Particulars((f"sha256:{SHA256.upper()}", "sha512:" + "0" * 128)))
    assert stated.hashes == (f"sha256:{SHA256}", "sha512:" + "0" * 128)


@pytest.mark.parametrize(
    "value", ["", "sha256", "sha256:", "sha256:xyz", f"md5:{'a' * 32}", f"sha256:{'a' * 63}", f"sha512:{SHA256}"]
)
def test_what_is_no_hash(value: str) -> None:
    _fails("flask==1", "malformed-hash", Particulars((value,)))


def test_constraints() -> None:
    for text in ("flask<3", f"My_Project @ https://example.com/{WHEEL} ; os_name == 'posix'"):
        assert parse_constraint(text, "-c c.txt, line 1") == parse_statement(text, "-c c.txt, line 1")


@pytest.mark.parametrize(
    "text",
    [
        "flask[async]<3",
        f"https://example.com/{WHEEL}",
        f"my-project[more] @ https://example.com/{WHEEL}",
        "https://example.com/demo.zip",
        "git+https://example.com/demo#egg=demo",
    ],
)
def test_what_cannot_constrain(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_constraint(text, "-c c.txt, line 1")
    assert caught.value.code == "unusable-constraint"
    assert "(-c c.txt, line 1)" in caught.value.message
