"""nginx: what its configuration says in these tests, and what it writes down of each request."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from peers.servers import Server, ask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from peers.servers import Account

_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{ }}
http {{
    client_body_temp_path {folder}/temporary-1;
    proxy_temp_path {folder}/temporary-2;
    fastcgi_temp_path {folder}/temporary-3;
    uwsgi_temp_path {folder}/temporary-4;
    scgi_temp_path {folder}/temporary-5;
    types {{
        text/html html;
        application/vnd.pypi.simple.v1+json json;
    }}
    default_type application/octet-stream;
    log_format seen '$status\t$server_port\t$request_method\t$request_uri\t$http_authorization\t$http_if_none_match';
    access_log {folder}/seen seen;
{servers}
}}
"""
_MARK = "/+mark/"


class Seen(NamedTuple):
    """A request as nginx wrote it down; ``-`` for a header that was not there."""

    status: int
    port: int
    method: str
    path: str
    authorization: str
    etag: str


class Nginx(Server):
    """An nginx process.

    :param program: where it is.
    :param folder: an empty folder for everything that it needs.
    :param make_servers: returns the ``server`` blocks for its port. The port has to be one that says no TLS.
    """

    def __init__(self, program: Path, folder: Path, make_servers: Callable[[int], str]) -> None:
        self._folder = folder
        self._make_servers = make_servers
        self._program = program
        self._marks = count()
        super().__init__(self._command, folder)

    def seen(self) -> list[Seen]:
        """Return what was asked so far; all of it is written down before a last request of our own is."""
        ask(self.port, "GET", f"{_MARK}{next(self._marks)}")
        lines = (self._folder / "seen").read_text().splitlines()
        rows = [line.split("\t") for line in lines if _MARK not in line]
        return [Seen(int(status), int(port), *rest) for status, port, *rest in rows]

    def _command(self, port: int) -> Sequence[object]:
        path = self._folder / "nginx.conf"
        path.write_text(_CONFIGURATION.format(folder=self._folder, servers=self._make_servers(port)))
        return self._program, "-c", path, "-p", self._folder, "-e", "stderr"


def write_passwords(path: Path, *accounts: Account) -> Path:
    """Write a password file as ``htpasswd`` does, and return it."""
    path.write_text("".join(account.line for account in accounts))
    return path
