"""What one simulated repository publishes, and its answers when nothing interferes (PEP 503, 691, 700, 592, 714, 792).

No sockets here: a request goes in, a :class:`Reply` comes out. Both kinds of page are rendered from one JSON document,
apart from the product's own rendering, so that a mistake cannot cancel itself out.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from support.exchange import Reply, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from support.wheels import Wheel

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Published:
    """One file: its entry in the listing (None: not listed) and its bytes (None: listed, but gone)."""

    entry: dict[str, object] | None
    content: bytes | None
    sidecar: bytes | None
    version: str


@dataclass
class Project:
    """The files of one project by name, and its status (PEP 792)."""

    name: str
    status: str = ""
    reason: str = ""
    files: dict[str, Published] = field(default_factory=dict)


@dataclass
class Repository:
    """One simple repository at ``host/name/simple/`` with its files at ``host/name/files/``.

    :param users: password by user name; None lets everybody in. Who has none is let in by a bearer token.
    :param missing: what a request without a credential is answered with; ``denied``: one with an unknown credential.
    :param formats: of ``json`` and ``html``; the first is the default.
    :param ranges: whether Range is honoured; else it is ignored.
    :param suffix_status: what ``bytes=-n`` is answered with where ranges are honoured: 206, 200, 416, 501.
    :param sidecars: whether metadata files are offered.
    :param cache_control: sent with listings.
    :param absolute_links: full URLs in the listings instead of relative ones.
    """

    host: str
    name: str = ""
    users: Mapping[str, str] | None = None
    missing: int = 401
    denied: int = 401
    formats: Sequence[str] = ("json", "html")
    ranges: bool = True
    suffix_status: int = 206
    sidecars: bool = True
    etags: bool = True
    cache_control: str = "max-age=600"
    absolute_links: bool = False
    projects: dict[str, Project] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The path below which everything of this repository lives."""
        return f"/{self.name}" if self.name else ""

    @property
    def url(self) -> str:
        """The index URL, without user info."""
        return f"{self.host}{self.root}/simple/"

    def url_for(self, username: str) -> str:
        """Return the index URL with the credential of one of the users in it."""
        secret = (self.users or {})[username]
        return self.url.replace("://", f"://{quote(username, '')}:{quote(secret, '')}@", 1)

    def file_url(self, wheel: Wheel) -> str:
        """Return the URL of a file's bytes."""
        return f"{self.host}{self._file_path(normalize(wheel.name), wheel.filename)}"

    def project(self, name: str, *, status: str = "", reason: str = "") -> Project:
        """Return a project, made if it is not there, with its status set if one is given."""
        project = self.projects.setdefault(normalize(name), Project(normalize(name)))
        if status:
            project.status, project.reason = status, reason
        return project

    def add(
        self,
        wheel: Wheel,
        *,
        project: str = "",
        yanked: str | None = None,
        upload_time: str = "2024-01-02T03:04:05.000000Z",
        sidecar: bool | bytes = True,
        entry: Mapping[str, object] | None = None,
        listed: bool = True,
        served: bool = True,
    ) -> None:
        """Publish a file.

        :param project: where it is listed, if not under its own name.
        :param sidecar: False for none; bytes are served (and listed with their hash) instead of the wheel's metadata.
        :param entry: JSON fields that replace those of the listing, as in ``{"hashes": {}}``; None leaves one out.
        """
        owner = self.project(project or wheel.name)
        metadata = sidecar if isinstance(sidecar, bytes) else wheel.metadata if sidecar and self.sidecars else b""
        told: dict[str, object] = {
            "filename": wheel.filename,
            "url": self._link(owner.name, wheel.filename),
            "hashes": {"sha256": wheel.sha256},
            "requires-python": wheel.requires_python or None,
            "size": len(wheel.content),
            "upload-time": upload_time or None,
            "yanked": yanked,
            "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()} if metadata else None,
            **(entry or {}),
        }
        kept = {key: value for key, value in told.items() if value is not None}
        content = wheel.content if served else None
        owner.files[wheel.filename] = Published(kept if listed else None, content, metadata or None, wheel.version)

    def locate(self, seen: Seen) -> bool:
        """Fill in where a request leads; return whether it is within this repository."""
        if not seen.path.startswith(f"{self.root}/"):
            return False
        parts = [unquote(part) for part in seen.path.removeprefix(self.root).split("/")[1:]]
        if parts[0] not in {"simple", "files"}:
            return False
        seen.repository = self.name
        if parts[0] == "simple":
            seen.project = parts[1] if len(parts) > 1 else ""
            seen.stage = "listing" if seen.project else "root"
        elif len(parts) == 3:
            seen.project, seen.filename = parts[1], parts[2].removesuffix(".metadata")
            seen.stage = "sidecar" if parts[2].endswith(".metadata") else "file"
        return True

    def reply(self, seen: Seen) -> Reply:
        """Return the natural answer to a request that :meth:`locate` has placed."""
        if seen.method not in {"GET", "HEAD"}:
            return Reply(405, {"Allow": "GET, HEAD"})
        if not self._admits(seen.headers.get("authorization", "")):
            status = self.denied if "authorization" in seen.headers else self.missing
            return Reply(status, {"WWW-Authenticate": 'Basic realm="simulator"'} if status == 401 else {})
        if seen.stage in {"root", "listing"}:
            return self._page(seen)
        published = self.projects.get(seen.project, Project("")).files.get(seen.filename)
        if published is None:
            return Reply(404, {}, b"no such file")
        content = published.sidecar if seen.stage == "sidecar" else published.content
        return Reply(404, {}, b"gone") if content is None else self.content(seen, content)

    def content(self, seen: Seen, content: bytes, kind: str = "application/octet-stream") -> Reply:
        """Return the answer for these bytes: whole, not modified, or a range of them (RFC 9110, sections 13 and 14)."""
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {"Content-Type": kind, **({"ETag": etag} if self.etags else {})}
        if self.etags and etag in seen.headers.get("if-none-match", ""):
            return Reply(304, headers)
        if not self.ranges or kind != "application/octet-stream":
            return Reply(200, headers, content)
        headers["Accept-Ranges"] = "bytes"
        asked = _RANGE.fullmatch(seen.headers.get("range", ""))
        if asked is None or not (asked[1] or asked[2]):
            return Reply(200, headers, content)
        if not asked[1] and self.suffix_status != 206:
            return Reply(self.suffix_status, headers, content if self.suffix_status == 200 else b"")
        size = len(content)
        start = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
        end = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
        if start > end:
            return Reply(416, {"Content-Range": f"bytes */{size}"})
        return Reply(206, {**headers, "Content-Range": f"bytes {start}-{end}/{size}"}, content[start : end + 1])

    def _file_path(self, project: str, filename: str) -> str:
        return f"{self.root}/files/{project}/{quote(filename)}"

    def _link(self, project: str, filename: str) -> str:
        path = self._file_path(project, filename)
        return self.host + path if self.absolute_links else f"../../{path.removeprefix(self.root + '/')}"

    def _admits(self, authorization: str) -> bool:
        if self.users is None:
            return True
        pairs = (base64.b64encode(f"{user}:{secret}".encode()).decode() for user, secret in self.users.items())
        tokens = [secret for user, secret in self.users.items() if not user]
        return authorization in {*(f"Basic {pair}" for pair in pairs), *(f"Bearer {token}" for token in tokens)}

    def _page(self, seen: Seen) -> Reply:
        name = normalize(seen.project)
        proper = f"{self.root}/simple/{name}/" if name else f"{self.root}/simple/"
        if seen.project and name not in self.projects:
            return Reply(404, {}, b"no such project")
        if seen.path != proper:
            return Reply(301, {"Location": proper})
        accepted = seen.headers.get("accept", "")
        json_wanted = JSON in accepted or "html" not in self.formats
        document = _project_document(self.projects[name]) if name else _root_document(self.projects)
        if json_wanted and "json" in self.formats:
            page = self.content(seen, json.dumps(document).encode(), JSON)
        else:
            page = self.content(
                seen, _html(document).encode(), HTML if HTML in accepted else "text/html; charset=utf-8"
            )
        return Reply(page.status, {**page.headers, "Cache-Control": self.cache_control, "Vary": "Accept"}, page.body)


