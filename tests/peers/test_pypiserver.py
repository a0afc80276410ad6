"""Two pypiservers with password files: on two ports of one host, behind one nginx, and with a public index behind one.

pypiserver answers 401 to who says nothing and 403 to who says something wrong, has HTML pages alone, and forwards names
that it does not know to another index unless it is told not to.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from peers.nginx import Nginx, write_passwords
from peers.servers import HOST, Server, write_all
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from end_to_end.world import World
    from peers.servers import Account

    Accounts = tuple[Account, Account]
    Servers = tuple[Server, Server]

_PACKAGES = (
    [make_wheel("app", "1.0", requires=["lib"]), make_wheel("base", "1.0")],
    [make_wheel("lib", "1.0", requires=["base"])],
)
_ALL = {"app": "1.0", "lib": "1.0", "base": "1.0"}
_FRONT = """
    server {{
        listen {host}:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        location /team/one/ {{
            proxy_pass {one}/;
            proxy_set_header X-Forwarded-Host $http_host/team/one;
        }}
        location /team/two/ {{
            proxy_pass {two}/;
            proxy_set_header X-Forwarded-Host $http_host/team/two;
        }}
    }}
"""


@contextmanager
def serving(program: Path, folder: Path, which: int, account: Account, *options: str) -> Iterator[Server]:
    """Run a pypiserver with one of the two sets of packages for one account."""
    packages = write_all(folder / "packages", _PACKAGES[which])
    passwords = write_passwords(folder / "passwords", account)
    private = ("--passwords", passwords, "--authenticate", "list,download,update")
    command = (program, "run", "--host", HOST, *private, *options, packages)
    with Server(lambda port: (*command, "--port", port), folder) as server:
        yield server


@pytest.fixture(scope="module")
def servers(
    pypiserver_program: Path, accounts: Accounts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    """The two servers; neither forwards anything."""
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(
                serving(pypiserver_program, tmp_path_factory.mktemp("pypiserver"), which, account, "--disable-fallback")
            )
            for which, account in enumerate(accounts)
        )
        yield one, two


def urls(servers: Servers, accounts: Accounts) -> list[str]:
    """Return the index URLs of both, with their credentials."""
    return [account.into(f"{server.origin}/simple/") for account, server in zip(accounts, servers, strict=True)]


@pytest.mark.parametrize("default", [0, 1])
def test_two_servers_with_one_user_name(client: World, servers: Servers, accounts: Accounts, default: int) -> None:
    both = urls(servers, accounts)
    client.installed("app", "--extra-index-url", both[1 - default], index=both[default])
    assert client.versions() == _ALL


@pytest.mark.parametrize("default", [0, 1])
def test_both_behind_one_origin(
    client: World, servers: Servers, accounts: Accounts, nginx_program: Path, tmp_path: Path, default: int
) -> None:
    """The pages name their files from the root, below the path that the front has told them."""
    one, two = (server.origin for server in servers)
    folder = tmp_path / "given"
    folder.mkdir()
    with Nginx(nginx_program, folder, lambda port: _FRONT.format(host=HOST, port=port, one=one, two=two)) as front:
        both = [
            account.into(f"{front.origin}/team/{name}/simple/")
            for account, name in zip(accounts, ("one", "two"), strict=True)
        ]
        client.installed("app", "--extra-index-url", both[1 - default], index=both[default])
        seen = front.seen()[1:]  # the first is the probe's
    own = {"/team/one/": accounts[0].authorization, "/team/two/": accounts[1].authorization}
    assert len([one for one in seen if ".whl" in one.path]) == 3
    assert [one for one in seen if one.authorization != own[one.path[:10]]] == []
    assert {one.status for one in seen} == {200, 404}
    assert client.versions() == _ALL


def test_a_wrong_password(client: World, servers: Servers, accounts: Accounts) -> None:
    """A refused listing is not a refused release: nothing is stepped around, and no other index is asked."""
    wrong = accounts[1].into(f"{servers[1].origin}/simple/", accounts[0].password)
    says = (f"{servers[1].origin}/simple/ answered 403", "the credential from --extra-index-url was sent")
    client.fails(3, "app", "--extra-index-url", wrong, index=urls(servers, accounts)[0], says=says)


def test_no_password(client: World, servers: Servers, accounts: Accounts) -> None:
    url = f"{servers[1].origin}/simple/"
    says = (f"{url} wants a valid credential", "answered 401", "no credential was given for it")
    client.fails(3, "app", "--extra-index-url", url, index=urls(servers, accounts)[0], says=says)


@pytest.mark.parametrize("is_default", [True, False])
def test_names_that_it_forwards(
    client: World,
    servers: Servers,
    accounts: Accounts,
    pypiserver_program: Path,
    tmp_path: Path,
    is_default: bool,
) -> None:
    """The public index behind one of them is asked for what no index has, and is told neither names nor passwords.

    It has releases of everything, and newer ones.
    """
    for name in ("app", "lib", "base", "public"):
        client.index.add(make_wheel(name, "9.0"))
    folder = tmp_path / "given"
    folder.mkdir()
    options = ("--fallback-url", client.index.url)
    with serving(pypiserver_program, folder, 0, accounts[0], *options) as forwarding:
        one, two = accounts[0].into(f"{forwarding.origin}/simple/"), urls(servers, accounts)[1]
        extra, default = (two, one) if is_default else (one, two)
        client.installed("app", "public", "--extra-index-url", extra, index=default)
    assert client.versions() == {**_ALL, "public": "9.0"}
    assert {one.project for one in client.index.seen()} == {"public"}
    assert not [one for one in client.index.seen() if "authorization" in one.headers]
