"""Two users of one devpi-server, each with an index that nobody else may read: asked directly, and behind nginx.

Directly, devpi-server shows listings to everybody and answers 403 to a file, whatever is wrong with the credential; a
front that asks it who may read what answers 401 and 403 to listings too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from peers.devpi import Devpi
from peers.nginx import Nginx
from peers.servers import HOST, Account
from support.simulator import Answer
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.world import World

    Accounts = tuple[Account, Account]

_FRONT = """
    server {{
        listen {host}:{port};
        proxy_http_version 1.1;
        proxy_set_header X-outside-url http://$http_host;
        location / {{
            auth_request /+authcheck;
            proxy_pass {devpi};
        }}
        location = /+authcheck {{
            internal;
            proxy_pass {devpi};
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-URI $request_uri;
            proxy_set_header X-outside-url http://$http_host;
        }}
    }}
"""
_ALL = {"app": "1.0", "lib": "1.0", "base": "1.0"}


class Site(NamedTuple):
    """The two ways in, and the users: with their passwords and with tokens."""

    devpi: Devpi
    front: Nginx
    accounts: Accounts
    tokens: Accounts


@pytest.fixture(scope="module")
def accounts() -> Accounts:
    """The two users; devpi-server wants a name for each."""
    return Account("ann"), Account("bob")


@pytest.fixture(scope="module")
def site(
    devpi_program: Path, nginx_program: Path, accounts: Accounts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The server with its front. A password takes it a quarter of a second: most tests use tokens."""
    with Devpi(devpi_program, tmp_path_factory.mktemp("devpi")) as devpi:
        for account in accounts:
            devpi.add_user(account)
        ann, bob = devpi.log_in(accounts[0]), devpi.log_in(accounts[1])
        for token in (ann, bob):
            devpi.add_index(token, "private")
        devpi.add_index(bob, "shared", acl_pkg_read=["ann", "bob"])
        devpi.add_index(ann, "both", bases=["ann/private", "bob/shared"])
        for wheel in (make_wheel("app", "1.0", requires=["lib"]), make_wheel("base", "1.0")):
            devpi.upload(ann, "private", wheel)
        for name in ("private", "shared"):
            devpi.upload(bob, name, make_wheel("lib", "1.0", requires=["base"]))

        def make_servers(port: int) -> str:
            return _FRONT.format(host=HOST, port=port, devpi=devpi.origin)

        with Nginx(nginx_program, tmp_path_factory.mktemp("front"), make_servers) as front:
            yield Site(devpi, front, accounts, (ann, bob))


@pytest.fixture(autouse=True)
def guarded(client: World, site: Site) -> Iterator[None]:
    """See that nobody's token is given away either."""
    yield
    for token in site.tokens:
        assert client.leaks(token.password) == []


def private(origin: str, account: Account) -> str:
    """Return the URL of a user's private index, without a credential."""
    return f"{origin}/{account.username}/private/+simple/"


# -- whose credential --------------------------------------------------------------------------------------------------


def test_two_users(client: World, site: Site) -> None:
    """Files are not below the listings; both are below the index."""
    ann, bob = (account.into(private(site.devpi.origin, account)) for account in site.accounts)
    client.installed("app", "--extra-index-url", bob, index=ann)
    assert client.versions() == _ALL


@pytest.mark.parametrize("default", [0, 1])
def test_two_users_behind_a_front(client: World, site: Site, default: int) -> None:
    before = len(site.front.seen())
    both = [token.into(private(site.front.origin, token)) for token in site.tokens]
    client.installed("app", "--extra-index-url", both[1 - default], index=both[default])
    assert client.versions() == _ALL
    seen = site.front.seen()[before:]
    own = {f"/{token.username}/": token.authorization for token in site.tokens}
    assert len([one for one in seen if "/+f/" in one.path]) == 3
    assert [one for one in seen if one.authorization != own[one.path[:5]]] == []
    assert {one.status for one in seen} == {200, 404}


def test_an_index_that_inherits(client: World, site: Site) -> None:
    """The files of the other index stay below it: elsewhere on the origin of the one that lists them."""
    before = len(site.front.seen())
    ann = site.tokens[0]
    client.installed("app", index=ann.into(f"{site.front.origin}/ann/both/+simple/"))
    assert client.versions() == _ALL
    files = [one for one in site.front.seen()[before:] if "/+f/" in one.path]
    assert {one.path[: one.path.index("/+f/")] for one in files} == {"/ann/private", "/bob/shared"}
    assert {one.authorization for one in files} == {ann.authorization}


# -- what is not accepted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["nobody", "wrong", "another"])
def test_files_that_are_not_handed_out(client: World, site: Site, who: str) -> None:
    """Such answers are those of a policy; the reason tells that they are about a permission."""
    url = private(site.devpi.origin, site.tokens[1])
    given = {"nobody": url, "wrong": site.tokens[1].into(url, "wrong"), "another": site.tokens[0].into(url)}
    client.fails(1, "lib", index=given[who], says=("package read forbidden", url))


def test_a_wrong_password_behind_a_front(client: World, site: Site) -> None:
    bob = site.tokens[1]
    url = private(site.front.origin, bob)
    says = (f"{url} wants a valid credential for lib", "401", "the credential from --index-url was not accepted")
    client.fails(3, "lib", index=bob.into(url, "wrong"), says=says)


def test_a_user_who_may_not_read(client: World, site: Site) -> None:
    """No other index is asked, though it has such a project."""
    url = private(site.front.origin, site.tokens[1])
    client.index.add(make_wheel("lib", "9.0"))
    says = (f"{url} answered 403 to the listing of lib", "the credential from --extra-index-url was sent")
    client.fails(3, "lib", "--extra-index-url", site.tokens[0].into(url), says=says)
    assert client.index.seen() == []


# -- mirrors -----------------------------------------------------------------------------------------------------------


def test_a_mirror_of_an_index_that_refuses(client: World, site: Site) -> None:
    """It makes a 502 of every refusal: that is a passing failure, until somebody says how it is meant."""
    wheels = [make_wheel("demo", version) for version in ("1.0", "2.0")]
    for wheel in wheels:
        client.index.add(wheel)
    client.index.on(Answer(403, "held"), stage="file", filename=wheels[1].filename)
    ann = site.tokens[0]
    site.devpi.add_index(ann, "mirror", type="mirror", mirror_url=client.index.url)
    url = f"{site.front.origin}/ann/mirror/+simple/"
    client.fails(3, "demo", "--retries", "0", index=ann.into(url), says=("502",))
    result = client.installed("demo", "--refusal-status", "403,502", index=ann.into(url))
    assert client.versions() == {"demo": "1.0"}
    assert f'  demo  2.0 -> 1.0   502 from {url}: "error 403 getting ' in result.out


def test_a_mirror_that_leads_to_its_source(client: World, site: Site) -> None:
    client.index.add(make_wheel("demo", "1.0"))
    ann = site.tokens[0]
    options = {"mirror_url": client.index.url, "mirror_use_external_urls": True}
    site.devpi.add_index(ann, "signpost", type="mirror", **options)
    before = len(site.front.seen())
    client.installed("demo", index=ann.into(f"{site.front.origin}/ann/signpost/+simple/"))
    assert [one.status for one in site.front.seen()[before:]] == [200, 302]
    (file,) = client.index.seen(stage="file")
    assert "authorization" not in file.headers
