"""What the indexes did not hand out in one run, and what that means for the releases (DESIGN 4.1, 4.6).

Known by file, not by number: a listing that is read anew may number its releases otherwise, or list another file. From
the files follows which releases cannot be had, by the rules of the index that listed them. Nothing here outlives the
run: a refusal may be lifted any minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import IndexFailure
from clearway.policy.absence import Absence
from clearway.resolution.problem import Passed
from clearway.solver.masks import versions_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clearway.catalog.located import FileKey, Located
    from clearway.index.records import Index
    from clearway.model.names import NormalizedName
    from clearway.resolution.projects import Project

MANY, PROJECTS = 10, 3
"""So many refused releases of so many projects, and nothing handed out: that is no policy but a missing permission."""


class Refusals:
    """What was not handed out.

    :param is_generous: whether an index has handed out any file.
    :param told: told of each file once.
    """

    def __init__(self, is_generous: Callable[[Index], bool], told: Callable[[Passed], None]) -> None:
        self._is_generous = is_generous
        self._told = told
        self._files: dict[FileKey, tuple[Passed, Located]] = {}

    def __len__(self) -> int:
        """How many files are known not to be had."""
        return len(self._files)

    def note(self, name: NormalizedName, version: str, located: Located, absence: Absence) -> None:
        """Learn that a file is not handed out.

        :raises IndexFailure: ``refused``, ``pending`` where the rules say that the run ends with that;
            ``too-many-refusals``.
        """
        if located.key in self._files:
            return
        passed = Passed(name, version, absence)
        self._files[located.key] = (passed, located)
        self._told(passed)
        rules = located.index.rules
        if rules.ends_with(absence.kind):
            raise _ended(absence.kind, absence, "--on-refusal" if absence.kind == "refused" else "--on-pending")
        releases = {one.version for one, _ in self._files.values() if one.name == name}
        if len(releases) > rules.max_refusals:
            raise _too_many(name, len(releases), absence)

    def file(self, files: Iterable[Located]) -> Located | Absence | None:
        """Return the file of a release that may be had as far as is known, or why none; None where it has none."""
        first: Absence | None = None
        wheel_refused = False
        for located in files:
            known = self._files.get(located.key)
            if known is None:
                return located if not wheel_refused or _may_follow(located) else first
            absence = known[0].absence
            first = first or absence
            wheel_refused = wheel_refused or (absence.kind == "refused" and located.recipe is None)
            if absence.kind == "pending" or (absence.kind == "refused" and not _goes_on(located)):
                return absence
        return first

    def bars(self, project: Project, number: int) -> Absence | None:
        """Return why a release cannot be had; None if it may be, or need not since it is installed."""
        if not self._files or number == project.installed_number:
            return None
        found = self.file(project.located(number))
        return found if isinstance(found, Absence) else None

    def barred(self, project: Project, mask: int) -> int:
        """Return those of some releases, from the newest on down to the first that may be had, which cannot be."""
        barred = 0
        if any(one.name == project.name for one, _ in self._files.values()):
            for number in versions_in(mask):
                if self.bars(project, number) is None:
                    break
                barred |= 1 << number
        return barred

    def passed(self) -> tuple[Passed, ...]:
        """Return everything that was not handed out, in the order in which it was met."""
        return tuple(passed for passed, _ in self._files.values())

    def located(self, passed: Passed) -> Located:
        """Return the file that something is known of."""
        return next(located for one, located in self._files.values() if one is passed)

    def stingy(self) -> list[str]:
        """Return the names of the indexes with a credential that have refused files, and handed out none."""
        refusing = {located.index: None for passed, located in self._files.values() if passed.absence.kind == "refused"}
        return [index.name for index in refusing if index.credential and not self._is_generous(index)]

    def check(self) -> None:
        """See that this still looks like a policy, and not like a missing permission.

        :raises IndexFailure: ``nothing-handed-out``, ``credential``.
        """
        for index, missed in self._by_index().items():
            projects = {one.name for one in missed}
            enough = len(missed) >= MANY and len(projects) >= PROJECTS and len(missed) > len(projects)
            if enough and not self._is_generous(index):
                raise _nothing(index, missed)

    def check_gone(self) -> None:
        """See, when there is no solution, that not all files of an index with a credential were gone (DESIGN 4.6).

        :raises IndexFailure: ``credential``.
        """
        for index, missed in self._by_index().items():
            if index.credential and not self._is_generous(index) and all(one.absence.kind == "gone" for one in missed):
                raise _all_gone(index, missed)

    def _by_index(self) -> dict[Index, list[Passed]]:
        found: dict[Index, list[Passed]] = {}
        for passed, located in self._files.values():
            found.setdefault(located.index, []).append(passed)
        return found


def _goes_on(located: Located) -> bool:
    """Whether another file of the release may be taken when this one is refused."""
    return located.index.rules.on_refusal in {"next-file", "next-file-or-sdist"}


def _may_follow(located: Located) -> bool:
    """Whether a file may take the place of a refused wheel: a source archive only if that was said."""
    return located.recipe is None or located.index.rules.on_refusal == "next-file-or-sdist"


def _ended(code: str, absence: Absence, option: str) -> IndexFailure:
    return IndexFailure(
        code,
        str(absence),
        context=(f"{option} fail: no other release is taken in its place",),
        hint=f"Nothing was changed. Ask whoever runs the index, or have the next release taken: {option} next-version",
    )


def _too_many(name: NormalizedName, count: int, absence: Absence) -> IndexFailure:
    return IndexFailure(
        "too-many-refusals",
        f"{absence.index} has handed out none of {count} releases of {name}: this looks like a missing permission",
        context=(f"the last one: {absence}",),
        hint="Check that the credential may download from this index; --max-refusals lets more releases be tried.",
    )


def _nothing(index: Index, missed: list[Passed]) -> IndexFailure:
    return IndexFailure(
        "nothing-handed-out",
        f"{index.name} has handed out none of {len(missed)} files: this looks like a missing permission",
        context=tuple(f"{one.name} {one.version}: {one.absence.answer}" for one in missed[:3]),
        hint=f"Check that {_who(index)} may download from this index.",
    )


def _all_gone(index: Index, missed: list[Passed]) -> IndexFailure:
    return IndexFailure(
        "credential",
        f"{index.name} lists files and hands out none: each answered {missed[0].absence.status}",
        context=tuple(f"{one.name} {one.version}: {one.absence.answer}" for one in missed[:3]),
        hint=f"They are not there, or not visible to this credential: check that {_who(index)} may download packages.",
    )


def _who(index: Index) -> str:
    return f"the credential from {index.credential.source}" if index.credential else "this machine"
