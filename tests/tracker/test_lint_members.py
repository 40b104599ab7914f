"""What lint says of the people of a course: enrolled twice, and completions of other courses."""

from hypothesis import given

from coursetrack import CompletedLesson, Course, CourseMember, Finding, FindingCode, Lesson, Tracker
from coursetrack.testing.model.model import Model
from tests.tracker.scripts import START, Call, academy, play, scripts

TWICE, FOREIGN = FindingCode.COWORKER_ENROLLED_TWICE, FindingCode.FOREIGN_COMPLETIONS


def found(tracker: Tracker, code: FindingCode, course_id: int = 1) -> list[Finding]:
    return [each for each in tracker.lint(course_id=course_id) if each.code is code]


def test_a_coworker_who_is_enrolled_twice_in_one_course_is_told_once():
    tracker = academy()
    tracker.add(CourseMember(id=9, course_id=1, coworker_id=2, created_on=START))
    (finding,) = found(tracker, TWICE)
    assert (finding.coworker_ids, finding.member_ids) == ((1,), (1, 2))
    assert str(finding).startswith("coworker 1: enrolled more than once")
    assert str(finding).endswith("(members 1, 2)")
    assert found(tracker, TWICE, 2) == []
    tracker.remove(CourseMember, 2)
    assert found(tracker, TWICE) == []


def test_completions_that_join_two_courses_are_told_of_in_both():
    tracker = academy()
    for lesson_id, member_id in ((2, 3), (1, 3), (1, 1)):
        tracker.complete(lesson_id=lesson_id, member_id=member_id, at=START)
    for course_id in (1, 2):
        told = [(each.lesson_ids, each.member_ids) for each in found(tracker, FOREIGN, course_id)]
        assert told == [((1,), (3,)), ((2,), (3,))]
    assert str(found(tracker, FOREIGN)[0]) == (
        "lesson 1: completed by members of another course; counts for nobody (member 3)"
    )


@given(scripts)
def test_they_are_those_that_a_scan_finds(calls: list[Call]):
    tracker, model = academy(), academy(Model(remember_events=2))
    for call in calls:
        play(tracker, call)
        play(model, call)
    lessons = {each.id: each.course_id for each in model.all_of(Lesson)}
    members = {each.id: each for each in model.all_of(CourseMember)}
    for course_id in [each.id for each in model.all_of(Course)]:
        pairs = {
            (each.lesson_id, each.member_id)
            for each in model.all_of(CompletedLesson)
            if each.lesson_id
            and each.member_id
            and lessons[each.lesson_id] != members[each.member_id].course_id
            and course_id in (lessons[each.lesson_id], members[each.member_id].course_id)
        }
        told = {
            (each.lesson_ids[0], member_id)
            for each in found(tracker, FOREIGN, course_id)
            for member_id in each.member_ids
        }
        assert told == pairs
        coworkers = [each.coworker_id for each in members.values() if each.course_id == course_id]
        assert [each.coworker_ids[0] for each in found(tracker, TWICE, course_id)] == sorted(
            {each for each in coworkers if coworkers.count(each) > 1}
        )
