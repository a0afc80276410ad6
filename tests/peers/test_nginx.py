"""Two indexes of one nginx with ``auth_basic``: TLS by a private authority, one user name, two password files."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from peers.nginx_site import serving
from peers.servers import HOST
from support.certificates import AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.world import World
    from peers.nginx_site import Accounts, Site

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="there is no openssl to make certificates with")

_ALL = {"app": "1.0", "lib": "1.0", "base": "1.0"}


@pytest.fixture(scope="module")
def running(nginx_program: Path, accounts: Accounts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server, for all tests."""
    with serving(nginx_program, accounts, tmp_path_factory.mktemp("nginx")) as site:
        yield site


@pytest.fixture
def site(running: Site, client: World, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The server, for one test; the client trusts its authority."""
    monkeypatch.setenv("PIP_CERT", str(running.authority))
    return running._replace(before=len(running.nginx.seen()))


# -- whose credential --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("default", [0, 1])
def test_two_indexes_with_one_user_name(client: World, site: Site, default: int) -> None:
    """Whichever of them is the default index, and though a dependency of the one is in the other, and back."""
    client.installed("app", "--extra-index-url", site.private(1 - default), index=site.private(default))
    assert client.versions() == _ALL
    site.check_credentials()


def test_said_by_variables(client: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", site.private(0))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", site.private(1))
    assert client.clearway("install", *client.place(), "app").status == 0
    assert client.versions() == _ALL
    site.check_credentials()


def test_said_in_a_requirement_file(client: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (quote(account.password, "") for account in site.accounts)
    monkeypatch.setenv("ONE_TOKEN", one)
    monkeypatch.setenv("TWO_TOKEN", two)
    lines = [
        f"--index-url {site.url('one/simple').replace('://', '://ci:${ONE_TOKEN}@')}",
        f"--extra-index-url {site.url('two/simple').replace('://', '://ci:${TWO_TOKEN}@')}",
        "app",
    ]
    (client.root / "requirements.txt").write_text("\n".join(lines))
    assert client.clearway("install", *client.place(), "-r", "requirements.txt").status == 0
    assert client.versions() == _ALL
    site.check_credentials()


def test_said_by_variables_of_a_name(client: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names are in the user's file, their secrets in the environment."""
    tables = [f'[[index]]\nname = "{name}"\nurl = "{site.url(f"{name}/simple")}"\n' for name in ("one", "two")]
    (client.root / "user.toml").write_text("".join(tables))
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(client.root / "user.toml"))
    for name, account in zip(("ONE", "TWO"), site.accounts, strict=True):
        monkeypatch.setenv(f"CLEARWAY_INDEX_{name}_USERNAME", account.username)
        monkeypatch.setenv(f"CLEARWAY_INDEX_{name}_PASSWORD", account.password)
    client.installed("app", index=site.url("open/simple"))
    assert client.versions() == _ALL
    site.check_credentials()


