"""A credential that comes back: servers repeat in their answers what they were sent; it is not shown (DESIGN 4.7).

They spell it as they like: as it is, as a URL, JSON, HTML or a header spells it. What all spellings leave as it is are
letters and digits, so every longer run of them is taken out too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.index.records import Index

_SHORTEST = 6
"""Characters: what is shorter is a placeholder (``TOKEN:x``) or a word, and to mask it would only tell what it is."""
_LONGEST_REST = 7
"""Letters and digits in a row that may be left of a secret in some odd spelling."""
_PLACEHOLDERS = frozenset({"x-oauth-basic", "x-access-token", "oauth2accesstoken"})
"""Passwords that services have beside a token in the user name's place."""
_MASK = "[secret]"


def without_secrets(index: Index | None) -> Callable[[str], str]:
    """Return what takes the secret of an index out of a text: as it is, as it is sent, and as a URL spells it."""
    credential = index.credential if index is not None else None
    if credential is None:
        return _unchanged
    from base64 import b64encode  # late: most runs meet no refusal
    from urllib.parse import quote, quote_plus

    username, password = credential.username, credential.password.reveal()
    sent = b64encode(f"{username}:{password}".encode()).decode()
    forms = {sent, sent.rstrip("=")}
    stands_in = len(password) < _SHORTEST or password in _PLACEHOLDERS
    secret = username if stands_in else password  # a token may stand in the user name's place
    if len(secret) >= _SHORTEST:
        as_bytes = secret.encode().decode("latin-1")  # so it stands in a body whose encoding nobody has looked at yet
        forms |= {secret, quote(secret, ""), quote_plus(secret), as_bytes}
    for text in (sent, secret):
        forms.update(run for run in re.split("[^A-Za-z0-9]", text) if len(run) > _LONGEST_REST)
    longest_first = sorted(forms, key=len, reverse=True)

    def hide(text: str) -> str:
        for form in longest_first:
            text = text.replace(form, _MASK)
        return text

    return hide


def _unchanged(text: str) -> str:
    return text
