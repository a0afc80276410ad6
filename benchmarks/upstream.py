"""The real index, while a mirror of it is recorded.

It is the index that pip would use here: from pip's configuration, else the default of the installed pip, read from
pip itself. pip's own session fetches, so that certificates, proxies and credentials work as they do for pip. This is
the only file that needs pip as a library; measuring never loads it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from http1 import JSON_TYPE
from listings import file_path
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
from pip._internal.network.lazy_wheel import LazyZipOverHTTP
from pip._internal.network.session import PipSession

if TYPE_CHECKING:
    from frozen import Frozen


def configured(name: str) -> str:
    """Return an option of ``pip install`` from the environment or pip's configuration files, or an empty text."""
    configuration = Configuration(isolated=False)
    configuration.load()
    values = dict(configuration.items())
    found = (values.get(f"{section}.{name}") for section in (":env:", "install", "global"))
    return next((value for value in found if value), "")


class Recorder:
    """Fetches what a frozen index does not hold yet, once. Its methods are called from worker threads."""

    def __init__(self, frozen: Frozen) -> None:
        self.frozen = frozen
        self.index = (configured("index-url") or PyPI.simple_url).rstrip("/")
        self._session = PipSession(retries=3, index_urls=[self.index])
        self._session.auth.prompting = False
        if certificate := configured("cert"):
            self._session.verify = certificate
        self._lock = threading.Lock()
        self._urls: dict[str, dict[str, Any]] = {}
        for path in (frozen.root / "projects").glob("*.json"):
            self._learn(json.loads(path.read_bytes()))

    def fetch(self, path: str) -> None:
        """Fetch what a path of the mirror stands for, or note that the real index does not have it.

        :raises RuntimeError: when the real index answers anything but 200 or 404, or with other bytes than it listed.
        """
        if path.startswith("/simple/"):
            self._fetch_listing(path)
        else:
            self._fetch_file(path)

    def _fetch_listing(self, path: str) -> None:
        """Fetch a project's listing."""
        name = path.split("/")[2]
        data = self._get(path, f"{self.index}/{name}/", JSON_TYPE)
        if data is None:
            return
        listing = json.loads(data)
        with self._lock:
            _write(self.frozen.root / "projects" / f"{name}.json", data)
            self._learn(listing)
            self.frozen.bake(name)

    def _fetch_file(self, path: str) -> None:
        """Fetch a file or a sidecar that a recorded listing names."""
        file = self._urls.get(path.removesuffix(".metadata"))
        if file is None:
            self._note_absent(path)
            return
        url = file["url"].partition("#")[0]
        if path.endswith(".metadata"):
            _write(self.frozen.root / path[1:], self._sidecar(url))
        elif data := self._get(path, url, "*/*"):
            listed = file["hashes"].get("sha256")
            if listed and hashlib.sha256(data).hexdigest() != listed:
                raise RuntimeError(f"{file['filename']}: the real index sent other bytes than it lists")
            _write(self.frozen.root / path[1:], data)

    def _sidecar(self, url: str) -> bytes:
        """Return a wheel's sidecar, from the wheel itself where the index (or a cache before it) does not hand it out.

        Both are the same bytes by definition (PEP 658).
        """
        response = self._session.get(f"{url}.metadata", headers={"Accept": "*/*"}, timeout=60)
        if response.status_code == 200:
            return bytes(response.content)
        with LazyZipOverHTTP(url, self._session) as remote, zipfile.ZipFile(remote) as archive:
            inside = re.compile(r"[^/]+\.dist-info/METADATA")
            return archive.read(next(name for name in archive.namelist() if inside.fullmatch(name)))

    def _get(self, path: str, url: str, accept: str) -> bytes | None:
        """Return what the real index has, or None and note the path as absent."""
        response = self._session.get(url, headers={"Accept": accept}, timeout=60)
        if response.status_code == 404:
            self._note_absent(path)
            return None
        if response.status_code != 200:
            raise RuntimeError(f"the real index answered {response.status_code} to {path}")
        if accept == JSON_TYPE and response.headers["Content-Type"] != JSON_TYPE:
            raise RuntimeError("the real index has no JSON listings (PEP 691); a mirror cannot be recorded from it")
        return bytes(response.content)

    def _note_absent(self, path: str) -> None:
        """Remember that the real index does not have a path."""
        with self._lock:
            self.frozen.absent.add(path)
            _write(self.frozen.root / "absent.json", json.dumps(sorted(self.frozen.absent), indent=1).encode())

    def _learn(self, listing: dict[str, Any]) -> None:
        """Remember where the files of a listing are."""
        self._urls.update((file_path(file), file) for file in listing["files"])


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{threading.get_ident()}")
    partial.write_bytes(data)
    os.replace(partial, path)
