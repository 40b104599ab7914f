"""Event ids in bulk: remembered in place, told as changes, and taken back as a whole."""

from contextlib import suppress
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import EventConflict, PageVisit, Tracker, VideoProgress
from coursetrack.testing.faults import cut_off, executed_places
from tests.domain.courses import BUTTON, DAY, START, VIDEO, lesson
from tests.tracker.test_rules_properties import academy

PARTS = [
    lesson(10),
    lesson(11, completion_type=BUTTON),
    lesson(12, completion_type=VIDEO, video_coverage=1),
    lesson(13),
]
ids = st.sampled_from([None, *"abcdef"])
told = {"member_id": st.just(7), "lesson_id": st.integers(10, 13), "event_id": ids}
at = st.sampled_from([START, START + DAY])
seconds = st.integers(0, 4)
events = st.one_of(
    st.builds(PageVisit, **told, at=at),
    st.builds(PageVisit, **told, at=at),
    st.builds(VideoProgress, **told, at=at, start=seconds, end=seconds, duration=st.just(4)),
)


def tracker_that_remembers(capacity: int) -> Tracker:
    made = Tracker(remember_events=capacity)
    made.add_all(academy(PARTS).entities())
    return made


@given(st.integers(0, 4), st.lists(events, max_size=4), st.lists(events, max_size=14))
def test_in_bulk_as_one_by_one(capacity: int, before: list[Any], many: list[Any]) -> None:
    bulk, single = tracker_that_remembers(capacity), tracker_that_remembers(capacity)
    for tracker in (bulk, single):
        for event in before:
            with suppress(EventConflict):
                tracker.record(event)
    unchanged = bulk.snapshot()
    changes = []
    try:
        changes = [change for each in many for change in single.record(each).changes]
    except EventConflict:
        with pytest.raises(EventConflict):
            bulk.record_many(many)
        assert bulk.snapshot() == unchanged
    else:
        assert bulk.record_many(many).changes == tuple(changes)
        assert bulk.snapshot() == single.snapshot()
    bulk.check()


@pytest.mark.slow
def test_a_bulk_that_is_cut_off_anywhere_remembers_as_before() -> None:
    visit = PageVisit(member_id=7, lesson_id=10, at=START)
    old = [attrs.evolve(visit, event_id=each) for each in "ab"]
    report = VideoProgress(member_id=7, lesson_id=12, at=START, start=0, end=1, duration=4)
    many = [
        attrs.evolve(visit, event_id="c"),
        attrs.evolve(report, event_id="d"),
        attrs.evolve(visit, lesson_id=13, event_id="e"),
        attrs.evolve(visit, lesson_id=13, event_id="f"),
        attrs.evolve(report, end=2, event_id="g"),
        attrs.evolve(visit, event_id="h"),
    ]

    def begun() -> Tracker:
        tracker = tracker_that_remembers(2)
        tracker.record_many(old)
        return tracker

    before, after = begun(), begun()
    places = executed_places(lambda: after.record_many(many))
    for place in range(1, places + 1):
        tracker = begun()
        cut_off(lambda: tracker.record_many(many), at=place)  # noqa: B023
        assert tracker.version in (before.version, after.version)
        assert tracker == (before if tracker.version == before.version else after)
        tracker.check()
