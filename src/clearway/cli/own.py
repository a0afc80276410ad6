"""What clearway itself runs on, where it lives in the environment that it changes (DESIGN 4.12).

Its own requirements join as constraints then, so that no installation takes them away from under it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from clearway.errors import ClearwayError
from clearway.interpreter.installed import installed, read_metadata
from clearway.model.inputs import Stated
from clearway.model.requirements import Requirement, parse_requirement

if TYPE_CHECKING:
    from clearway.model.targets import Environment


def own_requirements(environment: Environment) -> tuple[Stated, ...]:
    """Return what this very program requires of an environment; nothing if it lives elsewhere."""
    if os.path.realpath(environment.prefix) != os.path.realpath(sys.prefix):
        return ()
    own = next((one for one in installed(environment) if one.name == "clearway" and not one.broken), None)
    if own is None:
        return ()
    try:
        stated = [parse_requirement(text) for text in read_metadata(own).requires_dist]
    except ClearwayError:  # it runs all the same; `check` tells
        return ()
    return tuple(
        Stated(Requirement(one.name, frozenset(), one.specifier), "clearway itself needs it")
        for one in stated
        if not one.url and one.applies(environment.target.environment)
    )
