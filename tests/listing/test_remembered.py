"""Remembered answers know what came since, also what could not be found when they were made."""

from datetime import UTC, datetime

import pytest

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker, Lesson
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import Store

AT = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    """Three lessons, the last without a completion, and five members of one coworker."""
    store = Store()
    for id_ in (1, 2, 3):
        store.put_named(None, Lesson(id=id_, course_id=1, title=f"Topic {4 - id_}"))
    store.put_named(None, Coworker(id=1, full_name="Ada"))
    for id_ in range(1, 6):
        store.put_named(None, CourseMember(id=id_, course_id=1, coworker_id=1, created_on=AT))
    store.append((1, 1, 1, AT))
    store.append((2, 2, 1, AT))
    return store


def ids(store: Store, query: CompletedLessonQuery) -> list[int]:
    for _ in range(2):  # the second time it is remembered
        found = [record.id for record in store.find(query).records]
    return found


def test_a_lesson_completed_for_the_first_time_is_found_by_its_title(store: Store) -> None:
    query = CompletedLessonQuery(lesson_title="topic", order_by="CreatedOn")
    assert ids(store, query) == [1, 2]
    store.append((3, 3, 2, AT))
    assert ids(store, query) == [1, 2, 3]


def test_a_second_title_that_matches_puts_titles_in_order(store: Store) -> None:
    query = CompletedLessonQuery(
        lesson_title="topic ", full_name="a", created_from=AT, order_by="CourseLessonTitle"
    )
    assert ids(store, query) == [2, 1]
    store.append((3, 3, 2, AT))
    assert ids(store, query) == [3, 2, 1]


def test_the_first_editor_puts_editors_in_order(store: Store) -> None:
    query = CompletedLessonQuery(
        lesson_title="topic", full_name="a", created_from=AT, order_by="UpdatedBy"
    )
    assert ids(store, query) == [1, 2]
    before = store.get(1)
    edited = CompletedLesson(id=1, lesson_id=1, member_id=1, created_on=AT, updated_by="admin")
    store.put(before, edited)
    assert ids(store, query) == [2, 1]
