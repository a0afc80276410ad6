"""Options that name projects: ``--all-releases`` and ``--only-final``, and what all such options share."""

from __future__ import annotations

import pytest

from clearway.model.inputs import ReleaseStatement
from clearway.model.names import normalize
from clearway.settings.choices import divide, names
from clearway.settings.releases import Prereleases, read_releases

EVERY, FINAL = "all-releases", "only-final"


@pytest.mark.parametrize(
    ("statements", "pre", "a", "b"),
    [
        ([], False, "usual", "usual"),
        ([], True, "yes", "yes"),
        ([(EVERY, "A")], False, "yes", "usual"),
        ([(FINAL, "a")], False, "no", "usual"),
        ([(FINAL, "a")], True, "no", "yes"),
        ([(EVERY, ":all:"), (FINAL, "a")], False, "no", "yes"),
        ([(FINAL, ":all:"), (EVERY, "a,c")], False, "yes", "no"),
        ([(FINAL, "a"), (EVERY, ":all:")], False, "yes", "yes"),
        ([(EVERY, "a"), (FINAL, "a")], False, "no", "usual"),
        ([(EVERY, "a,b"), (EVERY, ":none:,b")], False, "usual", "yes"),
    ],
)
def test_prereleases(statements: list[ReleaseStatement], pre: bool, a: Prereleases, b: Prereleases) -> None:
    releases = read_releases(statements, pre=pre)
    assert (releases.prereleases(normalize("a")), releases.prereleases(normalize("b"))) == (a, b)


def test_a_list_without_an_opposite() -> None:
    (listed,) = divide([("refresh-package", "Some_Name,:none:, other")], "refresh-package")
    assert [names(listed, normalize(name)) for name in ("some-name", "Other")] == [False, True]
    (listed,) = divide([("refresh-package", "a,:all:")], "refresh-package")
    assert names(listed, normalize("anything"))
