"""devpi-server: users, their indexes, uploads, and who may read.

By itself devpi-server shows every listing to everybody, and leaves it to a plugin who may read an index's files; what
it knows of that it tells a front on request (``/+authcheck``). Administrators who have private indexes use both, and so
do these tests: the plugin is handed to the process by its path and changes nothing that is installed.
"""

from __future__ import annotations

import json
import subprocess
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

from peers.servers import HOST, Account, Server, ask
from support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from support.wheels import Wheel

_ROOT = Account("root")
_CHEAP = ("--argon2-time-cost", "1", "--argon2-memory-cost", "1024", "--argon2-parallelism", "1")
"""The key that signs tokens is derived at the start, which is meant to take its time; these live for a minute."""
_BOUNDARY = "8a1b3c"
_PLUGIN = """
from devpi_server.model import ACLList
from pluggy import HookimplMarker

hookimpl = HookimplMarker("devpiserver")
EVERYBODY = ":ANONYMOUS:"


@hookimpl
def devpiserver_indexconfig_defaults(index_type):
    return {"acl_pkg_read": ACLList([EVERYBODY])}


@hookimpl
def devpiserver_stage_get_principals_for_pkg_read(ixconfig):
    return ixconfig.get("acl_pkg_read")


@hookimpl
def devpiserver_authcheck_unauthorized(request):
    return True if not request.authenticated_userid else None


@hookimpl
def devpiserver_authcheck_forbidden(request):
    if "index" in (request.matchdict or {}) and request.authenticated_userid:
        return True if not request.has_permission("pkg_read") else None
"""


class Devpi(Server):
    """A devpi-server process.

    :param program: where it is; devpi-init is its neighbour.
    :param folder: an empty folder for everything that it needs.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        state, plugin = folder / "state", folder / "plugin"
        command = (program.with_name("devpi-init"), "--serverdir", state, "--no-root-pypi")
        subprocess.run((*command, "--root-passwd", _ROOT.password), check=True, capture_output=True, timeout=60)
        readers = make_wheel(
            "readers", "1.0", files={"readers.py": _PLUGIN}, entry_points={"devpi_server": {"readers": "readers"}}
        )
        with zipfile.ZipFile(BytesIO(readers.content)) as archive:
            archive.extractall(plugin)
        options = ("--serverdir", state, "--host", HOST, "--threads", "4", *_CHEAP)
        super().__init__(lambda port: (program, *options, "--port", port), folder, "/+api", PYTHONPATH=str(plugin))

    def add_user(self, account: Account) -> None:
        """Make a user."""
        self._send(_ROOT, "PUT", f"/{account.username}", {"password": account.password})

    def add_index(self, account: Account, name: str, **options: Any) -> None:
        """Make an index that its user alone may read, unless the options say otherwise."""
        own = {"acl_pkg_read": [account.username]}
        if options.get("type") != "mirror":
            own |= {"bases": [], "acl_upload": [account.username]}
        self._send(account, "PUT", f"/{account.username}/{name}", own | options)

    def log_in(self, account: Account) -> Account:
        """Return the same user with a token in place of the password, as ``devpi login`` gets one."""
        said = {"user": account.username, "password": account.password}
        answer = self._send(None, "POST", "/+login", said)
        return Account(account.username, answer["result"]["password"])

    def upload(self, account: Account, name: str, wheel: Wheel) -> None:
        """Upload an archive, as twine does."""
        fields = {":action": "file_upload", "name": wheel.name, "version": wheel.version}
        parts = [
            f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in fields.items()
        ]
        head = f'Content-Disposition: form-data; name="content"; filename="{wheel.filename}"\r\n\r\n'
        parts.append(head.encode() + wheel.content)
        body = b"".join(b"--%s\r\n%s\r\n" % (_BOUNDARY.encode(), part) for part in parts)
        headers = {
            "Authorization": account.authorization,
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        }
        status, answer = ask(
            self.port, "POST", f"/{account.username}/{name}/", b"%s--%s--\r\n" % (body, _BOUNDARY.encode()), headers
        )
        assert status == 200, answer

    def _send(self, account: Account | None, method: str, path: str, value: object) -> dict[str, Any]:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if account is not None:
            headers["Authorization"] = account.authorization
        status, answer = ask(self.port, method, path, json.dumps(value).encode(), headers)
        assert status in {200, 201}, answer
        told: dict[str, Any] = json.loads(answer)
        return told
