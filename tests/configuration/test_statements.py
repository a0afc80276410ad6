"""One requirement, in all the ways in which people write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearway.configuration.statements import parse_constraint, parse_statement
from clearway.errors import InputError
from clearway.model.inputs import Stated
from clearway.model.names import normalize
from clearway.model.requirements import Requirement, parse_requirement
from clearway.model.urls import path_of

WHEEL = "My_Project-1.0+cpu-py3-none-any.whl"
SHA256 = "a" * 64


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dist").mkdir()
    for folder in ("", "dist"):
        (tmp_path / folder / WHEEL).write_bytes(b"")
    return tmp_path / WHEEL


def _fails(text: str, code: str, **options: list[str]) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_statement(text, "command line", **options)
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
    assert parse_statement(url, "here").requirement == Requirement(project, url=url)
    assert parse_statement(f"my.project[Fast] @ {url}", "here").requirement == Requirement(
        project, frozenset({normalize("fast")}), url=url
    )
    assert parse_statement(f"{url}[Fast] ; os_name == 'nt'", "here").requirement == Requirement(
        project, frozenset({normalize("fast")}), marker="os_name == 'nt'", url=url
    )


@pytest.mark.parametrize("spelled", [f"./{WHEEL}", WHEEL, f"dist/../{WHEEL}", "{}"])
def test_wheels_by_path(wheel: Path, spelled: str) -> None:
    requirement = parse_statement(spelled.format(wheel), "here").requirement
    assert (requirement.name, path_of(requirement.url)) == ("my-project", str(wheel))
    requirement = parse_statement(f"{spelled.format(wheel)}[a, b];os_name=='nt'", "here").requirement
    assert (sorted(requirement.extras), requirement.marker, path_of(requirement.url)) == (
        ["a", "b"],
        "os_name=='nt'",
        str(wheel),
    )


@pytest.mark.parametrize(
    "text",
    [
        ".",
        "./project",
        "/srv/project",
        "../project-1.0.tar.gz",
        "./project[extra]",
        "https://example.com/project-1.0.tar.gz",
        "https://example.com/project.zip#egg=project",
        "git+https://example.com/project",
        "git+https://example.com/project.whl",
        "hg+ssh://me@example.com/project@tip",
        "project @ git+https://example.com/project@main",
        "project @ https://example.com/project-1.0.tar.gz",
        "file:///srv/project",
    ],
)
def test_source_trees_are_for_a_later_version(text: str) -> None:
    assert "source trees cannot be installed by this version" in _fails(text, "source-tree").message


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
        "https://me:secret@example.com/project.tar.gz",
        "https://me:secret@example.com/project.whl",
        "project @@ https://me:secret@example.com/project.whl",
        "project @ https://me:secret@example.com/project.zip",
    ],
)
def test_no_error_shows_user_info(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_statement(text, "command line")
    assert "secret" not in caught.value.message


def test_hashes() -> None:
    stated = parse_statement("flask==1", "here", [f"sha256:{SHA256.upper()}", "sha512:" + "0" * 128])
    assert stated.hashes == (f"sha256:{SHA256}", "sha512:" + "0" * 128)


@pytest.mark.parametrize(
    "value", ["", "sha256", "sha256:", "sha256:xyz", f"md5:{'a' * 32}", f"sha256:{'a' * 63}", f"sha512:{SHA256}"]
)
def test_what_is_no_hash(value: str) -> None:
    _fails("flask==1", "malformed-hash", hashes=[value])


def test_constraints() -> None:
    assert parse_constraint("flask<3", "-c c.txt, line 1") == parse_statement("flask<3", "-c c.txt, line 1")


@pytest.mark.parametrize(
    "text", ["flask[async]<3", f"https://example.com/{WHEEL}", f"my-project @ https://example.com/{WHEEL}"]
)
def test_what_cannot_constrain(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_constraint(text, "-c c.txt, line 1")
    assert caught.value.code == "unusable-constraint"
    assert "(-c c.txt, line 1)" in caught.value.message
