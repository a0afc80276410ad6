"""Project and extra names: normalization and validity (PEP 503, "Normalized Names"; PEP 508, "Names")."""

from __future__ import annotations

import re
from functools import cache
from typing import NewType

NormalizedName = NewType("NormalizedName", str)
"""A name in its one normalized spelling: lower case, runs of ``-``, ``_`` and ``.`` folded to one ``-``."""

_VALID = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)
_SEPARATORS = re.compile(r"[-_.]+")


@cache
def normalize(name: str) -> NormalizedName:
    """Return the normalized spelling of a name (PEP 503)."""
    return NormalizedName(_SEPARATORS.sub("-", name).lower())


def is_name(text: str) -> bool:
    """Whether the text is a valid project or extra name (PEP 508)."""
    return _VALID.fullmatch(text) is not None
