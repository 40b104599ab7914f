"""What a fork costs, counted in bytes: no more of them for more members or facts."""

import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from coursetrack import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Lesson,
    PageVisit,
    Tracker,
    VideoProgress,
)
from coursetrack.testing.strategies import START

FILM = Lesson(id=2, course_id=1, title="Film", completion_type=CompletionType.VIDEO)
FEW, MANY = 50, 500


def tracker_of(members: int) -> Tracker:
    """So many members, each with a visit that is remembered, evidence, and an imported record."""
    tracker = Tracker()
    tracker.add_all(
        [
            Course(id=1, title="Onboarding"),
            Lesson(id=1, course_id=1, title="Welcome"),
            FILM,
            Course(id=2, title="Other"),
            Lesson(id=3, course_id=2, title="Elsewhere"),
            *(Coworker(id=id_, full_name=f"Member {id_}") for id_ in range(1, members + 1)),
            *(
                CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=START)
                for id_ in range(1, members + 1)
            ),
            *(
                CompletedLesson(
                    id=10**6 + id_,
                    lesson_id=3,
                    member_id=id_,
                    created_on=START,
                    unique_id=UUID(int=id_, version=4 + id_ % 2),
                )
                for id_ in range(1, members + 1)
            ),
        ]
    )
    tracker.record_many(visit(id_) for id_ in range(1, members + 1))
    tracker.record_many(
        VideoProgress(member_id=id_, lesson_id=2, at=START, start=0, end=3, duration=10)
        for id_ in range(1, members + 1)
    )
    return tracker


def visit(member_id: int) -> PageVisit:
    return PageVisit(member_id=member_id, lesson_id=1, at=START, event_id=f"visit {member_id}")


def allocated(call: Callable[[], Any]) -> int:
    """How many bytes what `call` makes takes, and what it changes, together at most."""
    tracemalloc.start()
    try:
        made = call()
        size, peak = tracemalloc.get_traced_memory()
        del made
        return max(size, peak)
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def trackers() -> dict[int, Tracker]:
    return {members: tracker_of(members) for members in (FEW, MANY)}


def test_a_fork_of_what_is_known_copies_no_table(trackers: dict[int, Tracker]) -> None:
    few, many = (allocated(trackers[members]._state.entity_tables.fork) for members in (FEW, MANY))
    assert abs(many - few) < 500
    for part in ("evidence", "remembered", "given"):
        one, other = (
            allocated(getattr(trackers[members]._state, part).fork) for members in (FEW, MANY)
        )
        assert abs(other - one) < 500, part


def test_a_fork_of_the_completions_copies_no_member(trackers: dict[int, Tracker]) -> None:
    few, many = (
        allocated(
            lambda state=trackers[members]._state: state.completions.fork(state.entity_tables)
        )
        for members in (FEW, MANY)
    )
    assert abs(many - few) < 500


def test_an_event_after_a_fork_copies_its_member_alone(trackers: dict[int, Tracker]) -> None:
    def first_events(tracker: Tracker) -> Callable[[], Any]:
        fork, at = tracker.fork(), START + timedelta(days=1)
        again = [PageVisit(member_id=id_, lesson_id=1, at=at) for id_ in (1, 2, 3)]
        return lambda: [each.record(event) for each in (fork, tracker) for event in again]

    few, many = (allocated(first_events(trackers[members])) for members in (FEW, MANY))
    assert abs(many - few) < 500


def test_both_sides_of_a_fork_go_on_alone() -> None:
    tracker = tracker_of(12)
    before = tracker.snapshot()
    fork = tracker.fork()
    for one, other in ((fork, tracker), (tracker, fork)):
        untouched = other.snapshot()
        one.remove(one.member(1))
        one.remove(one.coworker(1))
        one.add(Coworker(id=99, full_name="New"))
        one.add(CourseMember(id=99, course_id=1, coworker_id=99, created_on=START))
        one.record(visit(99))
        one.record(VideoProgress(member_id=2, lesson_id=2, at=START, start=3, end=9, duration=10))
        one.delete_completed(id=10**6 + 3)
        for each in (one, other):
            each.check()
        assert other.snapshot() == untouched
    assert tracker.snapshot() == fork.snapshot() != before
