"""Fixtures that every room's tests may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.simulator import IndexSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def simulator() -> Iterator[IndexSimulator]:
    """A package index on loopback, answering."""
    with IndexSimulator() as index:
        yield index
