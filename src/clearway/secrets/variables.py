"""``CLEARWAY_INDEX_<NAME>_USERNAME``, ``_PASSWORD``, ``_TOKEN``: the secret that is bound to an index's name.

A name alone says nothing about where the secret goes, and a cloned project may give any URL to any name. So it is sent
only where the user has said that the name is: in the user's own configuration file, or by
``CLEARWAY_INDEX_<NAME>_URL``. A project's file may say the same; it may not say something else (DESIGN 4.7).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from clearway.errors import InputError
from clearway.model.urls import mask, origin, split_user_info
from clearway.secrets.answers import make_credential
from clearway.secrets.commands import CommandFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.model.secrets import Credential
    from clearway.settings.settings import ConfiguredIndex


class Bound(NamedTuple):
    """What the variables of one name say.

    :ivar username: who; empty where they do not say.
    :ivar credential: the credential, if they give a secret.
    """

    username: str
    credential: Credential | None


def prefix_of(name: str) -> str:
    """Return what the variables of an index begin with."""
    return f"CLEARWAY_INDEX_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def read_variables(own: ConfiguredIndex, url: str, username: str, environ: Mapping[str, str]) -> Bound:
    """Read the variables of a configured index.

    :param url: where the index is, without user info.
    :param username: who its URL names.
    :raises InputError: ``two-secrets``, ``malformed-secret``, ``unbound-secret``, ``repointed-index``.
    """
    prefix = prefix_of(own.name)
    user, password, token = (environ.get(f"{prefix}_{what}", "") for what in ("USERNAME", "PASSWORD", "TOKEN"))
    username = username or user
    if not (password or token):
        return Bound(username, None)
    if password and token:
        raise InputError(
            "two-secrets", f"{prefix}_PASSWORD and {prefix}_TOKEN are both set", hint="Set the one that is meant."
        )
    variable = f"{prefix}_{'TOKEN' if token else 'PASSWORD'}"
    _check_place(own, url, variable, environ.get(f"{prefix}_URL", ""))
    try:
        credential = make_credential(username or own.particulars.username, password, token, variable)
    except CommandFault as fault:
        raise InputError("malformed-secret", f"{variable} {fault}", hint="Correct the value.") from None
    return Bound(credential.username, credential)


def _check_place(own: ConfiguredIndex, url: str, variable: str, said: str) -> None:
    """See that the user has said that an index of this name is where it is."""
    prefix = prefix_of(own.name)
    known = said or own.vouched
    if not known:
        raise InputError(
            "unbound-secret",
            f"{variable} is set, but only a project's file says where the index {own.name} is",
            context=(f"it says: {mask(url)}", f"in {own.url.origin}"),
            hint=f"If that is where the secret may go, say so yourself: {prefix}_URL={mask(url)}",
        )
    if _origin(known) != origin(url):
        where = f"{prefix}_URL" if said else "your own configuration"
        raise InputError(
            "repointed-index",
            f"{variable} is not sent to {mask(url)}: {where} gives the index {own.name} another origin",
            context=(f"yours: {mask(known)}, from {where}", f"the other: {mask(url)}, from {own.url.origin}"),
            hint="If both are meant, give one of the indexes another name.",
        )


def _origin(url: str) -> tuple[str, str, int]:
    try:
        return origin(split_user_info(url)[0])
    except ValueError:
        return "", "", 0
