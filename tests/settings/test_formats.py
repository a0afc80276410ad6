"""``--no-binary`` and ``--only-binary``."""

from __future__ import annotations

import pytest

from clearway.model.inputs import FormatStatement
from clearway.model.names import normalize
from clearway.settings.formats import Formats, read_formats

NO = "no-binary"
ONLY = "only-binary"


@pytest.mark.parametrize(
    ("statements", "no_binary", "only_binary"),
    [
        ([], set(), set()),
        ([(NO, "Some_Name, other")], {"some-name", "other"}, set()),
        ([(NO, ":all:")], {":all:"}, set()),
        ([(NO, "a"), (NO, ":none:")], set(), set()),
        ([(NO, ":all:,:none:,b")], {"b"}, set()),
        ([(NO, "a,b"), (ONLY, "a")], {"b"}, {"a"}),
        ([(ONLY, "a"), (NO, "A")], {"a"}, set()),
        ([(NO, "a"), (ONLY, ":all:")], set(), {":all:"}),
        ([(ONLY, ":all:"), (NO, "a")], {"a"}, {":all:"}),
        ([(ONLY, "a"), (NO, ":none:")], set(), {"a"}),
        ([(NO, " , ,")], set(), set()),
    ],
)
def test_statements(statements: list[FormatStatement], no_binary: set[str], only_binary: set[str]) -> None:
    assert read_formats(statements) == Formats(frozenset(no_binary), frozenset(only_binary))


@pytest.mark.parametrize(
    ("statements", "wheels", "sources"),
    [
        ([], True, True),
        ([(NO, "a")], False, True),
        ([(ONLY, "a")], True, False),
        ([(NO, ":all:")], False, True),
        ([(ONLY, ":all:")], True, False),
        ([(NO, ":all:"), (ONLY, "a")], True, False),
        ([(ONLY, ":all:"), (NO, "a")], False, True),
        ([(NO, "b"), (ONLY, "b")], True, True),
    ],
)
def test_what_a_project_may_be_installed_from(statements: list[FormatStatement], wheels: bool, sources: bool) -> None:
    formats = read_formats(statements)
    assert (formats.wheels(normalize("a")), formats.sources(normalize("a"))) == (wheels, sources)
