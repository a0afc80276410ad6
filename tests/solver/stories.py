"""Universes that people can read. A story is text::

    asked for: flask==3.0; werkzeug<2
    constrained to: jinja2<3
    flask 2.3, 3.0: werkzeug>=2.3; jinja2
    flask[async] 2.3, 3.0: asgiref
    werkzeug 1.0, 2.3
    refused jinja2 3.1: 403, quarantined
    yanked asgiref 3.7
    > what is told when there is no solution, line by line
    = the solution: flask 3.0, werkzeug 2.3

Versions are numbers with dots, ``X if installed`` is a mere constraint, and a package ``a[x]`` is tied to ``a``.
"""

from __future__ import annotations

import operator
import re
from pathlib import Path
from typing import NamedTuple

from clearway.solver import (
    ROOT,
    Answer,
    Choose,
    Chosen,
    Dependencies,
    Depends,
    Failed,
    Machine,
    NoneAdmissible,
    Requirement,
    Solved,
    Unusable,
)
from clearway.solver.explain import explain
from clearway.solver.masks import ABSENT, all_versions, newest, spans

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "solver.md"
_OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


class Asked(NamedTuple):
    """A requirement as a story states it."""

    package: str
    specifier: str
    constrains: bool


class Story:
    """A universe, the driver's part in it, and how it ends."""

    def __init__(self, text: str) -> None:
        self.asked: list[Asked] = []
        self.releases: dict[str, dict[str, list[Asked]]] = {}
        self.refused: dict[tuple[str, str], str] = {}
        self.yanked: set[tuple[str, str]] = set()
        self.told: list[str] = []
        self.solution: dict[str, str] = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            self._read(line)
        for asked in [*self.asked, *(a for known in self.releases.values() for deps in known.values() for a in deps)]:
            self.releases.setdefault(asked.package, {})
        self.versions = {
            name: sorted(known, key=lambda version: [int(part) for part in version.split(".")])
            for name, known in self.releases.items()
        }

    def _read(self, line: str) -> None:
        head, _, rest = line.partition(":")
        if line.startswith(">"):
            self.told.append(line[1:].strip())
        elif line.startswith("="):
            self.solution = dict(pair.split() for pair in line[1:].split(","))
        elif head == "asked for":
            self.asked += _requirements(rest)
        elif head == "constrained to":
            self.asked += [asked._replace(constrains=True) for asked in _requirements(rest)]
        elif head.startswith(("refused ", "yanked ")):
            kind, name, version = head.split()
            if kind == "refused":
                self.refused[name, version] = rest.strip()
            else:
                self.yanked.add((name, version))
        else:
            name, _, versions = head.partition(" ")
            for version in versions.split(","):
                self.releases.setdefault(name, {})[version.strip()] = _requirements(rest)

    def requirement(self, asked: Asked) -> Requirement:
        known = self.versions[asked.package]
        mask = sum(1 << number for number, version in enumerate(known, 1) if _meets(version, asked.specifier))
        return Requirement(asked.package, len(known), mask | ABSENT * asked.constrains, asked)

    def run(self) -> Solved | Failed:
        machine = Machine(map(self.requirement, self.asked), base=_base)
        question = machine.advance()
        while not isinstance(question, Solved | Failed):
            question = machine.advance(self._answer(question))
        return question

    def end(self) -> tuple[list[str], dict[str, str]]:
        """Return what is told, line by line, and what is decided; one of them is empty."""
        result = self.run()
        if isinstance(result, Failed):
            return [line for line in explain(result.incompatibility, Telling(self)).splitlines() if line], {}
        return [], {name: self.versions[name][number - 1] for name, number in result.decisions.items()}

    def _answer(self, question: Choose | Dependencies) -> Answer:
        known = self.versions[question.package]
        if isinstance(question, Dependencies):
            stated = self.releases[question.package][known[question.version - 1]]
            return Depends(tuple(map(self.requirement, stated)))
        for number in range(newest(question.allowed), 0, -1):
            if question.allowed >> number & 1:
                release = question.package, known[number - 1]
                if release in self.refused:
                    return Unusable(number, self.refused[release])
                if release not in self.yanked or self._pinned(question, number):
                    return Chosen(number)
        return NoneAdmissible("yanked, and nobody pins it")

    def _pinned(self, question: Choose, number: int) -> bool:
        for package, version in question.requirers:
            if package == _base(question.package) or _base(package) == question.package:
                return True
            stated = self.asked if package is ROOT else self.releases[package][self.versions[package][version - 1]]
            pin = f"=={self.versions[question.package][number - 1]}"
            if any(asked.package == question.package and asked.specifier == pin for asked in stated):
                return True
        return False


class Telling:
    """The words of a story (clearway.solver.phrases.Words)."""

    def __init__(self, story: Story) -> None:
        self._versions = story.versions

    def package(self, package: str) -> str:
        return package

    def versions(self, package: str, mask: int) -> str:
        known = self._versions[package]
        if len(known) > 1 and mask == all_versions(len(known)):
            return f"every version of {package}"
        runs = (
            known[low - 1] if low == high else f"{known[low - 1]} to {known[high - 1]}"
            for low, high in spans(mask, all_versions(len(known)))
        )
        return f"{package} {', '.join(runs)}"

    def origin(self, origin: Asked) -> str:
        return f"{origin.package}{origin.specifier}"

    def missing(self, package: str, origin: Asked) -> str:
        known = self._versions[package]
        return f"the newest is {known[-1]}" if known else f"there is no {package}"

    def unusable(self, package: str, mask: int, reason: str) -> str:
        if mask == all_versions(len(self._versions[package])):
            return f"no version of {package} can be used ({reason})"
        return f"{self.versions(package, mask)} cannot be used ({reason})"

    def reason(self, reason: str) -> str:
        return reason


def stories() -> dict[str, Story]:
    """Return the stories that the page about the solver tells, by their number and the heading above."""
    found: dict[str, Story] = {}
    heading = ""
    for block in re.split(r"^```(?:text)?$", PAGE.read_text(), flags=re.MULTILINE):
        if block.lstrip().startswith("asked for:"):
            found[f"{len(found) + 1} {heading}"] = Story(block)
        for line in block.splitlines():
            if line.startswith("#"):
                heading = line.lstrip("# ")
    return found


def _base(package: object) -> str | None:
    name, bracket, _ = str(package).partition("[")
    return name if bracket else None


def _requirements(text: str) -> list[Asked]:
    asked = []
    for stated in filter(None, map(str.strip, text.split(";"))):
        requirement, _, condition = stated.partition(" if ")
        name, specifier = re.fullmatch(r"([\w\[\]-]+)(.*)", requirement).groups()
        asked.append(Asked(name, specifier, condition == "installed"))
    return asked


def _meets(version: str, specifier: str) -> bool:
    return all(_meets_one(version, clause) for clause in specifier.split(",") if clause)


def _meets_one(version: str, clause: str) -> bool:
    sign, bound = re.fullmatch(r"([=!<>]+)([\d.]+)", clause).groups()
    left, right = ([int(part) for part in text.split(".")] for text in (version, bound))
    width = max(len(left), len(right))
    left, right = (parts + [0] * (width - len(parts)) for parts in (left, right))
    return _OPERATORS[sign](left, right)
