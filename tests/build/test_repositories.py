"""Repositories on disk and on a server of ours: what is fetched, what is refused, and where a secret goes."""

from __future__ import annotations

import base64
import os
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from build.trees import FLIT
from clearway.build.repositories import git_variables, parse_repository
from clearway.errors import BuildError, IndexFailure, InputError
from clearway.ports import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from build.shed import Shed
    from clearway.build.builder import LocalBuilder
    from clearway.model.targets import Environment

IDENTITY = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com", "-c", "protocol.file.allow=always")


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *IDENTITY, *words]
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Three commits on main, the first tagged v1, the second on a branch of its own, and a submodule in the last."""
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q", "-b", "main")
    (inner / "inner.txt").write_text("inner")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "inner")
    folder = tmp_path / "repository"
    (folder / "python").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for number in ("1.0", "2.0", "3.0"):
        (folder / "python" / "pyproject.toml").write_text(FLIT.replace("1.0", number))
        if number == "3.0":
            git(folder, "submodule", "--quiet", "add", f"file://{inner}", "module")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", number)
        if number == "1.0":
            git(folder, "tag", "-am", "first", "v1")
        if number == "2.0":
            git(folder, "branch", "topic/second")
            git(folder, "branch", "v1-branch")
    return folder


@pytest.mark.parametrize(
    ("ref", "version", "commit"),
    [
        ("", "3.0", "HEAD"),
        ("@main", "3.0", "HEAD"),
        ("@topic/second", "2.0", "HEAD~1"),
        ("@v1", "1.0", "HEAD~2"),
        ("@refs/tags/v1", "1.0", "HEAD~2"),
        ("@FULL", "2.0", "HEAD~1"),
        ("@SHORT", "2.0", "HEAD~1"),
    ],
)
def test_every_kind_of_ref(builder: LocalBuilder, repository: Path, ref: str, version: str, commit: str) -> None:
    expected = git(repository, "rev-parse", f"{commit}^{{commit}}")
    ref = ref.replace("FULL", expected).replace("SHORT", expected[:9])
    checkout = builder.checkout(f"git+file://{repository}{ref}#subdirectory=python&egg=demo")
    assert (checkout.commit, checkout.url, checkout.requested) == (expected, f"file://{repository}", ref[1:])
    source = Source(checkout.path, "demo", subdirectory=checkout.subdirectory)
    assert builder.metadata(source).version == version
    if version == "3.0":
        assert Path(checkout.path, "module", "inner.txt").read_text() == "inner"
    else:
        assert git(Path(checkout.path), "describe", "--tags").startswith("v1")  # versions are read out of tags
    builder.release(source)
    assert not os.path.exists(checkout.path)


@pytest.mark.parametrize("ref", ["nothing", "abcdef123456", "a" * 40, "refs/pull/1/head"])
def test_ref_that_is_not_there(builder: LocalBuilder, repository: Path, ref: str) -> None:
    with pytest.raises(InputError) as caught:
        builder.checkout(f"git+file://{repository}@{ref}")
    assert caught.value.code == "no-such-ref"
    assert ref in caught.value.message


def test_subdirectory_that_is_not_there(builder: LocalBuilder, repository: Path) -> None:
    with pytest.raises(InputError) as caught:
        builder.checkout(f"git+file://{repository}@v1#subdirectory=nowhere")
    assert caught.value.code == "no-subdirectory"


def test_repository_that_is_not_there(builder: LocalBuilder, tmp_path: Path) -> None:
    with pytest.raises(IndexFailure) as caught:
        builder.checkout(f"git+file://{tmp_path}/nowhere")
    assert caught.value.code == "repository-failed"
    assert any("nowhere" in line for line in caught.value.context)


def test_no_git(make_builder: Callable[..., LocalBuilder], target: Environment, shed: Shed, tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        make_builder(target, shed, {"PATH": str(tmp_path)}).checkout("git+https://example.com/demo")
    assert caught.value.code == "no-git"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("hg+https://u:SECRET@example.com/demo", "unsupported-repository"),
        ("svn+ssh://example.com/demo", "unsupported-repository"),
        ("bzr+lp:demo", "unsupported-repository"),
        ("https://example.com/demo.git", "unsupported-repository"),
        ("git+ext::sh -c id", "unsupported-repository"),
        ("git+git@example.com:org/demo", "unsupported-repository"),
        ("git+ssh://git@example.com:org/demo", "bad-repository"),
        ("git+ssh://-oProxyCommand=id/demo", "bad-repository"),
        ("git+ssh://-l@example.com/demo", "bad-repository"),
        ("git+https://example.com", "bad-repository"),
        ("git+https:///demo", "bad-repository"),
        ("git+file://example.com/demo", "bad-repository"),
        ("git+https://u:SECRET@example.com/demo@", "bad-repository"),
        ("git+https://u:SECRET@example.com/demo@--upload-pack=id", "bad-repository"),
        ("git+https://u:SECRET@example.com/demo@a..b^{}", "bad-repository"),
        ("git+https://u:SECRET%0Ahost=x@example.com/demo", "bad-repository"),
    ],
)
def test_urls_that_are_refused(url: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_repository(url)
    assert caught.value.code == code
    assert "SECRET" not in f"{caught.value.message}{caught.value.context}{caught.value.hint}"


def test_ssh_keeps_its_login_and_nothing_else() -> None:
    assert parse_repository("git+ssh://git:SECRET@example.com:22/a/b@v1").url == "ssh://git@example.com:22/a/b"


class Guarded(BaseHTTPRequestHandler):
    """Answers 401 to everything, and notes what it was asked."""

    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization", ""))
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="demo"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def guarded() -> Iterator[tuple[str, list[str]]]:
    """The host of a server that wants a credential, and the ones that it was given."""
    handler = type("Noting", (Guarded,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_port}", handler.seen  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def test_credential_goes_to_its_server_and_shows_nowhere(
    builder: LocalBuilder, guarded: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, seen = guarded
    with pytest.raises(IndexFailure) as caught:
        builder.checkout(f"git+http://me:S%40CRET@{host}/demo")
    assert f"Basic {base64.b64encode(b'me:S@CRET').decode()}" in seen
    error = caught.value
    assert "S@CRET" not in f"{error.message}{error.context}{error.hint}"
    assert "credential" in error.hint
    assert "S@CRET" not in "".join(path.read_text(errors="replace") for path in Path(builder.folder).rglob("*config*"))


def test_without_a_credential_nobody_is_asked(builder: LocalBuilder, guarded: tuple[str, list[str]]) -> None:
    host, seen = guarded
    with pytest.raises(IndexFailure, match=r"git (ls-remote|fetch) failed"):
        builder.checkout(f"git+http://{host}/demo")
    assert set(seen) == {""}


def test_variables_scope_a_credential() -> None:
    environ = {"GIT_DIR": "/x", "CLEARWAY_INDEX_A_TOKEN": "T", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b"}
    made = git_variables(parse_repository("git+https://u:p@example.com:8443/demo"), environ)
    keys = [made[f"GIT_CONFIG_KEY_{number}"] for number in range(int(made["GIT_CONFIG_COUNT"]))]
    assert keys == ["a.b", *["credential.https://example.com:8443.helper"] * 2]
    assert made["GIT_CONFIG_VALUE_1"] == ""
    assert "GIT_DIR" not in made
    assert "CLEARWAY_INDEX_A_TOKEN" not in made
    assert made["GIT_TERMINAL_PROMPT"] == "0"
    assert "file" not in made["GIT_ALLOW_PROTOCOL"]
    assert "credential" not in str(git_variables(parse_repository("git+https://example.com/demo"), {}))
