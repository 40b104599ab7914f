"""Ids by member: they depend on the member and its own past, and none is given twice."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursetrack import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    IdsExhausted,
    InvalidSnapshot,
    InvalidValue,
    Lesson,
    PageVisit,
    Tracker,
)
from coursetrack.domain.values import derived_unique_id
from coursetrack.knowledge.member_ids import id_of, own_id
from coursetrack.testing import strategies as kit
from coursetrack.testing.strategies import START
from tests.tracker.scripts import academy, calls, play

few = settings(max_examples=max(5, settings().max_examples // 5))


def school(**options: Any) -> Tracker:
    """Two members, three lessons."""
    tracker = Tracker(ids="by_member", **options)
    tracker.add(Course(id=1, title="Course"))
    tracker.add_all(Lesson(id=id_, course_id=1, title="Lesson") for id_ in (1, 2, 3))
    for id_ in (7, 8):
        tracker.add(Coworker(id=id_, full_name="Ada"))
        tracker.add(CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=START))
    return tracker


def visit(member_id: int, lesson_id: int) -> PageVisit:
    return PageVisit(member_id=member_id, lesson_id=lesson_id, at=START)


def ids(tracker: Tracker) -> list[tuple[int, int]]:
    return [own_id(record.id) for record in tracker.completed_lessons]


def test_the_layout_is_the_documented_one() -> None:
    tracker = school()
    tracker.record_many([visit(8, 1), visit(7, 1), visit(7, 2)])
    assert [record.id for record in tracker.completed_lessons] == [
        7 * 2**22 + 1,
        7 * 2**22 + 2,
        8 * 2**22 + 1,
    ]
    assert id_of(2**31 - 1, 2**22 - 1) < 2**53


def test_one_by_one_in_bulk_and_by_hand_go_on_from_each_other() -> None:
    tracker = school()
    tracker.record(visit(7, 1))
    tracker.record_many([visit(7, 2)])
    tracker.complete(lesson_id=3, member_id=7, at=START)
    assert ids(tracker) == [(7, 1), (7, 2), (7, 3)]
    tracker.check()


@pytest.mark.parametrize("again", [False, True])
def test_an_id_is_not_given_twice(again: bool) -> None:
    tracker = school()
    tracker.record_many([visit(7, 1), visit(7, 2)])
    tracker.delete_completed(id=id_of(7, 2))
    if again:
        tracker = Tracker.restore(tracker.snapshot()).fork()
    tracker.record(visit(7, 2))
    assert ids(tracker) == [(7, 1), (7, 3)]
    tracker.remove(tracker.member(7))
    if again:
        tracker = Tracker.restore(tracker.snapshot())
    tracker.add(CourseMember(id=7, course_id=1, coworker_id=7, created_on=START))
    tracker.record(visit(7, 2))
    assert ids(tracker) == [(7, 4)]
    tracker.check()


def test_a_write_that_is_refused_gives_no_id() -> None:
    tracker = school()
    tracker.record(visit(7, 1))
    with pytest.raises(InvalidValue):
        tracker.record_many([visit(7, 2), None])  # type: ignore[list-item]
    tracker.record(visit(7, 3))
    assert ids(tracker) == [(7, 1), (7, 2)]


def test_records_that_bring_their_ids_are_stepped_over() -> None:
    tracker = school()
    tracker.add(CompletedLesson(id=id_of(7, 5), lesson_id=1, member_id=8, created_on=START))
    tracker.add(
        CompletedLesson(
            id=3,
            lesson_id=2,
            member_id=8,
            created_on=START,
            unique_id=derived_unique_id("CompletedLesson", id_of(7, 6)),
        )
    )
    tracker.record(visit(7, 1))
    assert (7, 7) in ids(tracker)
    tracker.check()


def test_members_too_high_and_too_busy_are_named() -> None:
    with pytest.raises(IdsExhausted, match="member 2199023255552 would get record 1;"):
        id_of(2**41, 1)
    tracker = school()
    tracker.add(CompletedLesson(id=id_of(7, 2**22 - 1), lesson_id=1, member_id=7, created_on=START))
    version = tracker.version
    for write in (
        lambda: tracker.record(visit(7, 2)),
        lambda: tracker.record_many([visit(7, 2)]),
        lambda: tracker.complete(lesson_id=2, member_id=7, at=START),
    ):
        with pytest.raises(IdsExhausted, match="member 7 would get record 4194304"):
            write()
    assert tracker.version == version
    tracker.check()


def test_what_is_no_way_to_give_ids_is_named() -> None:
    with pytest.raises(InvalidValue, match="ids: expected 'in_order' or 'by_member', got 'x'"):
        Tracker(ids="x")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="neither of them where ids go by member"):
        Tracker(ids="by_member", first_id=2)
    plain = school().snapshot()
    for wrong in (
        {"settings": {**plain["settings"], "ids": "x"}},
        {"given_ids": {"member_id": [1], "given": []}},
        {"given_ids": {"member_id": [1], "given": [0]}},
        {"given_ids": {"member_id": ["1"], "given": [1]}},
    ):
        with pytest.raises(InvalidSnapshot):
            Tracker.restore({**plain, **wrong})
    tracker = school()
    tracker.record(visit(7, 1))
    tracker.record(visit(7, 2))
    plain = tracker.snapshot()
    plain["given_ids"]["given"] = [1]
    with pytest.raises(InvalidSnapshot, match="a number not below one that is given"):
        Tracker.restore(plain)


@few
@given(st.lists(calls, max_size=20), st.data())
def test_after_any_calls_ids_are_new_and_come_back_from_changes_and_snapshots(
    script: list[Any], data: st.DataObject
) -> None:
    tracker = academy(Tracker(ids="by_member", remember_events=2))
    begun = tracker.snapshot()
    seen: set[int] = set()
    changes: list[Any] = []
    for call in script:
        before = {record.id for record in tracker.completed_lessons}
        outcome = play(tracker, call)
        changes += getattr(outcome, "changes", ())
        created = {record.id for record in tracker.completed_lessons} - before
        if call[0] in ("record", "record_many", "complete"):
            assert not created & seen
        seen |= created
    tracker.check()
    restored = Tracker.restore(tracker.snapshot())
    assert restored == tracker
    assert restored.snapshot() == tracker.snapshot()
    assert Tracker.restore(begun, changes).snapshot() == tracker.snapshot()


@few
@given(
    kit.academies(min_each=1).flatmap(
        lambda x: st.tuples(st.just(x), kit.event_streams(academy=x))
    ),
    st.data(),
)
def test_other_members_change_nothing(drawn: Any, data: st.DataObject) -> None:
    academy, events = drawn
    together, alone = Tracker(ids="by_member"), Tracker(ids="by_member")
    for tracker in (together, alone):
        tracker.add_all(academy.entities)
    together.record_many(events)
    who = data.draw(st.sampled_from(academy.members)).id
    alone.record_many([event for event in events if event.member_id == who])
    assert [record for record in together.completed_lessons if record.member_id == who] == [
        *alone.completed_lessons
    ]
