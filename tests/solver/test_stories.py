"""The page about the solver is true: its examples are solved, and told, as it says."""

from __future__ import annotations

import pytest

from solver.stories import stories

STORIES = stories()


def test_the_page_has_stories_of_both_kinds() -> None:
    assert sum(bool(story.told) for story in STORIES.values()) >= 8
    assert sum(bool(story.solution) for story in STORIES.values()) >= 4


@pytest.mark.parametrize("heading", STORIES)
def test_story(heading: str) -> None:
    told, solution = STORIES[heading].end()
    assert told == STORIES[heading].told
    assert solution == STORIES[heading].solution
