"""The environment variables that a build is given: those of the person, without what would leak into it or disturb it.

Compilers and their flags, proxies, locales and what else somebody has set for their builds stay. What goes:

- indexes and credentials of package tools (``CLEARWAY_*``, ``PIP_*``, ``UV_*``, ``TWINE_*`` and the like): they are for
  indexes, and a build has no business there. What such tools read *while* they build (``PDM_BUILD_*``) stays;
- what points an interpreter elsewhere: ``PYTHONHOME`` and ``__PYVENV_LAUNCHER__`` always; in isolation ``PYTHONPATH``,
  ``PYTHONSTARTUP``, ``PYTHONUSERBASE``, ``PYTHONPLATLIBDIR``, ``PYTHONINSPECT`` and ``CONDA_PREFIX`` too, and the
  user's site-packages;
- the repository that happens to be around (``GIT_DIR`` and its like), as when all of this runs in a hook of git.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.model.targets import Environment

_FAMILIES = (
    "CLEARWAY_",
    "PIP_",
    "UV_",
    "TWINE_",
    "FLIT_",
    "HATCH_INDEX_",
    "PDM_PYPI_",
    "PDM_PUBLISH_",
    "POETRY_HTTP_BASIC_",
    "POETRY_PYPI_TOKEN_",
    "POETRY_REPOSITORIES_",
    "_PYPROJECT_HOOKS_",
)
_ALWAYS = frozenset({"PYTHONHOME", "__PYVENV_LAUNCHER__"})
_ISOLATED = frozenset(
    {"PYTHONPATH", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONPLATLIBDIR", "PYTHONINSPECT", "CONDA_PREFIX"}
)
REPOSITORY = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_CEILING_DIRECTORIES",
    }
)
"""Variables that point git to a repository."""


def build_variables(
    environ: Mapping[str, str], environment: Environment, *, isolated: bool, temporary: str
) -> dict[str, str]:
    """Return the variables for the processes of a build.

    :param environ: those of the person.
    :param environment: where the backend runs.
    :param temporary: where it may leave what it likes.
    """
    dropped = _ALWAYS | REPOSITORY | (_ISOLATED if isolated else frozenset())
    kept = {
        name: value
        for name, value in environ.items()
        if name.upper() not in dropped and not name.upper().startswith(_FAMILIES)
    }
    kept["PATH"] = os.pathsep.join(filter(None, (environment.scheme.scripts, kept.get("PATH", os.defpath))))
    for name in ("TMPDIR", "TEMP", "TMP"):
        kept[name] = temporary
    kept.setdefault("PYTHONUNBUFFERED", "1")  # what two of its processes print stays in order
    if isolated:
        kept["PYTHONNOUSERSITE"] = "1"
        kept["VIRTUAL_ENV"] = environment.prefix
    return kept
