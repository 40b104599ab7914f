"""Records as plain columns, and their counts, against the records themselves."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Lesson,
)
from coursetrack.errors import InvalidValue
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.tracker import Tracker
from tests.listing import naive
from tests.listing.naive import World
from tests.listing.test_store import queries

START = datetime(2025, 1, 1, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def tracker() -> Tracker:
    """Two courses, three members of two coworkers, one record by hand and one without a lesson."""
    tracker = Tracker()
    for id_ in (1, 2):
        tracker.add(Course(id=id_, title=f"Course {id_}"))
        tracker.add(Lesson(id=id_, course_id=id_, title=f"Lesson {id_}"))
    tracker.add(Lesson(id=3, course_id=1, title="Last"))
    tracker.add(Coworker(id=1, full_name="Zoë", company_name="Ada", team_names=("Ops", "Dev")))
    tracker.add(Coworker(id=2, full_name="Ada"))
    for id_ in (1, 2, 3):
        tracker.add(
            CourseMember(id=id_, course_id=1 + id_ // 3, coworker_id=1 + id_ % 2, created_on=START)
        )
    for place, (lesson_id, member_id) in enumerate([(1, 1), (3, 1), (2, 3), (1, 2)]):
        at = START + timedelta(hours=place)
        tracker.complete(lesson_id=lesson_id, member_id=member_id, at=at)
    tracker.update_completed(id=2, at=START + timedelta(days=9), by="Ed")
    tracker.add(
        CompletedLesson(
            id=50,
            lesson_id=0,
            member_id=0,
            created_on=datetime(1960, 2, 29, 23, 59, tzinfo=UTC),
            system_id="s",
            unique_id="a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        )
    )
    return tracker


def world_of(tracker: Tracker) -> World:
    world = World()
    world.records = {each.id: each for each in tracker.completed_lessons}
    for entity in tracker.entities():
        kinds = {Lesson: world.lessons, Coworker: world.coworkers, CourseMember: world.members}
        if type(entity) in kinds:
            kinds[type(entity)][entity.id] = entity
    return world


@given(query=queries())
def test_columns_are_what_the_records_show(tracker: Tracker, query: CompletedLessonQuery) -> None:
    world = world_of(tracker)
    _, records = world.find(attrs.evolve(query, page=1, size=100))
    columns = tracker.completed_lessons.columns(query)
    assert [*columns] == [*naive.ORDERS.values()]
    assert columns == {name: [world.shown(record)[name] for record in records] for name in columns}
    assert tracker.completed_lessons.count(query) == len(records)


def test_without_a_query_it_is_everything_by_id(tracker: Tracker) -> None:
    lessons = tracker.completed_lessons
    assert lessons.columns() == lessons.columns(CompletedLessonQuery())
    assert lessons.columns()["id"] == [1, 2, 3, 4, 50]
    assert lessons.count() == 5
    assert lessons.find() == lessons.find(CompletedLessonQuery())


def test_columns_are_the_callers_own(tracker: Tracker) -> None:
    tracker.completed_lessons.columns()["id"].clear()
    assert tracker.completed_lessons.columns()["id"] == [1, 2, 3, 4, 50]


def test_an_empty_tracker_has_empty_columns() -> None:
    assert Tracker().completed_lessons.columns() == {name: [] for name in ORDERS.values()}
    assert Tracker().counts(by=("day",)) == {}


def test_counts_by_one_key_ascend(tracker: Tracker) -> None:
    assert list(tracker.counts(by=("lesson_id",)).items()) == [
        ((0,), 1),
        ((1,), 2),
        ((2,), 1),
        ((3,), 1),
    ]
    assert tracker.counts(by=["course_id"]) == {(0,): 1, (1,): 3, (2,): 1}
    assert tracker.counts(by="course_id") == tracker.counts(by=("course_id",))
    assert tracker.counts(by=("day",)) == {
        (date(1960, 2, 29),): 1,
        (date(2025, 1, 1),): 2,
        (date(2025, 1, 2),): 2,
    }


@given(query=queries(), by=st.permutations(["lesson_id", "member_id", "course_id", "day"]))
def test_counts_are_a_recount(tracker: Tracker, query: CompletedLessonQuery, by: Any) -> None:
    world = world_of(tracker)
    by = by[:2]
    _, records = world.find(attrs.evolve(query, page=1, size=100))

    def key(record: CompletedLesson) -> tuple[Any, ...]:
        lesson = world.lessons.get(record.lesson_id)
        values = {
            "lesson_id": record.lesson_id,
            "member_id": record.member_id,
            "course_id": lesson.course_id if lesson else 0,
            "day": record.created_on.date(),
        }
        return tuple(values[name] for name in by)

    assert tracker.counts(by=by, query=query) == Counter(map(key, records))


@pytest.mark.parametrize("by", [(), "lesson", ("title",), ("day", "day"), None, (1,)])
def test_a_bad_key_is_named(tracker: Tracker, by: Any) -> None:
    with pytest.raises(InvalidValue, match=r"^by: .*lesson_id, member_id, course_id, day"):
        tracker.counts(by=by)


def test_a_misspelled_key_is_told_the_nearest(tracker: Tracker) -> None:
    with pytest.raises(InvalidValue, match="did you mean 'lesson_id'"):
        tracker.counts(by=("lessonid",))  # type: ignore[arg-type]
