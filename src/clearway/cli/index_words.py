"""What is said about indexes: which they are, and how they answer; for people and, with ``--json``, for programs.

The secret of a credential is never among it; neither is a user name without a password, which may be a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.secrecy import without_secrets
from clearway.commands.index_advice import is_usable, told
from clearway.model.secrets import Secret
from clearway.policy.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clearway.commands.index_findings import Answer, Findings, Handed, Remark, Seen
    from clearway.index.records import Index
    from clearway.model.secrets import Credential

_NO_PASSWORDS = (Secret(""), Secret("x-oauth-basic"))
"""What stands in the place of a password where the user name is the token."""
_USUAL = Rules()


# -- which indexes there are -------------------------------------------------------------------------------------------


def listed(index: Index, order: Sequence[Index], default: Index, failure: str = "") -> Iterator[str]:
    """Yield what is to be said about an index without asking it.

    :param failure: why its credential could not be had.
    """
    yield f"{order.index(index) + 1}. {index.name} ({_place(index, default)})"
    if index.name != index.url:
        yield f"   URL: {index.url}"
    yield f"   Credential: {f'none: {failure}' if failure else _credential(index)}"
    for title, value in _particulars(index).items():
        yield f"   {title}: {value}"


def listed_data(index: Index, order: Sequence[Index], default: Index, failure: str = "") -> dict[str, object]:
    """Return the same as data."""
    return {
        "name": index.name,
        "url": index.url,
        "order": order.index(index) + 1,
        "default": index is default,
        "packages": list(index.claims),
        "explicit": index.explicit,
        "rules": {name: _plain(value) for name, value in _unusual(index).items()},
        "origins": list(index.origins),
        "forwarded": index.forwarded,
        "client-cert": index.client_cert or None,
        "credential": _credential_data(index),
        "failure": failure or None,
    }


def _place(index: Index, default: Index) -> str:
    if index.explicit:
        return "asked for its packages only"
    return "default index" if index is default else "extra index"


def _particulars(index: Index) -> dict[str, str]:
    """Return what an index has of its own, by what it is called."""
    said = {
        "Packages": ", ".join(index.claims),
        "Rules": ", ".join(f"{name} = {_spelled(value)}" for name, value in _unusual(index).items()),
        "Origins": ", ".join(index.origins),
        "Forwarded names": "refused" if index.forwarded == "refuse" else "",
        "Client certificate": index.client_cert,
    }
    return {title: value for title, value in said.items() if value}


def _unusual(index: Index) -> dict[str, object]:
    """Return the rules of an index that are not the default, by the name of their option."""
    names = (field.name for field in msgspec.structs.fields(Rules))
    rules = {name: getattr(index.rules, name) for name in names}
    return {name.replace("_", "-"): value for name, value in rules.items() if value != getattr(_USUAL, name)}


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _spelled(value: object) -> str:
    if isinstance(value, frozenset):
        return f"[{', '.join(map(str, sorted(value)))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _credential(index: Index) -> str:
    credential = index.credential
    if credential is None:
        return "none"
    return f"{_who(index, credential)}, from {credential.source}"


def _who(index: Index, credential: Credential) -> str:
    if credential.scheme == "bearer":
        return "a token"
    if not credential.username:
        return "a password without a user name"
    shown = _username(index, credential)
    return f"user {shown}" if shown else "a user name that may be a token"


def _username(index: Index, credential: Credential) -> str:
    """Return a user name; an empty text if it may be the secret."""
    name = credential.username
    return "" if credential.password in _NO_PASSWORDS or without_secrets(index)(name) != name else name


def _credential_data(index: Index) -> dict[str, object] | None:
    credential = index.credential
    if credential is None:
        return None
    return {
        "scheme": credential.scheme,
        "username": _username(index, credential) or None,
        "source": credential.source,
    }


# -- how they answer ---------------------------------------------------------------------------------------------------


def checked(findings: Findings, remarks: tuple[Remark, ...]) -> Iterator[str]:
    """Yield what was seen of an index, and what to make of it."""
    index = findings.index
    yield f"{index.name}: {'usable' if is_usable(remarks) else 'CANNOT BE USED'}"
    for title, value in _facts(findings):
        yield f"  {title}: {value}"
    for remark in remarks:
        yield f"  {remark.level.upper()}: {remark.text}"


def _facts(findings: Findings) -> Iterator[tuple[str, str]]:
    index = findings.index
    if index.name != index.url:
        yield "URL", index.url
    yield "Credential", _credential(index)
    if findings.unknown is None:
        return
    yield "Root page", _root(findings)
    for name, answer in findings.asked:
        if findings.seen is None or name != findings.seen.name:
            yield f"Listing of {name}", told(answer)
    if findings.seen is not None:
        yield from _seen(findings.seen)
    if findings.file is not None and findings.seen is not None:
        yield from _file(findings.file, findings.seen)
    yield "A name that nobody has", told(findings.unknown.answer)
    if findings.round_trip is not None:
        yield "Round trip", f"{findings.round_trip * 1000:.0f} ms"


def _root(findings: Findings) -> str:
    root = findings.root
    what = _count(root.projects, "project") if root.projects is not None else ""
    if root.is_large:
        what = "too large to be read"
    said = str(root.answer.status) if root.is_large else told(root.answer)
    return "; ".join(filter(None, (f"{said}, {what}" if what else said, _without(root.anonymous))))


def _without(anonymous: Answer | None) -> str:
    return f"without the credential {told(anonymous)}" if anonymous is not None else ""


def _seen(seen: Seen) -> Iterator[tuple[str, str]]:
    status = "" if seen.status == "active" else f", {seen.status}"
    public = ", the same listing" if seen.is_public else ""
    open_to = f"; {_without(seen.anonymous)}{public}" if seen.anonymous is not None else ""
    yield f"Listing of {seen.name}", f"{seen.form.upper()}, {_count(seen.files, 'file')}{status}{open_to}"
    yield "Hashes", _part(seen.hashes, seen.files)
    yield "Sizes", _part(seen.sizes, seen.files)
    yield "Upload times", _part(seen.upload_times, seen.files)
    yield "Yanked", _part(seen.yanked, seen.files)
    ignored = "ETag, but asking with it is answered with all of it"
    yield "Revalidation", "ETag, 304" if seen.revalidated else ignored if seen.etag else "no ETag"
    if seen.elsewhere:
        yield "Files on other origins", f"{', '.join(seen.elsewhere)}; the credential does not go there"


def _file(file: Handed, seen: Seen) -> Iterator[tuple[str, str]]:
    announced = f"announced for {_part(seen.sidecars, seen.wheels)} of the wheels" if seen.wheels else "no wheels"
    came = f"; that of {file.filename}: {_sidecar(file)}" if file.sidecar is not None else ""
    yield "Metadata files", announced + came
    yield f"File {file.filename}", told(file.answer)
    handed_out = file.answer.status in {200, 206}
    yield "Ranges", "honoured" if file.ranged else "not honoured" if handed_out else "unknown"


def _sidecar(file: Handed) -> str:
    assert file.sidecar is not None, "asked by who has one"
    if not file.agrees:
        return "another one than is listed"
    return "there" if file.sidecar.status == 200 else told(file.sidecar)


def _part(count: int, whole: int) -> str:
    return "all" if count == whole else f"{count} of {whole}" if count else "none"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def checked_data(findings: Findings, remarks: tuple[Remark, ...]) -> dict[str, object]:
    """Return the same as data."""
    index, root, unknown = findings.index, findings.root, findings.unknown
    seen, file = findings.seen, findings.file
    return {
        "name": index.name,
        "url": index.url,
        "credential": _credential_data(index),
        "usable": is_usable(remarks),
        "root": {**_answer(root.answer), "projects": root.projects, "anonymous": _maybe(root.anonymous)},
        "asked": [{"name": name, **_answer(answer)} for name, answer in findings.asked],
        "unknown": None if unknown is None else {**_answer(unknown.answer), "files": unknown.files},
        "listing": None if seen is None else _seen_data(seen),
        "file": None if file is None else _file_data(file),
        "round-trip": None if findings.round_trip is None else round(findings.round_trip, 4),
        "remarks": [{"level": remark.level, "text": remark.text} for remark in remarks],
    }


def _seen_data(seen: Seen) -> dict[str, object]:
    data = {name.replace("_", "-"): value for name, value in msgspec.structs.asdict(seen).items()}
    return {**data, "anonymous": _maybe(seen.anonymous), "elsewhere": list(seen.elsewhere)}


def _file_data(file: Handed) -> dict[str, object]:
    return {
        "filename": file.filename,
        **_answer(file.answer),
        "is-page": file.is_page,
        "ranges": file.ranged,
        "sidecar": _maybe(file.sidecar),
        "sidecar-agrees": file.agrees if file.sidecar is not None else None,
        "elsewhere": file.elsewhere or None,
    }


def _maybe(answer: Answer | None) -> dict[str, object] | None:
    return None if answer is None else _answer(answer)


def _answer(answer: Answer) -> dict[str, object]:
    failure = answer.failure
    return {
        "status": answer.status or None,
        "reason": answer.reason or None,
        "redirects-to": answer.leads or None,
        "failure": None if failure is None else {"code": failure.code, "message": failure.message},
    }
