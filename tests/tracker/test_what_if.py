"""What-if: a change of the course is tried on a fork, and every member is told what it does."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    CompletedLesson,
    CompletionType,
    CourseMember,
    Coworker,
    Difference,
    DifferenceReason,
    Effect,
    Lesson,
    MemberWhatIf,
    MissingEntity,
    PageVisit,
    Section,
    UnlockType,
    VideoProgress,
    WhatIf,
)
from tests.tracker.scripts import START, Call, academy, entities, instants, play, scripts


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
    assert member.differences == (Difference(lesson_id=9, reason=DifferenceReason.COUNTS_OPEN),)
    assert [each.member_id for each in found.keeping] == [2]
    assert found.gaining == ()
    assert tracker.snapshot() == before


def test_a_lesson_that_retires_raises_the_progress_of_who_had_not_completed_it() -> None:
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    found = tracker.what_if(replace=[attrs.evolve(tracker.lesson(2), active=False)])
    (member,) = found.gaining
    assert (member.member_id, member.effect) == (1, Effect.GAINS)
    assert member.differences == (
        Difference(lesson_id=2, reason=DifferenceReason.NO_LONGER_COUNTS_OPEN),
    )


def test_removing_a_completed_lesson_takes_its_progress() -> None:
    tracker = academy()
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START))
    found = tracker.what_if(remove=[tracker.lesson(1)])
    assert [each.effect for each in found.members] == [Effect.LOSES, Effect.KEEPS]
    reasons = [each.differences[0].reason for each in found.members]
    assert reasons == [
        DifferenceReason.NO_LONGER_COUNTS_COMPLETED,
        DifferenceReason.NO_LONGER_COUNTS_OPEN,
    ]


def test_a_lower_threshold_tells_who_has_watched_enough() -> None:
    tracker = academy()
    lesson = attrs.evolve(tracker.lesson(3), video_coverage=1)
    tracker.replace(lesson)
    tracker.record(VideoProgress(member_id=2, lesson_id=3, at=START, start=0, end=5, duration=10))
    found = tracker.what_if(replace=[attrs.evolve(lesson, video_coverage=0.5)])
    assert [each.differences for each in found.members] == [
        (),
        (Difference(lesson_id=3, reason=DifferenceReason.ENOUGH),),
    ]


def test_locks_are_compared_at_an_instant() -> None:
    tracker = academy()
    section = tracker.section(1)
    assert section.unlock_type is UnlockType.SEQUENTIAL
    closed = Section(
        id=1, course_id=1, title="Later", unlock_type=UnlockType.TIMED, unlock_after_days=7
    )
    found = tracker.what_if(replace=[closed], at=START)
    closes = (Difference(lesson_id=4, reason=DifferenceReason.CLOSES),)
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


def told(found: WhatIf) -> dict[int, list[tuple[int, DifferenceReason]]]:
    """What is different, by member id: lesson ids and reasons."""
    return {
        each.member_id: [(other.lesson_id, other.reason) for other in each.differences]
        for each in found.members
    }


def test_a_coworker_is_of_no_course() -> None:
    tracker = academy()
    assert tracker.what_if(replace=[Coworker(id=1, full_name="Bea")]).members == ()
    assert tracker.what_if(replace=[tracker.coworker(1)]).members == ()
    assert tracker.what_if().members == ()


def test_a_completion_that_is_removed_takes_its_progress() -> None:
    tracker = academy()
    record = tracker.record(PageVisit(member_id=1, lesson_id=1, at=START)).completed
    found = tracker.what_if(remove=[record])
    assert [(each.member_id, each.effect) for each in found.members] == [
        (1, Effect.LOSES),
        (2, Effect.KEEPS),
    ]
    assert found.losing[0].gained == Fraction(-1, 4)
    assert told(found) == {1: [(1, DifferenceReason.NOT_COMPLETED)], 2: []}


def test_a_completion_that_is_added_gives_progress_and_opens_what_waited() -> None:
    tracker = academy()
    for lesson_id in (1, 2):
        tracker.complete(lesson_id=lesson_id, member_id=2, at=START)
    tracker.replace(attrs.evolve(tracker.lesson(4), unlock_type=UnlockType.SEQUENTIAL))
    record = CompletedLesson(id=9, lesson_id=3, member_id=2, created_on=START)
    found = tracker.what_if(add=[record], at=START)
    assert [each.member_id for each in found.gaining] == [2]
    assert told(found) == {1: [], 2: [(3, DifferenceReason.COMPLETED), (4, DifferenceReason.OPENS)]}


def test_a_completion_that_moves_is_told_on_both_sides() -> None:
    tracker = academy()
    record = tracker.record(PageVisit(member_id=1, lesson_id=1, at=START)).completed
    tracker.add(Lesson(id=5, course_id=2, title="Elsewhere"))
    found = tracker.what_if(replace=[attrs.evolve(record, lesson_id=5, member_id=3)])
    assert told(found) == {
        1: [(1, DifferenceReason.NOT_COMPLETED)],
        2: [],
        3: [(5, DifferenceReason.COMPLETED)],
    }


def test_a_completion_is_of_its_members_course_whatever_its_lesson_is_of() -> None:
    tracker = academy()
    stray = CompletedLesson(id=9, lesson_id=1, member_id=3, created_on=START)
    (member,) = tracker.what_if(add=[stray]).members
    assert (member.member_id, member.effect, member.differences) == (3, Effect.KEEPS, ())
    assert (member.before.last_completed, member.after.last_completed) == (None, stray)


def test_a_completion_without_a_lesson_is_of_its_members_course() -> None:
    record = CompletedLesson(id=9, lesson_id=0, member_id=3, created_on=START)
    assert told(academy().what_if(add=[record])) == {3: []}


def test_a_completion_without_a_member_is_of_no_course() -> None:
    record = CompletedLesson(id=9, lesson_id=1, member_id=0, created_on=START)
    assert academy().what_if(add=[record]).members == ()


def test_completions_that_go_with_a_lesson_concern_their_members_courses() -> None:
    tracker = academy()
    tracker.complete(lesson_id=1, member_id=3, at=START)
    found = tracker.what_if(remove=[tracker.lesson(1)])
    assert [each.member_id for each in found.members] == [1, 2, 3]
    assert found.members[-1].after.last_completed is None


def test_completions_that_go_with_a_member_leave_with_it() -> None:
    tracker = academy()
    tracker.complete(lesson_id=1, member_id=1, at=START)
    found = tracker.what_if(remove=[tracker.member(1)])
    assert [each.effect for each in found.members] == [Effect.LEAVES, Effect.KEEPS]


@pytest.mark.parametrize("kind", ["course", "section", "lesson"])
def test_what_stays_as_it_is_lets_everybody_keep(kind: str) -> None:
    tracker = academy()
    found = tracker.what_if(replace=[getattr(tracker, kind)(1)], at=START)
    assert found.keeping == found.members
    assert told(found) == {1: [], 2: []}


def test_a_member_or_completion_that_stays_as_it_is_lets_everybody_keep() -> None:
    tracker = academy()
    record = tracker.record(PageVisit(member_id=1, lesson_id=1, at=START)).completed
    assert told(tracker.what_if(replace=[tracker.member(3)])) == {3: []}
    assert told(tracker.what_if(replace=[record])) == {1: [], 2: []}


def watcher(**changes: Any) -> Any:
    """An academy whose member 1 has watched half of the video of lesson 3, of which 0.9 is asked.

    `changes` are then made to the lesson.
    """
    tracker = academy()
    tracker.replace(attrs.evolve(tracker.lesson(3), video_coverage=0.9))
    tracker.record(VideoProgress(member_id=1, lesson_id=3, at=START, start=0, end=5, duration=10))
    tracker.replace(attrs.evolve(tracker.lesson(3), **changes))
    return tracker


ENOUGH = [(3, DifferenceReason.ENOUGH)]


@pytest.mark.parametrize("at", [None, START])
def test_watched_enough_is_told_where_the_next_report_completes(at: Any) -> None:
    tracker = watcher()
    lower = attrs.evolve(tracker.lesson(3), video_coverage=0.3)
    assert told(tracker.what_if(replace=[lower], at=at)) == {1: ENOUGH, 2: []}
    tracker.replace(lower)
    assert tracker.record(report(1, 3, START)).completed is not None


@pytest.mark.parametrize("at", [None, START])
@pytest.mark.parametrize(
    "bar", [{"completion_type": CompletionType.BUTTON}, {"active": False}, {"course_id": 2}]
)
def test_watched_enough_is_not_told_of_a_lesson_that_no_report_completes(
    bar: dict[str, Any], at: Any
) -> None:
    tracker = watcher()
    lower = attrs.evolve(tracker.lesson(3), video_coverage=0.3, **bar)
    reasons = told(tracker.what_if(replace=[lower], at=at))[1]
    assert DifferenceReason.ENOUGH not in {reason for _, reason in reasons}


@pytest.mark.parametrize("at", [None, START])
def test_watched_enough_is_told_of_a_lesson_that_becomes_a_video(at: Any) -> None:
    tracker = watcher(completion_type=CompletionType.BUTTON, video_coverage=0.3)
    video = attrs.evolve(tracker.lesson(3), completion_type=CompletionType.VIDEO)
    assert told(tracker.what_if(replace=[video], at=at)) == {1: ENOUGH, 2: []}


def test_watched_enough_is_not_told_in_an_inactive_section_or_course() -> None:
    tracker = watcher()
    lower = attrs.evolve(tracker.lesson(3), video_coverage=0.3)
    closed = attrs.evolve(tracker.course(1), active=False)
    assert told(tracker.what_if(replace=[closed, lower])) == {1: [], 2: []}
    tracker.add(Section(id=2, course_id=1, title="Off", active=False))
    inside = attrs.evolve(lower, section_id=2)
    assert told(tracker.what_if(replace=[inside]))[1] == [
        (3, DifferenceReason.NO_LONGER_COUNTS_OPEN)
    ]


@pytest.mark.parametrize("bar", [{"blocked": True}, {"approved": False}])
def test_watched_enough_is_told_once_nothing_bars_the_member(bar: dict[str, bool]) -> None:
    tracker = watcher()
    member = tracker.member(1)
    lower = attrs.evolve(tracker.lesson(3), video_coverage=0.3)
    tracker.replace(attrs.evolve(member, **bar))
    assert told(tracker.what_if(replace=[lower])) == {1: [], 2: []}
    tracker.replace(lower)
    assert told(tracker.what_if(replace=[member])) == {1: ENOUGH, 2: []}


def test_locks_matter_to_what_was_watched_only_at_an_instant() -> None:
    tracker = watcher()
    locked = attrs.evolve(
        tracker.lesson(3), video_coverage=0.3, unlock_type=UnlockType.TIMED, unlock_after_days=7
    )
    assert told(tracker.what_if(replace=[locked]))[1] == ENOUGH
    assert told(tracker.what_if(replace=[locked], at=START))[1] == [(3, DifferenceReason.CLOSES)]
    assert told(tracker.what_if(replace=[locked], at=START + timedelta(days=7)))[1] == ENOUGH


def test_a_completion_that_is_removed_takes_what_was_watched_with_it() -> None:
    tracker = watcher()
    record = tracker.complete(lesson_id=3, member_id=1, at=START).completed
    tracker.replace(attrs.evolve(tracker.lesson(3), video_coverage=0.3))
    assert told(tracker.what_if(remove=[record]))[1] == [(3, DifferenceReason.NOT_COMPLETED)]


def test_what_cannot_be_done_cannot_be_tried() -> None:
    with pytest.raises(MissingEntity):
        academy().what_if(
            replace=[
                Lesson(id=99, course_id=1, title="None", completion_type=CompletionType.VISITED)
            ]
        )


@given(scripts, entities, st.sampled_from(["add", "replace", "remove"]), st.none() | instants)
def test_it_tells_what_doing_it_does(
    calls: list[Call], entity: object, verb: str, at: datetime | None
) -> None:
    tracker = academy()
    for call in calls:
        play(tracker, call)
    before = tracker.fork()
    found = play(tracker, ("what_if", (), {verb: [entity], "at": at}))
    assert tracker.snapshot() == before.snapshot()
    done = play(tracker, (verb, (entity,), {}))
    if isinstance(found, Exception):
        assert type(found) is type(done)
        return
    listed = {each.member_id: each for each in found.members}
    for member_id in ids(before, CourseMember) | ids(tracker, CourseMember):
        was, now = how(before, member_id, at), how(tracker, member_id, at)
        if member_id not in listed:
            assert was == now
            continue
        member = listed[member_id]
        assert (member.before, member.after) == (was and was[0], now and now[0])
        if was and now:
            assert having(member, DifferenceReason.ENOUGH) == now[1] - was[1]
            assert having(member, DifferenceReason.OPENS) == now[2] - was[2]
            assert having(member, DifferenceReason.CLOSES) == was[2] - now[2]
        else:
            assert member.differences == ()


def having(member: MemberWhatIf, reason: DifferenceReason) -> set[int]:
    """The lessons that are different for the member in this way."""
    return {each.lesson_id for each in member.differences if each.reason is reason}


def ids(tracker: Any, kind: type) -> set[int]:
    """The ids of all entities of a kind."""
    return {each.id for each in tracker.entities() if type(each) is kind}


def how(tracker: Any, member_id: int, at: datetime | None) -> Any:
    """A member's progress, the lessons that settling completes, the open ones at `at`."""
    if member_id not in ids(tracker, CourseMember):
        return None
    asked = unlocked(tracker) if at is None else tracker
    course_id = tracker.member(member_id).course_id
    settled = asked.fork().settle(course_id=course_id, at=at or START + timedelta(days=9_999))
    completing = {
        change.after.lesson_id for change in settled.changes if change.after.member_id == member_id
    }
    is_open = () if at is None else tracker.open_lessons(member_id=member_id, at=at).open_lesson_ids
    return tracker.progress(member_id=member_id), completing, set(is_open)


def report(member_id: int, lesson_id: int, at: datetime) -> VideoProgress:
    """One that says nothing of what was watched, and yet something new: another duration."""
    return VideoProgress(
        member_id=member_id, lesson_id=lesson_id, at=at, start=0, end=0, duration=10.001
    )


def unlocked(tracker: Any) -> Any:
    """A fork of the tracker in which nothing is locked."""
    other = tracker.fork()
    for each in tracker.entities():
        if isinstance(each, Section | Lesson):
            other.replace(attrs.evolve(each, unlock_type=UnlockType.IMMEDIATE))
    return other
