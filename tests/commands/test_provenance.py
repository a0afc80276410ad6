"""direct_url.json: what is written of each kind of place, and what counts as having come from one (PEP 610)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from clearway.catalog.direct import locate
from clearway.catalog.terms import Terms
from clearway.commands.provenance import direct_url, is_from
from clearway.model.direct_urls import parse_direct_url
from clearway.model.inputs import Stated
from clearway.model.installed import Installed
from clearway.model.metadata import Metadata
from clearway.model.names import normalize
from clearway.model.requirements import parse_requirement
from clearway.policy.rules import Rules
from clearway.ports import Checkout, Tree
from support.jobs import make_target

if TYPE_CHECKING:
    from pathlib import Path

    from clearway.catalog.catalog import Catalog
    from clearway.catalog.located import Located

COMMIT, DIGEST, OTHER = "c" * 40, "a" * 64, "b" * 64
TREE = Tree("/tree", f"sha256:{OTHER}", "demo-1.0-py3-none-any.whl", Metadata("demo", "1.0"))


class FakeBuilds:
    """What builds know of a place."""

    def __init__(self, checkout: Checkout | None) -> None:
        self._checkout = checkout

    def checkout(self, located: Located) -> Checkout | None:
        return self._checkout

    def path(self, located: Located) -> str:
        return located.file.url.removeprefix("file://")


class FakeCatalog:
    """What a catalog knows of a place."""

    def __init__(self, checkout: Checkout | None = None) -> None:
        self.builds = FakeBuilds(checkout)

    def digest(self, located: Located) -> str:
        return DIGEST


def written(url: str, checkout: Checkout | None = None, *, editable: bool = False) -> str:
    terms = Terms(editable=frozenset({url}) if editable else frozenset())
    located = locate(url, frozenset(), make_target(), Rules(), terms)
    text = direct_url(located, TREE, cast("Catalog", FakeCatalog(checkout)))
    assert parse_direct_url(text) is not None
    return text


def test_archives() -> None:
    """The hash is that of the archive: the listed one, where nothing was fetched; and no secret is in it."""
    told = '{"archive_info": {"hash": "sha256=HASH", "hashes": {"sha256": "HASH"}}, "url": "URL"}'
    url = "https://example.com/demo-1.0.tar.gz"
    secret = url.replace("//", "//ann:SECRET@")
    assert written(secret) == told.replace("HASH", DIGEST).replace("URL", url)
    assert written(f"{secret}#sha256={OTHER}") == told.replace("HASH", OTHER).replace("URL", url)
    wheel = "https://example.com/demo-1.0-py3-none-any.whl"
    assert written(wheel) == told.replace("HASH", OTHER).replace("URL", wheel)
    assert written(f"{url}#subdirectory=deep").endswith(f', "subdirectory": "deep", "url": "{url}"}}')


def test_folders(tmp_path: Path) -> None:
    url = tmp_path.as_uri()
    assert written(url) == f'{{"dir_info": {{}}, "url": "{url}"}}'
    assert written(f"{url}#subdirectory=deep") == f'{{"dir_info": {{}}, "url": "{url}/deep"}}'
    assert written(url, editable=True) == f'{{"dir_info": {{"editable": true}}, "url": "{url}"}}'


def test_repositories() -> None:
    url = "git+https://ann:SECRET@example.com/demo@v1#subdirectory=deep"
    checkout = Checkout("/src/demo", "https://example.com/demo", COMMIT, "v1", "deep")
    assert written(url, checkout) == (
        f'{{"subdirectory": "deep", "url": "https://example.com/demo", '
        f'"vcs_info": {{"commit_id": "{COMMIT}", "requested_revision": "v1", "vcs": "git"}}}}'
    )
    plain = Checkout("/src/demo", "https://example.com/demo", COMMIT)
    assert "requested_revision" not in written("git+https://example.com/demo", plain)
    assert written(url, checkout, editable=True) == '{"dir_info": {"editable": true}, "url": "file:///src/demo/deep"}'


def installed(known: dict[str, Any] | str) -> Installed:
    text = known if isinstance(known, str) else msgspec.json.encode(known).decode()
    return Installed(normalize("demo"), "demo", "1.0", "/site", "/site/demo-1.0.dist-info", (1, 1), direct_url=text)


ARCHIVE = {"archive_info": {}}
GIT = {"vcs_info": {"vcs": "git", "commit_id": COMMIT}}


@pytest.mark.parametrize(
    ("url", "known", "same"),
    [
        ("https://example.com/demo-1.0.tar.gz", {"url": "https://example.com/demo-1.0.tar.gz", **ARCHIVE}, True),
        ("https://u:p@example.com/demo-1.0.zip#x=y", {"url": "https://example.com/demo-1.0.zip", **ARCHIVE}, True),
        ("https://example.com/demo-1.0.tar.gz", {"url": "https://example.com/demo-1.1.tar.gz", **ARCHIVE}, False),
        ("file:///w/demo-1.0-py3-none-any.whl", {"url": "file:///w/demo-1.0-py3-none-any.whl", **ARCHIVE}, True),
        ("file:///w/demo-1.0.tar.gz", {"url": "file:///w/demo-1.0.tar.gz", **ARCHIVE}, False),
        ("file:///w/demo", {"url": "file:///w/demo", "dir_info": {}}, False),
        (f"git+https://example.com/demo@{COMMIT}", {"url": "https://example.com/demo", **GIT}, True),
        (f"git+https://u:p@example.com/demo@{COMMIT}#egg=demo", {"url": "https://example.com/demo", **GIT}, True),
        ("git+https://example.com/demo@main", {"url": "https://example.com/demo", **GIT}, False),
        ("git+https://example.com/demo", {"url": "https://example.com/demo", **GIT}, False),
        (f"git+https://example.com/demo@{'d' * 40}", {"url": "https://example.com/demo", **GIT}, False),
        (f"git+https://example.com/demo@{COMMIT}", {"url": "https://example.com/other", **GIT}, False),
        (f"git+https://example.com/demo@{COMMIT[:12]}", {"url": "https://example.com/demo", **GIT}, False),
        (f"git+https://example.com/demo@{COMMIT}", {"url": "https://example.com/demo", "vcs_info": "x"}, False),
        ("https://example.com/demo-1.0.zip", "", False),
        ("https://example.com/demo-1.0.zip", "[]", False),
        ("https://example.com/demo-1.0.zip", "{", False),
        ("https://[example.com/demo-1.0.zip", {"url": "https://[example.com/demo-1.0.zip", **ARCHIVE}, False),
    ],
)
def test_what_need_not_be_had_again(url: str, known: dict[str, Any] | str, same: bool) -> None:
    stated = Stated(parse_requirement(f"demo @ {url}"), "command line")
    assert is_from(installed(known), stated) is same


@pytest.mark.parametrize(
    ("fragment", "hashes", "same"),
    [
        (f"#sha256={DIGEST}", (), True),
        (f"#egg=demo&sha256={OTHER}", (), False),
        ("", (f"sha256:{DIGEST}", f"sha256:{OTHER}"), True),
        ("", (f"sha256:{OTHER}",), False),
        ("", (f"sha512:{OTHER}",), True),
    ],
)
def test_another_hash_means_another_archive(fragment: str, hashes: tuple[str, ...], same: bool) -> None:
    url = "https://example.com/demo-1.0.tar.gz"
    known = {"url": url, "archive_info": {"hashes": {"sha256": DIGEST}}}
    stated = Stated(parse_requirement(f"demo @ {url}{fragment}"), "command line", hashes)
    assert is_from(installed(known), stated) is same


def test_what_is_to_be_editable_is_had_again() -> None:
    stated = Stated(parse_requirement(f"demo @ git+https://example.com/demo@{COMMIT}"), "-e", editable=True)
    assert not is_from(installed({"url": "https://example.com/demo", **GIT}), stated)
