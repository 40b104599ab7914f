"""The condition of the fast path stands written out in six places: all of them say the same.

An event is recorded at once, in bulk, from columns in two ways, asked about by `refusals`, and
judged without the fast path (which an expected version goes round); and the plain rules are asked,
who know nothing of masks.
"""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import column_recording
from coursetrack.domain.entities import (
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    Section,
    UnlockType,
)
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish
from coursetrack.domain.outcomes import Outcome
from coursetrack.domain.refusals import Refusal
from coursetrack.domain.rules import refusals, unknown_refusals
from coursetrack.tracker import Tracker
from tests.domain.courses import START

LESSON_IDS, MEMBER_IDS = range(1, 7), range(1, 4)
mostly_true = st.sampled_from((True,) * 11 + (False,))
locks = {
    "unlock_type": st.sampled_from((*UnlockType, UnlockType.SEQUENTIAL)),
    "unlock_after_days": st.integers(0, 1),
    "active": mostly_true,
}


def lessons(id_: int) -> st.SearchStrategy[Lesson]:
    """A lesson of one of two sections, or of none, that visits complete more often than not."""
    return st.builds(
        Lesson,
        id=st.just(id_),
        course_id=st.just(1),
        section_id=st.sampled_from((None, 1, 1, 2, 2)),
        title=st.just("L"),
        completion_type=st.sampled_from((*CompletionType, *[CompletionType.VISITED] * 4)),
        required=mostly_true,
        **locks,
    )


def members(id_: int) -> st.SearchStrategy[CourseMember]:
    """A member of the course, now and then of another one, barred, or not there yet."""
    return st.builds(
        CourseMember,
        id=st.just(id_),
        course_id=st.sampled_from((1,) * 9 + (2,)),
        coworker_id=st.just(1),
        created_on=st.just(START),
        approved=mostly_true,
        blocked=mostly_true.map(lambda each: not each),
    )


parts = st.tuples(
    *(
        st.builds(Section, id=st.just(id_), course_id=st.just(1), title=st.just("S"), **locks)
        for id_ in (1, 2)
    ),
    *map(lessons, LESSON_IDS),
    *map(members, MEMBER_IDS),
)
pairs = st.sets(st.tuples(st.sampled_from(LESSON_IDS), st.sampled_from(MEMBER_IDS)), min_size=5)
COURSES = (Course(id=1, title="C"), Course(id=2, title="D"), Coworker(id=1, full_name="Ada"))
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
events = st.builds(
    lambda kind, at, **who: kind(at=at, **who),
    st.sampled_from((PageVisit, PageVisit, PageVisit, ButtonClick, VideoFinish)),
    st.sampled_from(
        (START - MOMENT, START, START + DAY - MOMENT, *[START + DAY] * 3, START + 2 * DAY)
    ),
    lesson_id=st.sampled_from((*LESSON_IDS, *LESSON_IDS, 7)),
    member_id=st.sampled_from((*MEMBER_IDS, *MEMBER_IDS, *MEMBER_IDS, 4)),
)


def tracker_of(
    built: tuple[Section | Lesson | CourseMember, ...], hand: set[tuple[int, int]]
) -> Tracker:
    """A course of these parts, with what a hand completed in it."""
    tracker = Tracker()
    tracker.add_all([*COURSES, *built])
    for lesson_id, member_id in sorted(hand):
        tracker.complete(lesson_id=lesson_id, member_id=member_id, at=START)
    return tracker


def by_the_rules(tracker: Tracker, event: Event) -> tuple[Refusal, ...]:
    """Why the plain rules refuse `event`."""
    tables = tracker._state.entity_tables
    lesson = tables.table(Lesson).get(event.lesson_id)
    member = tables.table(CourseMember).get(event.member_id)
    outline = None if lesson is None else tables.outline(lesson.course_id)
    if lesson is None or member is None or outline is None:
        return unknown_refusals(event.lesson_id, event.member_id, outline, member, event.at)
    done = {
        record.lesson_id
        for record in tracker.completed_lessons
        if record.member_id == event.member_id
    }
    return refusals(outline, lesson, member, done, event.at)


def ways(tracker: Tracker, event: Event) -> Iterator[tuple[Tracker, tuple[int, ...]]]:
    """A tracker for each way in, and completed, repeated, ignored, refused of the event."""
    at_once, judged, in_bulk, of_columns, of_one_kind = (tracker.fork() for _ in range(5))
    yield at_once, counted(at_once.record(event))
    yield judged, counted(judged.record(event, expect_version=judged.version))
    kind, *columns = event.to_plain()
    with patch.object(column_recording, "_PAYS_OFF", 0):  # as if there were many events
        of_one = of_one_kind.record_columns(kind, *([each] for each in columns))
    tallies = (
        (in_bulk, in_bulk.record_many([event])),
        (of_columns, of_columns.record_columns(kind, *([each] for each in columns))),
        (of_one_kind, of_one),
    )
    for other, tally in tallies:
        yield other, (tally.completed, tally.repeated, tally.ignored, tally.refused_events)


def counted(outcome: Outcome) -> tuple[int, ...]:
    """What a tally of this one outcome counts."""
    completed = outcome.completed is not None and not outcome.repeated
    return (
        int(completed),
        int(outcome.repeated),
        int(outcome.ignored),
        int(bool(outcome.refused)),
    )


@pytest.mark.slow
@given(parts, pairs, st.lists(events, min_size=6, max_size=6))
def test_every_copy_of_the_condition_says_the_same(
    built: tuple[Section | Lesson | CourseMember, ...],
    hand: set[tuple[int, int]],
    nexts: list[Event],
) -> None:
    tracker = tracker_of(built, hand)
    for event in nexts:
        refused = by_the_rules(tracker, event)
        assert tracker.refusals(event) == refused
        (at_once, counts), *others = ways(tracker, event)
        assert counts[-1] == bool(refused)
        for other, same_counts in others:
            assert same_counts == counts
            assert (other.version, list(other.completed_lessons)) == (
                at_once.version,
                list(at_once.completed_lessons),
            )
        tracker = at_once
    tracker.check()
