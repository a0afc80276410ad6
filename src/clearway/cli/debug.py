"""``clearway debug``: what a report of a mistake should say of this machine (pip's ``debug``).

For people: the lines may change with any release. No secret is among them.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from clearway import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clearway.cli.output import Output
    from clearway.cli.wiring import Wiring
    from clearway.settings.settings import Settings

_LIBRARIES = ("deflate", "msgspec", "packaging", "pyproject-hooks", "pyreqwest")
_MOST_TAGS = 10


def debug(wiring: Wiring, output: Output, operands: tuple[str, ...]) -> int:
    """Tell what this program is, where it runs, what it is set to, and what the environment takes."""
    del operands  # it takes none
    output.warn("This is for people who look for a mistake; programs should not read it, since it may change.")
    for name, value in (*_program(), *_settings(wiring)):
        output.result(f"{name}: {value}")
    environment = wiring.environment
    output.result(f"environment: {environment.prefix}")
    output.result(f"python: {environment.markers['python_full_version']} ({environment.executable})")
    target = wiring.target
    tags = target.tags if output.verbosity > 0 else target.tags[:_MOST_TAGS]
    given = " ".join(_given(wiring.settings))
    output.result(f"Compatible tags: {len(target.tags)}{f' (target: {given})' if given else ''}")
    for tag in tags:
        output.result(f"  {tag}")
    if len(tags) < len(target.tags):
        output.result("  ...")
        output.result(f"  [First {len(tags)} tags shown. Pass --verbose to show all.]")
    return 0


def _given(settings: Settings) -> Iterator[str]:
    """Yield what was said of another target, as pip spells it."""
    given = {
        "platforms": [one.value for one in settings.platform],
        "version_info": settings.python_version,
        "abis": [one.value for one in settings.abi],
        "implementation": settings.implementation,
    }
    yield from (f"{name}={value!r}" for name, value in given.items() if value)


def _program() -> Iterator[tuple[str, object]]:
    import locale  # late, as the next: only here
    from importlib.metadata import PackageNotFoundError, version

    yield "clearway version", __version__
    yield "sys.version", " ".join(sys.version.split())
    yield "sys.executable", sys.executable
    yield "sys.getdefaultencoding", sys.getdefaultencoding()
    yield "sys.getfilesystemencoding", sys.getfilesystemencoding()
    yield "locale.getencoding", locale.getencoding()
    yield "sys.platform", sys.platform
    yield "sys.implementation.name", sys.implementation.name
    for library in _LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            yield library, "not installed"


def _settings(wiring: Wiring) -> Iterator[tuple[str, object]]:
    settings = wiring.settings
    yield "cache folder", wiring.folder.root
    yield "cert", settings.cert or "none; the system's certificates are trusted"
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        yield variable, os.environ.get(variable, "not set")
    for name, source in sorted(settings.sources.items()):
        yield f"{name} is set by", source
