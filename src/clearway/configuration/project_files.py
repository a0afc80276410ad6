"""What a pyproject.toml requires, as far as it says so itself: ``[project]`` and ``[dependency-groups]``.

Nothing is built: what a build backend would tell is an error that says so. The standards are the specification
"pyproject.toml" (PEP 621, "dependencies/optional-dependencies", "dynamic") and "Dependency Groups" (PEP 735), which
wants names compared normalized, includes put in at their place, and groups that nobody asked for left unread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clearway.configuration.statements import parse_named
from clearway.configuration.toml_files import expect
from clearway.errors import InputError
from clearway.model.names import NormalizedName, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clearway.configuration.extras import Extras
    from clearway.model.inputs import Stated

_INCLUDE = "include-group"
_MOST_PARTS = 1000


def read_project(document: dict[str, Any], label: str, extras: Extras) -> Iterator[Stated]:
    """Yield what a project requires, with the extras that are asked for.

    An extra that requires the project itself with another extra stands for what that one requires.

    :param label: names the file.
    :raises InputError: ``no-static-dependencies``, ``malformed-toml``, and what is wrong with a requirement.
    """
    project = _project(document, label, extras)
    wanted = [_Part("project.dependencies", project.dependencies)]
    wanted += [_Part(*project.extras[name], through=(name,)) for name in extras.of(label, project.extras)]
    for part in wanted:  # which grows meanwhile
        for stated in _requirements(part.items, label, part.key):
            requirement = stated.requirement
            marker = _joined(requirement.marker, part.marker)
            if requirement.name != project.name or requirement.url:
                yield msgspec.structs.replace(stated, requirement=msgspec.structs.replace(requirement, marker=marker))
                continue
            for extra in sorted(requirement.extras.difference(part.through)):
                if extra not in project.extras:
                    raise _unknown("extra", extra, f"{label}, {part.key}", project.extras)
                wanted.append(_Part(*project.extras[extra], marker, (*part.through, extra)))
        if len(wanted) > _MOST_PARTS:
            raise InputError(
                "malformed-toml",
                f"{label}, project.optional-dependencies include each other more than {_MOST_PARTS} times",
                hint="Let the extras list what they require.",
            )


class _Project(msgspec.Struct):
    """The tables of a project.

    :param extras: by name, the key that an extra stands under, and its items.
    """

    name: NormalizedName
    dependencies: object
    extras: dict[NormalizedName, tuple[str, object]]


class _Part(msgspec.Struct):
    """A list of requirements that is wanted.

    :param marker: of the requirement that wants it.
    :param through: the extras that lead to it, itself included.
    """

    key: str
    items: object
    marker: str = ""
    through: tuple[NormalizedName, ...] = ()


def _project(document: dict[str, Any], label: str, extras: Extras) -> _Project:
    if "project" not in document:
        raise _not_static(label, "there is no table [project] in it")
    table = expect(document["project"], dict, label, "project")
    dynamic = expect(table.get("dynamic", []), list, label, "project.dynamic")
    optional = expect(table.get("optional-dependencies", {}), dict, label, "project.optional-dependencies")
    if "dependencies" in dynamic:
        raise _not_static(label, "they are dynamic, which is to say that its build backend works them out")
    if "optional-dependencies" in dynamic and (extras.names or extras.every):
        raise _not_static(label, "its extras are dynamic, which is to say that its build backend works them out")
    return _Project(
        normalize(expect(table.get("name", ""), str, label, "project.name")),
        table.get("dependencies", []),
        {normalize(name): (f"project.optional-dependencies.{name}", value) for name, value in optional.items()},
    )


def _requirements(value: object, label: str, key: str) -> Iterator[Stated]:
    for number, text in enumerate(expect(value, list, label, key)):
        yield parse_named(expect(text, str, label, f"{key}[{number}]"), f"{label}, {key}")


def _joined(one: str, other: str) -> str:
    return f"({one}) and ({other})" if one and other else one or other


def _not_static(label: str, reason: str) -> InputError:
    return InputError(
        "no-static-dependencies",
        f"{label} does not say what the project requires: {reason}",
        hint="Install the project itself by the path of its folder, or list there what it requires.",
    )


def _unknown(what: str, name: str, place: str, known: Iterable[str]) -> InputError:
    names = sorted(known)
    return InputError(
        f"unknown-{what}",
        f"There is no {what} {name[:80]} in {place}",
        hint=f"These are there: {', '.join(names)}" if names else "There is none at all: leave it out.",
    )


# -- dependency groups -------------------------------------------------------------------------------------------------


def read_group(document: dict[str, Any], label: str, name: str) -> Iterator[Stated]:
    """Yield what a dependency group requires, each of the groups that it includes once.

    :param label: names the file.
    :raises InputError: ``unknown-group``, ``group-cycle``, ``malformed-toml``, and what is wrong with a requirement.
    """
    groups = _named(expect(document.get("dependency-groups", {}), dict, label, "dependency-groups"))
    begun = {normalize(name): _begin(groups, name, label)}  # each with those that it is included by before it
    done = set[str]()
    while begun:
        for key, item in next(reversed(begun.values())):
            if isinstance(item, str):
                yield parse_named(item, f"{label}, {key.partition('[')[0]}")
                continue
            spelled = _included(item, label, key)
            inner = normalize(spelled)
            if inner in begun:
                way = [*begun][[*begun].index(inner) :]
                raise InputError(
                    "group-cycle",
                    f"{label}, {key}: the group {inner} includes itself",
                    context=(" -> ".join((*way[:20], inner)),),
                    hint="Remove one of the includes.",
                )
            if inner not in done:
                begun[inner] = _begin(groups, spelled, label, key)
                break
        else:
            done.add(begun.popitem()[0])


Groups = dict[NormalizedName, list[tuple[str, object]]]


def _named(table: dict[str, Any]) -> Groups:
    """Return the groups by normalized name; under one name there may be several, which is an error for who asks."""
    groups: Groups = {}
    for name, items in table.items():
        groups.setdefault(normalize(name), []).append((name, items))
    return groups


def _begin(groups: Groups, name: str, label: str, at: str = "") -> Iterator[tuple[str, object]]:
    """Return the items of a group, each with the key that it stands under.

    :param at: the key of the include that names it; empty if a person does.
    """
    named = groups.get(normalize(name))
    if named is None:
        raise _unknown("group", name, f"{label}, {at}" if at else label, groups)
    if len(named) > 1:
        raise InputError(
            "malformed-toml",
            f"{label}, dependency-groups: {' and '.join(one for one, _ in named)} are one name",
            hint="Rename one of them: case and the signs - _ . do not tell names apart.",
        )
    key = f"dependency-groups.{named[0][0]}"
    items = expect(named[0][1], list, label, key)
    return iter([(f"{key}[{number}]", item) for number, item in enumerate(items)])


def _included(item: object, label: str, key: str) -> str:
    if not isinstance(item, dict) or list(item) != [_INCLUDE]:
        raise InputError(
            "malformed-toml",
            f"{label}, {key} is neither a requirement nor an include",
            hint=f'Write a text with a requirement, or {{{_INCLUDE} = "NAME"}}.',
        )
    return expect(item[_INCLUDE], str, label, f"{key}.{_INCLUDE}")
