"""What an index refuses, and what follows from it (DESIGN 4.6)."""

from __future__ import annotations

from clearway.settings.option import ASK, Option

ROWS = (
    Option(
        "on-refusal",
        "choice",
        ASK,
        "What follows when an index refuses a file: the next older release, another file of the same release first "
        "(next-file: another wheel; next-file-or-sdist: a source archive too), or the end of the run.",
        choices=("next-version", "next-file", "next-file-or-sdist", "fail"),
        default="next-version",
        shared=False,
        per_index=True,
    ),
    Option(
        "on-pending",
        "choice",
        ASK,
        "What follows when an index neither hands out nor refuses a file in time, as while it is scanned: wait for it, "
        "take the next older release, or end the run.",
        choices=("wait", "next-version", "fail"),
        default="next-version",
        shared=False,
        per_index=True,
    ),
    Option(
        "first-byte-timeout",
        "wait",
        ASK,
        "How long a file may be held before its first byte comes; then it is pending.",
        metavar="DURATION",
        default="60",
        shared=False,
        per_index=True,
    ),
    Option(
        "refusal-status",
        "statuses",
        ASK,
        "The statuses by which a listed file is refused, separated by commas; they replace the default.",
        metavar="STATUSES",
        excluded=(401, 407, 404, 410),
        default="403,409,423,451",
        shared=False,
        per_index=True,
    ),
    Option(
        "absent-status",
        "statuses",
        ASK,
        "Further statuses of a listing that mean, as 404 does, that the index does not have the project.",
        metavar="STATUSES",
        excluded=(401, 407),
        shared=False,
        files="user",
        per_index=True,
    ),
    Option(
        "max-refusals",
        "whole",
        ASK,
        "How many releases of one project may be refused before the run stops: it looks like a missing permission.",
        metavar="COUNT",
        default="50",
        shared=False,
        per_index=True,
    ),
    Option(
        "proof-age",
        "age",
        ASK,
        "How long an archive in the cache counts as handed out by the index that it came from, so that it is not asked "
        "for again; 0 to ask in every run.",
        metavar="DURATION",
        default="24h",
        shared=False,
        per_index=True,
    ),
    Option(
        "policed",
        "flag",
        ASK,
        "The indexes are policed: ask in every run whether an archive is still handed out. It sets --proof-age to 0, "
        "unless that is given in the same place or in a stronger one.",
        shared=False,
        per_index=True,
    ),
    Option(
        "uploaded-prior-to",
        "moment",
        ASK,
        "Pass over what was uploaded at this moment or later: a date or a date and time of ISO 8601, in this machine's "
        "zone unless it has an offset (2026-11-01, 2026-11-01T12:00:00Z), or an age (P3D, 36h). An index that does not "
        "tell upload times (PEP 700) stops the run.",
        metavar="MOMENT",
        per_index=True,
    ),
)
