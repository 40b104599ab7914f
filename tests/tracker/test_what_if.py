"""What-if: a change of the course is tried on a fork, and every member is told what it does."""

from datetime import timedelta
from fractions import Fraction

import attrs
import pytest
from hypothesis import given

from coursetrack import (
    CompletionType,
    Coworker,
    Difference,
    Effect,
    Lesson,
    MissingEntity,
    PageVisit,
    Reason,
    Section,
    UnlockType,
    VideoProgress,
)
from tests.tracker.scripts import START, Call, academy, entities, play, scripts


def test_a_lesson_that_is_added_lowers_progress_and_says_why() -> None:
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    before = tracker.snapshot()
    found = tracker.what_if(add=[Lesson(id=9, course_id=1, title="New")])
    assert [each.member_id for each in found.members] == [1, 2]
    (member,) = found.losing
    assert member.member_id == 1
    assert (member.before.completeness, member.after.completeness) == (
        Fraction(1, 4),
        Fraction(1, 5),
    )
    assert member.gained == Fraction(-1, 20)
    assert member.differences == (Difference(lesson_id=9, reason=Reason.COUNTS_OPEN),)
    assert [each.member_id for each in found.keeping] == [2]
    assert found.gaining == ()
    assert tracker.snapshot() == before


def test_a_lesson_that_retires_raises_the_progress_of_who_had_not_completed_it() -> None:
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    found = tracker.what_if(replace=[attrs.evolve(tracker.lesson(2), active=False)])
    (member,) = found.gaining
    assert (member.member_id, member.effect) == (1, Effect.GAINS)
    assert member.differences == (Difference(lesson_id=2, reason=Reason.NO_LONGER_COUNTS_OPEN),)


def test_removing_a_completed_lesson_takes_its_progress() -> None:
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    found = tracker.what_if(remove=[tracker.lesson(1)])
    assert [each.effect for each in found.members] == [Effect.LOSES, Effect.KEEPS]
    reasons = [each.differences[0].reason for each in found.members]
    assert reasons == [Reason.NO_LONGER_COUNTS_COMPLETED, Reason.NO_LONGER_COUNTS_OPEN]


def test_a_lower_threshold_tells_who_has_watched_enough() -> None:
    tracker = academy()
    lesson = attrs.evolve(tracker.lesson(3), video_coverage=1)
    tracker.replace(lesson)
    tracker.record(VideoProgress(member_id=2, lesson_id=3, at=START, start=0, end=5, duration=10))
    found = tracker.what_if(replace=[attrs.evolve(lesson, video_coverage=0.5)])
    assert [each.differences for each in found.members] == [
        (),
        (Difference(lesson_id=3, reason=Reason.WATCHED_ENOUGH),),
    ]


def test_locks_are_compared_at_an_instant() -> None:
    tracker = academy()
    section = tracker.section(1)
    assert section.unlock_type is UnlockType.SEQUENTIAL
    closed = Section(
        id=1, course_id=1, title="Later", unlock_type=UnlockType.TIMED, unlock_after_days=7
    )
    found = tracker.what_if(replace=[closed], at=START)
    closes = (Difference(lesson_id=4, reason=Reason.CLOSES),)
    assert {each.differences for each in found.members} == {closes}
    later = tracker.what_if(replace=[closed], at=START + timedelta(days=7))
    assert {each.differences for each in later.members} == {()}
    assert {each.effect for each in found.members} == {Effect.KEEPS}


def test_a_member_who_leaves_and_one_who_joins_are_told() -> None:
    tracker = academy()
    moved = attrs.evolve(tracker.member(1), id=9, unique_id="")
    found = tracker.what_if(add=[moved], remove=[tracker.member(1)])
    assert {each.member_id: each.effect for each in found.members} == {
        1: Effect.LEAVES,
        2: Effect.KEEPS,
        9: Effect.JOINS,
    }


def test_what_touches_no_course_touches_nobody() -> None:
    tracker = academy()
    assert tracker.what_if(replace=[Coworker(id=1, full_name="Bea")]).members == ()


def test_what_cannot_be_done_cannot_be_tried() -> None:
    with pytest.raises(MissingEntity):
        academy().what_if(
            replace=[
                Lesson(id=99, course_id=1, title="None", completion_type=CompletionType.VISITED)
            ]
        )


@given(scripts, entities)
def test_it_tells_what_doing_it_does(calls: list[Call], entity: object) -> None:
    tracker = academy()
    for call in calls:
        play(tracker, call)
    before = tracker.snapshot()
    found = play(tracker, ("what_if", (), {"replace": [entity]}))
    assert tracker.snapshot() == before
    done = play(tracker, ("replace", (entity,), {}))
    if isinstance(found, Exception):
        assert type(found) is type(done)
        return
    for member in found.members:
        if member.after is not None:
            assert tracker.progress(member_id=member.member_id) == member.after
