"""`refusals` says beforehand what `record` will refuse, and changes nothing."""

import sys
from typing import Any

import pytest
from hypothesis import given

from coursetrack import (
    ButtonClick,
    CoursetrackError,
    EventConflict,
    InvalidValue,
    PageVisit,
    Tracker,
    VideoProgress,
)
from tests.domain.courses import DAY, SEQUENTIAL, START, lesson, parts
from tests.tracker.scripts import Call, events, play, recorded, scripts
from tests.tracker.scripts import academy as small_academy
from tests.tracker.test_rules_properties import academy, begun, hands, standings, streams


def came_of(call: Any) -> Any:
    try:
        return call()
    except CoursetrackError as error:
        return type(error)


@given(parts(), standings, hands, streams)
def test_the_dry_run_says_what_record_does(given_parts, standing, hand, stream):
    tracker = begun(given_parts, standing, hand)
    for event in stream:
        told = tracker.refusals(event)
        assert told == tracker.record(event).refused


@given(scripts, events, recorded)
def test_it_agrees_whatever_happened_before_and_changes_nothing(
    calls: list[Call], event: Any, when: dict[str, Any]
):
    tracker = small_academy()
    for call in calls:
        play(tracker, call)
    before = tracker.snapshot()
    told = came_of(lambda: tracker.refusals(event, **when))
    assert tracker.snapshot() == before
    assert told == came_of(lambda: tracker.record(event, **when).refused)


def test_a_lock_is_told_with_what_opens_it_until_it_is_open():
    tracker = academy([lesson(10), lesson(11, unlock_type=SEQUENTIAL)])
    later = PageVisit(member_id=7, lesson_id=11, at=START + DAY)
    (reason,) = tracker.refusals(later)
    assert (reason.code, reason.requires) == ("lesson_locked", (10,))
    tracker.record(PageVisit(member_id=7, lesson_id=10, at=START))
    assert tracker.refusals(later) == ()


def test_events_of_every_kind_can_be_asked_about_and_nothing_else():
    tracker = academy([lesson(10)])
    report = {"member_id": 7, "lesson_id": 10, "at": START}
    assert tracker.refusals(VideoProgress(**report, start=0, end=1, duration=9)) == ()
    assert tracker.refusals(ButtonClick(**report, event_id="e")) == ()
    with pytest.raises(InvalidValue, match="event"):
        tracker.refusals(lesson(10))  # type: ignore[arg-type]


def test_a_reused_event_id_is_the_error_that_record_raises():
    tracker = academy([lesson(10)])
    tracker.record(PageVisit(member_id=7, lesson_id=10, at=START, event_id="e"))
    with pytest.raises(EventConflict):
        tracker.refusals(PageVisit(member_id=7, lesson_id=10, at=START + DAY, event_id="e"))


def lines_run(call: Any) -> int:
    """How many lines of Python a call runs."""
    count = 0

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(None)
    return count


def test_the_plain_case_costs_about_what_a_repeat_costs():
    tracker: Tracker = academy([lesson(10), lesson(11)])
    tracker.record(PageVisit(member_id=7, lesson_id=10, at=START))
    repeat, fresh = (PageVisit(member_id=7, lesson_id=id_, at=START) for id_ in (10, 11))
    assert tracker.record(repeat).repeated
    assert tracker.refusals(fresh) == ()
    cost = lines_run(lambda: tracker.record(repeat))
    assert lines_run(lambda: tracker.refusals(repeat)) <= cost + 2
    assert lines_run(lambda: tracker.refusals(fresh)) <= cost + 2
