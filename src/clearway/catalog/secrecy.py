"""A credential that comes back: servers repeat in their answers what they were sent; it is not shown (DESIGN 4.7).

They spell it as they like: as it is, as a URL, JSON, HTML or a header spells it. What all spellings leave as it is are
letters and digits, so every longer run of them is taken out too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.errors import IndexFailure
    from clearway.index.records import Index
    from clearway.model.secrets import Credential

_SHORTEST = 6
"""Characters: what is shorter is a placeholder (``TOKEN:x``) or a word, and to mask it would only tell what it is."""
_SHORTEST_RUN, _LONG_RUN = 8, 12
"""Letters and digits in a row: fewer may be left of a secret in some odd spelling; so many are not there by chance."""
_PLACEHOLDERS = frozenset({"x-oauth-basic", "x-access-token", "oauth2accesstoken"})
"""Passwords that services have beside a token in the user name's place."""
LONG = 12
"""Characters: so long no word is, nor what our own messages say. What is this long may be looked for in any of them."""
_MASK = "[secret]"


def without_secrets(index: Index | None) -> Callable[[str], str]:
    """Return what takes the secret of an index out of the words of a server."""
    credential = index.credential if index is not None else None
    return _unchanged if credential is None else without(credential)


def spare(failure: IndexFailure, index: Index) -> IndexFailure:
    """Take the secret of an index out of a failure that may quote a server, and return it."""
    hide = without_secrets(index)
    failure.message, failure.context = hide(failure.message), tuple(map(hide, failure.context))
    return failure


def without(credential: Credential, shortest: int = _SHORTEST) -> Callable[[str], str]:
    """Return what takes a credential out of a text.

    :param shortest: characters from which on it is looked for as it is, and not only as it is sent.
    """
    from base64 import b64encode  # late: most runs meet no refusal
    from urllib.parse import quote, quote_plus

    username, password = credential.username, credential.password.reveal()
    sent = b64encode(f"{username}:{password}".encode(errors="surrogateescape")).decode()
    forms = {sent, sent.rstrip("=")}
    stands_in = len(password) < _SHORTEST or password in _PLACEHOLDERS
    secret = username if stands_in else password  # a token may stand in the user name's place
    if len(secret) >= shortest:
        as_bytes = secret.encode(errors="surrogateescape").decode("latin-1")  # as in a body that is not decoded yet
        quotes = (quote(secret, "", errors="surrogateescape"), quote_plus(secret, errors="surrogateescape"))
        forms |= {secret, as_bytes, *quotes}
    else:
        secret = ""
    longest_first = sorted(forms, key=len, reverse=True)
    runs = "|".join(_runs(f"{sent} {secret}", max(shortest, _SHORTEST_RUN)))

    def hide(text: str) -> str:
        for form in longest_first:
            text = text.replace(form, _MASK)
        return re.sub(runs, _MASK, text) if runs else text

    return hide


def _runs(text: str, shortest: int) -> list[str]:
    """Return patterns for the runs of letters and digits of a text; of a long one that may be cut, its beginning."""
    found = sorted(set(re.findall(f"[A-Za-z0-9]{{{shortest},}}", text)), key=len, reverse=True)
    return [run if len(run) <= _LONG_RUN else f"{run[:_LONG_RUN]}[A-Za-z0-9]*" for run in found]


def _unchanged(text: str) -> str:
    return text
