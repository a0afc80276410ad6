"""Where an installation goes and what it is for, from the settings: what may be combined, what follows, what is said.

The rules are pip's: which options exclude each other, when packages go to the user's folder though nobody said so, when
another platform may be named, when scripts will not be found and when root had better not be root.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import InputError, TargetError
from clearway.interpreter.places import in_root, is_writable
from clearway.model.targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.model.installed import Installed
    from clearway.model.names import NormalizedName
    from clearway.model.targets import Environment, Scheme
    from clearway.ports import Change, Site
    from clearway.settings.settings import Settings
    from clearway.site.environment_site import EnvironmentSite

_EXCLUSIVE = (("target", "user"), ("target", "prefix"), ("target", "root"), ("prefix", "user"))
_FOREIGN = ("python-version", "platform", "implementation", "abi")


# -- what may be asked -------------------------------------------------------------------------------------------------


def check_place(settings: Settings) -> None:
    """See that what was said of where to install, and for which platform, goes together.

    :raises InputError: ``conflicting-options``, ``foreign-sources``, ``foreign-place``.
    """
    given = {
        "target": bool(settings.target),
        "prefix": bool(settings.prefix),
        "root": bool(settings.root),
        "user": bool(settings.user_site) and not settings.no_user,
    }
    for one, other in _EXCLUSIVE:
        if given[one] and given[other]:
            raise InputError(
                "conflicting-options",
                f"--{one} and --{other} name different places to install to",
                context=tuple(
                    f"--{name}: said by {settings.sources[name]}" for name in (one, other) if name in settings.sources
                ),
                hint="Leave out one of them.",
            )
    check_platform(settings)
    if is_foreign(settings) and not settings.target and not settings.dry_run:
        raise InputError(
            "foreign-place",
            f"{_said(settings)}: this environment could not use what is for another Python or platform",
            hint="Name a folder with --target, or add --dry-run.",
        )


def check_platform(settings: Settings) -> None:
    """See that nothing has to be built for another Python or platform.

    :raises InputError: ``foreign-sources``.
    """
    if not is_foreign(settings) or settings.no_deps:
        return
    from clearway.settings.choices import ALL
    from clearway.settings.formats import read_formats  # late: hardly anybody installs for elsewhere

    formats = read_formats(settings.formats)
    if ALL not in formats.only_binary or formats.no_binary:
        raise InputError(
            "foreign-sources",
            f"{_said(settings)}: source archives cannot be built for another Python or platform",
            hint="Add --only-binary=:all: and leave --no-binary out, or add --no-deps.",
        )


def fitting(distributions: list[Installed], target: Target) -> list[Installed]:
    """Return what is installed in a folder, with what is for another Python or platform marked as not to be kept.

    A folder is filled for a machine that need not be this one, and may have been filled for another one before.
    """
    return [
        one if one.broken or _fits(one, target) else msgspec.structs.replace(one, broken="it is for another platform")
        for one in distributions
    ]


def _fits(one: Installed, target: Target) -> bool:
    """Whether the wheel that a distribution came from says a tag that the target takes (PEP 427, WHEEL)."""
    try:
        with open(os.path.join(one.info, "WHEEL"), encoding="utf-8", errors="replace") as file:
            tags = [line.partition(":")[2].strip() for line in file if line.startswith("Tag:")]
    except OSError:
        return True
    return not tags or any(tag in target.ranks for tag in tags)


def is_foreign(settings: Settings) -> bool:
    """Whether another Python or platform was named than the interpreter's."""
    return bool(settings.python_version or settings.platform or settings.implementation or settings.abi)


def foreign_texts(settings: Settings) -> Iterator[str]:
    """Yield every text that has a say in what fits, beside the interpreter."""
    yield f"{settings.python_version} {settings.implementation} {settings.ignore_requires_python}"
    yield from (f"platform {given.value}" for given in settings.platform)
    yield from (f"abi {given.value}" for given in settings.abi)


def _said(settings: Settings) -> str:
    return ", ".join(f"--{name}" for name in _FOREIGN if getattr(settings, name.replace("-", "_")))


# -- what follows ------------------------------------------------------------------------------------------------------


def settle_user(wiring: Wiring, output: Output) -> None:
    """Install into the user's folder where that of the environment may not be written, as pip does."""
    settings = wiring.settings
    if settings.user_site is not None or settings.no_user or settings.target or settings.prefix:
        return
    environment = wiring.interpreter
    if not environment.user_enabled or environment.user is None:
        return
    if environment.externally_managed is not None and not settings.break_system_packages:
        return  # nothing is installed there at all
    if not is_writable(in_root(environment, settings.root).scheme if settings.root else environment.scheme):
        output.say("Defaulting to user installation because normal site-packages is not writeable")
        wiring.settings = msgspec.structs.replace(settings, user_site=True)


