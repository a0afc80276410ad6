"""From settings and inputs to what a resolution needs: the catalog, and the order. For every command that resolves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.catalog import Catalog
from clearway.catalog.indexes import Edges
from clearway.catalog.terms import Terms
from clearway.cli.late_builder import LateBuilder
from clearway.cli.own import own_requirements
from clearway.commands.naming import name_all
from clearway.commands.solving import Order
from clearway.configuration.requirement_files import Asked, read_inputs
from clearway.configuration.statements import parse_setting
from clearway.model.inputs import Inputs, Unnamed
from clearway.model.requirements import marker_holds
from clearway.resolution.problem import Wishes
from clearway.settings.choices import divide
from clearway.settings.formats import read_formats
from clearway.settings.releases import read_releases

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearway.cli.wiring import Wiring
    from clearway.index.records import File
    from clearway.model.inputs import Stated
    from clearway.model.targets import Target
    from clearway.ports import Builder
    from clearway.settings.settings import Settings

_NOTHING = Inputs()
MOST_RESTARTS = 3
"""How often an answer that breaks off in its middle is begun again, unless more is asked for: it may be large."""


def make_catalog(
    wiring: Wiring, received: Callable[[File, int], None] | None, *, whole: bool, inputs: Inputs = _NOTHING
) -> Catalog:
    """Return what the configured indexes offer to the target.

    :param received: told of bytes as they arrive.
    :param whole: whether archives are wanted in the end, and not only proofs of them.
    :param inputs: what is asked for: it may say how some of it is to be built.
    """
    settings = wiring.settings
    turns, links, constraints = wiring.turns(), wiring.links(), _build_constraints(wiring)
    terms = make_terms(settings, inputs, constraints)

    def make() -> Builder:
        from clearway.cli.building import make_builder, make_market  # late: few runs build anything

        return make_builder(make_market(wiring, turns, links, terms, constraints))

    builder = LateBuilder(make)
    catalog = Catalog(
        Edges(
            wiring.crew,
            wiring.fetcher,
            wiring.store,
            wiring.archives,
            retries=_restarts(settings),
            progress=received,
            complete=wiring.with_credential,
            builder=builder,
            tell=wiring.output.detail,
        ),
        turns,
        links,
        wiring.target,
        terms,
        rules=wiring.rules,
        whole=whole,
    )
    wiring.at_end(builder.stop)
    wiring.at_end(catalog.builds.close)
    wiring.at_end(builder.close)
    return catalog


def make_terms(settings: Settings, inputs: Inputs, constraints: tuple[Stated, ...]) -> Terms:
    """Return which files count, and how what is no wheel is built.

    :param constraints: those of the environments of builds.
    :raises InputError: ``malformed-options`` for a config setting that is none.
    """
    stated: tuple[Stated | Unnamed, ...] = (*inputs.requirements, *inputs.unnamed)
    hashed = [one.requirement.name for one in (*inputs.requirements, *inputs.constraints) if one.hashes]
    return Terms(
        formats=read_formats(settings.formats, hashed),
        settings=tuple(parse_setting(given.value, given.origin) for given in settings.config_settings),
        own={_place(one): one.settings for one in stated if one.settings},
        editable=frozenset(_place(one) for one in stated if one.editable),
        isolated=not settings.no_build_isolation,
        constraints=tuple(sorted(" ".join((str(one.requirement), *one.hashes)) for one in constraints)),
        fleeting=settings.link_mode != "symlink",
        refresh=divide(settings.refresh_package, "refresh-package")[0],
    )


def _restarts(settings: Settings) -> int:
    """Return how often an answer that breaks off is begun again."""
    given = settings.resume_retries
    return min(settings.retries, MOST_RESTARTS) if given is None else given


def _build_constraints(wiring: Wiring) -> tuple[Stated, ...]:
    """Read what constrains the environments of builds."""
    files = tuple(given.value for given in wiring.settings.build_constraint)
    return read_inputs(Asked(constraint_files=files), wiring.environ, wiring.fetch).constraints if files else ()


def _place(stated: Stated | Unnamed) -> str:
    """Return the URL that a statement names, else the name."""
    if isinstance(stated, Unnamed):
        return stated.url
    return stated.requirement.url or str(stated.requirement.name)


def make_order(wiring: Wiring, inputs: Inputs, catalog: Catalog) -> Order:
    """Return what is to be installed, as far as it applies to the target; source trees get their names.

    :raises ClearwayError: a source tree cannot be had, or its metadata cannot be told.
    """
    settings, target = wiring.settings, wiring.target
    unnamed = [one for one in inputs.unnamed if not one.marker or marker_holds(one.marker, target.environment)]
    named = name_all(unnamed, catalog, wiring.crew) if unnamed else ()
    wishes = make_wishes(settings)
    given = [*(one.hashes for one in inputs.requirements), *(one.hashes for one in unnamed)]
    if any(given) and not (inputs.no_deps or settings.no_require_hashes):
        wishes = msgspec.structs.replace(wishes, require_hashes=True)
    return Order(
        (*applying(inputs.requirements, target), *named),
        (*applying(inputs.constraints, wiring.target), *own_requirements(wiring.environment)),
        wishes,
        settings.dry_run,
    )


def make_wishes(settings: Settings) -> Wishes:
    """Return how versions are preferred."""
    return Wishes(
        upgrade=settings.upgrade_strategy if settings.upgrade else "no",
        releases=read_releases(settings.releases, pre=settings.pre),
        no_deps=settings.no_deps,
        only_deps=settings.only_deps,
        reinstall=settings.force_reinstall,
        require_hashes=settings.require_hashes,
        prefer_binary=settings.prefer_binary,
    )


def applying(stated: tuple[Stated, ...], target: Target) -> tuple[Stated, ...]:
    """Return the requirements whose marker holds for the target."""
    return tuple(one for one in stated if one.requirement.applies(target.environment))
