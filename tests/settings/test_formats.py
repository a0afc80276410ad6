"""``--no-binary`` and ``--only-binary``."""

from __future__ import annotations

import pytest

from clearway.model.inputs import FormatStatement
from clearway.model.names import normalize
from clearway.settings.formats import Formats, Use, read_formats

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
    ("statements", "use"),
    [
        ([], "either"),
        ([(NO, "a")], "sources"),
        ([(ONLY, "a")], "wheels"),
        ([(NO, ":all:")], "sources"),
        ([(ONLY, ":all:")], "wheels"),
        ([(NO, ":all:"), (ONLY, "a")], "wheels"),
        ([(ONLY, ":all:"), (NO, "a")], "sources"),
        ([(NO, "b"), (ONLY, "b")], "either"),
    ],
)
def test_what_a_project_may_be_installed_from(statements: list[FormatStatement], use: Use) -> None:
    assert read_formats(statements).use(normalize("a")) == use


def test_where_hashes_were_given_any_file_may_be_the_one_that_has_it() -> None:
    hashed = [normalize("a"), normalize("b")]
    formats = read_formats([(ONLY, "b")], hashed)
    assert [formats.use(normalize(name)) for name in ("a", "b", "c")] == ["both", "wheels", "either"]
