"""What to make of the findings about an index: what stops an installation, what could be better, what is good to know.

Read as an installation reads it (:func:`clearway.policy.answers.meaning`), so that nothing is called a problem that it
steps around, and nothing is passed over that it stops at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.commands.index_findings import Remark
from clearway.model.urls import origin
from clearway.policy.answers import Meaning, meaning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.commands.index_findings import Answer, Findings, Handed, Level, Seen
    from clearway.index.records import Index

_WITHHELD = frozenset({401, 403, 404, 407, 410})
"""How a root page is withheld from a credential that may see nothing."""
_CHECK = "Check the user name and the token, that it has not expired, and that it may read packages."


def advise(findings: Findings) -> tuple[Remark, ...]:
    """Return the remarks on an index, the most important first."""
    order: tuple[Level, ...] = ("problem", "advice", "note")
    return tuple(sorted(_remarks(findings), key=lambda remark: order.index(remark.level)))


def is_usable(remarks: tuple[Remark, ...]) -> bool:
    """Whether an installation from the index is possible, as far as could be seen."""
    return not any(remark.level == "problem" for remark in remarks)


def wants_credential(findings: Findings) -> bool:
    """Whether the index asks for a credential, or for another one than it was given, where it should list a project."""
    answers = (findings.root.answer, *(answer for _, answer in findings.asked))
    return findings.seen is None and any(answer.status == 401 for answer in answers)


def _remarks(findings: Findings) -> Iterator[Remark]:
    failure = findings.root.answer.failure
    if findings.unknown is None and failure is not None:
        yield Remark("problem", _sentences(failure.message, failure.hint))
        return
    yield from _on_secrecy(findings)
    if findings.seen is None:
        yield from _on_finding_nothing(findings)
    else:
        yield from _on_listing(findings.seen, findings.index)
        if findings.file is not None:
            yield from _on_file(findings.file, findings.seen, findings.index)
    yield from _on_unknown_names(findings)


def _on_secrecy(findings: Findings) -> Iterator[Remark]:
    """Tell who else can read what the credential reads, or could read the credential."""
    index, root, seen = findings.index, findings.root, findings.seen
    scheme, host, _ = origin(index.url)
    if index.credential is not None and scheme == "http" and host not in {"localhost", "127.0.0.1", "::1"}:
        yield Remark("advice", "The credential is sent in the clear, since the URL begins with http. Use https.")
    if index.credential is None:
        return
    if seen is not None and seen.is_public:
        yield Remark(
            "note",
            f"The listing of {seen.name} is the same without the credential: the project is open to everybody, or the "
            "credential is not looked at.",
        )
    elif seen is None and root.anonymous is not None and root.answer.status == root.anonymous.status == 200:
        yield Remark("note", "The root page is shown without the credential, too.")


def _on_finding_nothing(findings: Findings) -> Iterator[Remark]:
    """Tell why no project could be looked at: a credential, a wrong URL, or only that nobody knows a name."""
    index, root = findings.index, findings.root
    source = index.credential.source if index.credential is not None else ""
    if wants_credential(findings):
        if source:
            yield Remark("problem", f"The credential is refused: 401. It comes from {source}. {_CHECK}")
        else:
            yield Remark(
                "problem",
                "A credential is wanted, and none was found: 401. Put user info into the URL, or give the index a "
                "credential by a variable, a command, netrc or a keyring.",
            )
        return
    stops = [(name, answer) for name, answer in findings.asked if _stops(answer, index)]
    if stops:
        name, answer = stops[0]
        yield Remark("problem", _stopped(f"The listing of {name}", answer, source))
        return
    if root.title:
        yield Remark(
            "problem",
            f'The root page is none of an index: "{root.title}". A proxy or a login page may stand before the index, '
            "or the URL is another one.",
        )
        return
    yield _on_seeing_nothing(findings, source)


def _on_seeing_nothing(findings: Findings, source: str) -> Remark:
    """Tell of an index that lacks all that it was asked for."""
    status, names = findings.root.answer.status, ", ".join(name for name, _ in findings.asked)
    lacking = f" and it has none of {names}" if names else ""
    if status in _WITHHELD and source and names:
        return Remark(
            "problem",
            f"It shows nothing: its root page answers {status},{lacking}. So answers an index to a credential that may "
            f"see nothing, or has expired. It comes from {source}. {_CHECK}",
        )
    if findings.root.projects == 0:
        whom = f"to the credential from {source}" if source else "without a credential"
        return Remark("advice", f"It lists no project {whom},{lacking}. If it should, check what may be read.")
    return Remark(
        "advice",
        f"No project could be looked at: the root page {_named(findings)},{lacking or ' and no name is known'}. Check "
        "the URL, or name a project with --project.",
    )


def _named(findings: Findings) -> str:
    root = findings.root
    if root.is_large:
        return "is too large to be read"
    return "names none that could be asked for" if root.answer.status == 200 else f"answers {root.answer.status}"


def _on_listing(seen: Seen, index: Index) -> Iterator[Remark]:
    if seen.status == "quarantined":
        yield Remark("note", f"{seen.name} is quarantined: nothing of it is installed.")
    if seen.skipped:
        yield Remark("advice", f"{seen.skipped} links in the listing of {seen.name} cannot be read and are left out.")
    if seen.hashes < seen.files:
        yield Remark(
            "advice",
            f"{seen.files - seen.hashes} of {seen.files} files of {seen.name} have no hash: nothing shows that what "
            "comes is what was published.",
        )
    if not (seen.revalidated or _is_local(index)):
        why = "asking with its ETag is answered with all of it" if seen.etag else "it has no ETag"
        yield Remark("advice", f"A listing is downloaded whole each time that it is checked: {why}.")


def _on_file(file: Handed, seen: Seen, index: Index) -> Iterator[Remark]:
    answer, private = file.answer, index.credential is not None
    if file.is_page:
        yield Remark("problem", f"An HTML page comes in place of {file.filename}. A login page may stand before it.")
        return
    where = f" at {file.elsewhere}" if file.elsewhere else ""
    if answer.failure is not None:
        yield Remark("problem", f"{file.filename}{where} cannot be had. {_sentences(answer.failure.message, '')}")
        return
    refused = answer.status in index.rules.refusal_status
    if file.elsewhere and private and (refused or answer.status in {401, 404}):
        yield Remark(
            "advice" if refused else "problem",
            f"{file.filename} lies on another origin, {file.elsewhere}, and is not handed out: {answer.status}. The "
            "credential does not go there. If it is meant to, say so in your own configuration: "
            f'origins = ["{file.elsewhere}"].',
        )
    elif refused:
        yield Remark("note", f"{file.filename} is refused by policy: {told(answer)}. Ranges could not be looked at.")
    elif answer.status not in {200, 206}:
        yield Remark(
            "advice" if answer.status in {404, 410} else "problem",
            f"{file.filename}{where} is listed and not handed out: {told(answer)}. It is not there, or the credential "
            "may not read it.",
        )
    yield from _on_metadata(file, seen, index)


def _on_metadata(file: Handed, seen: Seen, index: Index) -> Iterator[Remark]:
    sidecar, handed_out = file.sidecar, file.answer.status in {200, 206}
    if not file.agrees:
        yield Remark(
            "problem", f"The metadata file of {file.filename} is not the one that is listed: its hash does not match."
        )
    missing = sidecar is not None and sidecar.status != 200
    if sidecar is not None and missing and handed_out:
        yield Remark(
            "advice", f"Metadata files are announced, but that of {file.filename} does not come: {told(sidecar)}."
        )
    if handed_out and not (file.ranged or _is_local(index)) and seen.wheels and (missing or not seen.sidecars):
        yield Remark(
            "advice",
            "There are no metadata files and no ranges: every resolution downloads wheels to read their metadata.",
        )


def _on_unknown_names(findings: Findings) -> Iterator[Remark]:
    """Tell what the index makes of a name that nobody has: other indexes are asked only if it says that it lacks it."""
    index, unknown = findings.index, findings.unknown
    if unknown is None or wants_credential(findings):
        return
    answer = unknown.answer
    if answer.leads:
        yield from _on_forwarding(index, answer)
    elif unknown.files is not None:
        yield Remark(
            "advice",
            f"A name that nobody has is answered with a listing of {unknown.files} files: so it owns every name, and "
            "indexes after it are never asked. Make it the last, or list its names in packages and make it explicit.",
        )
    elif meaning("listing", answer.status, index.rules) is Meaning.CREDENTIAL:
        yield Remark(
            "advice",
            f"A name that nobody has is answered with {answer.status}, and an installation stops there. List its names "
            "in packages and make it explicit, so that it is asked for nothing else.",
        )
    elif _stops(answer, index):
        remedy = (
            f"set absent-status = [{answer.status}] in its table."
            if answer.failure is None and 400 <= answer.status < 500 and findings.seen is not None
            else "find out why; no index after it is asked."
        )
        yield Remark(
            "advice",
            f"A name that nobody has is not answered with 404, but: {told(answer)}. An installation may stop there: "
            f"{remedy}",
        )


def _on_forwarding(index: Index, answer: Answer) -> Iterator[Remark]:
    if index.forwarded == "refuse":
        yield Remark("note", f"It forwards names that it does not have to {answer.leads}. That is not followed.")
    elif index.claims:
        yield Remark(
            "note",
            f"It forwards names that it does not have to {answer.leads}. Those in packages are never asked there; "
            "others are when no index has them.",
        )
    else:
        yield Remark(
            "advice",
            f"It forwards names that it does not have, or does not show, to {answer.leads}: they are asked there, "
            "without the credential, when no index has them. List its own names in packages, so that they are never "
            'asked elsewhere, or forbid it with forwarded = "refuse".',
        )


def _stops(answer: Answer, index: Index) -> bool:
    """Whether an installation stops at this answer to a listing."""
    if answer.failure is not None:
        return True
    if answer.leads:
        return False
    return meaning("listing", answer.status, index.rules) not in {Meaning.HERE, Meaning.ABSENT}


def _stopped(what: str, answer: Answer, source: str) -> str:
    if answer.failure is not None:
        return f"{what} cannot be had. {_sentences(answer.failure.message, answer.failure.hint)}"
    if answer.status == 403:
        given = f"the credential from {source}" if source else "no credential"
        return f"{what} is refused: {told(answer)}. With {given} it may not be read."
    return f"{what} cannot be had: {told(answer)}."


def _is_local(index: Index) -> bool:
    """Whether it costs nothing to read all of it each time."""
    return index.url.startswith("file:")


def told(answer: Answer) -> str:
    """Return an answer in a few words; the server's own are left out where the status says all."""
    if answer.failure is not None:
        return f"{answer.status}, {answer.failure.message}" if answer.status else "no answer"
    leads = f" to {answer.leads}" if answer.leads else ""
    explained = bool(answer.reason) and answer.status not in {404, 410}
    return f"{answer.status}{leads}" + (f' "{answer.reason}"' if explained else "")


def _sentences(message: str, hint: str) -> str:
    return f"{message}. {hint}".rstrip()
