"""What git says of the folder of a project that is installed in editable mode.

Git alone is asked, and only reads. What its repository brings along is not run, and secrets in the URL of its remote
are not passed on.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from clearway.model.direct_urls import Checkout, without_secret
from clearway.model.urls import file_url

PATIENCE = 20.0
_SCP = re.compile(r"(\w+@)?([^/:]+):(\w[^:]*)")
"""The short form of an ssh URL: ``git@host:path``."""


def checkout_of(folder: str) -> Checkout | None:
    """Return what git says of a folder, or None where it is in no repository or git cannot be asked."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None:
        return None
    told = (_git(folder, "config", "--get-regexp", r"remote\..*\.url") or "").splitlines()
    remotes = dict(reversed([line.split(" ", 1) for line in told if " " in line]))
    remote = remotes.get("remote.origin.url") or next(reversed(remotes.values()), "")
    url = _url(remote.strip())
    inside = os.path.relpath(os.path.realpath(folder), os.path.realpath(top))
    return Checkout(
        remote=url,
        unusable="" if url else remote,
        commit=quote(_git(folder, "rev-parse", "--verify", "--quiet", "HEAD") or "", "/"),
        subdirectory="" if inside == os.curdir else inside,
    )


def _url(remote: str) -> str:
    """Return the URL of a remote as a requirement has it after ``git+``; empty for what nobody else can use."""
    if re.match(r"\w+://", remote):
        try:
            return without_secret(remote)
        except ValueError:
            return ""
    if remote and os.path.exists(remote):
        return file_url(remote)
    scp = _SCP.fullmatch(remote)
    return f"ssh://{scp[1] or ''}{scp[2]}/{scp[3]}" if scp else ""


def _git(folder: str, *words: str) -> str | None:
    """Return what git prints, or None where it fails."""
    import subprocess  # late: only where something is installed in editable mode

    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", *words],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\r\n") if done.returncode == 0 else None
