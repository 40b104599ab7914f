"""Progress as of an instant: what a tracker says that was told only of what happened by then."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coursetrack import CompletedLesson, Course, Coworker, PageVisit, Tracker
from coursetrack.testing import strategies
from tests.domain.courses import DAY, START, TICK, lesson, member, moments, parts
from tests.tracker.test_rules_properties import academy, begun, hands, streams


def course_progress(tracker: Tracker, **at: Any) -> Any:
    return tracker.course_progress(course_id=1, **at)


@given(parts(), hands, streams, moments())
def test_progress_as_of_an_instant_is_that_of_a_tracker_told_by_then(given_parts, hand, stream, at):
    ordered = sorted(stream, key=lambda event: event.at)
    by_then = [event for event in ordered if event.at <= at]
    whole, early = begun(given_parts, {}, set()), begun(given_parts, {}, set())
    whole.record_many(ordered)
    early.record_many(by_then)
    assert course_progress(whole, at=at) == course_progress(early)
    assert whole.progress(member_id=7, at=at) == early.progress(member_id=7)


@given(strategies.academies(min_each=1), st.data())
def test_it_is_so_for_everybody_in_every_course(academy, data):
    stream = data.draw(strategies.event_streams(academy=academy, arrival="ordered"))
    at = data.draw(strategies.instants())
    whole, early = Tracker(), Tracker()
    for tracker in (whole, early):
        tracker.add_all(academy.entities)
    whole.record_many(stream)
    early.record_many(event for event in stream if event.at <= at)
    for each in academy.courses:
        found = whole.course_progress(course_id=each.id, at=at)
        assert found == early.course_progress(course_id=each.id)


@given(parts(), st.lists(st.tuples(st.integers(0, 9), moments()), max_size=9), moments())
def test_what_a_hand_made_counts_from_its_own_instant(given_parts, made, at):
    whole, early = academy(given_parts), academy(given_parts)
    known = {each.id for each in whole.lessons(course_id=1)} | {0}
    rows = {lesson_id: when for lesson_id, when in made if lesson_id in known}
    for id_, (lesson_id, when) in enumerate(rows.items(), 1):
        record = CompletedLesson(id=id_, lesson_id=lesson_id, member_id=7, created_on=when)
        whole.add(record)
        if when <= at:
            early.add(record)
    assert course_progress(whole, at=at) == course_progress(early)


def test_the_last_instant_is_included_and_a_later_member_has_completed_nothing():
    tracker = academy([lesson(10)])
    tracker.add(member(id=8, created_on=START + 9 * DAY))
    tracker.record(PageVisit(member_id=7, lesson_id=10, at=START + DAY))
    before, then = (course_progress(tracker, at=START + DAY - tick) for tick in (TICK, 0 * TICK))
    assert [each.completed for each in before] == [0, 0]
    assert [each.completed for each in then] == [1, 0]
    assert [each.finished_on for each in then] == [START + DAY, None]
    assert course_progress(tracker, at=None) == then


def test_a_lesson_that_does_not_count_never_moves_the_day_of_finishing():
    tracker = academy([lesson(10), lesson(11, required=False), lesson(12, active=False)])
    tracker.add_all([Course(id=2, title="Other"), Coworker(id=2, full_name="Bea")])
    tracker.add(lesson(20, course_id=2))
    tracker.record(PageVisit(member_id=7, lesson_id=10, at=START + DAY))
    for days, lesson_id in enumerate((11, 12, 20), 5):
        tracker.complete(lesson_id=lesson_id, member_id=7, at=START + days * DAY)
        found = tracker.progress(member_id=7)
        assert (found.finished_on, found.finished) == (START + DAY, True)
        assert found.last_completed is not None
        assert found.last_completed.lesson_id == lesson_id
    tracker.add(lesson(13))
    assert tracker.progress(member_id=7).finished_on is None