def test_one_in_the_url_and_one_in_netrc(client: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """netrc knows hosts and not indexes: it fills the one that has no credential of its own."""
    given = client.root / "given-netrc"
    given.write_text(f'machine {HOST} login ci password "{site.accounts[1].password}"\n')
    given.chmod(0o600)
    monkeypatch.setenv("NETRC", str(given))
    client.installed("app", "--extra-index-url", site.url("two/simple"), index=site.private(0))
    assert client.versions() == _ALL
    site.check_credentials()


def test_an_open_index_beside_a_private_one(client: World, site: Site) -> None:
    client.installed("free", "--extra-index-url", site.private(0), index=site.url("open/simple"))
    assert client.versions() == {"free": "1.0", "base": "1.0"}
    site.check_credentials()


# -- what is not accepted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [0, 1])
def test_a_wrong_password(client: World, site: Site, wrong: int) -> None:
    """The error names the index and where its credential came from; the one that has lib for everybody is not asked."""
    urls = [site.wrong(which) if which == wrong else site.private(which) for which in (0, 1)]
    extra = [option for url in urls for option in ("--extra-index-url", url)]
    project, path = [("app", "one/simple"), ("lib", "two/simple")][wrong]
    client.fails(
        3,
        "app",
        *extra,
        index=site.url("open/simple"),
        says=(f"{site.url(path)} wants a valid credential for ", "401", "the credential from --extra-index-url"),
    )
    assert not [one for one in site.seen() if one.path.startswith(f"/open/simple/{project}/")]


def test_no_password(client: World, site: Site) -> None:
    says = (f"{site.url('two/simple')} wants a valid credential", "no credential was given for it")
    client.fails(3, "app", "--extra-index-url", site.url("two/simple"), index=site.private(0), says=says)


def test_what_the_cache_has_is_for_who_was_given_it(client: World, site: Site) -> None:
    client.installed("base", index=site.private(0))
    assert client.clearway("uninstall", "--yes", *client.place(), "base").status == 0
    client.fails(3, "base", index=site.wrong(0), says=("401",))
    client.fails(3, "base", index=site.url("one/simple"), says=("401",))


def test_nothing_is_sent_to_whom_nobody_vouches_for(client: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_CERT")
    client.fails(3, "app", index=site.private(0), says=("not trusted", "PIP_CERT"))
    assert site.seen() == []


# -- pages and files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["one/json", "one/browse"])
def test_other_pages(client: World, site: Site, path: str) -> None:
    """JSON where it is asked for, and nginx's own pages of a folder, which know no hashes."""
    client.installed("app", "--extra-index-url", site.private(1), index=site.private(0, path))
    assert client.versions() == _ALL
    site.check_credentials()


def test_a_file_in_a_store_that_takes_no_credentials(client: World, site: Site) -> None:
    """It is behind a redirect to another origin, and answers 400 to a request with a header that is not for it."""
    client.installed("stored", index=site.private(0))
    seen = [(one.status, one.authorization == "-", one.path.rpartition("/")[0]) for one in site.seen()]
    assert seen == [(200, False, "/one/simple/stored"), (302, False, "/one/stored"), (200, True, "")]


def test_a_second_run_asks_whether_anything_has_changed(client: World, site: Site) -> None:
    for _ in range(2):
        client.installed("app", "--force-reinstall", "--extra-index-url", site.private(1), index=site.private(0))
    requests = [(one.status, one.path) for one in site.seen()]
    assert len([path for status, path in requests if status == 200 and path.endswith(".whl")]) == 3
    assert sorted(path for status, path in requests if status == 304) == [
        "/one/simple/app/",
        "/one/simple/base/",
        "/two/simple/lib/",
    ]
    site.check_credentials()


def test_a_page_is_not_asked_for_again_while_it_holds(client: World, site: Site) -> None:
    for _ in range(2):
        client.installed("base", "--force-reinstall", index=site.private(0, "one/json"))
    assert [one.path for one in site.seen()] == ["/one/json/base/", "/one/files/base-1.0-py3-none-any.whl"]


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("page", '403 from {}: "Quarantined: CVE-2026-0001"'),
        ("text", '451 from {}: "not cleared: licence AGPL-3.0"'),
        ("bare", "403 from {}"),
    ],
    ids=["page", "text", "bare"],
)
def test_a_refused_release(client: World, site: Site, project: str, said: str) -> None:
    """The reason is in the page or in the text; nginx's own page has none."""
    result = client.installed(project, index=site.private(0))
    assert client.versions() == {project: "1.0"}
    assert f"  {project}  2.0 -> 1.0   {said.format(site.url('one/simple'))}\n" in result.out
    refused = [one for one in site.seen() if one.path.startswith(f"/one/files/{project}-2")]
    assert [one.method for one in refused] == (["GET", "HEAD"] if project == "bare" else ["GET"])


def test_a_refused_release_that_is_pinned(client: World, site: Site) -> None:
    client.fails(1, "page==2.0", index=site.private(0), says=("Quarantined: CVE-2026-0001",))
