"""What is named by where it is: a wheel, a source archive, the folder of a project, a repository.

What counts as a path is what pip takes for one: a text with a separator or a dot at its front, and whatever ends like
an archive. A URL is what PEP 508 has behind an ``@``; ``git+`` at its front asks for a repository (PEP 440, "Direct
references"), ``#egg=NAME[EXTRA]`` names the project (pip's manual, "VCS Support"). A place on this machine is looked at
here and nowhere else is asked: a folder has to be a project, and a file to be there.
"""

from __future__ import annotations

import os
import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from clearway.errors import InputError
from clearway.model.files import SDIST_SUFFIXES, parse_wheel_name
from clearway.model.names import NormalizedName, is_name, normalize
from clearway.model.urls import file_name, file_url, fragment, mask, path_of

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):[/.]", re.IGNORECASE)  # one letter is a drive
# Not compiled ahead: of most command lines each requirement is a name.
_SCP = r"(?:git\+)?(?:ssh://)?([\w.-]+@[\w.-]+):(?!//)(?!\d+/)/*(\S+)"
_NAMED = r"[^\[\]/\\:]+(?:\[[^\]]*\])?\s*@"
_EXTRAS = r"(.+?)\s*\[([^\[\]]*)\]"
_LONGEST = 300
_OTHER_SYSTEMS = ("hg", "svn", "bzr")
_GIT_SCHEMES = ("https", "http", "ssh", "file")
_ARCHIVES = (".whl", *SDIST_SUFFIXES)
_LISTS = (".txt", ".in")
_LOCK = r"pylock\.(?:[^./]+\.)?toml"
_PROJECT_FILES = ("pyproject.toml", "setup.py")


class Place(msgspec.Struct, frozen=True):
    """Where something is.

    :param url: absolute, with the fragment and the user info that were given.
    :param name: of the project, as far as the place tells it: by a wheel's file name, or ``#egg=``.
    :param extras: those of ``#egg=``.
    """

    url: str
    kind: Literal["wheel", "archive", "folder", "repository"]
    name: NormalizedName | None = None
    extras: frozenset[NormalizedName] = frozenset()


def is_url(text: str) -> bool:
    """Whether a text begins like a URL, or like what git takes for one."""
    return ":" in text and (_SCHEME.match(text) is not None or _in_gits_spelling(text) is not None)


def is_place(text: str, *, editable: bool = False) -> bool:
    """Whether a requirement names a place, and not a project.

    :param editable: it stands behind ``-e``, where the name of a folder is enough.
    """
    if is_url(text):
        return True
    if "@" in text and re.match(_NAMED, text):
        return False
    path, _ = split_extras(text.partition(";")[0].rstrip())
    is_path = path.startswith(".") or os.sep in path or (os.altsep or os.sep) in path
    return is_path or path.lower().endswith(_ARCHIVES) or (editable and os.path.isdir(path))


def split_extras(text: str) -> tuple[str, str]:
    """Cut the extras off that stand in brackets at the end; empty where there are none."""
    extras = re.fullmatch(_EXTRAS, text, re.DOTALL) if text.endswith("]") else None
    return (extras[1], extras[2]) if extras else (text, "")


def read_extras(text: str, whole: str, origin: str) -> frozenset[NormalizedName]:
    """Read what stands between the brackets.

    :param whole: the requirement, for people.
    :raises InputError: ``malformed-requirement``.
    """
    extras = [extra.strip() for extra in text.split(",") if extra.strip()]
    if not all(map(is_name, extras)):
        raise InputError(
            "malformed-requirement", f"{shown(whole)} has malformed extras ({origin})", hint="Write NAME[ONE,TWO]."
        )
    return frozenset(map(normalize, extras))