def _root_document(projects: Mapping[str, Project]) -> dict[str, object]:
    return {"meta": {"api-version": "1.4"}, "projects": [{"name": name} for name in sorted(projects)]}


def _project_document(project: Project) -> dict[str, object]:
    listed = [one for one in project.files.values() if one.entry is not None]
    return {
        "meta": {"api-version": "1.4"},
        **({"project-status": {"status": project.status, "reason": project.reason}} if project.status else {}),
        "name": project.name,
        "versions": sorted({one.version for one in listed}),
        "files": [one.entry for one in listed],
    }


def _html(document: Mapping[str, object]) -> str:
    """Render the same document as PEP 503 does."""
    metas = ['<meta name="pypi:repository-version" content="1.4">']
    status = document.get("project-status")
    if isinstance(status, dict):
        metas.append(f'<meta name="pypi:project-status" content="{html.escape(status["status"])}">')
        metas.append(f'<meta name="pypi:project-status-reason" content="{html.escape(status["reason"])}">')
    projects, files = document.get("projects", []), document.get("files", [])
    assert isinstance(projects, list)
    assert isinstance(files, list)
    anchors = [f'<a href="{one["name"]}/">{one["name"]}</a>' for one in projects] + [_anchor(one) for one in files]
    lines = ["<!DOCTYPE html>", "<html><head>", *metas, "</head><body>", *(f"{one}<br>" for one in anchors)]
    return "\n".join([*lines, "</body></html>", ""])


def _anchor(entry: Mapping[str, object]) -> str:
    def pair(value: object) -> str:
        return next((f"{name}={digest}" for name, digest in value.items()), "") if isinstance(value, dict) else "true"

    fragment = pair(entry.get("hashes", {}))
    attributes = {"href": f"{entry['url']}#{fragment}" if fragment else str(entry["url"])}
    if "requires-python" in entry:
        attributes["data-requires-python"] = str(entry["requires-python"])
    if "yanked" in entry and entry["yanked"] is not False:
        attributes["data-yanked"] = "" if entry["yanked"] is True else str(entry["yanked"])
    if entry.get("core-metadata"):
        attributes |= dict.fromkeys(("data-core-metadata", "data-dist-info-metadata"), pair(entry["core-metadata"]))
    text = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<a {text}>{html.escape(str(entry['filename']))}</a>"
