"""What a test of the command line needs: runs and what they said, an environment, secrets and where they turn up."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.simulator import IndexSimulator

    Snapshot = dict[str, tuple[int, bytes]]

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
SOUND = make_wheel("sound", "1.0")
"""What can be installed by anybody at any time."""


class Run(NamedTuple):
    """What a run came to, and what it said."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that was said."""
        return self.out + self.err

    @property
    def error(self) -> str:
        """The error, from its first line to its hint; empty if there is none."""
        start = self.err.find("ERROR: ")
        return self.err[start:] if start >= 0 else ""

    @property
    def warnings(self) -> list[str]:
        """The warnings, a line each."""
        return [line.removeprefix("WARNING: ") for line in self.err.splitlines() if line.startswith("WARNING: ")]


class World:
    """One environment, one cache, one index.

    :param run: runs a command line in this process; returns its status, its output and its errors.
    """

    def __init__(self, root: Path, index: IndexSimulator, run: Callable[[Sequence[str]], tuple[int, str, str]]) -> None:
        self.root = root
        self.index = index
        self.env = root / "env"
        self.cache = root / "cache"
        self.site = self.env / "lib" / VERSION / "site-packages"
        self.shown_site = f"./env/lib/{VERSION}/site-packages"
        self.python = self.env / "bin" / "python"
        self._run = run
        self._said: list[Run] = []
        self._secrets: list[str] = []
        self._processes: list[subprocess.Popen[str]] = []

    # -- runs ----------------------------------------------------------------------------------------------------------

    def clearway(self, *arguments: object) -> Run:
        """Run a command line in this process."""
        result = Run(*self._run([str(argument) for argument in arguments]))
        self._said.append(result)
        return result

    def place(self) -> tuple[object, ...]:
        """Return the options that name environment and cache."""
        return "--python", self.python, "--cache-dir", self.cache

    def install(self, *arguments: object, index: str | None = None) -> Run:
        """Install from the index, or from another one."""
        return self.clearway("install", *self.place(), "--index-url", index or self.index.url, *arguments)

    def installed(self, *arguments: object, index: str | None = None) -> Run:
        """Install, which must work."""
        result = self.install(*arguments, index=index)
        assert result.status == 0, result.text
        assert "ERROR" not in result.text, result.text
        return result

    def fails(self, status: int, *arguments: object, says: Sequence[str] = (), index: str | None = None) -> Run:
        """Try to install, which must fail as it should: one clear error, nothing changed, and the cache usable."""
        before = self.snapshot()
        result = self.install(*arguments, index=index)
        check_failure(result, status, says)
        assert self.changes(before) == []
        self.check_sound()
        return result

    def check_sound(self) -> None:
        """Check that environment and cache still serve: something else can be installed, and nothing lies about."""
        assert list((self.cache / "temporary-1").glob("*")) == []
        wheel = SOUND.write(self.root)
        result = self.clearway("install", *self.place(), "--no-index", wheel)
        assert result.status == 0, result.text
        assert self.clearway("uninstall", "--yes", *self.place(), "sound").status == 0

    def start(self, *arguments: object, before: Sequence[object] = (), **variables: str) -> subprocess.Popen[str]:
        """Start a command line in a process of its own, by way of another command if one stands before it."""
        command = [*map(str, before), sys.executable, "-m", "clearway", *map(str, arguments)]
        process = subprocess.Popen(
            command,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process

    def start_install(
        self, *arguments: object, before: Sequence[object] = (), **variables: str
    ) -> subprocess.Popen[str]:
        """Start an installation in a process of its own."""
        line = ("install", *self.place(), "--index-url", self.index.url, *arguments)
        return self.start(*line, before=before, **variables)

    def finish(self, process: subprocess.Popen[str]) -> Run:
        """Wait for a process and return what it said."""
        out, err = process.communicate(timeout=30)
        result = Run(process.returncode, out, err)
        self._said.append(result)
        return result

    # -- the environment -----------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return everything in the environment: mode and content by path."""
        return dict(_entries(self.env))

    def changes(self, before: Snapshot) -> list[str]:
        """Return the paths that are not as they were."""
        now = self.snapshot()
        return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))

    def versions(self) -> dict[str, str]:
        """Return what is installed, by the names of the .dist-info folders."""
        stems = sorted(path.stem for path in self.site.glob("*.dist-info"))
        return dict(stem.split("-") for stem in stems)

    def imports(self, statement: str) -> str:
        """Run a statement in the environment and return what it prints."""
        command = [self.python, "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    # -- secrets -------------------------------------------------------------------------------------------------------

    def secret(self, *, plain: bool = False) -> str:
        """Return a new secret, of letters that URLs have to encode if not plain; no run may give it away."""
        self._secrets.append(secrets.token_hex(12) if plain else f"s3/{secrets.token_hex(8)}@%{secrets.token_hex(4)}")
        return self._secrets[-1]

    def with_user(self, url: str, username: str, secret: str) -> str:
        """Return a URL with a credential in it."""
        return url.replace("://", f"://{username}:{quote(secret, '')}@", 1)

    @staticmethod
    def basic(username: str, secret: str) -> str:
        """Return what stands in a request's header (RFC 7617)."""
        return base64.b64encode(f"{username}:{secret}".encode()).decode()

    def forget(self) -> None:
        """Forget what runs have said so far."""
        self._said.clear()

    def close(self) -> None:
        """End what still runs, and look for secrets."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                self.finish(process)
        for secret in self._secrets:
            assert self.leaks(secret) == []

    def leaks(self, secret: str) -> list[str]:
        """Return where a secret can be found: in what runs said, in the cache, in the environment, in any report."""
        forms = [secret.encode(), quote(secret, "").encode(), *encoded(secret)]
        texts = {f"run {number}": run.text.encode() for number, run in enumerate(self._said)}
        written = {path: content for path, (_, content) in _entries(self.root) if not path.startswith("given")}
        return [place for place, text in {**texts, **written}.items() if any(form in text for form in forms)]


def check_failure(result: Run, status: int, says: Sequence[str] = ()) -> None:
    """Check that a failure is told as it should be: one error with a hint, in a person's words."""
    assert result.status == status, result.text
    assert result.err.count("ERROR: ") == 1, result.err
    assert "HINT: " in result.error, result.err
    assert "Traceback" not in result.text
    for words in says:
        assert words in result.error, result.error


def encoded(secret: str) -> Iterator[bytes]:
    """Yield what stays the same of a secret in base64, whatever stands before and after it."""
    for before in range(3):
        text = base64.b64encode(b" " * before + secret.encode())
        yield text[4:-4]


def _entries(root: Path) -> Iterator[tuple[str, tuple[int, bytes]]]:
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if name in files else b""
            yield str(path.relative_to(root)), (path.lstat().st_mode, content)
