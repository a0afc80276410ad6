"""JSON that every terminal and every encoding can carry."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from clearway.cli.data import to_json

ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)


@given(ANY, st.sampled_from([0, 2]))
def test_what_is_written_is_what_was_given(data: object, indent: int) -> None:
    text = to_json(data, indent=indent)
    assert json.loads(text) == data
    assert text.isascii()
    assert indent or "\n" not in text


def test_spelled_as_others_do() -> None:
    data = [{"name": "demo", "more": [1, None]}]
    assert to_json(data, indent=0) == json.dumps(data)
    assert to_json(data) == json.dumps(data, indent=2)
