"""Repositories checked out with git (PEP 440, "Direct references"; PEP 508 ``name @ git+https://...``).

A tag is fetched alone. Of anything else the history comes along, without its files where the server allows that: tools
that read a version out of the tags before a commit (setuptools-scm and its like) read a wrong one out of less.

git asks nobody anything. A user name and a password of the URL are never an argument, which every process may read:
they are handed over in variables, to a credential helper that answers for the one server they were given for, so that
a submodule elsewhere or a redirect does not get them.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import msgspec

from clearway.build.diagnosis import diagnose
from clearway.build.faults import translated
from clearway.build.output import Output
from clearway.build.variables import REPOSITORY
from clearway.errors import BuildError, IndexFailure, InputError
from clearway.model.secrets import Secret
from clearway.model.urls import fragment, mask, split_user_info

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.build.processes import Processes

_SCHEMES = ("https", "http", "ssh", "file")
_OTHERS = ("hg+", "svn+", "bzr+")
_REF = re.compile(r"(?![-/.])[^\s~^:?*\[\\\x00-\x20\x7f]+(?<![/.])")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_FULL = (40, 64)
_HOST = re.compile(r"[A-Za-z0-9\[][\w.:~\]-]*(?::\d+)?", re.ASCII)
_LISTED = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\s+(\S+)")
_WITH_HISTORY = ("fetch", "--quiet", "--filter=blob:none", "--tags", "origin")
_REQUESTED = "refs/remotes/origin/clearway"
_HELPER = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" '
    '"$CLEARWAY_REPOSITORY_USERNAME" "$CLEARWAY_REPOSITORY_PASSWORD"; }; f'
)
_DENIED = re.compile(
    r"Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied"
    r"|HTTP Basic: Access denied|returned error: 40[13]|Host key verification failed|[Rr]epository .*not found",
)


class Repository(msgspec.Struct, frozen=True):
    """What a URL of a repository names.

    :param url: without ``git+``, without user info; only the name of an ssh login stays, which is no secret.
    :param ref: a branch, tag or commit; empty for the one that the repository points at.
    :param subdirectory: the project's folder in it; empty for the whole.
    """

    url: str
    ref: str = ""
    subdirectory: str = ""
    username: Secret | None = None
    password: Secret | None = None


def parse_repository(text: str) -> Repository:
    """Take a URL such as ``git+https://host/path.git@ref#subdirectory=folder`` apart.

    :raises InputError: ``unsupported-repository`` when git is not asked for, or by a way that is not supported;
        ``bad-repository`` when it is malformed.
    """
    shown = mask(text)
    kind, plus, address = text.partition("+")
    if kind != "git" or not plus:
        other = next((prefix[:-1] for prefix in _OTHERS if text.startswith(prefix)), "")
        raise InputError(
            "unsupported-repository",
            f"{shown} is in a repository of {other}, and git is the only one that is supported"
            if other
            else f"{shown} is not a repository: it does not begin with git+",
            hint="Name a git repository (git+https://...), an archive, or a folder with a checkout.",
        )
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise _malformed(shown, "its host and port cannot be read; a path after the host begins with /") from None
    if parts.scheme not in _SCHEMES:
        raise InputError(
            "unsupported-repository",
            f"{shown} cannot be fetched: {parts.scheme!a} is not one of {', '.join(_SCHEMES)}",
            hint="Write it as git+https://HOST/PATH, git+ssh://USER@HOST/PATH or git+file:///PATH.",
        )
    path, at, ref = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", "")
    if at and not _REF.fullmatch(ref):
        raise _malformed(shown, "what follows its @ is no branch, tag or commit")
    if not path.strip("/") or "\0" in path:
        raise _malformed(shown, "it has no path")
    plain, username, password = split_user_info(urlunsplit((parts.scheme, parts.netloc, path, parts.query, "")))
    host = urlsplit(plain).netloc
    if (parts.scheme == "file") != (not host) or (host and not _HOST.fullmatch(host)):
        raise _malformed(shown, "it has no valid host" if parts.scheme != "file" else "a file has no host")
    if parts.scheme == "ssh":
        if username and not re.fullmatch(r"[A-Za-z0-9_][\w.-]*", username, re.ASCII):
            raise _malformed(shown, "its user name is no login")
        url = plain.replace("://", f"://{username}@", 1) if username else plain
        return Repository(url, ref, fragment(address).get("subdirectory", ""))
    if "\n" in username + password or "\0" in username + password:
        raise _malformed(shown, "its user info is not text of one line")
    return Repository(
        url=plain,
        ref=ref,
        subdirectory=fragment(address).get("subdirectory", ""),
        username=Secret(username) if username else None,
        password=Secret(password) if password else None,
    )


def _malformed(shown: str, reason: str) -> InputError:
    return InputError(
        "bad-repository",
        f"{shown} does not name a repository: {reason}",
        hint="Write it as git+https://HOST/PATH@REF#subdirectory=FOLDER, and what of it is needed.",
    )


class Git:
    """Checks out one repository.

    :param folder: where to; nothing is there yet, or a checkout.
    :param environ: the variables of the person.
    """

    def __init__(self, repository: Repository, folder: str, environ: Mapping[str, str], processes: Processes) -> None:
        self._repository = repository
        self._folder = folder
        self._environ = git_variables(repository, environ)
        self._processes = processes

    def checkout(self) -> str:
        """Fetch and check out; return the id of the commit.

        :raises BuildError: ``no-git``.
        :raises IndexFailure: ``repository-failed``.
        :raises InputError: ``no-such-ref``.
        """
        self._prepare()
        return self.update()

    def update(self) -> str:
        """Fetch what is asked for into the checkout that is there, and check it out; return the id of the commit."""
        self._fetch(self._find())
        self._git("checkout", "--quiet", "--detach", _REQUESTED)
        if os.path.lexists(os.path.join(self._folder, ".gitmodules")):
            self._git("submodule", "--quiet", "update", "--init", "--recursive")
        return self.commit()

    def switch(self) -> str:
        """Have the folder that is there follow the repository, and update it; what is around it stays as it is."""
        if not self.is_top():  # else git would take the checkout that the folder is part of
            self._git("init", "--quiet", "--template=")
        if self._run("remote", "set-url", "origin", self._repository.url)[0]:
            self._git("remote", "add", "origin", self._repository.url)
        return self.update()

    def commit(self) -> str:
        """Return the id of the commit that is checked out."""
        return self._git("rev-parse", "--verify", "HEAD^{commit}")[-1]

    def is_checkout(self) -> bool:
        """Whether the folder is the top of a checkout of this repository."""
        self._check_git()
        status, lines = self._run("config", "--local", "--get", "remote.origin.url")
        return not status and lines[-1:] == [self._repository.url] and self.is_top()

    def changes(self) -> list[str]:
        """Return what has been changed in the checkout and is in no commit."""
        return self._git("status", "--porcelain", "--untracked-files=no")

    def is_top(self) -> bool:
        """Whether the folder is the top of a checkout, of whatever."""
        status, lines = self._run("rev-parse", "--show-toplevel")
        return not status and os.path.realpath(lines[-1]) == os.path.realpath(self._folder)

    def _check_git(self) -> None:
        from shutil import which  # late: 10 ms

        if which("git", path=self._environ.get("PATH")) is None:
            raise BuildError(
                "no-git",
                f"{self._repository.url} cannot be fetched: there is no git on this machine",
                hint="Install git, or name an archive of the repository.",
            )

    def _prepare(self) -> None:
        self._check_git()
        with translated(self._folder):
            os.makedirs(self._folder)
        self._git("init", "--quiet", "--template=")
        self._git("remote", "add", "origin", self._repository.url)

    def _find(self) -> str:
        """Return the full name of the ref that was asked for; an empty text if the repository has no such."""
        ref = self._repository.ref
        if not ref:
            return "HEAD"
        names = [f"refs/heads/{ref}", f"refs/tags/{ref}"]
        names = [ref, *names] if ref.startswith("refs/") else names
        listed = {found[2] for line in self._git("ls-remote", "origin", *names) if (found := _LISTED.fullmatch(line))}
        return next((name for name in names if name in listed), "")

    def _fetch(self, name: str) -> None:
        """Fetch what was found, under a name of our own."""
        if name.startswith("refs/tags/"):
            self._git("fetch", "--quiet", "--depth=1", "--no-tags", "origin", f"+{name}:{name}")
            self._git("update-ref", _REQUESTED, f"{name}^{{commit}}")
        elif name:
            self._fetch_history(f"+{name}:{_REQUESTED}")
        else:
            self._fetch_commit(self._repository.ref)

    def _fetch_history(self, spec: str) -> list[str]:
        return self._git(*_WITH_HISTORY, spec)

    def _fetch_commit(self, ref: str) -> None:
        """Fetch a commit by its id: itself where the server hands out any, else out of all branches and tags."""
        if not _COMMIT.fullmatch(ref):
            raise self._no_such_ref()
        if len(ref) in _FULL and self._run(*_WITH_HISTORY, f"+{ref}:{_REQUESTED}")[0] == 0:
            return
        self._fetch_history("+refs/heads/*:refs/remotes/origin/heads/*")
        status, lines = self._run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if status:
            raise self._no_such_ref()
        self._git("update-ref", _REQUESTED, lines[-1])

    def _git(self, *words: str) -> list[str]:
        """Run git; return what it printed.

        :raises IndexFailure: ``repository-failed``: it did not end well.
        """
        status, lines = self._run(*words)
        if not status:
            return lines
        text = "\n".join(lines)
        denied = _DENIED.search(text) is not None
        raise IndexFailure(
            "repository-failed",
            f"{self._repository.url} cannot be fetched: git {words[0]} failed",
            context=diagnose(lines, status).lines,
            hint="It may want a credential, or another one: git asks its credential helpers and ssh its agent, "
            "and neither asks a person here. Or it is not there."
            if denied
            else "Try the same with git itself: git clone, with the URL without git+.",
        )

    def _run(self, *words: str) -> tuple[int, list[str]]:
        output = Output()
        command = ("git", "-C", self._folder, *words)
        with self._processes.engaged():
            status = self._processes.run(command, cwd=self._folder, environ=self._environ, output=output)
        return status, [self._without_secrets(line) for line in output.lines() if line]

    def _without_secrets(self, line: str) -> str:
        for secret in (self._repository.password, self._repository.username):
            if secret is not None:
                line = line.replace(secret.reveal(), "****")
        return mask(line)

    def _no_such_ref(self) -> InputError:
        return InputError(
            "no-such-ref",
            f"{self._repository.url} has no branch, tag or commit {self._repository.ref!r}",
            hint="Name one that it has after the @, or none for the branch that it points at.",
        )


def git_variables(repository: Repository, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that git runs with: nobody is asked anything, and secrets are for one server.

    :param environ: those of the person.
    """
    dropped = REPOSITORY | {"SSH_ASKPASS", "GIT_TRACE_CURL", "GIT_CURL_VERBOSE", "LANGUAGE"}
    kept = {name: value for name, value in environ.items() if name not in dropped and not name.startswith("CLEARWAY_")}
    kept |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",  # set and empty: neither core.askPass nor another is asked
        "GCM_INTERACTIVE": "never",
        "LC_ALL": "C",
    }
    local = (
        "file:" if repository.url.startswith("file:") else ""
    )  # submodules of strangers read nothing of this machine
    kept["GIT_ALLOW_PROTOCOL"] = f"{local}https:http:ssh"
    for key, value in _credential(repository, kept):
        count = kept.get("GIT_CONFIG_COUNT", "")
        number = int(count) if count.isdecimal() else 0
        kept[f"GIT_CONFIG_KEY_{number}"] = key
        kept[f"GIT_CONFIG_VALUE_{number}"] = value
        kept["GIT_CONFIG_COUNT"] = str(number + 1)
    return kept


def _credential(repository: Repository, kept: dict[str, str]) -> list[tuple[str, str]]:
    """Return the settings that hand a credential to git; put it into the variables.

    With a password, no other helper is asked, and none is told to store it. A user name alone may be a token, or the
    name for which a helper of the person's knows the password: those are asked first.
    """
    if repository.username is None and repository.password is None:
        return []
    parts = urlsplit(repository.url)
    section = f"credential.{parts.scheme}://{parts.netloc}"
    username, password = (secret.reveal() if secret else "" for secret in (repository.username, repository.password))
    kept["CLEARWAY_REPOSITORY_USERNAME"], kept["CLEARWAY_REPOSITORY_PASSWORD"] = username, password
    if repository.password is not None:
        return [(f"{section}.helper", ""), (f"{section}.helper", _HELPER)]
    return [(f"{section}.username", username), (f"{section}.helper", _HELPER)]
