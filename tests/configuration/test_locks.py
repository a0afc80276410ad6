"""Lock files (PEP 751), for one target."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clearway.configuration.requirement_files import Asked, read_inputs
from clearway.errors import InputError
from clearway.model.inputs import Inputs
from clearway.model.targets import Target

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n'
TARGET = Target(
    {
        "implementation_name": "cpython",
        "implementation_version": "3.12.1",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "6.1",
        "platform_system": "Linux",
        "platform_version": "#1",
        "python_full_version": "3.12.1",
        "python_version": "3.12",
        "sys_platform": "linux",
    },
    ["cp312-cp312-linux_x86_64", "py3-none-any"],
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _no_network(url: str) -> bytes:
    raise AssertionError(url)


def _package(name: str, *lines: str) -> str:
    return "\n".join(["[[packages]]", f'name = "{name}"', *lines, ""])


def _wheel(name: str, digest: str = A, tag: str = "py3-none-any", place: str = 'url = "https://example.com/{}"') -> str:
    filename = f"{name.replace('-', '_')}-1.0-{tag}.whl"
    return f'{{name = "{filename}", {place.format(filename)}, hashes = {{sha256 = "{digest}"}}}}'


def _locked(name: str, *lines: str) -> str:
    return _package(name, 'version = "1.0"', *lines, f"wheels = [{_wheel(name)}]")


def _read(content: str, **asked: object) -> Inputs:
    path = Path("locks") / "pylock.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    asked.setdefault("requirement_files", (str(path),))
    return read_inputs(Asked(**asked), {}, _no_network, lambda: TARGET)  # type: ignore[arg-type]


def _stated(inputs: Inputs) -> list[tuple[str, list[str]]]:
    return [(str(stated.requirement), [hash_[-1] for hash_ in stated.hashes]) for stated in inputs.requirements]


def _fails(code: str, content: str, **asked: object) -> InputError:
    with pytest.raises(InputError) as caught:
        _read(content, **asked)
    assert (caught.value.code, bool(caught.value.hint)) == (code, True), caught.value.message
    assert "\n" not in caught.value.message
    return caught.value


# -- what comes of an index --------------------------------------------------------------------------------------------


def test_what_comes_of_an_index_is_one_version_with_the_hashes_of_all_its_files() -> None:
    sdist = f'{{name = "a-1.0.tar.gz", url = "https://example.com/a-1.0.tar.gz", hashes = {{sha256 = "{C}"}}}}'
    wheels = f"wheels = [{_wheel('a')}, {_wheel('a', B, 'cp312-cp312-linux_x86_64')}]"
    inputs = _read(HEAD + _package("a", 'version = "1.0"', wheels, f"sdist = {sdist}"))
    assert _stated(inputs) == [("a==1.0", ["a", "b", "c"])]
    assert (inputs.no_deps, inputs.notes) == (True, ())
    assert inputs.requirements[0].origin == "-r locks/pylock.toml, a"


def test_the_version_may_stand_in_the_file_names_alone() -> None:
    sdist = f'{{url = "https://example.com/b-2.0.post1.tar.gz", hashes = {{sha256 = "{C}"}}}}'
    inputs = _read(HEAD + _package("a", f"wheels = [{_wheel('a')}]") + _package("b", f"sdist = {sdist}"))
    assert _stated(inputs) == [("a==1.0", ["a"]), ("b==2.0.post1", ["c"])]


def test_the_index_is_named_and_not_asked() -> None:
    inputs = _read(HEAD + _locked("a", 'index = "https://me:secret@example.com/simple"'))
    assert inputs.requirements[0].origin == "-r locks/pylock.toml, a, locked from https://****@example.com/simple"
    assert (inputs.index_url, inputs.extra_index_urls, inputs.find_links) == (None, (), ())


def test_hashes_that_tell_files_apart_count() -> None:
    hashes = f'hashes = {{md5 = "{"0" * 32}", sha256 = "{A.upper()}", sha512 = "{"f" * 128}"}}'
    wheel = f'{{url = "https://example.com/a-1.0-py3-none-any.whl", {hashes}}}'
    assert _read(HEAD + _package("a", f"wheels = [{wheel}]")).requirements[0].hashes == (
        f"sha512:{'f' * 128}",
        f"sha256:{A}",
    )
    weak = wheel.replace("sha256", "sha224").replace("sha512", "sha1")
    message = _fails("malformed-lock", HEAD + _package("a", f"wheels = [{weak}]")).message
    assert message == "-r locks/pylock.toml, a: its files have none of the hashes sha256, sha384, sha512"
    assert "locks/pylock.toml, a" in _fails("malformed-hash", HEAD + _locked("a").replace(A, "a" * 63)).message


@pytest.mark.parametrize("place", ['path = "dist/{{}}"', 'url = "{}/locks/dist/{{}}"'])
def test_a_wheel_that_is_on_this_machine(tmp_path: Path, place: str) -> None:
    wheel = _wheel("a", place=place.format(tmp_path.as_uri()))
    inputs = _read(HEAD + _package("a", f"wheels = [{wheel}, {_wheel('a', B, 'cp311-cp311-any')}]"))
    path = tmp_path / "locks" / "dist" / "a-1.0-py3-none-any.whl"
    assert _stated(inputs) == [(f"a @ {path.as_uri()}", ["a"])]


# -- what comes from elsewhere -----------------------------------------------------------------------------------------


def test_archives(tmp_path: Path) -> None:
    inputs = _read(
        HEAD
        + _package(
            "a", "[packages.archive]", 'url = "https://example.com/x.zip#egg=other"', f'hashes = {{sha256 = "{A}"}}'
        )
        + _package(
            "b", "[packages.archive]", 'path = "../b.tar.gz"', f'hashes = {{sha256 = "{B}"}}', 'subdirectory = "s u"'
        )
    )
    assert _stated(inputs) == [
        ("a @ https://example.com/x.zip", ["a"]),
        (f"b @ {(tmp_path / 'b.tar.gz').as_uri()}#subdirectory=s%20u", ["b"]),
    ]


def test_repositories(tmp_path: Path) -> None:
    vcs = ["[packages.vcs]", 'type = "git"', f'commit-id = "{COMMIT}"', 'requested-revision = "main"']
    inputs = _read(
        HEAD
        + _package("a", *vcs, 'url = "https://me@example.com/a.git"', 'subdirectory = "sub"')
        + _package("b", *vcs, 'path = "../b"')
    )
    assert _stated(inputs) == [
        (f"a @ git+https://me@example.com/a.git@{COMMIT}#subdirectory=sub", []),
        (f"b @ git+{(tmp_path / 'b').as_uri()}@{COMMIT}", []),
    ]


def test_folders(tmp_path: Path) -> None:
    for name in ("a", "b/sub", "c"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "pyproject.toml").touch()
    inputs = _read(
        HEAD
        + _package("a", "[packages.directory]", 'path = "../a"')
        + _package("b", "[packages.directory]", 'path = "../b"', "editable = true", 'subdirectory = "sub"')
        + _package("c", "[packages.directory]", f'path = "{(tmp_path / "c").as_posix()}"')
    )
    assert _stated(inputs) == [
        (f"a @ {(tmp_path / 'a').as_uri()}", []),
        (f"b @ {(tmp_path / 'b').as_uri()}#subdirectory=sub", []),
        (f"c @ {(tmp_path / 'c').as_uri()}", []),
    ]
    assert [stated.editable for stated in inputs.requirements] == [False, True, False]


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        (("[packages.directory]", 'path = "nowhere"'), "no-such-file", "nowhere (-r locks/pylock.toml, a)"),
        (("[packages.vcs]", 'type = "file:///srv/a#"', 'url = "https://example.com"', f'commit-id = "{COMMIT}"'),
         "malformed-lock", "'file:///srv/a#' is no version control system"),
        (("[packages.vcs]", 'type = "hg"', 'url = "https://example.com"', f'commit-id = "{COMMIT}"'),
         "unsupported-repository", "a repository of hg"),
        (("[packages.vcs]", 'type = "git"', 'url = "https://example.com/a"', 'commit-id = "--upload-pack=x"'),
         "malformed-lock", "the commit '--upload-pack=x' is no hash"),
        (("[packages.archive]", 'url = "https://example.com/b-1-py3-none-any.whl"', f'hashes = {{sha256 = "{A}"}}'),
         "malformed-lock", "is a wheel of b"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_place(lines: tuple[str, ...], code: str, said: str) -> None:
    assert said in _fails(code, HEAD + _package("a", *lines)).message


# -- what is chosen ----------------------------------------------------------------------------------------------------

CHOICE = (
    HEAD
    + 'extras = ["x", "y"]\ndependency-groups = ["dev", "docs"]\ndefault-groups = ["dev"]\n'
    + _locked("always")
    + _locked("windows", "marker = \"os_name == 'nt'\"")
    + _locked("of-x", "marker = \"'x' in extras\"")
    + _locked("of-y", "marker = \"'y' in extras\"")
    + _locked("of-dev", "marker = \"'dev' in dependency_groups\"")
    + _locked("of-docs", "marker = \"'docs' in dependency_groups\"")
)
LOCK = "locks/pylock.toml"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["always", "of-dev"]),
        ({"extras": ("x",)}, ["always", "of-x", "of-dev"]),
        ({"requirement_files": (f"{LOCK}[x,Y]",)}, ["always", "of-x", "of-y", "of-dev"]),
        ({"all_extras": True}, ["always", "of-x", "of-y", "of-dev"]),
        ({"groups": ("docs",)}, ["always", "of-dev", "of-docs"]),
        ({"groups": (f"{LOCK}:docs",)}, ["always", "of-dev", "of-docs"]),
        ({"requirement_files": (), "groups": (f"{LOCK}:Docs",)}, ["always", "of-docs"]),
    ],
)
def test_extras_and_groups(asked: dict[str, object], names: list[str]) -> None:
    assert [stated.requirement.name for stated in _read(CHOICE, **asked).requirements] == names


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"extras": ("z",)}, "unknown-extra", "There is no extra z in -r locks/pylock.toml"),
        ({"groups": ("z",)}, "unknown-group", "There is no group z in -r locks/pylock.toml"),
        ({"requirements": ("a",)}, "lock-not-alone", "beside it (command line)"),
        ({"groups": ("../pyproject.toml:a",)}, "unreadable-file", "--group ../pyproject.toml"),
        ({"requirement_files": (LOCK, "pylock.other.toml")}, "lock-not-alone", "(-r pylock.other.toml)"),
        ({"requirement_files": (LOCK, "some.txt")}, "lock-not-alone", "(-r some.txt, line 1)"),
        ({"requirement_files": (), "constraint_files": (LOCK,)}, "unusable-constraint", "-c locks/pylock.toml"),
    ],
)
def test_what_does_not_go_with_a_lock(asked: dict[str, object], code: str, said: str) -> None:
    Path("pylock.other.toml").write_text(CHOICE)
    Path("some.txt").write_text("some\n")
    assert said in _fails(code, CHOICE, **asked).message


def test_a_file_of_options_goes_with_a_lock_and_so_does_the_same_lock() -> None:
    Path("options.txt").write_text("--no-index\n")
    inputs = _read(CHOICE, requirement_files=("options.txt", LOCK, f"./{LOCK}"))
    assert (inputs.no_index, len(inputs.requirements)) == (True, 2)


def test_a_lock_means_nothing_among_constraints() -> None:
    _read(CHOICE)
    Path("c.txt").write_text(f"-r {LOCK}\n")
    with pytest.raises(InputError) as caught:
        read_inputs(Asked(constraint_files=("c.txt",)), {}, _no_network)
    assert caught.value.code == "unusable-constraint"


# -- what cannot be installed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ('requires-python = ">=3.13"\n' + _locked("a"), "lock-not-for-target", "3.12.1"),
        ("environments = [\"os_name == 'nt'\"]\n" + _locked("a"), "lock-not-for-target", "environments"),
        (_locked("a", 'requires-python = ">=3.13"'), "lock-not-for-target", "'a'"),
        (_locked("a") + _locked("a"), "lock-not-for-target", "Multiple packages with the name 'a'"),
        (_package("a", f"wheels = [{_wheel('a', tag='cp311-cp311-any')}]"), "lock-not-for-target", "No wheel found"),
        (
            "packages = 1",
            "malformed-lock",
            "-r locks/pylock.toml: Unexpected type int (expected Sequence) in 'packages'",
        ),
        ("", "malformed-lock", "Missing required value in 'packages'"),
        (_package("A"), "malformed-lock", "'A' is not normalized in 'packages[0].name'"),
        (_package("a"), "malformed-lock", "packages[0]"),
        (_locked("a", "marker = 'nonsense'"), "malformed-lock", "packages[0].marker"),
        (_locked("a", f'marker = "{"(" * 20_000}"'), "malformed-lock", "-r locks/pylock.toml: "),
        (_locked("a", "marker = \"extra == 'x'\""), "malformed-lock", "extra"),
        (_locked("a").replace('"1.0"', '"2.0"'), "malformed-lock", "not consistent with package version"),
        ("packages = " + "[" * 50_000, "malformed-toml", "it nests too deeply"),
        (f'packages = [{{name = "{"A" * 10_000}"}}]', "malformed-lock", "..."),
    ],
)
def test_what_cannot_be_installed(content: str, code: str, said: str) -> None:
    error = _fails(code, HEAD + content)
    assert said in error.message
    assert len(error.message) < 500


def test_locks_of_other_versions(capsys: pytest.CaptureFixture[str]) -> None:
    newer = (HEAD + _locked("a")).replace('"1.0"', '"1.1"', 1)
    assert _read(newer).notes == (
        "-r locks/pylock.toml is of version 1.1: what is newer than 1.0 in it is passed over",
    )
    assert capsys.readouterr().err == ""
    assert "2.0 is not supported" in _fails("unsupported-lock", newer.replace('"1.1"', '"2.0"')).message


# -- locks from elsewhere ----------------------------------------------------------------------------------------------


def _read_remote(content: str, url: str = "https://me:secret@example.com/locks/pylock.toml") -> Inputs:
    return read_inputs(Asked(requirement_files=(url,)), {}, {url: content.encode()}.__getitem__, lambda: TARGET)


def test_paths_of_a_remote_lock_are_beside_it() -> None:
    wheel = _wheel("a", place='path = "../dist/{}"')
    inputs = _read_remote(HEAD + _package("a", f"wheels = [{wheel}]") + _locked("b"))
    assert _stated(inputs) == [
        ("a @ https://me:secret@example.com/dist/a-1.0-py3-none-any.whl", ["a"]),
        ("b==1.0", ["a"]),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("[packages.archive]", 'path = "//other.example/a.zip"', f'hashes = {{sha256 = "{A}"}}'),
        ("[packages.archive]", 'path = "file:///etc/a.zip"', f'hashes = {{sha256 = "{A}"}}'),
        ("[packages.archive]", 'url = "file:///etc/a.zip"', f'hashes = {{sha256 = "{A}"}}'),
        ("[packages.vcs]", 'type = "git"', 'url = "file:///srv/a"', f'commit-id = "{COMMIT}"'),
        ("[packages.directory]", 'path = "."'),
    ],
)
def test_a_remote_lock_leads_nowhere_else(lines: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        _read_remote(HEAD + _package("a", *lines))
    assert caught.value.code in {"local-file", "malformed-lock"}
    assert re.search("lock", caught.value.message)
    assert "secret" not in caught.value.message


def test_a_remote_lock_may_name_what_is_elsewhere_by_url() -> None:
    lines = ("[packages.archive]", 'url = "https://other.example/a.zip"', f'hashes = {{sha256 = "{A}"}}')
    assert _stated(_read_remote(HEAD + _package("a", *lines))) == [("a @ https://other.example/a.zip", ["a"])]