def make_target(environment: Environment, settings: Settings) -> Target:
    """Return what to resolve for."""
    if not is_foreign(settings):
        return Target(environment.markers, environment.tags, any_python=settings.ignore_requires_python)
    from clearway.interpreter.foreign import foreign_target  # late: hardly ever asked for

    return foreign_target(
        environment,
        python_version=settings.python_version,
        platforms=[given.value for given in settings.platform],
        implementation=settings.implementation,
        abis=[given.value for given in settings.abi],
        any_python=settings.ignore_requires_python,
    )


def make_site(wiring: Wiring) -> Site:
    """Return what writes the environment."""
    from clearway.site.environment_site import EnvironmentSite

    settings = wiring.settings

    def opened(environment: Environment) -> EnvironmentSite:
        return EnvironmentSite(
            environment, link_mode=settings.link_mode, compile_bytecode=settings.compile, warn=wiring.warn
        )

    own, *others = wiring.homes
    if others:
        from clearway.site.user_site import WithUserSite  # late: virtual environments have none

        return WithUserSite(opened(own), opened(others[0]), others[0])
    if settings.user_site and wiring.interpreter.is_virtual:
        return _UserSiteOfVirtual(opened(own), wiring.interpreter.scheme)
    return opened(own)


class _UserSiteOfVirtual:
    """The user's folder below a virtual environment, whose own packages hide those of the user.

    :param hiding: the folders of the virtual environment.
    """

    def __init__(self, site: EnvironmentSite, hiding: Scheme) -> None:
        self._site = site
        self._hiding = (hiding.purelib, hiding.platlib)

    def recover(self) -> str:
        return self._site.recover()

    def apply(self, change: Change) -> None:
        hidden = next((one for one in change.remove if one.location in self._hiding), None)
        if hidden is not None:
            raise TargetError(
                "user-site-hidden",
                f"Will not install {hidden.name} to the user site: {hidden.spelling} {hidden.version} in "
                f"{hidden.location} comes before it on sys.path",
                hint="Leave --user out, so that the one in the virtual environment is replaced.",
            )
        self._site.apply(change)


# -- what is said ------------------------------------------------------------------------------------------------------


def warn_afterwards(
    wiring: Wiring, output: Output, changed: Iterable[NormalizedName], after: Iterable[Installed]
) -> None:
    """Warn of what was installed and will not do as people expect.

    :param changed: the projects that were installed.
    :param after: what is installed now.
    """
    settings = wiring.settings
    names = set(changed)
    if settings.target or settings.prefix:
        return
    if not settings.no_warn_script_location:
        scripts = wiring.environment.scheme.scripts
        if not _is_found(scripts, wiring.interpreter.executable, wiring.environ):
            commands = sorted({name for one in after if one.name in names for name in _commands(one)})
            if commands:
                output.warn(_not_on_path(commands, scripts))
    if not settings.root:
        warn_root(wiring, output)


def warn_root(wiring: Wiring, output: Output) -> None:
    """Warn when root has changed the interpreter of a system."""
    if wiring.settings.root_user_action == "ignore" or wiring.interpreter.is_virtual:
        return
    if sys.platform not in {"win32", "cygwin"} and os.getuid() == 0:
        output.warn(
            "This was done as the 'root' user, outside of a virtual environment: that can break permissions, and what "
            "the package manager of the system has installed. Better make a virtual environment; or say "
            "--root-user-action=ignore if it is meant."
        )


def _is_found(folder: str, executable: str, environ: Mapping[str, str]) -> bool:
    """Whether commands in a folder are found: it is on PATH, or beside the interpreter of an environment."""
    known = [os.path.dirname(executable), *filter(None, environ.get("PATH", "").split(os.pathsep))]
    return os.path.normcase(os.path.normpath(folder)) in {os.path.normcase(os.path.normpath(one)) for one in known}


def _commands(distribution: Installed) -> list[str]:
    """Return the names of the commands of a distribution that is installed."""
    from clearway.errors import IntegrityError
    from clearway.interpreter.contents import read_text  # late: only where commands may not be found
    from clearway.wheel.entry_points import parse_entry_points

    text = read_text(distribution, "entry_points.txt")
    try:
        points = parse_entry_points((text or "").encode(), str(distribution.name))
    except IntegrityError:
        return []
    return [point.name for point in points if not point.gui]


def _not_on_path(commands: list[str], folder: str) -> str:
    *most, last = commands
    scripts = f"scripts {', '.join(most)} and {last} are" if most else f"script {last} is"
    return (
        f"The {scripts} installed in '{folder}' which is not on PATH.\n"
        "Add this folder to PATH; or use --no-warn-script-location, if that is how it is meant."
    )
