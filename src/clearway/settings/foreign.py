"""pip's options that are not taken here, each with the reason and what to do instead.

One table for the command line, where such an option is an error, and for pip's files and variables, where it is passed
over: in silence it is not (:mod:`clearway.settings.strays`).
"""

from __future__ import annotations

from typing import NamedTuple


class Foreign(NamedTuple):
    """An option of pip's that is not taken.

    :ivar why: the reason, a sentence without full stop; ``advice`` what to do.
    :ivar matters: to pass it over changes what is installed, or is not safe: people are warned.
    """

    why: str
    advice: str
    matters: bool = False


_SETUP = Foreign(
    "it is for builds by setup.py alone, and source trees are built by PEP 517 only",
    "Tell it to the build backend with --config-settings.",
    matters=True,
)
_FILES = Foreign(
    "its own configuration stands in a file of the user's and one of the project's",
    "Take --user or --project; what is said to pip for the whole machine or for an environment counts too.",
)
FOREIGN: dict[str, Foreign] = {
    "use-deprecated": Foreign(
        "there is neither an older resolver nor another store of certificates",
        "Leave it out; docs/reference/pip-differences.md says what differs.",
        matters=True,
    ),
    "no-use-pep517": Foreign(
        "source trees are built by PEP 517 only", "Leave it out, or have a wheel built elsewhere.", matters=True
    ),
    "global-option": _SETUP,
    "build-option": _SETUP,
    "install-option": _SETUP,
    "no-verify": Foreign("what was built is always checked before it is kept", "Leave it out."),
    "global": _FILES,
    "site": _FILES,
    "powershell": Foreign("there are scripts for bash, zsh and fish", "Take --bash, --zsh or --fish."),
}
