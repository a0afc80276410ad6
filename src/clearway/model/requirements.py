"""Requirements (PEP 508) and the evaluation of their markers.

The common shapes ``name[extras] specifier ; marker`` and ``name[extras] @ URL ; marker`` are cut apart here without
building ``packaging``'s syntax tree (a resolution reads ten thousand of them), and a marker of the common shape is
recognised as one. Whatever has another shape goes to ``packaging``, and so does every marker once somebody asks whether
it holds. Results are interned by their text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import InputError
from clearway.model.names import NormalizedName, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.markers import Marker

    from clearway.model.targets import MarkerEnvironment

# White space is matched once and for all (``*+``): a text of nothing else must not be tried in every division.
_RELEASE = r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?"
_CLAUSE = rf"(?:(?:<=|>=|<|>|==|!=)[ \t]*+{_RELEASE}|(?:==|!=)[ \t]*+\d+(?:\.\d+)*\.\*|~=[ \t]*+\d+\.{_RELEASE})"
_CLAUSES = rf"{_CLAUSE}(?:[ \t]*+,[ \t]*+{_CLAUSE})*"
_COMMON = re.compile(
    r"[ \t]*+([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*+"
    r"(?:\[[ \t]*+([A-Za-z0-9._, \t-]*)\])?[ \t]*+"
    rf"(?:\([ \t]*+({_CLAUSES})[ \t]*+\)|({_CLAUSES})|@[ \t]*+(\S+)(?=[ \t]|\Z))?[ \t]*+"
    r"(?:;[ \t]*+(.+))?",
    re.ASCII | re.DOTALL,
)

# A marker of the common shape: comparisons, of which some may stand in parentheses. Compiled when first used.
_VARIABLE = "(?:(?:python|python_full|implementation|platform)_version|(?:os|implementation)_name|sys_platform|extra"
_VARIABLE += "|platform_(?:release|system|machine|python_implementation))"
_TEXT = r"""(?:"[ !#-&(-\[\]-~]*"|'[ !#-&(-\[\]-~]*')"""  # what needs no look at escapes
_OPERATOR = r"(?:[ \t]*(?:[<>]=?|===?|!=|~=)[ \t]*|[ \t]+(?:not[ \t]+)?in[ \t]+)"
_COMPARISON = f"{_VARIABLE}{_OPERATOR}{_TEXT}|{_TEXT}{_OPERATOR}{_VARIABLE}"
_DONE = "\0"
_JOINED = rf"{_DONE}(?:[ \t]+(?:and|or)[ \t]+{_DONE})*"
_ENCLOSED = rf"\([ \t]*{_JOINED}[ \t]*\)"


class Requirement(msgspec.Struct, frozen=True):
    """One requirement, as stated (PEP 508).

    ``specifier``, ``marker`` and ``url`` are texts, empty where nothing was stated.
    """

    name: NormalizedName
    extras: frozenset[NormalizedName] = frozenset()
    specifier: str = ""
    marker: str = ""
    url: str = ""

    def __str__(self) -> str:
        """Return the requirement in PEP 508's spelling."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        where = f" @ {self.url}" if self.url else self.specifier
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}{extras}{where}{marker}"

    def applies(self, environment: MarkerEnvironment, extras: Iterable[str] = ("",)) -> bool:
        """Whether the marker holds for a target with any of the extras active (PEP 508, "Environment Markers")."""
        if not self.marker:
            return True
        return any(marker_holds(self.marker, environment, extra) for extra in extras)


@cache
def parse_requirement(text: str) -> Requirement:
    """Parse one requirement.

    :raises InputError: ``malformed-requirement`` when it is not one.
    """
    common = _COMMON.fullmatch(text)
    if common is None:
        return _parse_in_full(text)
    name, extras, enclosed, bare, url, marker = common.groups()
    if extras is not None and not re.fullmatch(r"\s*|\s*[^\s,]+\s*(,\s*[^\s,]+\s*)*", extras):
        return _parse_in_full(text)
    if marker and not is_marker(marker.strip()):
        return _parse_in_full(text)
    return Requirement(
        name=normalize(name),
        extras=frozenset(normalize(extra.strip()) for extra in (extras or "").split(",") if extra.strip()),
        specifier=_canonical(enclosed or bare or ""),
        marker=(marker or "").strip(),
        url=url or "",
    )


@cache
def _canonical(specifier: str) -> str:
    """Return the clauses sorted and without spaces, so that one set of versions has one spelling."""
    return ",".join(sorted("".join(clause.split()) for clause in specifier.split(",")))


def _parse_in_full(text: str) -> Requirement:
    from packaging.requirements import InvalidRequirement  # late: 60 ms
    from packaging.requirements import Requirement as Full

    try:
        full = Full(text)
    except (InvalidRequirement, RecursionError) as error:
        lines = str(error).splitlines() if isinstance(error, InvalidRequirement) else ["its marker nests too deeply"]
        raise InputError(
            "malformed-requirement",
            f"{text.strip()[:200]!r} is not a requirement: {lines[0][:200] if lines else 'it cannot be read'}",
            hint="Write it as NAME, NAME==VERSION, NAME[EXTRA]>=VERSION or NAME @ URL.",
        ) from None
    return Requirement(
        name=normalize(full.name),
        extras=frozenset(normalize(extra) for extra in full.extras),
        specifier=",".join(sorted(str(clause) for clause in full.specifier)),
        marker=str(full.marker) if full.marker else "",
        url=full.url or "",
    )


def is_marker(text: str) -> bool:
    """Whether a text is a marker; one of the common shape is recognised without importing ``packaging``."""
    rest = re.sub(_ENCLOSED, _DONE, re.sub(_COMPARISON, _DONE, text)) if _DONE not in text else ""
    return re.fullmatch(_JOINED, rest) is not None or _parse_marker(text) is not None


@cache
def _parse_marker(text: str) -> Marker | None:
    from packaging.markers import InvalidMarker, Marker  # late: 60 ms

    try:
        return Marker(text)
    except (InvalidMarker, RecursionError):
        return None


_decided: dict[tuple[int, str, str], bool] = {}


def marker_holds(text: str, environment: MarkerEnvironment, extra: str = "") -> bool:
    """Whether a marker holds for a target with one extra active; remembered, since a tree repeats its markers.

    One that compares what cannot be compared (``platform_release ~= "6"`` where the release is no version) does not
    hold: it comes in the metadata of strangers, and no target is what it asks for.
    """
    key = (environment.identity, text, extra)
    known = _decided.get(key)
    if known is None:
        known = _decided[key] = _evaluate(text, {**environment.values, "extra": extra})
    return known


def _evaluate(text: str, values: dict[str, str]) -> bool:
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName  # late: 60 ms

    marker = _parse_marker(text)
    assert marker is not None, "parse_requirement lets no other marker in"
    try:
        return marker.evaluate(values)
    except (UndefinedComparison, UndefinedEnvironmentName, RecursionError):
        return False
