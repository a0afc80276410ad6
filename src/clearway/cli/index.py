"""``clearway index list`` and ``index check``, from settings to the last line (``docs/reference/index-check.md``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.errors import CredentialWanted, IndexFailure, InputError
from clearway.index.routing import make_index
from clearway.model.names import is_name, normalize
from clearway.model.urls import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.commands.index_findings import Findings
    from clearway.index.records import Index
    from clearway.model.names import NormalizedName
    from clearway.settings.settings import Settings

_UNUSABLE = 3
_TRIES = 1
"""How often a broken connection is tried again: who looks at an index wants to know that it breaks."""


def index(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Show the indexes, how they answer (3 if one of them cannot be used), or what they list of a project."""
    action, *names = operands
    if action == "versions":
        from clearway.cli.index_versions import versions

        return versions(wiring, output, names)
    return _list(wiring, output, names) if action == "list" else _check(wiring, output, names)


def _list(wiring: Wiring, output: Output, names: Sequence[str]) -> int:
    from clearway.cli.index_words import listed, listed_data

    failures: dict[str, str] = {}
    order = _order(wiring, lambda one, failure: failures.update({one.name: failure.message}))
    chosen = _choose(names, order, wiring.settings)
    default = _default(order, wiring.settings)
    if wiring.settings.json:
        _write(output, [listed_data(one, order, default, failures.get(one.name, "")) for one in chosen])
    else:
        for one in chosen:
            for line in listed(one, order, default, failures.get(one.name, "")):
                output.result(line)
    for one in chosen:
        if one.name in failures:
            output.warn(f"{one.name} cannot be used: {failures[one.name]}.")
    return _UNUSABLE if any(one.name in failures for one in chosen) else 0


def _check(wiring: Wiring, output: Output, names: Sequence[str]) -> int:
    from clearway.cli.index_words import checked, checked_data
    from clearway.commands.index_advice import advise, is_usable

    wanted = _projects(wiring.settings)
    wiring.settings = msgspec.structs.replace(wiring.settings, retries=min(wiring.settings.retries, _TRIES))
    told = [(findings, advise(findings)) for findings in _inspect(wiring, names, wanted)]
    if wiring.settings.json:
        _write(output, [checked_data(findings, remarks) for findings, remarks in told])
    else:
        for findings, remarks in told:
            for line in checked(findings, remarks):
                output.result(line)
    return 0 if all(is_usable(remarks) for _, remarks in told) else _UNUSABLE


def _inspect(wiring: Wiring, names: Sequence[str], wanted: Sequence[NormalizedName]) -> tuple[Findings, ...]:
    """Look at the indexes; once more as long as one wants another credential and one can be had, as an installation."""
    from clearway.commands.index_advice import wants_credential
    from clearway.commands.index_check import check_indexes

    while True:
        order = _order(wiring)
        chosen = _choose(names, order, wiring.settings)
        found = check_indexes(wiring.fetcher, wiring.crew, chosen, order, wanted, patience=wiring.settings.timeout)
        refused = [_wanted(findings.index) for findings in found if wants_credential(findings)]
        further = [wiring.secrets.look_further(one) for one in refused]
        if not any(further):
            break
    if not refused:
        wiring.secrets.accept()
    return found


def _wanted(one: Index) -> CredentialWanted:
    username = one.credential.username if one.credential is not None else ""
    return CredentialWanted(f"{one.name} answered 401", index=one.name, url=one.url, username=username)


def _order(wiring: Wiring, failed: Callable[[Index, IndexFailure], None] | None = None) -> tuple[Index, ...]:
    """Return the indexes in the order in which they are asked.

    :param failed: told of an index whose credential command has failed; else that is raised.
    :raises InputError: ``no-index``.
    """
    order = tuple(one for turn in wiring.turns(failed) for one in turn)
    if not order:
        source = wiring.settings.sources.get("no-index", "")
        raise InputError(
            "no-index",
            f"No index is asked: no-index is set{f' by {source}' if source else ''}",
            hint="Take it away to have indexes asked.",
        )
    return order


def _choose(names: Sequence[str], order: Sequence[Index], settings: Settings) -> tuple[Index, ...]:
    """Return the indexes that are named, or all.

    :raises InputError: ``unknown-index``.
    """
    chosen: list[Index] = []
    for name in names:
        found = [one for one in order if _is_called(one, name)]
        if not found:
            raise _unknown(name, order, settings)
        chosen += (one for one in found if one not in chosen)
    return tuple(chosen) if names else tuple(order)


def _is_called(one: Index, name: str) -> bool:
    """Whether this is the name of an index, or its URL."""
    if normalize(name) == normalize(one.name):
        return True
    try:
        return make_index(name, source="the command line").url == one.url
    except InputError:  # no URL; then it has to be a name
        return False


def _unknown(name: str, order: Sequence[Index], settings: Settings) -> InputError:
    shown = mask(name)[:80]
    passed = next((one for one in settings.indexes if normalize(one.name) == normalize(name)), None)
    if passed is not None:
        return InputError(
            "unknown-index",
            f"The index {passed.name} is configured in {passed.url.origin}, but it is not asked",
            context=(f"asked: {', '.join(one.name for one in order)}",),
            hint=f"Another default index takes its place; look at it with --index-url {passed.name}.",
        )
    return InputError(
        "unknown-index",
        f"There is no index {shown!r}",
        context=(f"indexes: {', '.join(one.name for one in order)}",),
        hint="Name one of them, or give its URL; to look at one that is not configured: --index-url URL.",
    )


def _default(order: Sequence[Index], settings: Settings) -> Index:
    """Return the default index: the last, unless it is an extra index too and stands in that place."""
    given = settings.index_url
    if given is None:
        return order[-1]
    return next((one for one in reversed(order) if _is_called(one, given.value)), order[-1])


def _projects(settings: Settings) -> tuple[NormalizedName, ...]:
    """Return the projects to ask for.

    :raises InputError: ``bad-arguments``.
    """
    for given in settings.project:
        if not is_name(given.value):
            raise InputError(
                "bad-arguments",
                f"{mask(given.value)[:80]!r} from {given.origin} is not the name of a project",
                hint="Give a name alone, such as --project requests.",
            )
    return tuple(normalize(given.value) for given in settings.project)


def _write(output: Output, data: object) -> None:
    output.result(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())
