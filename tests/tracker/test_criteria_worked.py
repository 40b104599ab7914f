"""Criteria through the tracker, in small examples that a reader can follow."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from coursetrack import (
    AllOf,
    AnyOf,
    AtLeast,
    Button,
    ButtonClick,
    Course,
    CourseMember,
    Coworker,
    Criterion,
    Event,
    Lesson,
    PageVisit,
    ScoreAtLeast,
    Scored,
    TimeSpent,
    TimeSpentAtLeast,
    Tracker,
    Untracked,
    VideoCoverage,
    VideoFinish,
    VideoProgress,
    Visited,
)

START = datetime(2025, 1, 1, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WHO: dict[str, Any] = {"member_id": 7, "lesson_id": 10}


def course(criterion: Criterion, **fields: Any) -> Tracker:
    tracker = Tracker()
    tracker.add_all(
        [
            Course(id=1, title="Onboarding"),
            Lesson(id=10, course_id=1, title="Week 1", criterion=criterion, **fields),
            Coworker(id=100, full_name="Ada Lovelace"),
            CourseMember(id=7, course_id=1, coworker_id=100, created_on=START),
        ]
    )
    return tracker


def at(minutes: float) -> dict[str, Any]:
    return {**WHO, "at": START + minutes * MINUTE}


def watched(start: float, end: float, minutes: float = 0, duration: float = 600) -> VideoProgress:
    return VideoProgress(**at(minutes), start=start, end=end, duration=duration)


def completed_at(tracker: Tracker) -> datetime | None:
    record = tracker.completed_lessons.get_pair(10, 7)
    return None if record is None else record.created_on


def after(criterion: Criterion, *events: Event) -> float | None:
    """In which minute the events complete the lesson: one by one, and the same in bulk."""
    one_by_one, in_bulk = course(criterion), course(criterion)
    for event in events:
        one_by_one.record(event)
    in_bulk.record_many(events)
    assert one_by_one == in_bulk
    assert one_by_one.snapshot() == in_bulk.snapshot()
    one_by_one.check()
    found = completed_at(one_by_one)
    return None if found is None else (found - START) / MINUTE


def test_two_tabs_that_are_open_at_the_same_time_count_once() -> None:
    ten = TimeSpentAtLeast(600)
    tabs = [TimeSpent(**at(6), seconds=360), TimeSpent(**at(7), seconds=360)]
    assert after(ten, *tabs) is None  # seven minutes by the clock
    assert after(ten, *tabs, TimeSpent(**at(20), seconds=180)) == 20
    assert after(ten, TimeSpent(**at(20), seconds=180), *tabs) == 20


def test_the_best_score_counts_and_the_first_that_was_good_enough_dates_it() -> None:
    eighty = ScoreAtLeast(0.8)
    bad, good, better = (Scored(**at(n), score=n, out_of=10) for n in (7, 8, 9))
    assert after(eighty, bad) is None
    assert after(eighty, bad, good, better) == 8
    assert after(eighty, good, bad) == 8
    # A tenth three times is exactly three tenths.
    assert after(ScoreAtLeast(0.3), Scored(**at(1), score=0.3, out_of=1)) == 1


def test_all_of_them_in_any_order_of_arrival_since_the_last_one_happened() -> None:
    criterion = AllOf(Visited(), VideoCoverage(0.5), ScoreAtLeast(0.5))
    events = (PageVisit(**at(1)), watched(0, 300, 2), Scored(**at(3), score=5, out_of=10))
    assert {after(criterion, *order) for order in permutations(events)} == {3}
    for missing in events:
        assert after(criterion, *(each for each in events if each is not missing)) is None


def test_so_many_of_them() -> None:
    criterion = AtLeast(2, Visited(), Button(), AnyOf(VideoCoverage(1), Untracked()))
    assert after(criterion, PageVisit(**at(1)), PageVisit(**at(2))) is None
    assert after(criterion, PageVisit(**at(4)), watched(0, 600, 2)) == 4
    assert after(criterion, ButtonClick(**at(1)), PageVisit(**at(4)), watched(0, 600, 2)) == 4


def test_what_does_not_concern_the_criterion_is_ignored() -> None:
    tracker = course(AllOf(Visited(), Button()))
    for event in (VideoFinish(**at(1)), watched(0, 600), Scored(**at(1), score=1, out_of=1)):
        outcome = tracker.record(event)
        assert outcome.ignored
        assert outcome.changes == ()
    assert tracker.record(PageVisit(**at(1))).advanced


# -- what a report of a player may do


def test_a_placeholder_or_an_advertisement_does_not_complete_the_film() -> None:
    tracker = course(VideoCoverage(1))
    tracker.record(watched(0, 5))
    for length in (1, 30, 593.9):
        assert tracker.record(watched(0, length, 1, duration=length)).completed is None
        tracker.reset(member_id=7)
        tracker.record(watched(0, 5))
    assert tracker.record(watched(0, 594, 2, duration=594)).completed is not None  # within 1 %


def test_the_lessons_own_duration_overrides_what_players_report() -> None:
    tracker = course(VideoCoverage(0.9), video_duration=600)
    assert tracker.record(watched(0, 1, duration=1)).completed is None
    assert tracker.record(watched(0, 540, 1, duration=9_000)).completed is not None


def test_reversed_stretches_are_no_watching_however_many_there_are() -> None:
    tracker = course(VideoCoverage(0.1))
    for place in range(0, 600, 30):
        outcome = tracker.record(watched(place + 30, place))
        assert (outcome.ignored, outcome.changes) == (True, ())


@pytest.mark.parametrize("order", permutations(range(3)))
def test_a_completion_is_dated_alike_in_every_order_and_never_too_early(order: Any) -> None:
    thirds = [watched(200 * n, 200 * n + 200, n) for n in range(3)]
    tracker = course(VideoCoverage(1))
    for place in order:
        tracker.record(thirds[place])
    assert completed_at(tracker) == START + 2 * MINUTE
