"""Rules 6 and 9: starting anew, and completing what a changed criterion has enough for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    AllOf,
    ButtonClick,
    Course,
    CourseMember,
    Coworker,
    DifferenceReason,
    Lesson,
    MissingEntity,
    PageVisit,
    ScoreAtLeast,
    Scored,
    Tracker,
    UnlockType,
    VersionConflict,
    VideoCoverage,
    VideoProgress,
    Visited,
)
from tests.tracker.scripts import Call, academy, entities, instants, play, scripts

START = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOON = START + 12 * HOUR


def watched(start: float, end: float, at: datetime, member_id: int = 7) -> VideoProgress:
    return VideoProgress(
        member_id=member_id, lesson_id=10, at=at, start=start, end=end, duration=100
    )


def course(*lessons: Lesson) -> Tracker:
    tracker = Tracker()
    tracker.add_all([Course(id=1, title="Onboarding"), *lessons])
    for id_ in (7, 8):
        tracker.add(Coworker(id=id_, full_name=f"Ada {id_}"))
        tracker.add(CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=START))
    return tracker


def film(id_: int = 10, share: float = 0.9, **fields: Any) -> Lesson:
    return Lesson(id=id_, course_id=1, title="Film", criterion=VideoCoverage(share), **fields)


# -- settling


def test_a_lowered_threshold_completes_nobody_until_it_is_settled() -> None:
    tracker = course(film())
    tracker.record(watched(0, 40, START + HOUR))
    tracker.record(watched(40, 60, START + 2 * HOUR))
    tracker.record(watched(0, 10, START + 2 * HOUR, member_id=8))
    lowered = attrs.evolve(tracker.lesson(10), criterion=VideoCoverage(0.5))
    told = tracker.what_if(replace=[lowered], at=NOON)
    tracker.replace(lowered)
    assert len(tracker.completed_lessons) == 0
    # What adds nothing completes nothing, though there is enough.
    assert tracker.record(watched(0, 60, START + 3 * HOUR)).completed is None
    outcome = tracker.settle(course_id=1, at=NOON)
    (record,) = [change.after for change in outcome.changes]
    assert (record.member_id, record.lesson_id) == (7, 10)
    assert (record.created_on, record.updated_on) == (START + 3 * HOUR, NOON)
    named = [each.member_id for each in told.members if each.differences]
    assert named == [7]
    assert tracker.settle(course_id=1, at=NOON).changes == ()
    tracker.check()


def test_what_is_settled_opens_what_is_locked_behind_it() -> None:
    second = Lesson(
        id=11,
        course_id=1,
        title="Quiz",
        display_order=1,
        criterion=AllOf(Visited(), ScoreAtLeast(0.5)),
    )
    tracker = course(film(), second)
    tracker.record(watched(0, 50, START + HOUR))
    who = {"member_id": 7, "lesson_id": 11}
    tracker.record(PageVisit(**who, at=START + 3 * HOUR))
    tracker.record(Scored(**who, at=START + 4 * HOUR, score=1, out_of=4))
    tracker.replace(film(share=0.5))
    easier = AllOf(Visited(), ScoreAtLeast(0.25))
    locked = attrs.evolve(second, criterion=easier, unlock_type=UnlockType.SEQUENTIAL)
    told = tracker.what_if(replace=[locked], at=NOON).members[0]
    enough = {x.lesson_id for x in told.differences if x.reason is DifferenceReason.ENOUGH}
    assert enough == {11}  # lesson 10 has been due before
    tracker.replace(locked)
    records = [change.after for change in tracker.settle(course_id=1, at=NOON).changes]
    assert [(x.lesson_id, x.created_on) for x in records] == [
        (10, START + HOUR),
        (11, START + 4 * HOUR),
    ]


@pytest.mark.parametrize("bar", [{"blocked": True}, {"approved": False}])
def test_nobody_is_settled_whom_an_event_could_not_complete_anything_for(bar: Any) -> None:
    tracker = course(film())
    tracker.record(watched(0, 60, START + HOUR))
    tracker.replace(film(share=0.5))
    tracker.replace(attrs.evolve(tracker.member(7), **bar))
    assert tracker.settle(course_id=1, at=NOON).changes == ()


def test_evidence_from_after_the_instant_is_not_settled_yet() -> None:
    tracker = course(film())
    tracker.record(watched(0, 60, NOON))
    tracker.replace(film(share=0.5))
    assert tracker.settle(course_id=1, at=NOON - HOUR).changes == ()
    assert tracker.settle(course_id=1, at=NOON).completed is not None


def test_evidence_outlives_a_change_to_another_criterion_and_back() -> None:
    tracker = course(film())
    tracker.record(watched(0, 60, START + HOUR))
    tracker.replace(Lesson(id=10, course_id=1, title="Film", criterion=Visited()))
    assert tracker.settle(course_id=1, at=NOON).changes == ()
    tracker.replace(film(share=0.6))
    assert tracker.settle(course_id=1, at=NOON).completed is not None


def test_settling_what_is_not_there_or_at_another_version_changes_nothing() -> None:
    tracker = course(film())
    with pytest.raises(MissingEntity):
        tracker.settle(course_id=2, at=NOON)
    with pytest.raises(VersionConflict):
        tracker.settle(course_id=1, at=NOON, expect_version=0)


@given(scripts, entities, st.sampled_from(["add", "replace", "remove"]), instants)
def test_what_if_names_whom_settling_completes(
    calls: list[Call], entity: object, verb: str, at: datetime
) -> None:
    """Once everything was settled before, they are the same members and lessons."""
    tracker = academy()
    for call in calls:
        play(tracker, call)
    course_ids = [each.id for each in tracker.entities() if isinstance(each, Course)]
    for course_id in course_ids:
        tracker.settle(course_id=course_id, at=at)
    found = play(tracker, ("what_if", (), {verb: [entity], "at": at}))
    if isinstance(found, Exception):
        return
    play(tracker, (verb, (entity,), {}))
    before = {each.id for each in tracker.completed_lessons}
    for each in list(tracker.entities()):
        if isinstance(each, Course):
            tracker.settle(course_id=each.id, at=at)
    settled = {
        (each.member_id, each.lesson_id)
        for each in tracker.completed_lessons
        if each.id not in before
    }
    named = {
        (member.member_id, each.lesson_id)
        for member in found.members
        for each in member.differences
        if each.reason is DifferenceReason.ENOUGH
    }
    joined = {each.member_id for each in found.members if each.before is None}
    assert named == {pair for pair in settled if pair[0] not in joined}
    tracker.check()


# -- resetting


def test_a_reset_forgets_completion_and_evidence_in_one_outcome() -> None:
    tracker = course(film(), Lesson(id=11, course_id=1, title="Page", display_order=1))
    tracker.record(watched(0, 95, START + HOUR))
    tracker.record(watched(0, 50, START + HOUR, member_id=8))
    tracker.record(PageVisit(member_id=7, lesson_id=11, at=START + HOUR))
    before = tracker.fork()
    outcome = tracker.reset(member_id=7, lesson_id=10)
    assert [change.kind for change in outcome.changes] == ["CompletedLesson", "Watched"]
    # The heartbeat of a paused player, and a second of the video: far from enough.
    assert tracker.record(watched(95, 95, START + 2 * HOUR)).completed is None
    assert tracker.record(watched(94, 95, START + 2 * HOUR)).completed is None
    assert tracker.completed_lessons.get_pair(11, 7) is not None
    changes = before.fork().reset(member_id=7, lesson_id=10).changes
    undone = Tracker.restore(before.snapshot(), changes)
    for change in reversed(changes):
        undone.replay([change.inverse(undone.version + 1)])
    assert undone == before


def test_a_reset_of_all_leaves_other_members_alone() -> None:
    tracker = course(film(), Lesson(id=11, course_id=1, title="Page", display_order=1))
    for member_id in (7, 8):
        tracker.record(watched(0, 50, START + HOUR, member_id=member_id))
        tracker.record(PageVisit(member_id=member_id, lesson_id=11, at=START + HOUR))
    tracker.reset(member_id=7)
    assert tracker.progress(member_id=7).completed == 0
    assert tracker.progress(member_id=8).completed == 1
    assert tracker.explain(lesson_id=10, member_id=7, at=NOON).video.coverage == 0  # type: ignore[union-attr]
    assert tracker.reset(member_id=7).changes == ()
    tracker.check()


def test_a_reset_of_somebody_or_something_unknown_changes_nothing() -> None:
    tracker = course(film())
    before = tracker.fork()
    for wrong in ({"member_id": 9}, {"member_id": 7, "lesson_id": 99}):
        with pytest.raises(MissingEntity):
            tracker.reset(**wrong)
    assert tracker == before


@pytest.mark.parametrize("moved", ["update_completed", "replace"])
def test_a_completion_that_moves_away_leaves_no_evidence_behind(moved: str) -> None:
    tracker = course(film())
    record = tracker.record(watched(0, 95, START + HOUR)).require_completed()
    if moved == "update_completed":
        tracker.update_completed(id=record.id, member_id=8, at=NOON)
    else:
        tracker.replace(attrs.evolve(record, member_id=8))
    assert tracker.record(watched(95, 96, NOON)).completed is None
    assert tracker.record(ButtonClick(member_id=7, lesson_id=10, at=NOON)).ignored
