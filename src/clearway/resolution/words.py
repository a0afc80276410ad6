"""A failed resolution in words: names what is opaque to the solver (DESIGN 4.11).

The solver tells its proof; here is what a package, a range of versions, a requirement and a reason are called, and
why no version meets a requirement: nobody has the project, the index withholds it, its releases are for other Pythons
or platforms, or there is simply none in that range.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clearway.catalog.offers import LATE
from clearway.errors import ResolutionError
from clearway.model.hashes import best
from clearway.model.urls import mask
from clearway.model.urls import mask as without_secret
from clearway.model.versions import admits, parse_version
from clearway.resolution.facts import (
    Asked,
    Astray,
    Inward,
    Needs,
    NoAllowedHash,
    NoFile,
    NotAdmitted,
    OtherUrl,
    Unbuilt,
    Unreadable,
    WrongPython,
)
from clearway.solver.explain import explain
from clearway.solver.masks import spans, versions_in

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from clearway.model.names import NormalizedName
    from clearway.model.requirements import Requirement
    from clearway.model.targets import Target
    from clearway.resolution.projects import Project
    from clearway.resolution.workspace import Workspace
    from clearway.solver.incompatibility import Incompatibility

_MOST_RUNS = 4
"""Ranges of versions that one sentence lists; of more the first and the last are told."""
_UNLISTED = "none of its files has a hash that was given"
_BUILT = "(to build "
_MOST_HASHES = 2
"""Releases of which the listed hashes are told."""
_NOBODY, _ELSEWHERE = "no index has it", "this is Python"
_MOST_LEFT = 5
"""Releases that are left of a project of which others were refused, that are listed."""
_MOST_MISFITS = 6
"""Releases for other targets that are listed."""


def explain_failure(incompatibility: Incompatibility, workspace: Workspace) -> ResolutionError:
    """Return the error that tells why there is no solution."""
    text = explain(incompatibility, ProjectWords(workspace))
    hints = ["Loosen one of these requirements."]
    available = list(_available(text, workspace))
    if available:
        hints = ["Ask whoever runs the index about what it does not hand out, or loosen a requirement."]
        hints += [
            f"{name} has handed out nothing at all: the credential may lack the permission to download."
            for name in workspace.refusals.stingy()
        ]
    elif _NOBODY in text:
        hints = ["Check the spelling, and which indexes are configured."]
        hints += [
            f"The listings of a simple index mostly lie below /simple/: is {mask(index.url)} the URL of one?"
            for index in workspace.catalog.indexes.listed()
            if index.kind == "simple" and "simple" not in index.url
        ]
    elif "forbidden by --no-binary" in text:
        hints = ["Let wheels count (leave --no-binary out), or see to source archives."]
    elif _ELSEWHERE in text:
        hints = ["Choose a release for this Python and platform, or another Python with --python."]
    if _BUILT in text:
        hints.append("What a build requires must be there too: at the indexes, or in the folder of --find-links.")
    if _UNLISTED in text:
        hints = ["Compare the hashes: they are of other files than the index lists."]
        available += _hashes(text, workspace)
    late = [] if LATE in text else list(_late(text, workspace))
    if late or LATE in text:
        hints.append("What was uploaded later counts with a later --uploaded-prior-to.")
    if "only a source archive" in text:
        hints.append("Let source archives count: say --no-binary or nothing in place of --only-binary.")
    return ResolutionError(
        "no-solution",
        "What was asked for cannot be installed",
        context=(*text.splitlines(), *available, *late),
        hint=" ".join(hints),
    )


def _hashes(text: str, workspace: Workspace) -> Iterator[str]:
    """Yield what was given and what is listed for each project in a derivation of which no file has a given hash."""
    for name in workspace.hashed():
        if _names(text, name):
            project = workspace.project(name)
            yield f"{name}, given: {', '.join(sorted(workspace.allowed_hashes(name))[:_MOST_LEFT])}"
            numbers = [number for number in versions_in(project.all) if not project.located(number)]
            numbers = [one for one in numbers if f"{name} {project.version(one)} " in text] or numbers
            files = [file for number in numbers[:_MOST_HASHES] for file in project.files(number)]
            for file in files[:_MOST_LEFT]:
                listed = best(file.hashes)
                yield f"{file.filename}, listed: {':'.join(listed) if listed else 'no hash'}"


def _available(text: str, workspace: Workspace) -> Iterator[str]:
    """Yield what is left of each project in a derivation that has releases which were not handed out."""
    for name in dict.fromkeys(passed.name for passed in workspace.refusals.passed()):
        if _names(text, name):
            project = workspace.project(name)
            left = [
                project.version(number)
                for number in versions_in(project.all)
                if workspace.refusals.bars(project, number) is None
            ]
            index = f" at {project.sources[0].index.name}" if project.sources else ""
            if left:
                more = f" and {len(left) - _MOST_LEFT} older ones" if len(left) > _MOST_LEFT else ""
                yield f"Other releases of {name}{index}: {', '.join(left[:_MOST_LEFT])}{more}"
            else:
                yield f"There is no other release of {name}{index}"


def _late(text: str, workspace: Workspace) -> Iterator[str]:
    """Yield how many releases of each project in a derivation are newer than all that count, but came too late."""
    for project in workspace.known():
        late = [(version, why) for version, why in project.misfits().items() if why.startswith(LATE)]
        newest = parse_version(project.versions[-1]) if late and project.count else None
        if newest is None or not _names(text, project.name):
            continue
        newer = [why for version, why in late if (parsed := parse_version(version)) is not None and parsed > newest]
        if newer:
            several = "s" if len(newer) > 1 else ""
            yield f"{len(newer)} newer release{several} of {project.name} {'were' if several else 'was'} {newer[0]}"


def _names(text: str, name: str) -> bool:
    """Whether a text names a project, and not only one whose name begins or ends the same."""
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) is not None


class ProjectWords:
    """Implements :class:`clearway.solver.phrases.Words` for the projects of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._target: Target = workspace.target

    def package(self, package: Hashable) -> str:
        """Name a package."""
        return str(package)

    def versions(self, package: Hashable, mask: int) -> str:
        """Say some versions of a package, neighbours as a range."""
        project = self._project(package)
        if mask == project.all and project.count > 1:
            return f"every version of {package}"
        runs = spans(mask, project.all)
        told = [
            project.version(first) if first == last else f"{project.version(first)} to {project.version(last)}"
            for first, last in runs
        ]
        if len(told) > _MOST_RUNS:
            return f"{package} {told[0]}, {len(told) - 2} other ranges and {told[-1]}"
        return f"{package} {', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else f"{package} {''.join(told)}"

    def origin(self, origin: object) -> str:
        """Say a requirement as it was stated, and where if that was in a file."""
        match origin:
            case Asked(requirement, place):
                return f"{_bare(requirement)}" + ("" if place == "command line" else f" ({place})")
            case Needs(requirement):
                return _bare(requirement)
            case OtherUrl(name, first, second):
                return f"{name} from {second}, though it is already to come from {first}"
            case Astray(name, url):
                return f"{name} from {url}, though that name is claimed by an index elsewhere"
            case Inward(name, url):
                return f"{name} from {without_secret(url)}, and what was fetched may lead to servers only"
            case Unbuilt(name, url):
                return f"{name} from {without_secret(url)}, which would have to be built, and --only-binary forbids it"
        return str(origin)

    def missing(self, package: Hashable, origin: object) -> str:
        """Say why no version of a package meets a requirement."""
        project = self._project(package)
        specifier = origin.requirement.specifier if isinstance(origin, Asked | Needs) else ""
        if project.direct is not None:
            return f"it comes from {mask(project.direct.file.url)}, which is {project.version(1)}"
        if not project.sources:
            return f"{_NOBODY}{self._asked()}"
        offer = project.sources[0].offer
        if offer.status == "quarantined":
            reason = f": {offer.status_reason}" if offer.status_reason else ""
            return f"{project.sources[0].index.name} has it in quarantine{reason}"
        misfits = [(text, why) for text, why in project.misfits().items() if admits(specifier, text)]
        if misfits:
            return self._misfits(misfits)
        if not project.count:
            return f"{project.sources[0].index.name} lists no release of it that can be installed"
        return f"there is none in that range, only {_few(project)}"

    def unusable(self, package: Hashable, mask: int, reason: object) -> str:
        """Say that some versions are unusable, and why."""
        if isinstance(reason, NoFile):
            said = self.versions(package, mask)
            several = mask & (mask - 1) and not said.startswith("every version")
            return f"{said} {'were' if several else 'was'} {reason.absence.verdict}"
        if mask == self._project(package).all:
            return f"no version of {package} can be used ({self.reason(reason)})"
        return f"{self.versions(package, mask)} cannot be used ({self.reason(reason)})"

    def reason(self, reason: object) -> str:
        """Say why a version is unusable or inadmissible."""
        match reason:
            case NoFile(absence):
                return absence.verdict
            case WrongPython(specifier):
                return f"it needs Python {specifier}, and this is Python {self._target.python_version}"
            case Unreadable(text):
                return f"its metadata cannot be read: {text}"
            case NoAllowedHash():
                return _UNLISTED
            case NotAdmitted(yanked, final, some_yanked):
                if yanked:
                    return "it is yanked, and nothing pins it"
                if some_yanked:
                    return "they are yanked or pre-releases, and nothing pins them or asks for one"
                why = "only final releases are wanted (--only-final)" if final else "nothing asks for one"
                return f"it is a pre-release, and {why}"
        return str(reason)

    def _misfits(self, misfits: list[tuple[str, str]]) -> str:
        """Say for which targets the releases in range are: the newest few, releases with one reason together."""
        together: dict[str, list[str]] = {}
        for version, why in misfits:
            together.setdefault(why, []).append(version)
        told = [
            f"{versions[-1] if len(versions) == 1 else f'{versions[0]} to {versions[-1]}'}: {why}"
            for why, versions in list(together.items())[-_MOST_MISFITS:]
        ]
        if all(why.startswith(LATE) for why in together):
            return "; ".join(told)
        tag = next((tag for tag in self._target.tags if "manylinux" in tag), self._target.tags[0])
        return f"{'; '.join(told)}; {_ELSEWHERE} {self._target.python_version}, which takes wheels such as {tag}"

    def _asked(self) -> str:
        """Say which indexes were asked."""
        names = self._workspace.catalog.indexes.names()
        return f"; asked: {' and '.join(names)}" if names else "; none was asked"

    def _project(self, package: Hashable) -> Project:
        name: NormalizedName = str(package).partition("[")[0]  # type: ignore[assignment]  # the driver made it from one
        return self._workspace.project(name)


def _bare(requirement: Requirement) -> str:
    """Return a requirement without its marker, which held."""
    return str(requirement).partition(" ; ")[0]


def _few(project: Project) -> str:
    """Return the versions of a project: all of a few, else the range and the newest ones."""
    if project.count <= _MOST_RUNS:
        return ", ".join(project.versions)
    newest = ", ".join(project.versions[-_MOST_RUNS:])
    return f"{project.versions[0]} to {project.versions[-1]} ({newest} being the newest)"
