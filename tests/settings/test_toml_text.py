"""Where keys stand in a TOML text, and changes of one of them that leave everything else as it was."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.settings.toml_text import (
    add_table,
    outline,
    remove_key,
    remove_table,
    set_key,
    spell_value,
)

FILE = '''\
# mine
timeout = 5   # seconds
"retries" = 3
extra-index-url = [
  "a", # x ] y
  """b
]""",
]
find-links = ['[', "#", "\\\\" , \'\'\'it's "'\'\'\',]

# about corp
[[index]]   # first
name = "corp"
url = 'https://example.com/#x'
  policed = true

[[ "index" ]]
name = "b"
[index.more]
z = {a = "}", b = [1]}
[other . "table"]
when = 1979-05-27T07:32:00Z
'''


def test_the_file_of_the_tests_is_toml() -> None:
    assert tomllib.loads(FILE)["index"][1]["more"]["z"]["b"] == [1]


def test_where_keys_stand() -> None:
    lines = {path: span.line for path, span in outline(FILE).keys.items()}
    assert lines == {
        ("timeout",): 2,
        ("retries",): 3,
        ("extra-index-url",): 4,
        ("find-links",): 9,
        ("index", 0, "name"): 13,
        ("index", 0, "url"): 14,
        ("index", 0, "policed"): 15,
        ("index", 1, "name"): 18,
        ("index", 1, "more", "z"): 20,
        ("other", "table", "when"): 22,
    }


def test_every_value_is_found_whole() -> None:
    parsed = tomllib.loads(FILE)
    for path, span in outline(FILE).keys.items():
        value = parsed
        for part in path:
            value = value[part]
        assert tomllib.loads(f"x = {FILE[span.value : span.stop]}") == {"x": value}


@pytest.mark.parametrize("path", outline(FILE).keys, ids=str)
def test_one_value_is_changed_and_no_other_character(path: tuple[str | int, ...]) -> None:
    span = outline(FILE).keys[path]
    changed = set_key(FILE, path[:-1], [str(path[-1])], '"new"')
    assert changed == f'{FILE[: span.value]}"new"{FILE[span.stop :]}'
    expected = tomllib.loads(FILE)
    table = expected
    for part in path[:-1]:
        table = table[part]
    table[path[-1]] = "new"
    assert tomllib.loads(changed) == expected


@pytest.mark.parametrize("path", outline(FILE).keys, ids=str)
def test_a_key_goes_with_its_lines(path: tuple[str | int, ...]) -> None:
    changed = remove_key(FILE, path)
    expected = tomllib.loads(FILE)
    table = expected
    for part in path[:-1]:
        table = table[part]
    del table[path[-1]]
    assert tomllib.loads(changed) == expected
    assert changed.count("#") in {FILE.count("#"), FILE.count("#") - 1, FILE.count("#") - 2}


def test_a_new_key_stands_behind_its_neighbours() -> None:
    assert set_key(FILE, (), ["pre"], "true").splitlines()[9] == "pre = true"
    assert set_key(FILE, ("index", 0), ["default"], "true").splitlines()[15] == "default = true"
    assert set_key(FILE, ("index", 1), ["default"], "true").splitlines()[18] == "default = true"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "pre = true\n"),
        ("a = 1", "a = 1\npre = true\n"),
        ("a = 1\r\n", "a = 1\r\npre = true\r\n"),
        ("# only words\n", "# only words\npre = true\n"),
        ("# mine\n\n# of corp\n[[index]]\n", "# mine\n\npre = true\n\n# of corp\n[[index]]\n"),
        ("[[index]]\nname = 'a'\n", "pre = true\n\n[[index]]\nname = 'a'\n"),
        ("\ufeffa = 1\n", "\ufeffa = 1\npre = true\n"),
    ],
)
def test_the_first_key(before: str, after: str) -> None:
    assert set_key(before, (), ["pre"], "true") == after


def test_a_mark_at_the_beginning_is_no_part_of_a_key() -> None:
    assert set_key("\ufeffa = 1\n", (), ["a"], "2") == "\ufeffa = 2\n"


def test_tables_come_last_and_go_whole() -> None:
    added = add_table(FILE, "[[index]]", ['name = "c"', 'url = "u"'])
    assert added.startswith(FILE)
    assert tomllib.loads(added)["index"][2] == {"name": "c", "url": "u"}
    assert remove_table(added, ("index", 2)).rstrip() == FILE.rstrip()
    assert tomllib.loads(remove_table(FILE, ("index", 1))) == {
        **{key: value for key, value in tomllib.loads(FILE).items() if key != "index"},
        "index": tomllib.loads(FILE)["index"][:1],
    }


KEYS = st.sampled_from(["a", "b-c", "d_e", "timeout"])
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
SCALARS = st.booleans() | st.integers(-9, 10**6) | TEXTS
VALUES = SCALARS | st.lists(TEXTS, max_size=3)
GAPS = st.sampled_from(["", "\n", "# [x]\n", "#\n\n"])


@given(VALUES)
def test_a_value_that_is_spelled_is_read_again(value: object) -> None:
    assert tomllib.loads(f"x = {spell_value(value)}") == {"x": value}


@given(
    st.dictionaries(KEYS, st.tuples(VALUES, GAPS), max_size=3),
    st.lists(st.dictionaries(KEYS, st.tuples(VALUES, GAPS), max_size=2), max_size=2),
    KEYS,
    VALUES,
    st.integers(-1, 1),
)
def test_what_is_set_is_what_is_read(
    top: dict[str, tuple[object, str]],
    tables: list[dict[str, tuple[object, str]]],
    key: str,
    value: object,
    where: int,
) -> None:
    text = _written(top)
    for table in tables:
        text += f"[[index]] # one\n{_written(table)}"
    expected = tomllib.loads(text)
    if where >= len(tables):
        where = -1
    changed = set_key(text, () if where < 0 else ("index", where), [key], spell_value(value))
    (expected if where < 0 else expected["index"][where])[key] = value
    assert tomllib.loads(changed) == expected


def _written(table: dict[str, tuple[object, str]]) -> str:
    return "".join(f"{gap}{key} = {spell_value(value)}  # note\n" for key, (value, gap) in table.items())
