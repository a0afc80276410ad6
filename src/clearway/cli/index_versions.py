"""``clearway index versions``: what the indexes list of a project; and the same question for ``list --outdated``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.cli.inputs import check_wishes
from clearway.cli.resolving import make_catalog, make_wishes
from clearway.commands.newest import Newest, find_newest
from clearway.errors import InputError, ResolutionError
from clearway.interpreter.installed import installed
from clearway.model.names import is_name, normalize
from clearway.model.urls import mask
from clearway.model.versions import normal_version, parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.model.names import NormalizedName


def versions(wiring: Wiring, output: Output, names: Sequence[str]) -> int:
    """Show the releases of a project that could be installed, and which of them is.

    :raises InputError: ``bad-arguments``.
    :raises ResolutionError: ``no-releases``.
    """
    if len(names) != 1 or not is_name(names[0]):
        raise InputError(
            "bad-arguments",
            f"{mask(' '.join(names))[:80]!r} is not the name of one project",
            hint="Name one: clearway index versions NAME",
        )
    name, key = names[0], normalize(names[0])
    found = ask(wiring, output, [key]).get(key)
    if found is None:
        raise ResolutionError(
            "no-releases",
            f"No index has a release of {name} that could be installed here",
            hint=f"See what there is, and what each release has against it: clearway why {name}",
        )
    present = next((one.version for one in installed(wiring.environment) if one.name == key and one.version), "")
    present = normal_version(present) or present
    if wiring.settings.json:
        from clearway.cli.data import to_json

        told = {"name": name, "versions": list(found.versions), "latest": found.latest}
        output.data(to_json(told | ({"installed_version": present} if present else {}), indent=0))
        return 0
    output.result(f"{name} ({found.latest})")
    output.result(f"Available versions: {', '.join(found.versions)}")
    if present:
        output.result(f"  INSTALLED: {present}")
        output.result(f"  LATEST:    {found.latest}{_remark(found.latest)}")
    return 0


def ask(wiring: Wiring, output: Output, names: Sequence[NormalizedName]) -> dict[NormalizedName, Newest]:
    """Ask the indexes for the releases of projects, as an installation does; tell of what they left out."""
    check_wishes(wiring.settings)

    def look() -> dict[NormalizedName, Newest]:
        catalog = make_catalog(wiring, None, whole=False)
        found = find_newest(catalog, wiring.crew, names, make_wishes(wiring.settings))
        for warning in catalog.indexes.warnings:
            output.warn(f"{warning}.")
        return found

    return wiring.with_credentials(look)


def _remark(version: str) -> str:
    parsed = parse_version(version)
    return " (pre-release; install with `clearway install --pre`)" if parsed is not None and parsed.pre else ""
