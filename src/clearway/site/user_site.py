"""The interpreter of a system and its user's folder, as one site (PEP 370).

What is installed goes into the folders of the interpreter. What is removed, or replaced, may lie in the user's folder
as well, which comes before them on ``sys.path``: left there, it would hide what was installed. Each of the two is
changed whole or not at all; the user's comes last, so that in between the older one is still what Python imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.ports import Change
from clearway.site.layout import Layout
from clearway.site.removal import is_outside

if TYPE_CHECKING:
    from clearway.model.targets import Environment
    from clearway.site.environment_site import EnvironmentSite


class WithUserSite:
    """Implements :class:`clearway.ports.Site`.

    :param own: the folders of the interpreter.
    :param user: the user's, and what it is like.
    """

    def __init__(self, own: EnvironmentSite, user: EnvironmentSite, environment: Environment) -> None:
        self._own = own
        self._user = user
        self._layout = Layout(environment)

    def recover(self) -> str:
        """Finish or roll back what a killed run left behind in either; return what is to be said about it."""
        return ". ".join(filter(None, (self._own.recover(), self._user.recover())))

    def apply(self, change: Change) -> None:
        """Make a change.

        :raises TargetError: as :meth:`clearway.ports.Site.apply`.
        """
        theirs = tuple(one for one in change.remove if not is_outside(one, self._layout))
        mine = tuple(one for one in change.remove if one not in theirs)
        if mine or change.install:
            self._own.apply(Change(mine, change.install))
        if theirs:
            self._user.apply(Change(theirs, ()))
