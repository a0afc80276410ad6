"""How much the prefetcher may ask for in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from clearway.catalog.located import Located
from clearway.index.records import File
from clearway.index.routing import make_index
from clearway.resolution.stakes import FEW, Stakes

if TYPE_CHECKING:
    from clearway.catalog.catalog import Catalog

INDEX = make_index("https://example.com/simple/")


class Arrived:
    """A catalog that knows nothing but what has come, and how large what comes will be."""

    def __init__(self, count: int, received: int, size: int = 1000) -> None:
        self.known = (count, received)
        self.size = size

    def received(self) -> tuple[int, int]:
        return self.known

    def expected_size(self, _located: Located) -> int:
        return self.size


def located(number: int) -> Located:
    return Located(File(f"demo-{number}-py3-none-any.whl", f"https://example.com/{number}.whl"), INDEX)


def stakes(catalog: Arrived) -> Stakes:
    fake: Catalog = catalog  # type: ignore[assignment]  # all that Stakes asks of it
    return Stakes(fake)


def room(catalog: Arrived, *, older: bool = False) -> int:
    """Return how many archives may be at stake at once."""
    kept = stakes(catalog)
    return next(number for number in range(1000) if not kept.put(located(number), older=older))


def test_a_small_resolution_guesses_nothing() -> None:
    assert room(Arrived(FEW, 10**9)) == 0
    assert room(Arrived(FEW + 2, 10**9)) == 1


def test_of_the_newest_guesses_half_as_many_as_have_come_after_the_first() -> None:
    assert room(Arrived(FEW + 80, 10**9)) == 40


def test_of_older_releases_a_twentieth() -> None:
    assert room(Arrived(19, 10**9), older=True) == 0
    assert room(Arrived(100, 10**9), older=True) == 5


def test_bytes_count_like_archives() -> None:
    assert room(Arrived(100, 100_000, size=2_000), older=True) == 2


def test_what_the_solver_wants_is_no_longer_at_stake() -> None:
    kept = stakes(Arrived(20, 10**9))
    assert kept.put(located(1), older=True)
    assert not kept.put(located(2), older=True)
    kept.take(located(1))
    assert kept.put(located(2), older=True)


def test_what_is_at_stake_already_needs_no_room() -> None:
    kept = stakes(Arrived(20, 10**9))
    assert kept.put(located(1), older=True)
    assert kept.put(located(1), older=True)
    assert kept.put(located(1))


@given(count=st.integers(0, 400), received=st.integers(0, 10**8), size=st.integers(0, 10**6), older=st.booleans())
def test_there_is_never_more_at_stake_than_half_of_what_has_come(
    count: int, received: int, size: int, older: bool
) -> None:
    at_stake = room(Arrived(count, received, size), older=older)
    assert at_stake <= count / 2
    assert at_stake * size <= received / 2
