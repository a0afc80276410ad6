"""What a URL names: a wheel, an archive, a folder, a repository; and what is said of it before anything is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clearway.catalog.direct import locate, repository_url
from clearway.catalog.located import Located, Recipe
from clearway.catalog.terms import Terms
from clearway.errors import InputError
from clearway.policy.rules import Rules
from support.jobs import make_target

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "a" * 64
RULES = Rules(proof_age=7)


def at(url: str, allowed: frozenset[str] = frozenset(), **terms: object) -> Located:
    return locate(url, allowed, make_target(), RULES, Terms(**terms))  # type: ignore[arg-type]


def refused(url: str, allowed: frozenset[str] = frozenset(), **terms: object) -> InputError:
    with pytest.raises(InputError) as caught:
        at(url, allowed, **terms)
    assert caught.value.hint
    return caught.value


def test_a_wheel() -> None:
    found = at(f"https://ann:x@example.com/a/demo-1.0-py3-none-any.whl#sha256={DIGEST.upper()}")
    assert found.recipe is None
    assert found.fetched
    assert (found.file.filename, found.file.url) == (
        "demo-1.0-py3-none-any.whl",
        "https://example.com/a/demo-1.0-py3-none-any.whl",
    )
    assert found.file.hashes == {"sha256": DIGEST}
    assert found.index.credential is not None
    assert found.index.rules is RULES


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar"])
def test_an_archive(suffix: str) -> None:
    url = f"https://example.com/demo-1.0{suffix}"
    found = at(f"{url}#sha256={DIGEST}&subdirectory=deep/down&egg=demo", own={})
    assert found.recipe == Recipe(subdirectory="deep/down")
    assert (found.file.url, found.file.hashes, found.fetched) == (url, {"sha256": DIGEST}, True)


def test_an_archive_without_a_name() -> None:
    """On a server its content tells what it is: an archive of a branch is called as somebody likes."""
    assert at("https://example.com/archive/main").recipe == Recipe()
    assert at("https://example.com/main/").file.filename == "archive"


def test_what_was_said_of_it_alone() -> None:
    url = "https://example.com/demo-1.0.tar.gz"
    settings = (("a", "1"), ("a", "2"))
    assert at(url, own={url: settings}).recipe == Recipe(settings=settings)
    assert at(f"{url}?x", own={url: settings}).recipe == Recipe()


def test_a_folder(tmp_path: Path) -> None:
    url = tmp_path.as_uri()
    for spelled in (url, f"{url}/", f"{url}#egg=demo", url.replace("file:", "FILE:")):
        found = at(spelled, editable=frozenset({spelled}))
        assert found.recipe == Recipe("folder", editable=True)
        assert found.file.filename == tmp_path.name
        assert not found.fetched
    assert at(f"{url}#subdirectory=deep").recipe == Recipe("folder", subdirectory="deep")
    assert at("file:///").file.filename == "/"


def test_a_repository() -> None:
    url = "git+https://ann:s3%2Fcret@example.com/org/demo.git@main#subdirectory=deep&egg=demo"
    found = at(url, editable=frozenset({url}))
    assert found.recipe == Recipe("repository", subdirectory="deep", editable=True)
    assert found.file.filename == "demo"
    assert "s3" not in f"{found.file.url} {found.index.name} {found.index.url} {found!r}"
    assert repository_url(found) == url
    assert not found.fetched


@pytest.mark.parametrize(
    "url",
    [
        "git+https://example.com/demo",
        "git+ssh://git@example.com/demo@v1",
        "git+https://token@example.com/demo#subdirectory=x",
        "git+file:///srv/demo",
        "git+https://ann:@example.com:8443/demo",
    ],
)
def test_git_is_told_what_was_said(url: str) -> None:
    assert repository_url(at(url)).replace("ann@", "ann:@") == url


def test_two_projects_of_one_place_are_two() -> None:
    """What is known of the one, its metadata and its wheel, is not taken for the other's."""
    for url in ("https://example.com/mono-1.0.tar.gz", "file:///", "git+https://example.com/mono"):
        assert len({at(f"{url}{end}").key for end in ("", "#subdirectory=one", "#subdirectory=two")}) == 3


def test_no_key_of_a_run_holds_a_secret() -> None:
    assert "SECRET" not in repr(at("git+https://u:SECRET@example.com/demo").key)
    assert "SECRET" not in repr(at("https://u:SECRET@example.com/demo.zip").key)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://u:SECRET@example.com/demo.whl", "not-a-wheel"),
        ("https://u:SECRET@example.com/demo-1.0-cp27-none-win32.whl", "wrong-platform"),
        ("file:///nowhere/at/all", "not-an-archive"),
        ("https://u:SECRET@[/demo.zip", "bad-url"),
        ("https://u:SECRET@example.com:99999/demo.zip", "bad-url"),
        ("git+https://u:SECRET@[::1/demo", "bad-url"),
        ("https://u:SECRET@example.com/a/..%2Fdemo-1.0.tar.gz", "bad-url"),
        ("https://u:SECRET@example.com/a/%2Fetc%2Fdemo", "bad-url"),
        ("https://u:SECRET@example.com/a/..%5Cdemo.zip", "bad-url"),
        ("https://u:SECRET@example.com/a/demo%00.zip", "bad-url"),
        ("https://u:SECRET@example.com/a/%1B[2Jdemo.zip", "bad-url"),
        ("https://u:SECRET@example.com/a/%2e%2e", "bad-url"),
        ("git+ssh://u:SECRET@example.com:org/demo", "bad-url"),
        ("ftp://u:SECRET@example.com/demo.zip", "bad-index-url"),
    ],
)
def test_what_is_refused_unseen(url: str, code: str) -> None:
    error = refused(url)
    assert error.code == code
    assert "SECRET" not in f"{error.message} {error.context} {error.hint}"


def test_what_cannot_be_editable(tmp_path: Path) -> None:
    url = "https://example.com/demo-1.0.tar.gz"
    assert refused(url, editable=frozenset({url})).code == "not-editable"


@pytest.mark.parametrize("url", ["git+https://u:SECRET@example.com/demo", "FOLDER"])
def test_what_has_no_hash(url: str, tmp_path: Path) -> None:
    error = refused(url.replace("FOLDER", tmp_path.as_uri()), frozenset({f"sha256:{DIGEST}"}))
    assert error.code == "unhashable-source"
    assert "SECRET" not in error.message
