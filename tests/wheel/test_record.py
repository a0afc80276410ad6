"""RECORD: read as a CSV reader reads it, written so that one reads it back."""

from __future__ import annotations

import base64
import csv
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.wheel.record import Row, encode_digest, parse_record, render_row

PATHS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from(',"/ '), min_size=1, max_size=12)


@given(st.lists(st.tuples(PATHS, st.sampled_from(["", "sha256=abc"]), st.sampled_from(["", "12"])), max_size=6))
def test_reads_what_csv_writes(rows: list[tuple[str, str, str]]) -> None:
    for end in ("\n", "\r\n"):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator=end).writerows(rows)
        assert parse_record(text.getvalue().encode()) == [Row(*row) for row in rows]


@given(PATHS)
def test_csv_reads_what_is_written(path: str) -> None:
    text = render_row(path, "abc", 3) + render_row(path)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[path, "sha256=abc", "3"], [path, "", ""]]


@given(st.binary(max_size=100))
def test_digests_are_spelled_as_pep_427_has_it(content: bytes) -> None:
    digest = hashlib.sha256(content).digest()
    assert encode_digest(digest) == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.parametrize("content", [b"one,two", b"\xff,,", b'"open,,\n', b'"a","b","c","d"\n', b'a,"b"c,\n'])
def test_damaged_ones_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_record(content)


def test_a_byte_order_mark_and_empty_lines_are_skipped() -> None:
    assert parse_record(b"\xef\xbb\xbfa.py,,\n\nb.py,,\n") == [Row("a.py"), Row("b.py")]
