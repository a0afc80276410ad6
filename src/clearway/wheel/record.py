"""RECORD: the files of a distribution with their hashes and sizes (PEP 376, PEP 427, PEP 627).

A CSV of three columns: path, ``algorithm=urlsafe-base64-without-padding``, size. Lines without a quote - nearly all of
them - are cut at their last two commas.
"""

from __future__ import annotations

from binascii import b2a_base64

import msgspec

STRONG = ("sha256", "sha384", "sha512")
"""Algorithms that a RECORD may use for the files of a wheel (PEP 427: sha256 or better)."""

_URLSAFE = bytes.maketrans(b"+/", b"-_")


class Row(msgspec.Struct, frozen=True):
    """One line of a RECORD.

    :param hash: ``sha256=...``, or empty.
    :param size: decimal digits, or empty.
    """

    path: str
    hash: str = ""
    size: str = ""


def parse_record(content: bytes) -> list[Row]:
    """Parse a RECORD.

    :raises ValueError: it is not UTF-8, or not a CSV of three columns.
    """
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    if '"' in text:
        return _parse_quoted(text)
    rows = []
    for line in text.split("\n"):
        if line:
            path, hash_, size = line.rsplit(",", 2)
            rows.append(Row(path, hash_, size))
    return rows


def _parse_quoted(text: str) -> list[Row]:
    import csv  # late: hardly a RECORD needs it

    try:
        return [Row(*row) for row in csv.reader(text.split("\n"), strict=True) if row]
    except (csv.Error, TypeError) as error:
        raise ValueError(str(error)) from None


def render_row(path: str, sha256: str = "", size: int | None = None) -> str:
    """Return one line of a RECORD, its end included.

    :param sha256: in RECORD's spelling, without its name; empty for a file that is not hashed.
    """
    quoted = _quoted(path) if "," in path or '"' in path else path
    return f"{quoted},sha256={sha256},{size}\n" if sha256 else f"{quoted},,\n"


def _quoted(path: str) -> str:
    return '"' + path.replace('"', '""') + '"'


def encode_digest(digest: bytes) -> str:
    """Return a digest in RECORD's spelling: urlsafe base64 without padding."""
    return b2a_base64(digest, newline=False).translate(_URLSAFE).rstrip(b"=").decode()
