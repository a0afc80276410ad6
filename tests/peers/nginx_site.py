"""What nginx serves in its tests: two private indexes behind TLS, an open one, refusals, and a store of files."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from peers.nginx import Nginx, write_passwords
from peers.servers import HOST, free_port, write_all
from support.certificates import make_authority
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from peers.nginx import Seen
    from peers.servers import Account
    from support.wheels import Wheel

    Accounts = tuple[Account, Account]

_SERVERS = """
    map $http_accept $listing {{
        default index.html;
        "~application/vnd\\.pypi\\.simple\\.v1\\+json" index.json;
    }}
    server {{
        listen {host}:{port};
    }}
    server {{
        listen {host}:{storage};
        if ($http_authorization) {{
            return 400 "Only one auth mechanism allowed";
        }}
        root {www}/storage;
    }}
    server {{
        listen {host}:{tls} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        root {www};
        location /open/ {{
        }}
        location /one/ {{
            auth_basic "one";
            auth_basic_user_file {folder}/one;
        }}
        location /two/ {{
            auth_basic "two";
            auth_basic_user_file {folder}/two;
        }}
        location /one/json/ {{
            auth_basic "one";
            auth_basic_user_file {folder}/one;
            index $listing;
            expires 5m;
        }}
        location /one/browse/ {{
            auth_basic "one";
            auth_basic_user_file {folder}/one;
            autoindex on;
        }}
        location /one/stored/ {{
            auth_basic "one";
            auth_basic_user_file {folder}/one;
            rewrite ^/one/stored/(.*)$ http://{host}:{storage}/$1 redirect;
        }}
        location ~ ^/one/files/page-2 {{
            auth_basic "one";
            auth_basic_user_file {folder}/one;
            deny all;
            error_page 403 /reason.html;
        }}
        location ~ ^/one/files/bare-2 {{
            auth_basic "one";
            auth_basic_user_file {folder}/one;
            deny all;
        }}
        location ~ ^/one/files/text-2 {{
            default_type text/plain;
            return 451 "not cleared: licence AGPL-3.0";
        }}
        location = /reason.html {{
            internal;
        }}
    }}
"""
_REASON = "<html><head><title>Quarantined: CVE-2026-0001</title></head><body><h1>403</h1></body></html>"

# One project leads to the other index and back.
_APP = make_wheel("app", "1.0", requires=["lib>=1"])
_LIB = make_wheel("lib", "1.0", requires=["base"])
_BASE = make_wheel("base", "1.0")
_TAKEN = make_wheel("lib", "9.0")
_FREE = make_wheel("free", "1.0", requires=["base"])
_REFUSED = [make_wheel(name, version) for name in ("page", "text", "bare") for version in ("1.0", "2.0")]
_STORED = make_wheel("stored", "1.0")


class Site(NamedTuple):
    """What the tests have to know of the server.

    :param before: how many requests were made before this test.
    """

    nginx: Nginx
    origin: str
    authority: Path
    accounts: Accounts
    before: int = 0

    def url(self, path: str) -> str:
        """Return the URL of an index, without a credential."""
        return f"{self.origin}/{path}/"

    def private(self, which: int, path: str = "") -> str:
        """Return the URL of one of the two private indexes, or of another page of it, with its credential."""
        return self.accounts[which].into(self.url(path or ("one/simple", "two/simple")[which]))

    def wrong(self, which: int) -> str:
        """Return the same with the other's password."""
        return self.accounts[which].into(
            self.url(("one/simple", "two/simple")[which]), self.accounts[1 - which].password
        )

    def seen(self) -> list[Seen]:
        """Return what this test has asked so far."""
        return self.nginx.seen()[self.before :]

    def check_credentials(self) -> None:
        """Check that everything was asked with the credential of its own index, and the first time."""
        own = {"/one/": self.accounts[0].authorization, "/two/": self.accounts[1].authorization}
        seen = self.seen()
        assert seen
        assert [one for one in seen if one.authorization != own.get(one.path[:5], "-")] == []
        assert [one for one in seen if one.status in {400, 401}] == []


@contextmanager
def serving(program: Path, accounts: Accounts, folder: Path) -> Iterator[Site]:
    """Run nginx with everything in an empty folder."""
    authority, _ = make_authority(folder)
    www = folder / "www"
    for name, account in zip(("one", "two"), accounts, strict=True):
        write_passwords(folder / name, account)
    publish(www / "one", "simple", [_APP, _BASE, *_REFUSED])
    publish(www / "one", "json", [_APP, _BASE])
    publish(www / "one", "simple", [_STORED], "../../stored/")
    publish(www / "two", "simple", [_LIB])
    publish(www / "open", "simple", [_TAKEN, _FREE])
    for wheel in (_APP, _BASE):
        write_all(www / "one" / "browse" / wheel.name, [wheel])
    write_all(www / "storage", [_STORED])
    (www / "reason.html").write_text(_REASON)
    ports: dict[str, int] = {}

    def make_servers(port: int) -> str:
        ports.update(port=port, tls=free_port(), storage=free_port())
        return _SERVERS.format(host=HOST, folder=folder, www=www, **ports)

    with Nginx(program, folder, make_servers) as nginx:
        yield Site(nginx, f"https://{HOST}:{ports['tls']}", authority, accounts)


def publish(folder: Path, name: str, wheels: Sequence[Wheel], files: str = "../../files/") -> None:
    """Write archives, and a page of each project: JSON for an index of that name (PEP 691), else HTML (PEP 503)."""
    write_all(folder / "files", wheels)
    for project in {wheel.name for wheel in wheels}:
        own = [(wheel, files + wheel.filename) for wheel in wheels if wheel.name == project]
        page = folder / name / project
        page.mkdir(parents=True)
        if name == "json":
            entries = [{"filename": one.filename, "url": url, "hashes": {"sha256": one.sha256}} for one, url in own]
            text = json.dumps({"meta": {"api-version": "1.0"}, "name": project, "files": entries})
        else:
            links = (f'<a href="{url}#sha256={one.sha256}">{one.filename}</a>' for one, url in own)
            text = "\n".join(["<!DOCTYPE html><html><body>", *links, "</body></html>"])
        (page / f"index.{'json' if name == 'json' else 'html'}").write_text(text)
