"""Hashes of files: which algorithms count, and which of several is believed (PEP 503 fragments, PEP 691 ``hashes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.model.urls import fragment

if TYPE_CHECKING:
    from collections.abc import Mapping

STRONG = ("sha512", "sha384", "sha256")
"""Algorithms that identify a file, strongest first; weaker ones are only checked, where an index lists nothing else."""

KNOWN = (*STRONG, "sha224", "sha1", "md5")
"""Every algorithm that is checked, strongest first."""


def best(hashes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the strongest known algorithm and its hex digest, or None if none is known."""
    return next(((name, hashes[name].lower()) for name in KNOWN if name in hashes), None)


def identity(hashes: Mapping[str, str]) -> str:
    """Return ``sha256:...``, the key by which archives are stored, for a file that carries one; else an empty text."""
    digest = hashes.get("sha256")
    return f"sha256:{digest.lower()}" if digest else ""


def stated_hashes(url: str) -> dict[str, str]:
    """Return the known hashes that the fragment of a URL states (``#sha256=...``), beside whatever else it says."""
    return {name.lower(): digest.lower() for name, digest in fragment(url).items() if name.lower() in KNOWN}
