"""Facts and conclusions as parts of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from clearway.solver.incompatibility import Dependency, Inadmissible, Incompatibility, NoVersions, Root, Tied
from clearway.solver.masks import ABSENT, all_versions
from clearway.solver.proof import Fact
from clearway.solver.questions import Unusable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from clearway.solver.incompatibility import Term
    from clearway.solver.package import Package


class Words(Protocol):
    """How the driver says what is opaque to the solver. Each text goes into the middle of a sentence."""

    def package(self, package: Hashable) -> str:
        """Name a package: ``flask``."""

    def versions(self, package: Hashable, mask: int) -> str:
        """Say some versions of a package, at least one: ``flask 2.0 to 2.3``, ``every version of flask``."""

    def origin(self, origin: object) -> str:
        """Say a requirement as it was stated: ``werkzeug>=3``."""

    def missing(self, package: Hashable, origin: object) -> str:
        """Say why no version of a package meets a requirement: ``no index has a release that new``."""

    def unusable(self, package: Hashable, mask: int, reason: object) -> str:
        """Say that some versions are unusable, and why: ``flask 2.0 and 2.1 were refused by corp (403)``."""

    def reason(self, reason: object) -> str:
        """Say the reason of an unusable or inadmissible version: ``it is yanked``."""


class Phrase(NamedTuple):
    """A statement in two parts, so that "you asked for a" and "you asked for b" can share the first."""

    start: str
    rest: str = ""


def listed(texts: Sequence[str], last: str = "and") -> str:
    """Join texts with commas and, before the last, a word."""
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}" if len(texts) > 1 else "".join(texts)


def clauses(phrases: Iterable[Phrase]) -> str:
    """Join statements, those in a row that begin alike into one."""
    shared: list[tuple[str, list[str]]] = []
    for start, rest in phrases:
        if shared and rest and shared[-1][0] == start:
            shared[-1][1].append(rest)
        else:
            shared.append((start, [rest]))
    return listed([f"{start} {listed(rests)}".rstrip() for start, rests in shared])


def conclusion(terms: Sequence[Term], words: Words) -> str:
    """Say that some terms cannot all hold."""
    terms = sorted(terms, key=lambda term: term[0].number)
    used = [term for term in terms if not term[1] & ABSENT]
    needed = listed([_any(package, package.full & ~mask, words) for package, mask in terms if mask & ABSENT], "or")
    if not terms:
        return "there is no solution"
    if len(used) == 1:
        package, mask = used[0]
        if needed:
            return f"{words.versions(package.name, mask)} needs {needed}"
        if mask == all_versions(package.count):
            return f"no version of {words.package(package.name)} can be used"
        return f"{words.versions(package.name, mask)} cannot be used"
    together = listed([_any(package, mask, words) for package, mask in used])
    if not used:
        return f"{needed} is needed"
    return f"{together} together need {needed}" if needed else f"{together} cannot be used together"


def _any(package: Package, mask: int, words: Words) -> str:
    """Say some versions; of a package of which any will do, just the name."""
    return words.package(package.name) if mask == all_versions(package.count) else words.versions(package.name, mask)


def fact(known: Incompatibility, words: Words) -> Phrase:
    """Say a fact."""
    parts = known.parts if isinstance(known, Fact) else [known]
    terms = known.stated if isinstance(known, Fact) else tuple(known.terms)
    match known.cause:
        case Root(origin):
            return Phrase("you asked for" if terms[0][1] & ABSENT else "you allow only", words.origin(origin))
        case Dependency():
            return _dependency(terms, parts, words)
        case NoVersions(dependency, origins):
            origin = origins[max(origins)]
            start = f"{words.versions(terms[0][0].name, terms[0][1])} needs" if terms else "you asked for"
            if terms and terms[0][0].name == dependency.name:
                return Phrase(start, f"{words.origin(origin)} of itself")
            return Phrase(start, f"{words.origin(origin)} ({words.missing(dependency.name, origin)})")
        case Unusable(_, reason):
            return Phrase(words.unusable(terms[0][0].name, terms[0][1], reason))
        case Inadmissible(package, reason):
            return _inadmissible(package.name, terms, words, words.reason(reason))
        case Tied():
            tied, base = (words.package(package.name) for package, _mask in terms)
            return Phrase(f"{tied} comes at the version of {base}")
    raise AssertionError(f"{known!r} is derived")


def _dependency(terms: Sequence[Term], parts: list[Incompatibility], words: Words) -> Phrase:
    """Say what some versions require: as it was stated, or what the different statements have in common."""
    (dependent, versions), (dependency, bad) = terms
    good = dependency.full & ~bad
    start = f"{words.versions(dependent.name, versions)} {'needs' if bad & ABSENT else 'allows only'}"
    widest = next((part.cause for part in parts if part.terms[1][1] == bad), None)
    if not isinstance(widest, Dependency):
        return Phrase(start, f"one of {_any(dependency, good & ~ABSENT, words)}")
    told = words.origin(widest.origins[max(widest.origins)])
    if len(parts) == 1:
        return Phrase(start, told)
    return Phrase(
        start, words.package(dependency.name) if good == all_versions(dependency.count) else f"{told} or stricter"
    )


def _inadmissible(package: Hashable, terms: Sequence[Term], words: Words, reason: str) -> Phrase:
    allowed = next(mask for known, mask in terms if known.name == package)
    requirers = [_any(known, mask, words) for known, mask in terms if known.name != package]
    requested = f" for {listed(requirers)}" if requirers else ""
    return Phrase(f"{words.versions(package, allowed)} cannot be chosen{requested} ({reason})")