def find_place(text: str, origin: str) -> Place:
    """Find out what a path or URL names.

    :param text: without extras and marker.
    :raises InputError: ``no-such-file``, ``not-a-project``, ``not-a-wheel``, ``not-an-archive``, ``looks-like-a-file``,
        ``malformed-requirement``, ``unsupported-repository``, ``unsupported-url``.
    """
    if not is_url(text):
        return _find_path(text, origin)
    scheme = _SCHEME.match(text)
    if scheme is None or _in_gits_spelling(text):
        raise _misspelled_repository(text, origin)
    kind = scheme[1].lower()
    _check_url(text, kind, origin)
    if "+" in kind or kind in {"ssh", "git"}:
        return _find_repository(text, kind, origin)
    if kind == "file":
        return _find_file_url(text, origin)
    if kind not in {"http", "https"}:
        raise InputError(
            "unsupported-url",
            f"{shown(text)} cannot be fetched: {kind!a} is not one of https, http, file ({origin})",
            hint="Name an archive by https:// or file://, or a repository by git+https://.",
        )
    if file_name(_address(text)).lower().endswith(".git"):
        raise InputError(
            "not-an-archive",
            f"{shown(text)} is a repository, and was named like an archive ({origin})",
            hint=f"Write git+{shown(text)}",
        )
    return _archive(text, file_name(_address(text)), text, origin)


def _check_url(url: str, scheme: str, origin: str) -> None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host and not scheme.endswith("file"):
        raise InputError("malformed-requirement", f"{shown(url)} has no valid host ({origin})", hint="Correct the URL.")


def check_name(text: str, origin: str) -> None:
    """See that what is read as the name of a project is not meant as a file of its requirements.

    :raises InputError: ``looks-like-a-file``.
    """
    if text.lower().endswith(_LISTS) and (os.path.isfile(text) or text.lower() == "requirements.txt"):
        raise _is_list(text, origin)
    if (text in _PROJECT_FILES or (text.endswith(".toml") and re.fullmatch(_LOCK, text))) and os.path.isfile(text):
        raise _no_archive(text, origin)


def shown(text: str) -> str:
    """Return a text for people: without secrets, and with an end."""
    masked = mask(text)
    return masked if len(masked) <= _LONGEST else f"{masked[:_LONGEST]}..."


def _find_repository(url: str, kind: str, origin: str) -> Place:
    system, plus, transport = kind.partition("+")
    if system != "git" or transport not in _GIT_SCHEMES:
        if system in _OTHER_SYSTEMS:
            reason = f"is in a repository of {system}, and git is the only one that is supported"
        elif not plus:
            reason = "is a repository, and was named like an archive"
        else:
            reason = f"cannot be fetched: {kind!a} is not one of {', '.join(f'git+{one}' for one in _GIT_SCHEMES)}"
        hint = "Name a git repository (git+https://...), an archive, or a folder with a checkout."
        hint = f"Write git+{shown(url)}" if kind == "ssh" else hint
        raise InputError("unsupported-repository", f"{shown(url)} {reason} ({origin})", hint=hint)
    if kind == "git+file" and not os.path.isabs(path := path_of(_address(url)[len("git+") :])):
        url = f"git+{file_url(path).replace('%40', '@')}{url[len(_address(url)) :]}"  # the @ before the ref stays one
    return _named_by_fragment(Place(url, "repository"), origin)


def _in_gits_spelling(text: str) -> re.Match[str] | None:
    """Take ``user@host:path`` apart, which git understands and nothing else; ``name@file:...`` is something else."""
    found = re.match(_SCP, text) if "@" in text else None
    return None if found and _SCHEME.match(text.partition("@")[2]) else found


def _misspelled_repository(text: str, origin: str) -> InputError:
    parts = _in_gits_spelling(text)
    assert parts is not None, "what has no scheme is no URL but for this"
    return InputError(
        "unsupported-repository",
        f"{shown(text)} is git's own spelling and no URL: a colon stands before the path ({origin})",
        hint=f"Write git+ssh://{parts[1]}/{mask(parts[2])}",
    )


def _find_file_url(url: str, origin: str) -> Place:
    address = _address(url)
    path = path_of(address)
    if not os.path.isabs(path):  # "file:./lib": relative to the working directory, as pip reads it
        url, address = file_url(path) + url[len(address) :], file_url(path)
        path = path_of(address)
    if os.path.isdir(path):
        return _folder(url, path, origin)
    if not path.lower().endswith(_ARCHIVES):
        raise _no_archive(path, origin)
    return _archive(url, os.path.basename(path), url, origin)


