"""What comes and goes leaves nothing behind: memory follows what is known, not what ever was."""

import gc
import sys
from collections.abc import Callable
from types import FunctionType, ModuleType

import pytest

from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson, Section
from coursetrack.domain.events import PageVisit
from coursetrack.tracker import Tracker
from tests.cuts import MEMBER, START, answers
from tests.domain.courses import DAY
from tests.limits import low_limits


def held_bytes(tracker: Tracker) -> int:
    """The bytes of all that a tracker's state holds, modules, classes and functions left out."""
    seen: set[int] = set()
    waiting: list[object] = [tracker._state]
    total = 0
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type | ModuleType | FunctionType):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        waiting += gc.get_referents(each)
    return total


def a_course(tracker: Tracker, number: int) -> None:
    course = Course(id=number, title="C")
    section = Section(id=number, course_id=number, title="S")
    lesson = Lesson(id=number, course_id=number, section_id=number, title=f"Lesson {number}")
    tracker.add_all([course, section, lesson])
    for entity in (lesson, section, course):
        tracker.remove(entity)


def a_lesson(tracker: Tracker, number: int) -> None:
    lesson = Lesson(id=number, course_id=1, title=f"Lesson {number}")
    tracker.add(lesson)
    tracker.record(PageVisit(member_id=1, lesson_id=number, at=START + DAY))
    tracker.remove(lesson)


def a_coworker(tracker: Tracker, number: int) -> None:
    coworker = Coworker(id=number, full_name=f"Ada {number}", team_names=(f"Team {number}",))
    member = CourseMember(id=number, course_id=1, coworker_id=number, created_on=START)
    tracker.add_all([coworker, member])
    tracker.record(PageVisit(member_id=number, lesson_id=1, at=START + DAY))
    tracker.remove(member)
    tracker.remove(coworker)


def an_editor(tracker: Tracker, number: int) -> None:
    done = tracker.complete(lesson_id=1, member_id=1, at=START, by=f"editor {number}")
    tracker.delete_completed(id=done.require_completed().id)


def a_name(tracker: Tracker, number: int) -> None:
    tracker.replace(Coworker(id=1, full_name=f"Ada {number}"))


def an_event_id(tracker: Tracker, number: int) -> None:
    event_id = f"event {number}"
    tracker.record(PageVisit(member_id=1, lesson_id=1, at=START + DAY, event_id=event_id))


@pytest.mark.parametrize("churn", [a_course, a_lesson, a_coworker, an_editor, a_name, an_event_id])
def test_what_comes_and_goes_is_freed(churn: Callable[[Tracker, int], None]) -> None:
    with low_limits():
        tracker = Tracker(remember_events=4, remember_answers=2)
        tracker.add_all(
            [
                Course(id=1, title="C"),
                Lesson(id=1, course_id=1, title="L"),
                Coworker(id=1, full_name="Ada"),
                MEMBER,
                CourseMember(id=2, course_id=1, coworker_id=1, created_on=START),
            ]
        )
        sizes = []
        for rounds in (range(1_000, 1_060), range(1_060, 1_180)):
            for number in rounds:
                churn(tracker, number)
            answers(tracker)
            sizes.append(held_bytes(tracker))
        # A leak of but one entry a round would be some 10,000 bytes.
        assert sizes[1] < sizes[0] + 6_000
        tracker.check()
