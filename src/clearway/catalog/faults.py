"""What is told when an answer is not the file and must not be stepped around (DESIGN 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.catalog.secrecy import without_secrets
from clearway.errors import CredentialWanted, IndexFailure, IntegrityError
from clearway.model.urls import mask

if TYPE_CHECKING:
    from clearway.catalog.located import Located
    from clearway.errors import ClearwayError
    from clearway.ports import Response

ARCHIVE_LIMIT = 8 << 30
"""Bytes: no archive is larger; what comes without an announced size ends here at the latest."""


def mismatch(filename: str, located: Located, expected: tuple[str, str], found: str) -> IntegrityError:
    """Return the error for bytes that are not those that were listed."""
    algorithm, digest = expected
    return IntegrityError(
        "hash-mismatch",
        f"{filename} from {located.index.name} is not the file that was promised: its {algorithm} does not match",
        context=(f"expected {algorithm}: {digest}", f"got      {algorithm}: {found}"),
        hint="Nothing was installed. If the hash came from a requirement file, compare it with the index; "
        "else report it to whoever runs the index.",
    )


def lost(located: Located) -> IndexFailure:
    """Return the error for a part of an archive that is not the one that was asked for."""
    return IndexFailure(
        "connection-lost",
        f"{located.index.name} sent another part of {located.file.filename} than was asked for",
        hint="Run the command again; if that does not help, report it to whoever runs the index.",
    )


def stopped(located: Located, response: Response, reason: str) -> IndexFailure:
    """Return the error for an answer that is neither the file nor a refusal of it."""
    index, status = located.index, response.status
    refusals = ",".join(map(str, (*sorted(index.rules.refusal_status), status)))
    wrong = status == 407
    source = index.credential.source if index.credential else ""
    message = f"The index {index.name} answered {status} to {located.file.filename}"
    context = (
        f"asked: {mask(response.url)}",
        f"credential: {source or 'none was given for this index'}",
        *((f"it says: {reason}",) if reason else ()),
    )
    if status == 401:
        return CredentialWanted(
            message,
            index=index.name,
            url=index.url,
            username=index.credential.username if index.credential else "",
            context=context,
            hint="Check the index's URL and its credential: this answer is not a policy refusal and is not stepped "
            "around.",
        )
    return IndexFailure(
        "credential" if wrong else "file-refused",
        message,
        context=context,
        hint="Check the index's URL and its credential: this answer is not a policy refusal and is not stepped around."
        if wrong
        else f"If this is how the index refuses by policy, say so: --refusal-status {refusals}",
    )


def page(located: Located, url: str, start: bytes) -> IndexFailure:
    """Return the error for a page that came in place of an archive."""
    from clearway.policy.reasons import page_title  # late: a mistake somewhere, nearly never met

    title = without_secrets(located.index)(page_title(start))
    return IndexFailure(
        "not-an-archive",
        f"An HTML page came in place of {located.file.filename} from {located.index.name}"
        + (f': "{title}"' if title else ""),
        context=(f"asked: {mask(url)}",),
        hint="Open the URL in a browser: a proxy or a login page may stand before the index.",
    )


def odd(located: Located) -> IntegrityError:
    """Return the error for something else that came in place of a source archive."""
    return IntegrityError(
        "bad-archive",
        f"{located.file.filename} from {located.index.name} is not an archive of a known kind",
        hint="Nothing was installed. Report it to its publisher or to whoever runs the index.",
    )


def too_long(located: Located) -> ClearwayError:
    """Return the error for an archive that goes on after its end."""
    name, size = f"{located.file.filename} from {located.index.name}", located.file.size
    if size is None:
        return IndexFailure(
            "endless-answer",
            f"{name} is longer than any archive: {ARCHIVE_LIMIT:,} bytes were read, and there is no end",
            hint="Nothing was installed. Check the file's URL, or report it to whoever runs the index.",
        )
    return IntegrityError(
        "hash-mismatch",
        f"{name} is longer than the {size:,} bytes that were listed",
        hint="Nothing was installed. Report it to whoever runs the index.",
    )
