"""`add_all`: all of an import or none of it, and everything that is wrong with it at once."""

import pytest

from coursetrack import (
    CompletedLesson,
    Course,
    CoursetrackError,
    Coworker,
    DuplicateCompletion,
    DuplicateId,
    ImportProblems,
    InvalidValue,
    Lesson,
    MissingReference,
    Tracker,
    VersionConflict,
)
from tests.tracker.scripts import START, academy


def problems(tracker: Tracker, entities: list[object]) -> list[tuple[int, type[CoursetrackError]]]:
    before = tracker.snapshot()
    with pytest.raises(ImportProblems) as found:
        tracker.add_all(entities)  # type: ignore[arg-type]
    assert tracker.snapshot() == before
    tracker.check()
    for each in found.value.problems:
        assert each.entity is entities[each.place]
    return [(each.place, type(each.error)) for each in found.value.problems]


def test_all_problems_are_told_with_their_places_and_nothing_is_added():
    record = CompletedLesson(id=9, lesson_id=1, member_id=1, created_on=START)
    wrong = [
        Course(id=1, title="Taken"),
        Course(id=3, title="Free"),
        Lesson(id=5, course_id=9, title="Lost"),
        Lesson(id=6, course_id=3, title="Of the one before"),
        Lesson(id=7, course_id=3, title="Twice", unique_id=Lesson(id=6, **LATER).unique_id),
        "a course",
        record,
        CompletedLesson(id=10, lesson_id=1, member_id=1, created_on=START),
    ]
    assert problems(academy(), wrong) == [
        (0, DuplicateId),
        (2, MissingReference),
        (4, DuplicateId),
        (5, InvalidValue),
        (7, DuplicateCompletion),
    ]


LATER = {"course_id": 3, "title": "Later"}


def test_what_refers_to_what_could_not_be_added_is_a_problem_too():
    entities = [Lesson(id=8, course_id=9, title="Lost"), lesson_record(8), lesson_record(1)]
    assert problems(academy(), entities) == [(0, MissingReference), (1, MissingReference)]


def lesson_record(lesson_id: int) -> CompletedLesson:
    return CompletedLesson(id=lesson_id, lesson_id=lesson_id, member_id=1, created_on=START)


def test_the_message_tells_the_first_ones_and_how_many_more_there_are():
    with pytest.raises(ImportProblems) as found:
        academy().add_all([Course(id=1, title="Taken")] * 7)
    told = str(found.value)
    assert told.startswith("[0] course 1")
    assert told.endswith("and 2 more, see problems")
    assert found.value.status_hint == 400


def test_the_version_is_asked_for_first_and_no_problem_is_no_error():
    tracker = academy()
    with pytest.raises(VersionConflict):
        tracker.add_all([Course(id=1, title="Taken")], expect_version=0)
    assert tracker.add_all([]).changes == ()
    assert len(tracker.add_all(iter([Coworker(id=8, full_name="Bea")])).changes) == 1


def test_adding_one_raises_what_is_wrong_with_it():
    with pytest.raises(DuplicateId):
        academy().add(Course(id=1, title="Taken"))