def _find_path(path: str, origin: str) -> Place:
    if os.path.isdir(path):
        return _folder(file_url(path), path, origin)
    if not path.lower().endswith(_ARCHIVES):
        raise _no_archive(path, origin)
    place = _archive(file_url(path), os.path.basename(path), path, origin)
    if not os.path.isfile(path):
        raise _no_file(path, origin)
    return place


def _folder(url: str, path: str, origin: str) -> Place:
    place = _named_by_fragment(Place(url, "folder"), origin)
    below = "subdirectory" in fragment(url)
    if not below and not any(os.path.isfile(os.path.join(path, name)) for name in _PROJECT_FILES):
        raise InputError(
            "not-a-project",
            f"The folder {shown(path)} is not a project: it has neither pyproject.toml nor setup.py ({origin})",
            hint="Name the folder that holds one of them, or an archive.",
        )
    return place


def _archive(url: str, filename: str, spelled: str, origin: str) -> Place:
    if not filename.lower().endswith(".whl"):
        return _named_by_fragment(Place(url, "archive"), origin)
    wheel = parse_wheel_name(filename)
    if wheel is None:
        raise InputError(
            "not-a-wheel",
            f"{shown(spelled)} is not named as a wheel is ({origin})",
            hint="A wheel's name says project, version and tags: name-1.0-py3-none-any.whl.",
        )
    return Place(url, "wheel", wheel.name)


def _named_by_fragment(place: Place, origin: str) -> Place:
    """Add what ``#egg=`` says.

    :raises InputError: ``malformed-requirement``.
    """
    egg = fragment(place.url).get("egg", "")
    if not egg:
        return place
    name, extras = split_extras(egg)
    if not is_name(name):
        raise InputError(
            "malformed-requirement",
            f"{shown(place.url)} has {name[:80]!r} for a name behind #egg= ({origin})",
            hint="Write NAME @ URL, with the project's name and nothing else.",
        )
    read = read_extras(extras, place.url, origin)
    return msgspec.structs.replace(place, name=normalize(name), extras=read)


def _no_archive(path: str, origin: str) -> InputError:
    """Return the error for a path that is neither a folder nor named like an archive."""
    if not os.path.isfile(path):
        return _no_file(path, origin)
    name = os.path.basename(path)
    if name in _PROJECT_FILES:
        folder = os.path.dirname(path) or "."
        hint = f"Install the project itself: {folder}" + (f"; or what it requires: -r {path}" if "." in name else "")
        return InputError("looks-like-a-file", f"{path} is a file of a project ({origin})", hint=hint)
    if name.endswith(_LISTS) or re.fullmatch(_LOCK, name):
        return _is_list(path, origin)
    return InputError(
        "not-an-archive",
        f"{path} is neither a folder nor an archive ({origin})",
        hint=f"Name a folder, or a file that ends in one of {', '.join(_ARCHIVES)}",
    )


def _is_list(path: str, origin: str) -> InputError:
    there = f"Read it with -r {path}"
    return InputError(
        "looks-like-a-file",
        f"{path} is a file of requirements, and was named like a project ({origin})",
        hint=there if os.path.isfile(path) else f"{there} - it is not in this folder, though.",
    )


def _no_file(path: str, origin: str) -> InputError:
    what = "file" if path.lower().endswith(_ARCHIVES) else "folder or file"
    hint = "Correct the path."
    if "\\" in path and os.sep != "\\":
        hint = f"Folders are separated by / on this system: {path.replace(chr(92), '/')}"
    elif path.startswith("~"):
        hint = "Write the path of the home folder in full: only a shell knows ~."
    elif origin != "command line" and not os.path.isabs(path):
        hint = f"Correct the path: it is taken from the folder in which clearway runs, {os.getcwd()}."
    return InputError("no-such-file", f"There is no {what} {shown(path)} ({origin})", hint=hint)


def _address(url: str) -> str:
    """Return a URL without its fragment."""
    return url.partition("#")[0]
