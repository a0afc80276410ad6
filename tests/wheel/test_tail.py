"""Metadata out of the end of an archive: with whatever part is there, and never more requests than needed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.errors import IntegrityError
from clearway.model.metadata import Metadata
from clearway.wheel.contents import read_metadata
from clearway.wheel.tail import Span, metadata_in_spans
from support.wheels import STORED, Member, make_wheel
from support.zips import write_zip

FILES = {f"demo/module_{n}.py": bytes(range(256)) * 20 for n in range(20)}
WHEEL = make_wheel("demo", "1.0", requires=["other"], files=FILES, method=STORED)
EXPECTED = read_metadata(memoryview(WHEEL.content), WHEEL.filename)


def fetched(content: bytes, length: int, filename: str) -> tuple[Metadata, list[Span]]:
    """Do what a client does: the last bytes first, then each span that is asked for."""
    spans = [(len(content) - length, content[len(content) - length :])]
    asked: list[Span] = []
    while isinstance(found := metadata_in_spans(spans, len(content), filename), Span):
        asked.append(found)
        spans.append((found.start, content[found.start : found.stop]))
    return found, asked


@settings(max_examples=50)
@given(st.integers(22, len(WHEEL.content)))
def test_any_end_leads_to_the_metadata(length: int) -> None:
    metadata, asked = fetched(WHEEL.content, length, WHEEL.filename)
    assert metadata == EXPECTED
    assert len(asked) <= 2
    assert sum(span.stop - span.start for span in asked) < 16 << 10


def test_metadata_at_the_start_costs_its_own_bytes_only() -> None:
    info = "demo-1.0.dist-info"
    content = write_zip(
        [
            Member(f"{info}/METADATA", WHEEL.metadata),
            *(Member(path, data, method=STORED) for path, data in FILES.items()),
        ]
    )
    metadata, asked = fetched(content, 4096, WHEEL.filename)
    assert metadata == EXPECTED
    assert asked == [Span(0, asked[0].stop)]
    assert asked[0].stop < 500


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (make_wheel("other", "1.0").content, WHEEL.filename, "wrong-wheel"),
        (make_wheel("demo", "1.0", omit=["METADATA"]).content, WHEEL.filename, "bad-metadata"),
        (b"<html>" + bytes(100), WHEEL.filename, "bad-archive"),
        (WHEEL.content[:-1], WHEEL.filename, "bad-archive"),
        (write_zip([Member("demo-1.0.dist-info/METADATA", WHEEL.metadata, crc=1)]), WHEEL.filename, "bad-archive"),
        (
            write_zip([Member("demo-1.0.dist-info/METADATA", WHEEL.metadata, offset=1 << 20)]),
            WHEEL.filename,
            "bad-archive",
        ),
        (write_zip([Member("demo-1.0.dist-info/METADATA", bytes(20 << 20))]), WHEEL.filename, "bad-metadata"),
    ],
)
def test_hostile_archives_are_refused(content: bytes, filename: str, code: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        metadata_in_spans([(0, content)], len(content), filename)
    assert caught.value.code == code


@settings(max_examples=200)
@given(st.data())
def test_damage_ends_in_a_refusal_or_a_sensible_span(data: st.DataObject) -> None:
    tail = bytearray(WHEEL.content[-3000:])
    tail[data.draw(st.integers(0, len(tail) - 1))] ^= data.draw(st.integers(1, 255))
    total = len(WHEEL.content)
    try:
        found = metadata_in_spans([(total - len(tail), bytes(tail))], total, WHEEL.filename)
    except IntegrityError:
        return
    if isinstance(found, Span):
        assert 0 <= found.start < found.stop <= total
