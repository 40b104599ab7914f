"""The strategy of trackers: what it promises, and that it reaches what clients get wrong."""

from collections import Counter

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coursetrack.listing.query import CompletedLessonQuery as Query
from coursetrack.testing import strategies
from coursetrack.testing.registration import register
from coursetrack.tracker import Tracker

DRAWS = settings(max_examples=60, derandomize=True, database=None, phases=[Phase.generate])


@settings(max_examples=10)
@given(least=st.integers(0, 60), data=st.data())
@pytest.mark.slow
def test_at_least_so_many_are_completed_and_everything_holds(
    least: int, data: st.DataObject
) -> None:
    tracker = data.draw(strategies.trackers(min_completed=least))
    assert len(tracker.completed_lessons) >= least
    tracker.check()


def walked(tracker: Tracker) -> list[int]:
    """A wrong client: it never asks for a third page."""
    pages = (tracker.completed_lessons.find(Query(page=page, size=4)) for page in (1, 2))
    return [record.id for page in pages for record in page.records]


@pytest.mark.slow
def test_lists_are_not_empty_and_a_third_page_is_reached() -> None:
    """The reach that a bug on a client's third page needs."""
    reached: Counter[str] = Counter()

    @DRAWS
    @given(data=st.data())
    def draw(data: st.DataObject) -> None:
        tracker = data.draw(st.from_type(Tracker))
        find = tracker.completed_lessons.find
        query = data.draw(strategies.queries(tracker=tracker))
        reached["drawn"] += 1
        reached["some records"] += len(tracker.completed_lessons) > 0
        reached["records found"] += find(attrs.evolve(query, page=1)).total_items > 0
        reached["a page with records"] += len(find(query).records) > 0
        reached["page 3 of size 2"] += bool(find(Query(page=3, size=2)).records)
        reached["the query's page 3"] += bool(find(attrs.evolve(query, page=3)).records)
        reached["a client that stops after two pages"] += len(walked(tracker)) != len(
            tracker.completed_lessons
        )

    register()
    draw()
    shares = {name: count / reached["drawn"] for name, count in reached.items()}
    assert shares["some records"] > 0.8, shares
    assert shares["page 3 of size 2"] > 0.5, shares
    assert shares["records found"] > 0.4, shares
    assert shares["a page with records"] > 0.3, shares
    assert shares["the query's page 3"] > 0.1, shares
    assert shares["a client that stops after two pages"] > 0.2, shares
