"""A wrong argument is named, whatever it is handed to, and nothing else happens."""

from datetime import UTC, datetime
from typing import Any

import pytest

from coursetrack import (
    Course,
    CourseMember,
    Coworker,
    InvalidValue,
    Lesson,
    Tracker,
)
from coursetrack.endpoint import Endpoint, Principal

START = datetime(2025, 1, 1, tzinfo=UTC)


def filled() -> Tracker:
    tracker = Tracker()
    tracker.add(Course(id=1, title="Onboarding"))
    tracker.add(Lesson(id=10, course_id=1, title="Welcome"))
    tracker.add(Coworker(id=100, full_name="Ada Lovelace"))
    tracker.add(CourseMember(id=7, course_id=1, coworker_id=100, created_on=START))
    tracker.complete(lesson_id=10, member_id=7, at=START)
    return tracker


CALLS: dict[str, Any] = {
    "query": lambda tracker: tracker.completed_lessons.find({}),
    "query ": lambda tracker: tracker.completed_lessons.explain({}),
    "id_": lambda tracker: tracker.completed_lessons.get("1"),
    "id_ ": lambda tracker: tracker.completed_lessons.get(True),
    "lesson_id": lambda tracker: tracker.completed_lessons.get_pair("10", 7),
    "member_id": lambda tracker: tracker.completed_lessons.get_pair(10, 7.0),
    "member_id ": lambda tracker: tracker.progress(member_id="7"),
    "course_id": lambda tracker: tracker.course_progress(course_id=0),
    "at": lambda tracker: tracker.complete(
        lesson_id=10, member_id=7, at=START.replace(tzinfo=None)
    ),
    "by": lambda tracker: tracker.update_completed(id=1, at=START, by=5),
    "roles": lambda _: Principal("ada", roles="CourseCompletedLesson-List"),
    "tracker": lambda _: Endpoint(None),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("field", CALLS)
def test_a_wrong_argument_is_named(field: str) -> None:
    tracker = filled()
    with pytest.raises(InvalidValue) as caught:
        CALLS[field](tracker)
    assert caught.value.field == field.strip()
    assert str(caught.value).startswith(f"{field.strip()}: expected ")
    assert tracker == filled()


def test_what_is_not_there_is_none_and_not_in() -> None:
    records = filled().completed_lessons
    assert records.get(2) is None
    assert records.get(-1) is None
    assert records.get_pair(11, 7) is None
    assert (1 in records, 2 in records, True in records, "1" in records) == (True, *[False] * 3)
    assert repr(records) == "<CompletedLessons: 1>"
    assert repr(filled()) == "<Tracker: version 5, 1 completed lessons>"
