"""What is asked for by URL or path: a wheel, a source archive, a folder, a repository (PEP 508 "name @ url", PEP 610).

Each is an index of its own (DESIGN 4.7): what the URL says of a credential is for that place alone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import msgspec

from clearway.catalog.located import Located, Recipe
from clearway.errors import InputError
from clearway.index.records import File, Index
from clearway.index.routing import make_index
from clearway.model.files import SDIST_SUFFIXES, expand_tags, is_file_name, parse_wheel_name
from clearway.model.hashes import stated_hashes
from clearway.model.secrets import Credential, Secret
from clearway.model.urls import file_name, fragment, is_local, mask, path_of, split_user_info

if TYPE_CHECKING:
    from clearway.catalog.terms import Terms
    from clearway.model.targets import Target
    from clearway.policy.rules import Rules

_REPOSITORY = "git+"
_SOURCE = "the requirement's URL"
_NAMELESS = "archive"


def locate(url: str, allowed: frozenset[str], target: Target, rules: Rules, terms: Terms) -> Located:
    """Return what is at a URL, with the hashes and the subdirectory that its fragment states.

    :param terms: says whether it is to be installed in editable mode, and with which settings.
    :raises InputError: ``not-an-archive``; ``wrong-platform`` for a wheel that the target cannot use; ``not-editable``;
        ``bad-url``, ``bad-index-url``.
    """
    _check_url(url)
    recipe = Recipe(editable=url in terms.editable, settings=terms.own.get(url, ()))
    if allowed and (url.startswith(_REPOSITORY) or _is_folder(url.partition("#")[0])):
        raise InputError(
            "unhashable-source",
            f"{mask(url)} is no file, so that it has no hash",
            hint="Leave its hash out, or name an archive of it. With --require-hashes everything must be an archive.",
        )
    if url.startswith(_REPOSITORY):
        return _repository(url, allowed, rules, recipe)
    address = url.partition("#")[0]
    recipe = msgspec.structs.replace(recipe, subdirectory=fragment(url).get("subdirectory", ""))
    filename = file_name(address)
    if _is_folder(address):
        path = os.path.abspath(path_of(address))
        file = File(os.path.basename(path) or "/", address.rstrip("/") or address)
        index = Index(mask(file.url), file.url, "find-links", None, rules)
        return Located(file, index, allowed, msgspec.structs.replace(recipe, form="folder"))
    if recipe.editable:
        raise InputError(
            "not-editable",
            f"{mask(address)} cannot be installed in editable mode: it is neither a folder nor a repository",
            hint="Leave out -e, or name the folder of a project.",
        )
    is_wheel = filename.lower().endswith(".whl")
    if is_wheel:
        _check_wheel(filename, address, target)
    elif is_local(address) and not filename.endswith(SDIST_SUFFIXES):  # elsewhere its content tells
        raise InputError(
            "not-an-archive",
            f"{mask(address)} is neither a wheel nor a source archive",
            hint="Name a wheel (.whl), a source archive (.tar.gz, .zip), a folder, or a repository (git+https://...).",
        )
    elif filename and not is_file_name(filename):
        raise InputError(
            "bad-url",
            f"{mask(address)} does not end in the name of a file",
            hint="Correct what follows its last slash: nothing is decoded there into another folder.",
        )
    index = make_index(address, kind="find-links", source=_SOURCE, rules=rules)
    file = File(filename or _NAMELESS, index.url, stated_hashes(url))
    return Located(file, index, allowed, None if is_wheel else recipe)


def repository_url(located: Located) -> str:
    """Return the URL of a repository with the user info that was given for it: a secret, for git alone."""
    credential = located.index.credential
    if credential is None:
        return located.file.url
    password = credential.password.reveal()
    info = quote(credential.username, safe="") + (f":{quote(password, safe='')}" if password else "")
    return located.file.url.replace("://", f"://{info}@", 1)


def _repository(url: str, allowed: frozenset[str], rules: Rules, recipe: Recipe) -> Located:
    plain, username, password = split_user_info(url)
    credential = Credential(username, Secret(password), _SOURCE) if username or password else None
    address = plain.partition("#")[0]
    index = Index(mask(address), plain, "find-links", credential, rules)
    name = file_name(address).partition("@")[0].removesuffix(".git")
    recipe = msgspec.structs.replace(recipe, form="repository", subdirectory=fragment(plain).get("subdirectory", ""))
    return Located(File(name or "repository", plain), index, allowed, recipe)


def _check_url(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise InputError(
            "bad-url",
            f"{mask(url)} is not a URL: its host or port cannot be read",
            hint="Write it as https://HOST/PATH; an address of IPv6 stands in brackets.",
        ) from None


def _is_folder(address: str) -> bool:
    return is_local(address) and os.path.isdir(path_of(address))


def _check_wheel(filename: str, address: str, target: Target) -> None:
    """See that a wheel has the name of one, and that the target can use it."""
    name = parse_wheel_name(filename)
    if name is None:
        raise InputError(
            "not-a-wheel",
            f"{mask(address)} is not named as a wheel is",
            hint="A wheel's name says project, version and tags: name-1.0-py3-none-any.whl.",
        )
    if not any(tag in target.ranks for tag in expand_tags(name.tags)):
        raise InputError(
            "wrong-platform",
            f"{filename} is not for this Python and platform: it is for {name.tags}",
            context=(f"best tag here: {target.tags[0]}",),
            hint="Take the wheel that was built for this Python, or name another with --python.",
        )
